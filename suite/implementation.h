/*
 * The implementation under test: a shared object seen as one table of functions, made from the list in api.h.
 *
 * A function that it does not export is filled by a trap, which makes the case that calls it fail and names it: a partial
 * implementation is tested for what it has. Loading runs foreign code (constructors), so that it happens in the processes
 * of the cases only, never in the runner's.
 */
#ifndef NUMAPROOF_SUITE_IMPLEMENTATION_H
#define NUMAPROOF_SUITE_IMPLEMENTATION_H

#include <numaproof/api.h>
#include <numaproof/numaproof.h>
#include <stdbool.h>
#include <stddef.h>

#define API_MEMBER(name) __typeof__(np_##name) *name;
struct api {
    NP_API_FUNCTIONS(API_MEMBER)
};
#undef API_MEMBER

/* What a look at an implementation found. */
struct implementation_facts {
    char path[512]; /* absolute, links resolved */
    char version[64];
    size_t exported;    /* how many of the API's functions */
    char missing[8192]; /* the names of the others */
};

/* The functions of the implementation that this process loaded; what cases call through. */
extern const struct api *api;

/* Load @path into this process and fill the table. False with the dynamic linker's words in @reason. */
bool implementation_load(const char *path, char *reason, size_t size);

/* Whether the loaded implementation exports "pin_to_cpus" (without np_). */
bool implementation_exports(const char *name);

/* How many functions the API has, and the names of those that are not exported, "np_a, np_b", in @names. */
size_t implementation_function_count(void);
size_t implementation_missing(char *names, size_t size);

/*
 * Look at @path without letting it near this process: the file first, then loaded in a child that may crash or hang.
 * False with the cause in @reason.
 */
bool implementation_probe(const char *path, struct implementation_facts *facts, char *reason, size_t size);

#endif
