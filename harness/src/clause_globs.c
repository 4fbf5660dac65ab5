/* The globs of --clause: see clause_globs.h. */
#include "clause_globs.h"

#include "nearest.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <suite/suite.h>

void clause_globs_begin(struct clause_globs *globs, int argc)
{
    *globs = (struct clause_globs){.globs = calloc((size_t)argc + 1, sizeof(*globs->globs))};
    if (globs->globs == NULL) {
        out_of_memory();
    }
}

void clause_globs_free(struct clause_globs *globs)
{
    free(globs->globs);
    *globs = (struct clause_globs){0};
}

bool clause_globs_add(struct clause_globs *globs, const char *glob, struct problem *problem)
{
    size_t count = 0;
    const struct suite_clause *clauses = suite_clauses(&count);
    for (size_t i = 0; i < count; i++) {
        if (fnmatch(glob, clauses[i].id, 0) == 0) {
            globs->globs[globs->count++] = glob;
            return true;
        }
    }
    char hint[128];
    const char **ids = calloc(count + 1, sizeof(*ids));
    if (ids == NULL) {
        out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        ids[i] = clauses[i].id;
    }
    nearest_hint(glob, ids, count, hint, sizeof(hint));
    free(ids);
    return problem_set(problem, STATUS_USAGE, "no clause matches '%s'%s", glob,
        hint[0] != '\0' ? hint : "; conform --list names them");
}

const char *const *clause_globs_for_suite(const struct clause_globs *globs)
{
    return globs->count > 0 ? (const char *const *)globs->globs : NULL;
}
