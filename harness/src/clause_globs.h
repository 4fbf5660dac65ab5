/* Which clauses are asked for: the globs of --clause, each of which must match a clause that there is. */
#ifndef NUMAPROOF_HARNESS_CLAUSE_GLOBS_H
#define NUMAPROOF_HARNESS_CLAUSE_GLOBS_H

#include "problem.h"

#include <stddef.h>

struct clause_globs {
    const char **globs; /* NULL-terminated. */
    size_t count;
};

/* Room for as many as there are arguments. clause_globs_free() gives it back. */
void clause_globs_begin(struct clause_globs *globs, int argc);
void clause_globs_free(struct clause_globs *globs);

/* A glob that matches no clause is a mistake, and is told before anything runs. @glob must outlive @globs. */
bool clause_globs_add(struct clause_globs *globs, const char *glob, struct problem *problem);

/* As the suite takes them: NULL for all. */
const char *const *clause_globs_for_suite(const struct clause_globs *globs);

#endif
