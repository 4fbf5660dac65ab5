/*
 * The two public set types: bitmap.h in typed clothes.
 *
 * np_cpuset and np_nodeset differ in name and size only, and exist so that passing the one for the other does not
 * compile. One macro writes the functions of both; their contracts are in set.h.
 */
#include "bitmap.h"
#include <numaproof/set.h>

#define WORDS(set) ((set) != NULL ? (set)->words : NULL)

/* clang-format off */
#define COMBINE(type, name, size, operation, which)                                                                    \
    np_status np_##name##_##operation(const type *a, const type *b, type *result, np_error *error)                     \
    {                                                                                                                  \
        return bitmap_combine(which, WORDS(a), WORDS(b), WORDS(result), size, #name " " #operation, error);            \
    }

#define SET(type, name, size)                                                                                          \
    np_status np_##name##_parse(const char *list, type *set, np_error *error)                                          \
    {                                                                                                                  \
        return bitmap_parse(list, WORDS(set), size, #name " parse", error);                                            \
    }                                                                                                                  \
    size_t np_##name##_format(const type *set, char *buffer, size_t buffer_size)                                       \
    {                                                                                                                  \
        return bitmap_format(WORDS(set), size, buffer, buffer_size);                                                   \
    }                                                                                                                  \
    void np_##name##_clear(type *set)                                                                                  \
    {                                                                                                                  \
        if (set != NULL)                                                                                               \
            *set = (type){0};                                                                                          \
    }                                                                                                                  \
    np_status np_##name##_add(type *set, unsigned id, np_error *error)                                                 \
    {                                                                                                                  \
        return bitmap_set(WORDS(set), size, id, true, #name " add", error);                                            \
    }                                                                                                                  \
    np_status np_##name##_remove(type *set, unsigned id, np_error *error)                                              \
    {                                                                                                                  \
        return bitmap_set(WORDS(set), size, id, false, #name " remove", error);                                        \
    }                                                                                                                  \
    bool np_##name##_contains(const type *set, unsigned id)                                                            \
    {                                                                                                                  \
        return bitmap_contains(WORDS(set), size, id);                                                                  \
    }                                                                                                                  \
    unsigned np_##name##_count(const type *set)                                                                        \
    {                                                                                                                  \
        return bitmap_count(WORDS(set), size);                                                                         \
    }                                                                                                                  \
    int np_##name##_first(const type *set)                                                                             \
    {                                                                                                                  \
        return bitmap_next(WORDS(set), size, -1);                                                                      \
    }                                                                                                                  \
    int np_##name##_next(const type *set, int after)                                                                   \
    {                                                                                                                  \
        return bitmap_next(WORDS(set), size, after);                                                                   \
    }                                                                                                                  \
    COMBINE(type, name, size, union, BITMAP_UNION)                                                                     \
    COMBINE(type, name, size, intersection, BITMAP_INTERSECTION)                                                       \
    COMBINE(type, name, size, difference, BITMAP_DIFFERENCE)                                                           \
    bool np_##name##_equal(const type *a, const type *b)                                                               \
    {                                                                                                                  \
        return bitmap_equal(WORDS(a), WORDS(b), size);                                                                 \
    }                                                                                                                  \
    bool np_##name##_subset(const type *a, const type *b)                                                              \
    {                                                                                                                  \
        return bitmap_subset(WORDS(a), WORDS(b), size);                                                                \
    }
/* clang-format on */

SET(np_cpuset, cpuset, NP_CPU_MAX)
SET(np_nodeset, nodeset, NP_NODE_MAX)
