/*
 * The folder that one run writes its results to.
 *
 * Without a name it is made below ./numaproof-results, named by time and verb. It is opened before the work, so that one that
 * cannot be written to is told at once; what an earlier run left in it is taken away then, so that old and new results never
 * stand side by side.
 */
#ifndef NUMAPROOF_HARNESS_FOLDER_H
#define NUMAPROOF_HARNESS_FOLDER_H

#include "problem.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct folder {
    char path[PATH_MAX];
    bool made; /* By this run: taken away again when nothing was written to it. */
    FILE *log; /* log.txt.partial, until folder_close() gives it its name. */
};

/* Open @asked, or a new one for @verb where that is NULL. */
bool folder_open(struct folder *folder, const char *asked, const char *verb, struct problem *problem);

/*
 * How to call it before the user: in an emulated machine, by the name of the folder outside that its files will be brought
 * to (NUMAPROOF_OUTER_FOLDER in the environment).
 */
const char *folder_shown(const struct folder *folder);

/* Add a line, with the time, to the log; nothing once it is closed. */
void folder_log(struct folder *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The log gets its final name. */
bool folder_close(struct folder *folder, struct problem *problem);

/* The run came to nothing: the log goes, and the folder too if this run made it and it is empty. */
void folder_abandon(struct folder *folder);

#endif
