/*
 * The order of a run and what runs beside what: one seed is one order, each round is whole, results come in the plan's
 * order, cases really run side by side, one that is to be alone is, and of the rounds of a case the gravest counts.
 */
#include "schedule.h"
#include "test.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* What the samples see of each other. */
static struct {
    atomic_int running, most, alone, disturbed;
} * seen;

static void come(void)
{
    int now = atomic_fetch_add(&seen->running, 1) + 1, most = atomic_load(&seen->most);

    if (atomic_load(&seen->alone) != 0)
        atomic_store(&seen->disturbed, 1);
    while (now > most && !atomic_compare_exchange_weak(&seen->most, &most, now))
        continue;
}

/* Stays until it has seen another one, which with several jobs must come; the runner's time limit tells if none does. */
CASE(meets_another, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    come();
    while (atomic_load(&seen->most) < 2)
        sched_yield();
    atomic_fetch_sub(&seen->running, 1);
    EXPECT(true);
}

CASE(is_alone, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING, .alone = true)
{
    const struct timespec while_others_could_begin = {.tv_nsec = 100000000};

    come();
    if (atomic_load(&seen->running) != 1)
        atomic_store(&seen->disturbed, 1);
    atomic_store(&seen->alone, 1);
    nanosleep(&while_others_could_begin, NULL);
    atomic_store(&seen->alone, 0);
    atomic_fetch_sub(&seen->running, 1);
    EXPECT(true);
}

static void check_side_by_side(void)
{
    const struct suite_case *chosen[] = {&meets_another, &is_alone};
    size_t order[] = {0, 0, 1, 0, 0, 0, 1, 1, 0, 0};
    const struct plan plan = {.chosen = chosen, .count = sizeof order / sizeof order[0], .rounds = 1, .order = order};
    const struct case_setting setting = {.limit_seconds = 60};
    struct suite_result result;
    size_t done = 0;

    struct schedule *schedule = schedule_new(&plan, &setting, 3);
    while (schedule_next(schedule, &result)) {
        CHECK(strcmp(result.id, chosen[order[done]]->id) == 0, "result %zu is of %s", done, result.id);
        CHECK(result.verdict == SUITE_PASS, "%s: %s", result.id, result.reason);
        done++;
    }
    schedule_free(schedule);
    CHECK(done == plan.count, "%zu results", done);
    CHECK(seen->most >= 2 && seen->most <= 3, "%d ran at a time", seen->most);
    CHECK(!seen->disturbed, "a case that is to be alone was not");
}

/* A run that is given up in the middle ends what it began. */
static void check_given_up(void)
{
    const struct suite_case *chosen[] = {&meets_another};
    size_t order[] = {0};
    const struct plan plan = {.chosen = chosen, .count = 1, .rounds = 1, .order = order};
    const struct case_setting setting = {.limit_seconds = 60};
    struct suite_result result;

    struct schedule *schedule = schedule_new(&plan, &setting, 1);
    schedule_free(schedule);
    schedule = schedule_new(&plan, &setting, 1);
    CHECK(schedule_next(schedule, &result) && !schedule_next(schedule, &result), "one case is not one result");
    schedule_free(schedule);
}

static void make_plan(struct plan *plan, bool shuffle, uint64_t seed)
{
    static const char *const globs[] = {"PIN-*", NULL};
    const struct suite_options options = {.clause_globs = globs, .rounds = 3, .shuffle = shuffle, .seed = seed};
    np_error error;

    CHECK(plan_make(&options, plan, &error) == NP_OK, "%s", error.reason);
}

static bool same_order(const struct plan *a, const struct plan *b)
{
    return a->count == b->count && memcmp(a->order, b->order, a->rounds * a->count * sizeof *a->order) == 0;
}

/* Each round has each case once. */
static bool rounds_are_whole(const struct plan *plan)
{
    for (size_t round = 0; round < plan->rounds; round++) {
        const size_t *order = plan->order + round * plan->count;
        for (size_t sought = 0; sought < plan->count; sought++) {
            size_t times = 0;
            for (size_t i = 0; i < plan->count; i++)
                times += order[i] == sought;
            if (times != 1)
                return false;
        }
    }
    return true;
}

static void check_orders(void)
{
    struct plan listed, one, again, other;

    make_plan(&listed, false, 7);
    make_plan(&one, true, 7);
    make_plan(&again, true, 7);
    make_plan(&other, true, 8);
    CHECK(listed.count > 10, "%zu cases on pinning", listed.count);
    CHECK(rounds_are_whole(&listed) && rounds_are_whole(&one), "a round lacks a case");
    for (size_t i = 0; i < listed.count; i++)
        CHECK(listed.order[i] == i, "case %zu stands at %zu without a shuffle", listed.order[i], i);
    CHECK(same_order(&one, &again), "one seed gave two orders");
    CHECK(!same_order(&one, &other) && !same_order(&one, &listed), "two seeds gave one order");
    CHECK(memcmp(one.order, one.order + one.count, one.count * sizeof *one.order) != 0, "two rounds have one order");
    plan_free(&listed);
    plan_free(&one);
    plan_free(&again);
    plan_free(&other);
}

int main(void)
{
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (seen == MAP_FAILED)
        return 1;
    check_orders();
    check_side_by_side();
    check_given_up();
    munmap(seen, sizeof *seen);
    return test_result();
}
