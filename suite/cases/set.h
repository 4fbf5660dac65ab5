/*
 * Sets of CPUs and sets of nodes through one table of functions, so that each case is written once and asked of both.
 */
#ifndef NUMAPROOF_SUITE_CASES_SET_H
#define NUMAPROOF_SUITE_CASES_SET_H

#include "case.h"

/* Room for either. */
union any_set {
    np_cpuset cpus;
    np_nodeset nodes;
};

struct set_type {
    const char *name;
    unsigned max; /* ids are 0 to max - 1 */
    np_status (*parse)(const char *list, union any_set *set, np_error *error);
    size_t (*format)(const union any_set *set, char *buffer, size_t size);
    void (*clear)(union any_set *set);
    np_status (*add)(union any_set *set, unsigned id, np_error *error);
    np_status (*remove)(union any_set *set, unsigned id, np_error *error);
    bool (*contains)(const union any_set *set, unsigned id);
    unsigned (*count)(const union any_set *set);
    int (*first)(const union any_set *set);
    int (*next)(const union any_set *set, int after);
    np_status (*join)(const union any_set *a, const union any_set *b, union any_set *result, np_error *error);
    np_status (*common)(const union any_set *a, const union any_set *b, union any_set *result, np_error *error);
    np_status (*minus)(const union any_set *a, const union any_set *b, union any_set *result, np_error *error);
    bool (*equal)(const union any_set *a, const union any_set *b);
    bool (*subset)(const union any_set *a, const union any_set *b);
    struct ids (*ids)(const union any_set *set);
    void (*assign)(union any_set *set, struct ids ids);
};

/* Both types; the loop of nearly every case here. */
extern const struct set_type set_types[2];
#define FOR_EACH_SET_TYPE(type) for (const struct set_type *type = set_types; type < set_types + 2; type++)

/* A set that no case expects, to see whether it is written. */
union any_set set_pattern(const struct set_type *type);

#endif
