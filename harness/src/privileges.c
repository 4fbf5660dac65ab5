/* /proc/self/status, read once: see privileges.h. */
#include "privileges.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_row(struct privileges *privileges, const char *row, const char *path, struct problem *problem)
{
    np_error error = {0};
    np_status status = NP_OK;
    if (strncmp(row, "Uid:", 4) == 0) {
        sscanf(row + 4, "%*u %u", &privileges->uid);
    } else if (strncmp(row, "CapEff:", 7) == 0) {
        privileges->effective = strtoull(row + 7, NULL, 16);
    } else if (strncmp(row, "Cpus_allowed_list:", 18) == 0) {
        status = np_cpuset_parse(row + 18, &privileges->cpus, &error);
    } else if (strncmp(row, "Mems_allowed_list:", 18) == 0) {
        status = np_nodeset_parse(row + 18, &privileges->nodes, &error);
    }
    return status == NP_OK || problem_set(problem, STATUS_CANNOT_RUN, "cannot understand %s: %s", path, error.reason);
}

bool privileges_read(struct privileges *privileges, const char *root, struct problem *problem)
{
    char path[PATH_MAX];
    *privileges = (struct privileges){0};
    snprintf(path, sizeof(path), "%s/proc/self/status", root);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot read %s: %s", path, strerror(errno));
    }
    char *row = NULL;
    size_t size = 0;
    bool good = true;
    while (good && getline(&row, &size, file) > 0) {
        good = read_row(privileges, row, path, problem);
    }
    free(row);
    fclose(file);
    return good;
}

bool privileges_have(const struct privileges *privileges, cap_value_t capability)
{
    return (privileges->effective >> capability & 1) != 0;
}
