/* How much this process may have: its resource limits, and those of its control group. */
#ifndef NUMAPROOF_HARNESS_PROCESS_LIMITS_H
#define NUMAPROOF_HARNESS_PROCESS_LIMITS_H

enum { LIMIT_TEXT = 64, GROUP_TEXT = 160 };

/* As people write them: a number, or "unlimited". Empty where the kernel does not say. */
struct limits {
    char locked_memory[LIMIT_TEXT];
    char address_space[LIMIT_TEXT];
    char processes[LIMIT_TEXT];
    char group_memory[LIMIT_TEXT]; /* The nearest limit above this process in the control groups, in bytes. */
    char cpuset_group[GROUP_TEXT]; /* The folder whose cpuset.cpus limits this process; empty where none is seen. */
    char cpuset_cpus[LIMIT_TEXT];  /* What that group may use, as the kernel lists it. */
};

void limits_read(struct limits *limits, const char *root);

#endif
