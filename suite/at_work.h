/*
 * Whether processes are at work: what tells a hang from the wait for a CPU, and where it hangs.
 */
#ifndef NUMAPROOF_SUITE_AT_WORK_H
#define NUMAPROOF_SUITE_AT_WORK_H

#include <stdbool.h>
#include <sys/types.h>

/* What a group of processes came to since it was begun. */
struct work {
    double seconds;         /* that passed */
    double cpu_seconds;     /* that it had of CPUs */
    double machine_seconds; /* that anybody on the machine had */
    bool is_at_work;        /* At this moment, one of its threads. */
};

/* Runs, or would if it had a CPU, or waits for a disk. */
bool thread_is_at_work(pid_t process, pid_t thread);

/* What all on this machine have had of its CPUs so far, in seconds: @machine_before for the look at a group. */
double machine_cpu_seconds(void);

/* Look at @group, which was begun @seconds ago. */
struct work work_of_group(pid_t group, double seconds, double machine_before);

/* What each thread of @group is at, cut where there is no more room: "np-1-0 S in futex_wait_queue, ...". */
void threads_in_words(pid_t group, char *text, size_t size);

/* It would go on, and had less than half of a CPU's time: it does not hang, it is kept from a CPU. */
bool is_kept_from_a_cpu(const struct work *work);

#endif
