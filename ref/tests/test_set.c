/*
 * Sets: SET-1 to SET-5 for both types.
 */
#include "unit.h"
#include <limits.h>
#include <numaproof/set.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    const char *list;
    const char *means;
} good_lists[] = {
    {"", ""},
    {"\n", ""},
    {"  \t", ""},
    {"0", "0"},
    {"007", "7"},
    {"0-3,8-11", "0-3,8-11"},
    {"1,3,5", "1,3,5"},
    {"5,3,1", "1,3,5"},
    {" 1 , 3\t,5 ", "1,3,5"},
    {"1,3,5\n", "1,3,5"},
    {"2-2", "2"},
    {"0-1,2,3-4", "0-4"},
    {"0-7,4-11", "0-11"},
    {"0-15:2/4", "0-1,4-5,8-9,12-13"},
    {"0-15:1/2", "0,2,4,6,8,10,12,14"},
    {"3-9:1/3", "3,6,9"},
    {"0-5:4/4", "0-5"},
    {"0-5:0/4", ""},
    {"0-5:3/4000000000", "0-2"},
};

static const char *const bad_lists[] = {"3-1", "a", "1-", "-1", "-", "1,,x", "1,,2", ",", "1,", ",1", "1 2", "1-2 3",
    "0x1", "+1", "1.5", "1;2", "4294967296", "18446744073709551616", "99999999999999999999999999",
    "0-99999999999999999999", "8192", "0-8192", "1-2-3", "1:1/2", "0-3:1", "0-3:1/", "0-3:/2", "0-3:5/4", "0-3:1/0",
    "0-3:0/0", "0-3:-1/2", "1 - 3", "1\n2", "1\n\n", "1\r\n", "all", "N", "0-N", "\xc3\xa9", "1,\x01",
    "a long item that an error must not quote whole, which it says by three dots"};

static unsigned random_state;

static unsigned random_below(unsigned limit)
{
    return (unsigned)rand_r(&random_state) % limit;
}

#define SET        np_cpuset
#define NAME(name) np_cpuset_##name
#define SIZE       NP_CPU_MAX
#include "set_tests.h"

#define SET        np_nodeset
#define NAME(name) np_nodeset_##name
#define SIZE       NP_NODE_MAX
#include "set_tests.h"

int main(int count, char **arguments)
{
    static const struct unit_test tests[] = {
        {"CPU sets: text", np_cpuset_format_test},
        {"CPU sets: algebra", np_cpuset_algebra_test},
        {"CPU sets: iteration", np_cpuset_iteration_test},
        {"CPU sets: wrong arguments", np_cpuset_wrong_arguments_test},
        {"CPU sets: lists", np_cpuset_parse_test},
        {"node sets: text", np_nodeset_format_test},
        {"node sets: algebra", np_nodeset_algebra_test},
        {"node sets: iteration", np_nodeset_iteration_test},
        {"node sets: wrong arguments", np_nodeset_wrong_arguments_test},
        {"node sets: lists", np_nodeset_parse_test},
    };
    random_state = count > 1 ? (unsigned)strtoul(arguments[1], NULL, 10) : (unsigned)time(NULL);
    printf("seed %u: run again with it as the argument\n", random_state);
    return unit_main("sets", tests, sizeof tests / sizeof tests[0]);
}
