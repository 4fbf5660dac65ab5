/*
 * Catalogue against cases against mutants: np_coverage [FILE]. A step of the build, which fails with it.
 *
 * A clause that no case tests is a promise that nobody looks at; one that no mutant breaks is looked at by nobody knows
 * what. So the build has no suite in which a clause lacks either. Clauses about the command (part 9) are the exception:
 * no implementation can break them, and the command's own tests have them; a case or mutant of such a clause is a mistake.
 */
#include "case.h"
#include "suite/suite.h"

#include "mutants_table.h"

#include <errno.h>

/* How many cases name the clause, and how many have it as the one that they are about. */
struct cases {
    size_t naming, about;
};

static struct cases cases_of(const char *clause)
{
    struct cases cases = {0, 0};

    for (const struct case_list *const *list = all_cases; *list != NULL; list++)
        for (size_t i = 0; i < (*list)->count; i++) {
            const char *const *named = (*list)->cases[i]->clauses;
            cases.about += strcmp(named[0], clause) == 0;
            for (; *named != NULL; named++)
                cases.naming += strcmp(*named, clause) == 0;
        }
    return cases;
}

static size_t mutants_of(const char *clause)
{
    size_t count = 0;

    for (size_t i = 0; i < MUTANT_COUNT; i++)
        count += strcmp(mutants[i].clause, clause) == 0;
    return count;
}

/* Why the clause is not covered as it must be; NULL if it is. */
static const char *gap(const struct suite_clause *clause, size_t cases, size_t breaking)
{
    if (clause->level == SUITE_COMMAND)
        return cases + breaking > 0 ? "is about the command, and no case or mutant can be of it" : NULL;
    if (cases == 0)
        return "has no case: nothing tests it";
    return breaking == 0 ? "has no mutant: nothing shows that its cases can fail" : NULL;
}

static size_t write_table(FILE *out)
{
    size_t count, gaps = 0;
    const struct suite_clause *clauses = suite_clauses(&count);

    fprintf(out, "%-9s %-8s %6s %6s %8s\n", "clause", "level", "cases", "about", "mutants");
    for (size_t i = 0; i < count; i++) {
        struct cases cases = cases_of(clauses[i].id);
        size_t breaking = mutants_of(clauses[i].id);
        const char *why = gap(&clauses[i], cases.naming, breaking);
        fprintf(out, "%-9s %-8s %6zu %6zu %8zu\n", clauses[i].id, suite_level_name(clauses[i].level), cases.naming,
            cases.about, breaking);
        if (why != NULL)
            fprintf(stderr, "np_coverage: %s %s\n", clauses[i].id, why);
        gaps += why != NULL;
    }
    return gaps;
}

/* A mutant of a clause that is none would be tried against no case at all. */
static size_t strays(void)
{
    size_t count, strays = 0;
    const struct suite_clause *clauses = suite_clauses(&count);

    for (size_t i = 0; i < MUTANT_COUNT; i++) {
        bool known = false;
        for (size_t j = 0; j < count; j++)
            known = known || strcmp(clauses[j].id, mutants[i].clause) == 0;
        if (!known)
            fprintf(stderr, "np_coverage: the mutant %s breaks %s, which is no clause\n", mutants[i].name,
                mutants[i].clause);
        strays += !known;
    }
    return strays;
}

int main(int argc, char **argv)
{
    FILE *out = argc > 1 ? fopen(argv[1], "we") : stdout;

    if (out == NULL) {
        fprintf(stderr, "np_coverage: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    size_t gaps = write_table(out) + strays();
    if (fclose(out) != 0) {
        fprintf(stderr, "np_coverage: the table cannot be written: %s\n", strerror(errno));
        return 1;
    }
    return gaps > 0 ? 1 : 0;
}
