/*
 * Arrivals at a fixed rate, on a clock that the test turns itself: a server that stalls must show in every request that
 * came due meanwhile, and not in the one only that it was busy with.
 */
#include "arrivals.h"
#include "run_suites.h"

#include <math.h>
#include <stdlib.h>

#define MILLISECOND 1000000U

enum { REQUESTS = 1000 };

/* A server that takes a tenth of a millisecond, but for one request. */
struct server {
    uint64_t now;
    size_t stalled_at; /* The request that it stalls in; REQUESTS: none. */
    uint64_t stall_ns;
    double latencies[REQUESTS];
    uint64_t issued_at[REQUESTS];
};

static uint64_t server_now(void *closure)
{
    return ((struct server *)closure)->now;
}

static void server_wait(uint64_t time_ns, void *closure)
{
    struct server *server = closure;

    if (server->now < time_ns)
        server->now = time_ns;
}

static void serve(size_t index, uint64_t due_ns, void *closure)
{
    struct server *server = closure;

    server->issued_at[index] = server->now;
    server->now += MILLISECOND / 10 + (index == server->stalled_at ? server->stall_ns : 0);
    server->latencies[index] = arrivals_latency(due_ns, server->now);
}

static struct arrivals_summary run(struct server *server)
{
    const struct arrivals arrivals = {.start_ns = 5, .gap_ns = MILLISECOND, .count = REQUESTS};
    const struct arrivals_clock clock = {.now_ns = server_now, .wait_until = server_wait, .closure = server};
    struct arrivals_summary summary = {0};

    arrivals_run(&arrivals, &clock, serve, server);
    CU_ASSERT_TRUE_FATAL(arrivals_summarize(server->latencies, REQUESTS, &summary));
    return summary;
}

static void a_server_that_keeps_up_shows_its_service_time(void)
{
    struct server *server = calloc(1, sizeof *server);

    CU_ASSERT_PTR_NOT_NULL_FATAL(server);
    server->stalled_at = REQUESTS;
    struct arrivals_summary summary = run(server);
    CU_ASSERT_DOUBLE_EQUAL(summary.median, MILLISECOND / 10, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.max, MILLISECOND / 10, 0);
    for (size_t i = 0; i < REQUESTS; i++)
        CU_ASSERT_EQUAL(server->issued_at[i], 5 + i * MILLISECOND);
    free(server);
}

/* 100 ms of stall at a request a millisecond, served ten times as fast: 111 are late, and wait 50 ms on the average. */
static void a_stalled_server_shows_in_all_that_came_due(void)
{
    struct server *server = calloc(1, sizeof *server);
    size_t late = 0;
    double waited = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(server);
    server->stalled_at = 500;
    server->stall_ns = 100 * MILLISECOND;
    struct arrivals_summary summary = run(server);
    for (size_t i = 0; i < REQUESTS; i++) {
        late += server->latencies[i] > MILLISECOND / 10;
        waited += server->latencies[i] - MILLISECOND / 10;
    }
    CU_ASSERT_TRUE(late >= 111 && late <= 112);
    CU_ASSERT_DOUBLE_EQUAL(waited / (double)late, 50.0 * MILLISECOND, 1.0 * MILLISECOND);
    CU_ASSERT_DOUBLE_EQUAL(summary.max, 100.1 * MILLISECOND, 0);
    /* The tenth slowest of a thousand: each was 0.9 ms better off than the one before. */
    CU_ASSERT_DOUBLE_EQUAL(summary.p99, (100.1 - 9.0 * 0.9) * MILLISECOND, 1.0 * MILLISECOND);
    CU_ASSERT_DOUBLE_EQUAL(summary.median, MILLISECOND / 10, 0);
    free(server);
}

static void a_server_too_slow_falls_behind_without_end(void)
{
    struct server *server = calloc(1, sizeof *server);
    const struct arrivals arrivals = {.start_ns = 0, .gap_ns = MILLISECOND / 20.0, .count = REQUESTS};
    const struct arrivals_clock clock = {.now_ns = server_now, .wait_until = server_wait, .closure = server};

    CU_ASSERT_PTR_NOT_NULL_FATAL(server);
    server->stalled_at = REQUESTS;
    arrivals_run(&arrivals, &clock, serve, server);
    CU_ASSERT_DOUBLE_EQUAL(server->latencies[REQUESTS - 1], REQUESTS * MILLISECOND / 20.0, 0.1 * MILLISECOND);
    free(server);
}

static void due_times_do_not_drift(void)
{
    const struct arrivals arrivals = {.start_ns = 7, .gap_ns = 333.3, .count = 3000001};

    CU_ASSERT_EQUAL(arrivals_due(&arrivals, 0), 7);
    CU_ASSERT_EQUAL(arrivals_due(&arrivals, 10), 7 + 3333);
    CU_ASSERT_EQUAL(arrivals_due(&arrivals, 3000000), 7 + 999900000);
}

static void quantiles_are_worked_out_by_hand(void)
{
    double latencies[10001];
    struct arrivals_summary summary;

    for (size_t i = 0; i <= 10000; i++)
        latencies[i] = (double)((i * 7919) % 10001); /* 0 to 10000, each once: 7919 and 10001 have no common factor. */
    CU_ASSERT_TRUE_FATAL(arrivals_summarize(latencies, 10001, &summary));
    CU_ASSERT_DOUBLE_EQUAL(summary.median, 5000, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(summary.p99, 9900, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(summary.p999, 9990, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(summary.max, 10000, 0);
    CU_ASSERT_TRUE(summary.has_p999);
    CU_ASSERT_TRUE_FATAL(arrivals_summarize(latencies, 999, &summary));
    CU_ASSERT_FALSE(summary.has_p999);
}

/* A rate at which nothing is in the way; then ever slower ones, at which first one quantile and then the other costs too much. */
static void a_phase_has_the_requests_of_its_quantiles_and_ends(void)
{
    CU_ASSERT_EQUAL(arrivals_count(MILLISECOND / 100.0, 2, 0.1, 1), 10000);
    CU_ASSERT_EQUAL(arrivals_count(MILLISECOND / 1000.0, 2, 0.1, 1), 20000);
    CU_ASSERT_EQUAL(arrivals_count(MILLISECOND / 2.0, 2, 0.1, 1), ARRIVALS_FEWEST_P999);
    CU_ASSERT_EQUAL(arrivals_count(5.0 * MILLISECOND, 2, 0.1, 1), 200);
    CU_ASSERT_EQUAL(arrivals_count(50.0 * MILLISECOND, 2, 0.1, 1), ARRIVALS_FEWEST_P99 / 2);
    CU_ASSERT_EQUAL(arrivals_count(50.0 * MILLISECOND, 3, 0.1, 1), ARRIVALS_FEWEST_P99 / 3 + 1);
    CU_ASSERT_EQUAL(arrivals_count(100.0 * MILLISECOND, 1, 0.1, 1), 40);
    CU_ASSERT_EQUAL(arrivals_count(10000.0 * MILLISECOND, 1, 0.1, 1), 16);
}

/* On the real clock nothing is issued before it is due; how late it is says something of the machine, not of us. */
static void note_time(size_t index, uint64_t due_ns, void *closure)
{
    uint64_t now = arrivals_real_clock.now_ns(NULL);

    (void)index;
    *(size_t *)closure += now >= due_ns;
}

static void the_real_clock_never_runs_ahead(void)
{
    const struct arrivals arrivals = {
        .start_ns = arrivals_real_clock.now_ns(NULL) + MILLISECOND, .gap_ns = MILLISECOND / 4.0, .count = 40};
    size_t in_time = 0;

    arrivals_run(&arrivals, &arrivals_real_clock, note_time, &in_time);
    CU_ASSERT_EQUAL(in_time, 40);
}

int main(void)
{
    CU_TestInfo arrivals[] = {
        {"a server that keeps up shows its service time", a_server_that_keeps_up_shows_its_service_time},
        {"a stalled server shows in all that came due", a_stalled_server_shows_in_all_that_came_due},
        {"a server too slow falls behind without end", a_server_too_slow_falls_behind_without_end},
        {"due times do not drift", due_times_do_not_drift},
        {"quantiles are worked out by hand", quantiles_are_worked_out_by_hand},
        {"a phase has the requests of its quantiles, and ends", a_phase_has_the_requests_of_its_quantiles_and_ends},
        {"the real clock never runs ahead", the_real_clock_never_runs_ahead}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"arrivals", NULL, NULL, NULL, NULL, arrivals}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
