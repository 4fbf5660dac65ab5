/* How long a sample of a pair of CPUs is: on machines that are quick, slow or busy, all made up. */
#include "cores.h"
#include "run_suites.h"

/* A machine, and what was asked of it. */
struct made_up {
    double trip_seconds;
    double interruption; /* Seconds, at every second try. */
    size_t fails_from;   /* Trips that it cannot make any more; 0: it can make all. */
    size_t made, tries;
};

static bool make_trips(size_t trips, void *closure, double *seconds)
{
    struct made_up *machine = closure;

    machine->made += trips;
    *seconds = (double)trips * machine->trip_seconds + (machine->tries++ % 2 == 0 ? machine->interruption : 0);
    return machine->fails_from == 0 || trips < machine->fails_from;
}

static void a_sample_takes_two_milliseconds(void)
{
    struct made_up quick = {.trip_seconds = 2e-7}, slow = {.trip_seconds = 2e-5};

    CU_ASSERT_DOUBLE_EQUAL(cores_choose_trips(make_trips, &quick), 10000, 1);
    CU_ASSERT_DOUBLE_EQUAL(cores_choose_trips(make_trips, &slow), 100, 1);
}

/* At a load of 70 each trip took a quarter of a second, and the first sample a minute. */
static void a_busy_machine_is_asked_for_few(void)
{
    struct made_up busy = {.trip_seconds = 0.27};

    CU_ASSERT_EQUAL(cores_choose_trips(make_trips, &busy), 16);
    CU_ASSERT_EQUAL(busy.made, 32);
}

static void an_interruption_does_not_pass_for_slow_cpus(void)
{
    struct made_up interrupted = {.trip_seconds = 2e-7, .interruption = 10};

    CU_ASSERT_DOUBLE_EQUAL(cores_choose_trips(make_trips, &interrupted), 10000, 1);
}

static void what_cannot_be_timed_ends_too(void)
{
    struct made_up clock_stands = {.trip_seconds = 0}, fails = {.trip_seconds = 2e-7, .fails_from = 64};

    CU_ASSERT(cores_choose_trips(make_trips, &clock_stands) > 0);
    CU_ASSERT_EQUAL(cores_choose_trips(make_trips, &fails), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {{"a sample takes two milliseconds", a_sample_takes_two_milliseconds},
        {"a busy machine is asked for few", a_busy_machine_is_asked_for_few},
        {"an interruption does not pass for slow CPUs", an_interruption_does_not_pass_for_slow_cpus},
        {"what cannot be timed ends too", what_cannot_be_timed_ends_too}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"cores", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
