/*
 * All clauses, cases and mutants as lines of fields between tabs, for make_clauses.py:
 *
 *     clause  PIN-3  must  Strict with a CPU that is offline, ...
 *     case    pin_strict_offline_cpu  PIN-3 LAW-2  a strict pin to ...
 *     mutant  pin_strict_takes_one  PIN-3  a strict pin takes ...
 */
#include "case.h"
#include "mutants_table.h"
#include "suite/suite.h"

#include <stdio.h>

static void list_cases(void)
{
    for (const struct case_list *const *list = all_cases; *list != NULL; list++)
        for (size_t i = 0; i < (*list)->count; i++) {
            const struct suite_case *test = (*list)->cases[i];
            printf("case\t%s\t", test->id);
            for (const char *const *clause = test->clauses; *clause != NULL; clause++)
                printf("%s%s", clause == test->clauses ? "" : " ", *clause);
            printf("\t%s\n", test->meaning);
        }
}

int main(void)
{
    size_t count;
    const struct suite_clause *clauses = suite_clauses(&count);

    for (size_t i = 0; i < count; i++)
        printf("clause\t%s\t%s\t%s\n", clauses[i].id, suite_level_name(clauses[i].level), clauses[i].text);
    list_cases();
    for (size_t i = 0; i < MUTANT_COUNT; i++)
        printf("mutant\t%s\t%s\t%s\n", mutants[i].name, mutants[i].clause, mutants[i].lie);
    return fflush(stdout) == 0 ? 0 : 1;
}
