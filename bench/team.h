/* Threads held to CPUs, that start together and are timed together: see team.c. */
#ifndef NUMAPROOF_BENCH_TEAM_H
#define NUMAPROOF_BENCH_TEAM_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>

struct team;

/* What each member does, once a run; members are numbered from 0. */
typedef void team_work(unsigned member, void *closure);

/*
 * Make a team of @count threads, each held to its CPU. NP_SYSTEM when a thread cannot be made or held there. They sleep
 * until there is work.
 */
np_status team_make(struct team **team, const unsigned *cpus, size_t count, np_error *error);

/*
 * Have the first @members do @work, all at once: from the time when the last of them is ready until the last is done,
 * in seconds. False when one of them was not on its CPU before and after; its CPU goes to *@missing. Whoever calls this
 * sleeps meanwhile.
 */
bool team_run(struct team *team, size_t members, team_work *work, void *closure, double *seconds, unsigned *missing);

/* How many members it has. */
size_t team_size(const struct team *team);

void team_free(struct team *team);

#endif
