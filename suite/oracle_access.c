/*
 * The oracle on accesses; see oracle_access.h.
 *
 * The counter's page is mapped once a process. Counts grow for as long as the machine runs, so that a watch remembers what
 * they were when it began.
 */
#include "oracle_access.h"

#include "access_reader.h"
#include "outcome.h"

#include <stdio.h>

_Static_assert(ORACLE_ACCESS_NODES == ACCESS_NODES, "the oracle and the counter tell the same nodes apart");

/* The benchmarks use window 1. */
enum { WINDOW = 2 };

static struct access_reader reader;
static struct access_matrix before;

bool oracle_counts_accesses(char *why, size_t size)
{
    if (reader.page == NULL && !access_reader_open(&reader, why, size))
        return false;
    if (access_reader_is_proved(&reader))
        return true;
    snprintf(why, size, "the access counter's node ranges were not proved, so that it counts nothing");
    return false;
}

bool oracle_has_access_counter(void)
{
    struct access_reader probe = {.page = NULL};
    char why[200];
    bool is_there = access_reader_open(&probe, why, sizeof why);

    if (is_there)
        access_reader_close(&probe);
    return is_there;
}

void oracle_watch_accesses(const void *start, size_t bytes)
{
    char why[200];

    if (!oracle_counts_accesses(why, sizeof why))
        case_error("the oracle cannot count accesses: %s", why);
    access_reader_set_window(&reader, WINDOW, start, bytes);
    access_reader_read(&reader, WINDOW, &before);
    access_reader_arm(&reader);
}

struct oracle_accesses oracle_accesses(void)
{
    struct oracle_accesses seen = {.unknown = 0};
    struct access_matrix now;

    access_reader_read(&reader, WINDOW, &now);
    for (unsigned i = 0; i < ACCESS_NODES; i++)
        for (int kind = ACCESS_LOAD; kind <= ACCESS_STORE; kind++) {
            for (unsigned j = 0; j < ACCESS_NODES; j++)
                seen.of[i][j] += now.all[i][j][kind] - before.all[i][j][kind];
            seen.unknown += now.all[i][ACCESS_NODE_UNKNOWN][kind] - before.all[i][ACCESS_NODE_UNKNOWN][kind];
        }
    return seen;
}

void oracle_ignore_accesses(void)
{
    access_reader_disarm(&reader);
    access_reader_set_window(&reader, WINDOW, NULL, 0);
}
