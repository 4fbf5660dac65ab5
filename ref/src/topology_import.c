/*
 * Topologies of machines that are not there: from a synthetic description, or from a file that hwloc exported.
 *
 * Both end as hwloc's XML, which is read in one place (topology_xml.c). What hwloc does not check is size: a short
 * description can ask for more objects than there is memory ("node:1000000 pu:1000000"), so the product of its numbers is
 * looked at before hwloc sees it.
 */
#include "error_internal.h"
#include "linux.h"
#include "topology_xml.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <hwloc/export.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION "topology import"

/* A machine of 8192 CPUs takes under 10 MiB. */
#define XML_MAX ((size_t)64 << 20)

/* hwloc's time grows with the square of the children of an object: 8192 take it a minute, this many some seconds. */
#define CHILDREN_MAX 1024

static np_status nowhere(const void *source, const void *topology, const char *what, np_error *error)
{
    if (source != NULL && topology != NULL)
        return NP_OK;
    return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "the %s is NULL", source == NULL ? what : "topology");
}

/* Whether each level's number of objects, as far as the description multiplies them, is within our ids. */
static bool fits(const char *description)
{
    unsigned long objects = 1;
    unsigned long nodes = 0;
    char before = ' ';
    for (const char *c = description; *c != '\0'; before = *c++) {
        if (*c == '[' && (nodes += objects) > NP_NODE_MAX)
            return false;
        if (*c == '(' || *c == '[')
            c += strcspn(c, *c == '(' ? ")" : "]");
        if (*c == '\0')
            return true;
        if (!isdigit((unsigned char)*c) || isalnum((unsigned char)before))
            continue;
        char *end = NULL;
        const unsigned long number = strtoul(c, &end, 0);
        if (number > CHILDREN_MAX || (objects *= number) > NP_CPU_MAX)
            return false;
        c = end - 1;
    }
    return true;
}

/* What hwloc makes of the description, by way of the text that it would export. */
static np_status from_hwloc(hwloc_topology_t hwloc, np_topology **topology, np_error *error)
{
    char *xml = NULL;
    int size = 0;
    if (hwloc_topology_load(hwloc) != 0 || hwloc_topology_export_xmlbuffer(hwloc, &xml, &size, 0) != 0)
        return fail(error, NP_ALLOCATION, errno, OPERATION, "no memory for what is described");
    const np_status status = topology_read_xml(xml, (size_t)size - 1, topology, error); /* hwloc counts the NUL. */
    hwloc_free_xmlbuffer(hwloc, xml);
    return status;
}

np_status np_topology_from_synthetic(const char *description, np_topology **topology, np_error *error)
{
    np_status status = nowhere(description, topology, "description", error);
    if (status != NP_OK)
        return status;
    if (!fits(description))
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION,
            "\"%.64s\" asks for more than %d CPUs, %d nodes or %d of one kind in another", description, NP_CPU_MAX,
            NP_NODE_MAX, CHILDREN_MAX);
    hwloc_topology_t hwloc = NULL;
    if (hwloc_topology_init(&hwloc) != 0)
        return fail(error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory for hwloc");
    if (hwloc_topology_set_synthetic(hwloc, description) != 0)
        status = fail(error, NP_INVALID_ARGUMENT, 0, OPERATION,
            "\"%.64s\": not a synthetic description as hwloc has them, such as node:2 core:4 pu:2", description);
    else
        status = from_hwloc(hwloc, topology, error);
    hwloc_topology_destroy(hwloc);
    return status;
}

np_status np_topology_from_xml(const char *path, np_topology **topology, np_error *error)
{
    np_status status = nowhere(path, topology, "path", error);
    if (status != NP_OK)
        return status;
    char *text = malloc(XML_MAX);
    if (text == NULL)
        return fail(error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory to read %.200s", path);
    const int problem = linux_read_text(AT_FDCWD, path, text, XML_MAX);
    if (problem == 0)
        status = topology_read_xml(text, strlen(text), topology, error);
    else if (problem == EBADMSG)
        status = fail(error, NP_INVALID_ARGUMENT, problem, OPERATION, "%.200s: not a text file", path);
    else
        status = fail(error, NP_SYSTEM, problem, OPERATION, "%.200s: %s", path, strerrordesc_np(problem));
    free(text);
    return status;
}
