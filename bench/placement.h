/* Threads and buffers that are where they claim to be, or say that they are not: see placement.c. */
#ifndef NUMAPROOF_BENCH_PLACEMENT_H
#define NUMAPROOF_BENCH_PLACEMENT_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>

/* Memory on one node. */
struct buffer {
    char *start;
    size_t bytes;
    unsigned node;
    size_t unit;      /* How far apart the pages are that must be asked for: the size of those that really back it. */
    char backing[64]; /* The same in words. */
};

/*
 * Map @bytes (a multiple of 2 MiB) on @node, make every page present, and say what backs it: explicit huge pages if the
 * node has enough of them free, else transparent ones where the kernel gives them, else ordinary ones. The pages are
 * placed softly and then checked, so that a node that is full is an error and not an out-of-memory kill.
 */
np_status buffer_make(struct buffer *buffer, size_t bytes, unsigned node, np_error *error);

/* The same on ordinary pages, whatever larger ones there are: where it is the pages that are measured. */
np_status buffer_make_ordinary(struct buffer *buffer, size_t bytes, unsigned node, np_error *error);

void buffer_free(struct buffer *buffer);

/* Whether every page of it lies on its node now; the count of those that do not goes to *@elsewhere. */
bool buffer_is_in_place(const struct buffer *buffer, size_t *elsewhere);

/* Hold the calling thread to one CPU. False where the kernel will not. */
bool thread_move(unsigned cpu);

/* Whether the calling thread's affinity is exactly @cpu, and it runs there. */
bool thread_is_in_place(unsigned cpu);

/* The affinity of before, to be given back. */
struct affinity;
struct affinity *affinity_save(void);
void affinity_restore(struct affinity *affinity);

#endif
