/*
 * How samples are taken: a team that works together, cells that are interleaved and told apart under drift, whatever the time
 * that there is, and pages that are looked at.
 */
#include "cells.h"
#include "chase.h"
#include "nodes.h"
#include "placement.h"
#include "run_suites.h"
#include "team.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_uint worked[2];
static void count_work(unsigned member, void *closure)
{
    atomic_fetch_add(&worked[member], *(unsigned *)closure);
}

static void team_works_together_and_only_as_many_as_asked(void)
{
    unsigned cpus[2], one = 1, missing;
    double seconds;
    struct team *team;
    size_t count = nodes_cpus(0, cpus, 2);

    if (count < 2)
        return;
    CU_ASSERT_EQUAL_FATAL(team_make(&team, cpus, 2, NULL), NP_OK);
    for (unsigned round = 0; round < 50; round++)
        CU_ASSERT_TRUE(team_run(team, 2, count_work, &one, &seconds, &missing));
    CU_ASSERT_TRUE(team_run(team, 1, count_work, &one, &seconds, &missing));
    CU_ASSERT_TRUE(seconds >= 0);
    CU_ASSERT_EQUAL(atomic_load(&worked[0]), 51);
    CU_ASSERT_EQUAL(atomic_load(&worked[1]), 50);
    team_free(team);
    cpus[0] = 100000;
    CU_ASSERT_EQUAL(team_make(&team, cpus, 1, NULL), NP_SYSTEM);
}

/* A cell whose samples are made up: a drift that all cells share, and an offset of its own. */
static double drift;
static bool made_up_sample(struct cell *cell, double *sample)
{
    static struct random random = {.state = 99};

    drift += 0.01;
    *sample = 100 + drift + *(double *)cell->closure + (double)random_below(&random, 100) / 100;
    return true;
}

static bool misplaced_sample(struct cell *cell, double *sample)
{
    if (cell->target != 1)
        return made_up_sample(cell, sample);
    cell->state = BENCH_MISPLACED;
    return false;
}

static void measure(struct cell *cell, size_t count, cells_sample *sample)
{
    struct cells cells = {
        .cell = cell, .count = count, .sample = sample, .what = "test", .width = 0.01, .seconds = 60, .random = {3}};
    struct bench_options options = {.quick = true};

    CU_ASSERT_EQUAL(cells_measure(&cells, &options, NULL), NP_OK);
}

static void cells_are_told_apart_under_drift(void)
{
    double none = 0, some = 5, difference, noise;
    struct cell cell[] = {
        {.target = 0, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 1, .state = BENCH_NOT_CONVERGED, .closure = &some},
        {.target = 2, .state = BENCH_NOT_CONVERGED, .closure = &none},
    };

    measure(cell, 3, made_up_sample);
    CU_ASSERT_EQUAL(cell[0].state, BENCH_CONVERGED);
    CU_ASSERT_EQUAL(cell[0].count, cell[1].count);
    CU_ASSERT_EQUAL(cells_compare(&cell[0], &cell[1], &difference, &noise), 1);
    CU_ASSERT_DOUBLE_EQUAL(difference, 5, 0.5);
    CU_ASSERT_EQUAL(cells_compare(&cell[1], &cell[0], &difference, &noise), -1);
    CU_ASSERT_EQUAL(cells_compare(&cell[0], &cell[2], &difference, &noise), 0);
    for (size_t i = 0; i < 3; i++)
        free(cell[i].samples);
}

static void a_misplaced_cell_drops_out_alone(void)
{
    double none = 0;
    struct cell cell[] = {
        {.target = 0, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 1, .state = BENCH_NOT_CONVERGED, .closure = &none},
    };

    measure(cell, 2, misplaced_sample);
    CU_ASSERT_EQUAL(cell[0].state, BENCH_CONVERGED);
    CU_ASSERT_EQUAL(cell[1].state, BENCH_MISPLACED);
    CU_ASSERT_EQUAL(cell[1].count, 0);
    free(cell[0].samples);
}

static unsigned taken;
static bool counted_sample(struct cell *cell, double *sample)
{
    taken++;
    return misplaced_sample(cell, sample);
}

/* Without any time: what can be measured has its one sample, and what cannot, or was never prepared, still has none. */
static void each_cell_has_a_first_sample_however_little_time_there_is(void)
{
    double none = 0;
    struct cell cell[] = {
        {.target = 0, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 1, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 2, .state = BENCH_NOT_RUN, .closure = &none},
        {.target = 3, .state = BENCH_NOT_CONVERGED, .closure = &none},
    };
    struct cells cells = {.cell = cell, .count = 4, .sample = counted_sample, .what = "test", .width = 0.01};
    struct bench_options options = {.quick = true};

    CU_ASSERT_EQUAL(cells_measure(&cells, &options, NULL), NP_OK);
    CU_ASSERT_EQUAL(taken, 3);
    CU_ASSERT_EQUAL(cell[0].count, 1);
    CU_ASSERT_EQUAL(cell[0].state, BENCH_NOT_CONVERGED);
    CU_ASSERT_EQUAL(cell[1].state, BENCH_MISPLACED);
    CU_ASSERT_EQUAL(cell[1].count, 0);
    CU_ASSERT_EQUAL(cell[2].state, BENCH_NOT_RUN);
    CU_ASSERT_EQUAL(cell[2].count, 0);
    CU_ASSERT_EQUAL(cell[3].count, 1);
    cells_free_samples(&cells);
}

/* The plain chain of every target, and all chains of the first. */
static void latency_has_its_figures_however_little_time_there_is(void)
{
    const struct bench_options options = {.quick = true, .seconds = 0.001, .without_sweep = true};
    struct bench_report report = {0};
    int first = -1;
    np_error error;

    CU_ASSERT_EQUAL_FATAL(bench_latency(&options, &report, &error), NP_OK);
    for (size_t i = 0; i < report.measurement_count; i++) {
        const struct bench_measurement *figure = &report.measurements[i];
        first = first < 0 || figure->target < first ? figure->target : first;
    }
    CU_ASSERT(report.measurement_count >= 5);
    size_t with_figures = 0;
    for (size_t i = 0; i < report.measurement_count; i++) {
        const struct bench_measurement *figure = &report.measurements[i];
        bool is_laid = figure->target == first || figure->variant[0] == '\0';
        CU_ASSERT(!is_laid || strstr(figure->reason, "no time") == NULL);
        with_figures += figure->n > 0;
    }
    CU_ASSERT(with_figures > 0);
    bench_report_free(&report);
}

/* As some containers do: the call is said not to be there, on a kernel that has it. */
static bool hide_move_pages(void)
{
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_move_pages, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog filter = {.len = sizeof code / sizeof code[0], .filter = code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* In a child, which a filter stays with: 0 when pages that cannot be looked at are taken for none in place. */
static int look_without_move_pages(unsigned node)
{
    struct buffer buffer = {.start = NULL};
    size_t elsewhere = 0;

    if (buffer_make_ordinary(&buffer, (size_t)2 << 20, node, NULL) != NP_OK || !buffer_is_in_place(&buffer, &elsewhere))
        return 1;
    if (!hide_move_pages())
        return 2;
    return !buffer_is_in_place(&buffer, &elsewhere) && elsewhere == buffer.bytes / buffer.unit ? 0 : 3;
}

static void pages_that_cannot_be_looked_at_are_not_in_place(void)
{
    static struct nodes nodes;
    int status = -1;
    size_t i = 0;

    CU_ASSERT_EQUAL_FATAL(nodes_discover(&nodes, NULL), NP_OK);
    while (i + 1 < nodes.count && !nodes.node[i].has_memory)
        i++;
    if (access("/sys/devices/system/node", F_OK) != 0)
        return; /* A kernel without NUMA has no such call, and one place only. */
    pid_t child = fork();
    if (child == 0)
        _exit(look_without_move_pages(nodes.node[i].id));
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
}

int main(void)
{
    CU_TestInfo cells[] = {
        {"team works together, and only as many as asked", team_works_together_and_only_as_many_as_asked},
        {"cells are told apart under drift", cells_are_told_apart_under_drift},
        {"a misplaced cell drops out alone", a_misplaced_cell_drops_out_alone},
        {"each cell has a first sample, however little time there is",
            each_cell_has_a_first_sample_however_little_time_there_is},
        {"latency has its figures, however little time there is", latency_has_its_figures_however_little_time_there_is},
        {"pages that cannot be looked at are not in place", pages_that_cannot_be_looked_at_are_not_in_place},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"cells", NULL, NULL, NULL, NULL, cells}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
