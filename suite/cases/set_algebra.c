/*
 * Sets as sets: members, counting, walking, and the operations on two of them, held against the suite's own.
 */
#include "set.h"

CASE(set_members, "ids are added and removed, and the set knows them, how many, the first and the next",
    CLAUSES("SET-4", "SET-5"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        unsigned last = type->max - 1;
        const unsigned members[] = {last, 0, 63, 64, 5};
        union any_set set = set_pattern(type);
        EXPECT_WITH("%s", type->name);
        type->clear(&set);
        EXPECT_INT(type->count(&set), ==, 0);
        EXPECT_INT(type->first(&set), ==, -1);
        for (unsigned i = 0; i < 5; i++) {
            EXPECT(!type->contains(&set, members[i]));
            EXPECT_OK(type->add(&set, members[i], error));
            EXPECT_OK(type->add(&set, members[i], error));
            EXPECT(type->contains(&set, members[i]));
            EXPECT_INT(type->count(&set), ==, i + 1);
        }
        EXPECT_IDS(type->ids(&set), ids_of(0, 5, 63, 64, last));
        EXPECT_INT(type->first(&set), ==, 0);
        EXPECT_INT(type->next(&set, 0), ==, 5);
        EXPECT_INT(type->next(&set, 5), ==, 63);
        EXPECT_INT(type->next(&set, 63), ==, 64);
        EXPECT_INT(type->next(&set, 64), ==, last);
        EXPECT_INT(type->next(&set, (int)last), ==, -1);
        EXPECT_OK(type->remove(&set, 0, error));
        EXPECT_OK(type->remove(&set, 0, error));
        EXPECT_INT(type->first(&set), ==, 5);
        EXPECT_OK(type->remove(&set, last, error));
        EXPECT_IDS(type->ids(&set), ids_of(5, 63, 64));
    }
}

CASE(set_bounds, "ids past the maximum and null are refused or absent, and never a crash",
    CLAUSES("SET-4", "LAW-6", "LAW-8"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        union any_set set = set_pattern(type), before = set;
        EXPECT_WITH("%s", type->name);
        EXPECT_STATUS(type->add(&set, type->max, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->add(&set, UINT32_MAX, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->remove(&set, type->max, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->add(NULL, 1, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->remove(NULL, 1, error), NP_INVALID_ARGUMENT);
        EXPECT_IDS(type->ids(&set), type->ids(&before));
        EXPECT(!type->contains(&set, type->max));
        EXPECT(!type->contains(&set, UINT32_MAX));
        EXPECT(!type->contains(NULL, 0));
        EXPECT_INT(type->count(NULL), ==, 0);
        EXPECT_INT(type->first(NULL), ==, -1);
        EXPECT_INT(type->next(NULL, 0), ==, -1);
        EXPECT_INT(type->next(&set, (int)type->max), ==, -1);
        EXPECT_INT(type->next(&set, INT32_MAX), ==, -1);
        type->clear(NULL);
    }
}

/* Three sets that meet, hold and miss one another, with the last id in one of them. */
static void three_sets(const struct set_type *type, struct ids sets[3])
{
    sets[0] = ids_of(0, 1, 2, 63, 64, 100);
    sets[1] = ids_of(2, 64, 65, 500, type->max - 1);
    sets[2] = ids_of(1, 63);
}

CASE(set_operations, "union, intersection and difference are what they are called, into either operand too",
    CLAUSES("SET-4"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        struct ids sets[3];
        three_sets(type, sets);
        for (unsigned pair = 0; pair < 9; pair++) {
            const struct ids *a = &sets[pair / 3], *b = &sets[pair % 3];
            union any_set left, right, result = set_pattern(type);
            EXPECT_WITH("%s, pair %u", type->name, pair);
            type->assign(&left, *a);
            type->assign(&right, *b);
            EXPECT_OK(type->join(&left, &right, &result, error));
            EXPECT_IDS(type->ids(&result), ids_or(a, b));
            EXPECT_OK(type->common(&left, &right, &result, error));
            EXPECT_IDS(type->ids(&result), ids_and(a, b));
            EXPECT_OK(type->minus(&left, &right, &result, error));
            EXPECT_IDS(type->ids(&result), ids_minus(a, b));
            EXPECT_IDS(type->ids(&left), *a);
            EXPECT_OK(type->minus(&left, &right, &right, error));
            EXPECT_IDS(type->ids(&right), ids_minus(a, b));
            type->assign(&right, *b);
            EXPECT_OK(type->join(&left, &right, &left, error));
            EXPECT_IDS(type->ids(&left), ids_or(a, b));
        }
    }
}

CASE(set_comparisons, "equal and subset look at every id; null is the empty set", CLAUSES("SET-4"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        union any_set few, many, none;
        EXPECT_WITH("%s", type->name);
        type->assign(&few, ids_of(3, type->max - 1));
        type->assign(&many, ids_of(3, 4, type->max - 1));
        type->assign(&none, ids_none());
        EXPECT(type->equal(&few, &few) && !type->equal(&few, &many));
        EXPECT(type->subset(&few, &many) && !type->subset(&many, &few));
        EXPECT(type->subset(&few, &few));
        EXPECT(type->subset(&none, &few) && !type->subset(&few, &none));
        EXPECT(type->equal(NULL, &none) && type->equal(&none, NULL) && type->equal(NULL, NULL));
        EXPECT(type->subset(NULL, &none) && type->subset(NULL, &few) && !type->subset(&few, NULL));
        type->assign(&few, ids_of(3));
        type->assign(&many, ids_of(3, type->max - 1));
        EXPECT(!type->equal(&few, &many) && !type->subset(&many, &few));
    }
}

CASE(set_operations_on_null, "an operation on null is refused and writes nothing", CLAUSES("SET-4", "LAW-6"),
    NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        union any_set set = set_pattern(type), result = set, before = set;
        EXPECT_WITH("%s", type->name);
        EXPECT_STATUS(type->join(NULL, &set, &result, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->common(&set, NULL, &result, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->minus(NULL, NULL, &result, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->join(&set, &set, NULL, error), NP_INVALID_ARGUMENT);
        EXPECT_IDS(type->ids(&result), type->ids(&before));
    }
}

CASE_LIST(set_algebra_cases, &set_members, &set_bounds, &set_operations, &set_comparisons, &set_operations_on_null);
