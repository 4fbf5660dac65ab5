/*
 * Arguments for the implementation, made from the suite's own values; see values.h. The layouts are those that the
 * headers promise: id i is bit i % 64 of word i / 64.
 */
#include "values.h"

#include <string.h>

np_cpuset cpuset_of_ids(struct ids ids)
{
    np_cpuset set;

    _Static_assert(sizeof set.words == sizeof ids.words, "np_cpuset has as many ids as the suite's sets");
    memcpy(set.words, ids.words, sizeof set.words);
    return set;
}

np_nodeset nodeset_of_ids(struct ids ids)
{
    np_nodeset set;

    memcpy(set.words, ids.words, sizeof set.words);
    return set;
}

struct ids ids_of_cpuset(const np_cpuset *set)
{
    struct ids ids;

    memcpy(ids.words, set->words, sizeof ids.words);
    return ids;
}

struct ids ids_of_nodeset(const np_nodeset *set)
{
    struct ids ids = ids_none();

    memcpy(ids.words, set->words, sizeof set->words);
    return ids;
}

np_policy policy_of(np_policy_kind kind, struct ids nodes)
{
    return (np_policy){.kind = (int32_t)kind, .reserved = 0, .nodes = nodeset_of_ids(nodes)};
}

np_region_options region_options_of(np_mode mode, np_policy policy, np_prefault prefault)
{
    return (np_region_options){.policy = policy, .mode = (int32_t)mode, .prefault = (int32_t)prefault};
}
