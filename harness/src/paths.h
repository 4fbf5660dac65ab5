/*
 * Where the command finds what belongs to it.
 *
 * Decided by where its own executable lies, and by nothing that a user could set: in the build tree, the folders of the
 * source; installed, <prefix>/share/numaproof beside <prefix>/bin, so that the whole may be moved.
 */
#ifndef NUMAPROOF_HARNESS_PATHS_H
#define NUMAPROOF_HARNESS_PATHS_H

#include "problem.h"

#include <limits.h>
#include <stdbool.h>

struct paths {
    char command[PATH_MAX]; /* The running executable. */
    char library[PATH_MAX]; /* The reference implementation. */
    char qemu[PATH_MAX];    /* The folder of the Python helpers for emulated machines. */
    char reports[PATH_MAX]; /* That of the reports. */
};

bool paths_find(struct paths *paths, struct problem *problem);

#endif
