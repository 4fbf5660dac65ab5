/*
 * The kernel's list syntax: what is read, what is refused, what is written.
 */
#include "set.h"

struct list_row {
    const char *list;
    const char *means; /* as a plain list for the suite's own parser */
};

static const struct list_row good_lists[] = {
    {"", ""},
    {"\n", ""},
    {"0", "0"},
    {"7\n", "7"},
    {"0-3,8-11", "0-3,8-11"},
    {"1,3,5", "1,3,5"},
    {"5,3,1", "1,3,5"},
    {"2-2", "2"},
    {"1,1,0-2,2", "0-2"},
    {"007", "7"},
    {" 1 , 3 , 5 ", "1,3,5"},
    {"\t0-3 ,8-11\n", "0-3,8-11"},
    {"0-15:2/4", "0-1,4-5,8-9,12-13"},
    {"0-15:1/8,20", "0,8,20"},
    {"3-9:2/3", "3-4,6-7,9"},
    {"0-7:4/4", "0-7"},
    {"62-65,127-128", "62-65,127-128"},
    {"0-1023", "0-1023"},
};

CASE(set_reads_lists, "the kernel's lists are read as the kernel reads them, strides and blanks included",
    CLAUSES("SET-1"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    for (size_t i = 0; i < sizeof good_lists / sizeof good_lists[0]; i++) {
        union any_set set = set_pattern(type);
        struct ids expected;
        EXPECT_WITH("%s \"%s\"", type->name, good_lists[i].list);
        EXPECT(ids_parse(good_lists[i].means, &expected));
        EXPECT_OK(type->parse(good_lists[i].list, &set, error));
        EXPECT_IDS(type->ids(&set), expected);
    }
}

static const char *const bad_lists[] = {"3-1", "a", "1-", "-1", "1,,x", "1,,2", ",1", "1,", "1-2-3", "1x", "1 x",
    "0-3;5", "0x3", "+1", "--1", "1--2", "1-+3", "1.5", "0-3:", "0-3:2", "0-3:2/", "0-3:/4", "0-3:5/4", "0-3:2/0",
    "0-3:a/4", "3:1/2", "1,2,", "99999999999999999999", "0-99999999999999999999", "4294967296", "0-4294967297",
    "18446744073709551616", "4294967295", "1\n2", "1,2 3x", "0-3:2/4x", "0-3:2/4:2/4"};

CASE(set_refuses_bad_lists, "a bad list is refused and leaves the set as it was", CLAUSES("SET-2", "LAW-6"),
    NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    for (size_t i = 0; i < sizeof bad_lists / sizeof bad_lists[0]; i++) {
        union any_set set = set_pattern(type), before = set;
        EXPECT_WITH("%s \"%s\"", type->name, bad_lists[i]);
        EXPECT_STATUS(type->parse(bad_lists[i], &set, error), NP_INVALID_ARGUMENT);
        EXPECT_IDS(type->ids(&set), type->ids(&before));
    }
}

CASE(set_names_the_bad_item, "the reason quotes the item that is wrong, not one that is right", CLAUSES("SET-2"),
    NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        union any_set set = set_pattern(type);
        EXPECT_WITH("%s", type->name);
        EXPECT_STATUS(type->parse("0-3,9-7,11", &set, error), NP_INVALID_ARGUMENT);
        EXPECT_REASON("9-7");
        EXPECT_STATUS(type->parse("0,zebra", &set, error), NP_INVALID_ARGUMENT);
        EXPECT_REASON("zebra");
    }
}

CASE(set_refuses_null_lists, "null is refused, and nothing is written", CLAUSES("SET-2", "LAW-6"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        union any_set set = set_pattern(type), before = set;
        EXPECT_WITH("%s", type->name);
        EXPECT_STATUS(type->parse(NULL, &set, error), NP_INVALID_ARGUMENT);
        EXPECT_IDS(type->ids(&set), type->ids(&before));
        EXPECT_STATUS(type->parse("1", NULL, error), NP_INVALID_ARGUMENT);
        EXPECT_INT(type->parse("1-", &set, NULL), ==, NP_INVALID_ARGUMENT);
    }
}

CASE(set_ends_at_the_maximum, "the last id is read, the one past it is refused, alone and in a range",
    CLAUSES("SET-5", "SET-2"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        union any_set set = set_pattern(type), before = set;
        char alone[32], range[32];
        EXPECT_WITH("%s", type->name);
        snprintf(alone, sizeof alone, "1,%u", type->max);
        snprintf(range, sizeof range, "0-%u", type->max);
        EXPECT_STATUS(type->parse(alone, &set, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(type->parse(range, &set, error), NP_INVALID_ARGUMENT);
        EXPECT_IDS(type->ids(&set), type->ids(&before));
        snprintf(alone, sizeof alone, "1,%u", type->max - 1);
        snprintf(range, sizeof range, "0-%u", type->max - 1);
        EXPECT_OK(type->parse(alone, &set, error));
        EXPECT_IDS(type->ids(&set), ids_of(1, type->max - 1));
        EXPECT_OK(type->parse(range, &set, error));
        EXPECT_INT(type->count(&set), ==, type->max);
    }
}

/* No stride is shorter for these, and no range may be written as single ids. */
static const char *const shortest_lists[] = {
    "", "0", "1,3,5", "0-3,8-11", "63", "63-66", "0,2-4,6", "1023", "0-1023", "0,64,128", "999-1001"};

CASE(set_writes_shortest_lists, "a set is written as the shortest list in the kernel's form", CLAUSES("SET-3"),
    NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    for (size_t i = 0; i < sizeof shortest_lists / sizeof shortest_lists[0]; i++) {
        union any_set set = set_pattern(type);
        struct ids ids;
        char text[64];
        EXPECT_WITH("%s", type->name);
        EXPECT(ids_parse(shortest_lists[i], &ids));
        type->assign(&set, ids);
        EXPECT_INT(type->format(&set, text, sizeof text), ==, strlen(shortest_lists[i]));
        EXPECT_STRING(text, shortest_lists[i]);
    }
}

CASE(set_writes_like_snprintf, "a list that does not fit is cut, ended, and its full length is returned",
    CLAUSES("SET-3"), NEEDS_NOTHING)
{
    FOR_EACH_SET_TYPE(type)
    {
        union any_set set;
        char text[12] = "###########";
        EXPECT_WITH("%s", type->name);
        type->assign(&set, ids_of(100, 101, 102, 200, 300));
        EXPECT_INT(type->format(&set, NULL, 0), ==, 15);
        EXPECT_INT(type->format(&set, text, 6), ==, 15);
        EXPECT_STRING(text, "100-1");
        EXPECT_INT(text[6], ==, '#');
        EXPECT_INT(type->format(&set, text, 1), ==, 15);
        EXPECT_STRING(text, "");
        EXPECT_INT(type->format(NULL, text, sizeof text), ==, 0);
        EXPECT_STRING(text, "");
    }
}

/* A set of its own for each seed; some dense, some sparse, some with the last ids. */
static struct ids scattered(unsigned seed, unsigned max)
{
    struct ids ids = ids_none();
    uint32_t state = seed * 2654435761u + 1;

    for (unsigned id = 0; id < max; id++) {
        state = state * 1664525u + 1013904223u;
        if ((state >> 24) < (seed % 8) * 32)
            ids_add(&ids, id);
    }
    if (seed % 3 == 0)
        ids_add(&ids, max - 1);
    return ids;
}

CASE(set_reads_what_it_writes, "reading what was written gives the set again, for any set", CLAUSES("SET-3"),
    NEEDS_NOTHING)
{
    static char text[65536];

    FOR_EACH_SET_TYPE(type)
    for (unsigned seed = 0; seed < 24; seed++) {
        union any_set set, again = set_pattern(type);
        EXPECT_WITH("%s, seed %u", type->name, seed);
        type->assign(&set, scattered(seed, type->max));
        size_t length = type->format(&set, text, sizeof text);
        EXPECT_INT(length, <, sizeof text);
        EXPECT_INT(strlen(text), ==, length);
        EXPECT_OK(type->parse(text, &again, error));
        EXPECT_IDS(type->ids(&again), type->ids(&set));
    }
}

CASE_LIST(set_list_cases, &set_reads_lists, &set_refuses_bad_lists, &set_names_the_bad_item, &set_refuses_null_lists,
    &set_ends_at_the_maximum, &set_writes_shortest_lists, &set_writes_like_snprintf, &set_reads_what_it_writes);
