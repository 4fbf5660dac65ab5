/* The implementation whose cost is measured, as one table of functions: see functions.c. */
#ifndef NUMAPROOF_BENCH_FUNCTIONS_H
#define NUMAPROOF_BENCH_FUNCTIONS_H

#include <numaproof/api.h>
#include <numaproof/numaproof.h>

#define FUNCTIONS_MEMBER(name) __typeof__(np_##name) *name;
struct functions {
    NP_API_FUNCTIONS(FUNCTIONS_MEMBER)
};
#undef FUNCTIONS_MEMBER

/*
 * Fill the table from the shared object @path, or from what the program is linked with where that is NULL. The object
 * stays loaded. NP_SYSTEM, with the cause, where it cannot be loaded or lacks a function: half an API has no cost.
 */
np_status functions_load(const char *path, struct functions *functions, np_error *error);

#endif
