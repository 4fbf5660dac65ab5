/*
 * The functions of both kinds of sets under one type; see set.h.
 */
#include "set.h"

/* Each adapter only names the member of the union. A NULL stays NULL: some cases pass it on purpose. */
#define ADAPT(kind, member)                                                                                            \
    static np_status kind##_parse(const char *list, union any_set *set, np_error *error)                               \
    {                                                                                                                  \
        return api->kind##_parse(list, set == NULL ? NULL : &set->member, error);                                      \
    }                                                                                                                  \
    static size_t kind##_format(const union any_set *set, char *buffer, size_t size)                                   \
    {                                                                                                                  \
        return api->kind##_format(set == NULL ? NULL : &set->member, buffer, size);                                    \
    }                                                                                                                  \
    static void kind##_clear(union any_set *set)                                                                       \
    {                                                                                                                  \
        api->kind##_clear(set == NULL ? NULL : &set->member);                                                          \
    }                                                                                                                  \
    static np_status kind##_add(union any_set *set, unsigned id, np_error *error)                                      \
    {                                                                                                                  \
        return api->kind##_add(set == NULL ? NULL : &set->member, id, error);                                          \
    }                                                                                                                  \
    static np_status kind##_remove(union any_set *set, unsigned id, np_error *error)                                   \
    {                                                                                                                  \
        return api->kind##_remove(set == NULL ? NULL : &set->member, id, error);                                       \
    }                                                                                                                  \
    static bool kind##_contains(const union any_set *set, unsigned id)                                                 \
    {                                                                                                                  \
        return api->kind##_contains(set == NULL ? NULL : &set->member, id);                                            \
    }                                                                                                                  \
    static unsigned kind##_count(const union any_set *set)                                                             \
    {                                                                                                                  \
        return api->kind##_count(set == NULL ? NULL : &set->member);                                                   \
    }                                                                                                                  \
    static int kind##_first(const union any_set *set)                                                                  \
    {                                                                                                                  \
        return api->kind##_first(set == NULL ? NULL : &set->member);                                                   \
    }                                                                                                                  \
    static int kind##_next(const union any_set *set, int after)                                                        \
    {                                                                                                                  \
        return api->kind##_next(set == NULL ? NULL : &set->member, after);                                             \
    }                                                                                                                  \
    ADAPT_OPERATION(kind, member, union)                                                                               \
    ADAPT_OPERATION(kind, member, intersection)                                                                        \
    ADAPT_OPERATION(kind, member, difference)                                                                          \
    ADAPT_COMPARISON(kind, member, equal)                                                                              \
    ADAPT_COMPARISON(kind, member, subset)                                                                             \
    static struct ids kind##_ids(const union any_set *set)                                                             \
    {                                                                                                                  \
        return ids_of_##kind(&set->member);                                                                            \
    }                                                                                                                  \
    static void kind##_assign(union any_set *set, struct ids ids)                                                      \
    {                                                                                                                  \
        set->member = kind##_of_ids(ids);                                                                              \
    }

#define ADAPT_OPERATION(kind, member, operation)                                                                       \
    static np_status kind##_##operation(                                                                               \
        const union any_set *a, const union any_set *b, union any_set *result, np_error *error)                        \
    {                                                                                                                  \
        return api->kind##_##operation(a == NULL ? NULL : &a->member, b == NULL ? NULL : &b->member,                   \
            result == NULL ? NULL : &result->member, error);                                                           \
    }

#define ADAPT_COMPARISON(kind, member, comparison)                                                                     \
    static bool kind##_##comparison(const union any_set *a, const union any_set *b)                                    \
    {                                                                                                                  \
        return api->kind##_##comparison(a == NULL ? NULL : &a->member, b == NULL ? NULL : &b->member);                 \
    }

ADAPT(cpuset, cpus)
ADAPT(nodeset, nodes)

#define SET_TYPE(kind, max_)                                                                                           \
    {                                                                                                                  \
        .name = #kind, .max = max_, .parse = kind##_parse, .format = kind##_format, .clear = kind##_clear,             \
        .add = kind##_add, .remove = kind##_remove, .contains = kind##_contains, .count = kind##_count,                \
        .first = kind##_first, .next = kind##_next, .join = kind##_union, .common = kind##_intersection,               \
        .minus = kind##_difference, .equal = kind##_equal, .subset = kind##_subset, .ids = kind##_ids,                 \
        .assign = kind##_assign                                                                                        \
    }

const struct set_type set_types[2] = {SET_TYPE(cpuset, NP_CPU_MAX), SET_TYPE(nodeset, NP_NODE_MAX)};

union any_set set_pattern(const struct set_type *type)
{
    union any_set set;
    struct ids ids = ids_none();

    memset(&set, 0, sizeof set);
    for (unsigned id = 0; id < type->max; id += 3)
        ids_add(&ids, id);
    type->assign(&set, ids);
    return set;
}
