/*
 * What only trying shows: does hard mode refuse when it must, can pages be located, does the reference agree with the kernel?
 *
 * The trials run in this process or in a child of it and change nothing that outlives them.
 */
#ifndef NUMAPROOF_HARNESS_PROBES_H
#define NUMAPROOF_HARNESS_PROBES_H

#include <stdbool.h>

enum refusal {
    REFUSAL_HANDLED, /* Strict was refused with a reason, and soft went on. */
    REFUSAL_WRONG,   /* Anything else that the library did. */
    REFUSAL_UNTRIED  /* The situation could not be made here. */
};

struct probes {
    bool hard_mode;    /* The library finds hard mode supported. */
    char missing[256]; /* What it finds missing; empty if and only if it is supported. */
    enum refusal refusal;
    char refusal_text[512]; /* The reason that came with the refusal, or what happened in place of it. */
    bool pages_located;     /* move_pages(2) tells where a page of ours is. */
    char pages_text[128];   /* Why not, or the node. */
    bool maps_readable;     /* /proc/self/numa_maps can be read. */
};

void probes_run(struct probes *probes);

#endif
