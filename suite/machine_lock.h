/*
 * One case that changes the machine, or any number that do not: a CPU that one run takes offline is gone from the
 * affinities that another run looks at.
 */
#ifndef NUMAPROOF_SUITE_MACHINE_LOCK_H
#define NUMAPROOF_SUITE_MACHINE_LOCK_H

#include <stdbool.h>

/*
 * Wait for the machine, to change it or only to look at it; held by this process and its children until the last of them
 * ends or machine_unlock() is called. Who waits first has it first, so that nobody waits for ever to change a machine that others
 * look at in turns. False after ten minutes of waiting in line, or two of waiting as the first.
 */
bool machine_lock(bool to_change);
void machine_unlock(void);

#endif
