/*
 * The journal of changes to the machine: what has to be put back, written down before it is changed.
 *
 * A case changes; its guard (case_process.c) puts back when the case is over, however it ended; and where the guard was
 * killed too, the next run does it first. Lines are steps: "restore FILE VALUE", "write FILE VALUE" (a file that cannot be
 * read back), "remove DIRECTORY". They are undone from the last to the first.
 */
#ifndef NUMAPROOF_SUITE_FAULT_JOURNAL_H
#define NUMAPROOF_SUITE_FAULT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Open it, to change something or to see what another left; false if there is none or it cannot be had. The machine is
 * locked for changes meanwhile (machine_lock.h).
 */
bool journal_open(bool create);

/* Whether an earlier run left one. */
bool journal_exists(void);

/* Close it; an empty one is removed. */
void journal_close(void);

/* Write one step down, before the change; ends the case as an error when it cannot be. */
void journal_restore(const char *file, const char *value);
void journal_write(const char *file, const char *value);
void journal_remove(const char *directory);

/*
 * Undo every step and verify each; the steps that worked are described in @said, separated by "; ". False if one did not
 * work: @said names it, and the journal keeps it.
 */
bool journal_undo(char *said, size_t size);

#endif
