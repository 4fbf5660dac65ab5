/*
 * What a mutant is made of.
 *
 * A mutant is one lie: a shared object linked to the reference that overrides a function or two of the API and breaks one
 * clause. Its first line says which, and the build makes the list from those lines:
 *
 *     / * Breaks PIN-1: a released pin leaves the thread where the pin had put it. * /
 *     / * Breaks TOPO-2 [needs a gap in the node ids]: nodes are numbered by position. * /
 *
 * The suite must fail it by a case of that clause which the reference passes. With "needs" in brackets it may stay
 * undecided on machines where cases of the clause are skipped; without, it must be killed everywhere.
 *
 * REAL(np_x)(...) calls the function that is overridden.
 */
#ifndef NUMAPROOF_SUITE_MUTANT_H
#define NUMAPROOF_SUITE_MUTANT_H

#include <dlfcn.h>
#include <numaproof/numaproof.h>
#include <string.h>

#define REAL(function) ((__typeof__(function) *)mutant_real(#function))

static inline void (*mutant_real(const char *name))(void)
{
    void (*function)(void) = NULL;
    void *address = dlsym(RTLD_NEXT, name);

    /* dlsym(3) gives a function's address as a void *, which ISO C does not convert. */
    memcpy(&function, &address, sizeof function);
    return function;
}

#endif
