/* The guest's system around the command: file systems at its start, the power switch at its end. */
#ifndef NUMAPROOF_GUEST_SYSTEM_H
#define NUMAPROOF_GUEST_SYSTEM_H

#include <stddef.h>

/* Mounts what a command may expect of Linux and allows cgroup controllers below the root. Returns 0, or -1 with the
 * failed piece in @trouble. */
int system_set_up(char *trouble, size_t trouble_size);

/* How many processes the kernel has killed for want of memory since it started. */
unsigned long system_memory_kills(void);

/* Ends the machine at once, with the exit status that tells the launcher that init came to its end. */
_Noreturn void system_power_off(void);

#endif
