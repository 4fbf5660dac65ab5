/*
 * Choosing and ordering cases, and listing them; see plan.h.
 */
#include "plan.h"
#include "case_process.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>

np_status plan_refuse(np_error *error, np_status status, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return status;
    *error = (np_error){.code = (int32_t)status, .operation = "suite"};
    va_start(arguments, format);
    vsnprintf(error->reason, sizeof error->reason, format, arguments);
    va_end(arguments);
    return status;
}

static bool glob_matches_a_clause(const char *glob)
{
    size_t count;
    const struct suite_clause *clauses = suite_clauses(&count);

    for (size_t i = 0; i < count; i++)
        if (fnmatch(glob, clauses[i].id, 0) == 0)
            return true;
    return false;
}

static bool is_chosen(const struct suite_case *test, const char *const *globs)
{
    if (globs == NULL)
        return true;
    for (; *globs != NULL; globs++)
        for (const char *const *clause = test->clauses; *clause != NULL; clause++)
            if (fnmatch(*globs, *clause, 0) == 0)
                return true;
    return false;
}

static size_t count_all(void)
{
    size_t count = 0;

    for (const struct case_list *const *list = all_cases; *list != NULL; list++)
        count += (*list)->count;
    return count;
}

/* SplitMix64: small, and the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t word = *state += UINT64_C(0x9e3779b97f4a7c15);

    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    return word ^ word >> 31;
}

/* Fisher and Yates; the bias of the remainder is some 2^-56. */
static void shuffle(size_t *order, size_t count, uint64_t *state)
{
    for (size_t left = count; left > 1; left--) {
        size_t other = (size_t)(next_random(state) % left), last = order[left - 1];
        order[left - 1] = order[other];
        order[other] = last;
    }
}

static np_status put_in_order(const struct suite_options *options, struct plan *plan, np_error *error)
{
    uint64_t state = options->seed;

    plan->rounds = options->rounds > 0 ? options->rounds : 1;
    plan->order = calloc(plan->rounds * plan->count + 1, sizeof *plan->order);
    if (plan->order == NULL)
        return plan_refuse(error, NP_ALLOCATION, "no memory for %zu rounds of %zu cases", plan->rounds, plan->count);
    for (size_t round = 0; round < plan->rounds; round++) {
        size_t *order = plan->order + round * plan->count;
        for (size_t i = 0; i < plan->count; i++)
            order[i] = i;
        if (options->shuffle)
            shuffle(order, plan->count, &state);
    }
    return NP_OK;
}

np_status plan_make(const struct suite_options *options, struct plan *plan, np_error *error)
{
    *plan = (struct plan){.count = 0};
    for (const char *const *glob = options->clause_globs; glob != NULL && *glob != NULL; glob++)
        if (!glob_matches_a_clause(*glob))
            return plan_refuse(error, NP_INVALID_ARGUMENT, "no clause of the contract matches \"%s\"", *glob);
    plan->chosen = calloc(count_all(), sizeof *plan->chosen);
    if (plan->chosen == NULL)
        return plan_refuse(error, NP_ALLOCATION, "no memory for the list of cases");
    for (const struct case_list *const *list = all_cases; *list != NULL; list++)
        for (size_t i = 0; i < (*list)->count; i++)
            if (is_chosen((*list)->cases[i], options->clause_globs))
                plan->chosen[plan->count++] = (*list)->cases[i];
    return put_in_order(options, plan, error);
}

void plan_free(struct plan *plan)
{
    free(plan->chosen);
    free(plan->order);
    *plan = (struct plan){.count = 0};
}

np_status suite_list(const struct suite_options *options, FILE *out, np_error *error)
{
    struct plan plan;

    np_status status = plan_make(options, &plan, error);
    for (size_t i = 0; status == NP_OK && i < plan.count; i++) {
        const struct suite_case *test = plan.chosen[plan.order[i]];
        char needs[512];
        needs_describe(&test->needs, needs, sizeof needs);
        fprintf(out, "%s", test->id);
        for (const char *const *clause = test->clauses; *clause != NULL; clause++)
            fprintf(out, "%s%s", clause == test->clauses ? "  " : " ", *clause);
        fprintf(out, "\n    %s\n    needs %s%s\n", test->meaning, needs, case_runs_alone(test) ? "; runs alone" : "");
    }
    plan_free(&plan);
    return status;
}
