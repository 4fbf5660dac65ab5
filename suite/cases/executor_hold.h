/*
 * An executor with one worker a node, each held in a task of its own: who is let go is the only one that takes tasks, so
 * that a case knows who took what.
 */
#ifndef NUMAPROOF_SUITE_EXECUTOR_HOLD_H
#define NUMAPROOF_SUITE_EXECUTOR_HOLD_H

#include "executor_case.h"

#define HELD_MAX 64

/* A worker that is held, and where. */
struct hold {
    struct gate gate;
    struct run run;
    bool let_go;
};

struct held {
    np_executor *executor;
    unsigned count;
    struct hold holds[HELD_MAX];
};

/* The case is skipped where there are not two nodes with CPUs. */
void hold_all(struct held *held, np_mode mode, np_steal steal, np_error *error);

/* The worker of @node: its hold, its end of being held; and those of all others. */
struct hold *hold_on(struct held *held, unsigned node);
void let_go_on(struct held *held, unsigned node);
void let_all_go(struct held *held);

#endif
