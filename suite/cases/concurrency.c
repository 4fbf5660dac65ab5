/*
 * The same promises under pressure: many threads that pin, allocate and submit at once, forks and signals in the middle of
 * that, and each operation many times (LAW-8, and the clauses of what is done).
 *
 * Each thread looks at what is its own through the oracle, so that one that gets what belongs to another shows. What
 * leaks shows by the number of times: as memory of the C library, as mappings, threads and descriptors.
 */
#include "executor_case.h"
#include "pin_case.h"
#include "region_case.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SMALL = 64 << 10, FIRST_TIMES = 100 };

/* ---- What a thread does over and over ---- */

struct work {
    unsigned number;   /* of the thread */
    atomic_bool *stop; /* NULL: nobody works beside it. */
    np_executor *executor;
    atomic_ulong *tasks; /* that ran */
    atomic_ulong times;  /* How often it was done. */
    void (*once)(struct work *work, np_error *error);
};

/* CPUs to choose from, the same one where there is no second, and nodes. Looked for first, since to ask is slow. */
static unsigned two_cpus[2], one_node, no_node, run_node;

static void look_at_machine(void)
{
    struct ids cpus = oracle_allowed_cpus();

    one_node = first_memory_node();
    no_node = absent_node();
    run_node = first_run_node();
    two_cpus[0] = usable_cpu(0);
    two_cpus[1] = usable_cpu(ids_count(&cpus) > 1 ? 1 : 0);
}

/* A pin to a CPU of this thread's choice: exactly that, and exactly what was before is back. */
static void pin_once(struct work *work, np_error *error)
{
    unsigned choice = (work->number + (unsigned)work->times) % 2;
    struct ids one = ids_of(two_cpus[choice]), before = own_affinity();
    np_pin *pin = pinned(one, NP_SOFT, error);

    EXPECT_IDS(own_affinity(), one);
    released(pin, error);
    EXPECT_IDS(own_affinity(), before);
}

/*
 * A region with a pattern of this thread's own, zeroed before and whole at the end. Meanwhile others get a turn, where there are
 * some: a yield gives up the whole slice, 4 to 18 ms where other processes keep the CPU busy (6.18).
 */
static void region_once(struct work *work, np_error *error)
{
    unsigned char mark = (unsigned char)(work->number + 1);
    np_policy policy = policy_of(NP_POLICY_BIND, ids_of(one_node));
    np_region *region = region_made(SMALL, NP_SOFT, policy, NP_PREFAULT_TOUCH, error);
    unsigned char *memory = api->region_address(region);

    for (size_t i = 0; i < SMALL; i += 4096)
        EXPECT_INT(memory[i], ==, 0);
    memset(memory, mark, SMALL);
    if (work->stop != NULL)
        sched_yield();
    for (size_t i = 0; i < SMALL; i += 4096)
        EXPECT_INT(memory[i], ==, mark);
    api->region_release(region);
}

/* Now and then it waits for the workers, so that what is queued does not grow without bound. */
static void submit_once(struct work *work, np_error *error)
{
    if (work->times % 100 == 99)
        finished(work->executor, error);
    submitted(work->executor, run_node, count_task, work->tasks, error);
}

static void *work_until_stopped(void *closure)
{
    struct work *work = closure;
    np_error record, *error = &record;

    while (!atomic_load(work->stop)) {
        work->once(work, error);
        work->times++;
    }
    return NULL;
}

/* Two threads of each kind. */
struct crew {
    pthread_t threads[6];
    struct work work[6];
    atomic_bool stop;
    atomic_ulong tasks;
    np_executor *executor;
};

static void crew_started(struct crew *crew, np_error *error)
{
    void (*const kinds[])(struct work *, np_error *) = {pin_once, region_once, submit_once};
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 2);

    look_at_machine();
    crew->executor = executor_made(&options, error);
    for (unsigned i = 0; i < 6; i++) {
        crew->work[i] = (struct work){
            .number = i, .stop = &crew->stop, .executor = crew->executor, .tasks = &crew->tasks, .once = kinds[i % 3]};
        EXPECT_INT(pthread_create(&crew->threads[i], NULL, work_until_stopped, &crew->work[i]), ==, 0);
    }
}

/* All stop once each did something, however late it came to a CPU; and every task that was accepted was run. */
static void crew_stopped(struct crew *crew, np_error *error)
{
    unsigned long accepted = 0;

    for (unsigned i = 0; i < 6; i++)
        while (crew->work[i].times == 0)
            sched_yield();
    atomic_store(&crew->stop, true);
    for (unsigned i = 0; i < 6; i++) {
        EXPECT_INT(pthread_join(crew->threads[i], NULL), ==, 0);
        accepted += crew->work[i].once == submit_once ? crew->work[i].times : 0;
    }
    finished(crew->executor, error);
    EXPECT_INT(atomic_load(&crew->tasks), ==, accepted);
    executor_ended(crew->executor, error);
}

/* The main thread takes part, as the seventh. */
static void work_beside(unsigned times, np_error *error)
{
    atomic_bool never = false;
    struct work own = {.number = 6, .stop = &never};

    for (; own.times < times; own.times++) {
        pin_once(&own, error);
        region_once(&own, error);
    }
}

CASE(concurrent_threads, "threads that pin, allocate and submit at once each get what they asked for", CLAUSES("LAW-8"),
    NEEDS_NOTHING)
{
    static struct crew crew;

    EXPECT_STATE_TAKEN();
    crew_started(&crew, error);
    work_beside(15, error);
    crew_stopped(&crew, error);
    EXPECT_STATE_KEPT();
}

/* A child has one thread, whatever the others were in the middle of: no lock of theirs may be held for ever in it. */
CASE(concurrent_fork,
    "a child that was forked while other threads were at work can pin and allocate, and does not hang",
    CLAUSES("LAW-8"), NEEDS(.plain_memory = true))
{
    enum { CHILDREN = 20 };
    static struct crew crew;

    crew_started(&crew, error);
    for (int i = 0; i < CHILDREN; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            work_beside(1, error);
            _exit(0);
        }
        EXPECT_INT(waitpid(child, &status, 0), ==, child);
        EXPECT_INT(status, ==, 0);
    }
    crew_stopped(&crew, error);
}

static atomic_ulong alarms;

static void count_alarm(int signal_number)
{
    (void)signal_number;
    atomic_fetch_add(&alarms, 1);
}

/* Without SA_RESTART: every system call that can be interrupted is. */
static void let_signals_rain(void)
{
    struct sigaction action = {.sa_handler = count_alarm};
    struct itimerval often = {.it_interval = {.tv_usec = 1000}, .it_value = {.tv_usec = 1000}};

    EXPECT_INT(sigaction(SIGALRM, &action, NULL), ==, 0);
    EXPECT_INT(setitimer(ITIMER_REAL, &often, NULL), ==, 0);
}

static void let_it_stop(void)
{
    struct itimerval never = {.it_interval = {.tv_usec = 0}};

    EXPECT_INT(setitimer(ITIMER_REAL, &never, NULL), ==, 0);
}

CASE(concurrent_signals, "signals in the middle of calls change nothing of what they return", CLAUSES("LAW-8", "LAW-3"),
    NEEDS_NOTHING)
{
    static struct crew crew;

    crew_started(&crew, error);
    let_signals_rain();
    while (atomic_load(&alarms) < 100)
        work_beside(3, error);
    let_it_stop();
    crew_stopped(&crew, error);
}

/* ---- Many times ---- */

/* Ten thousand; a thousand on emulated processors, which take as long for them. */
static int many_times(void)
{
    return oracle_is_guest() ? 1000 : 10000;
}

static void pin_refused_once(np_error *error)
{
    static np_cpuset absent;
    np_pin *pin = NULL;

    absent = cpuset_of(NP_CPU_MAX - 1);
    EXPECT_STATUS(api->pin_to_cpus(&absent, NP_STRICT, &pin, error), NP_HARD_MODE_UNAVAILABLE);
}

static void region_refused_once(np_error *error)
{
    np_region_options options =
        region_options_of(NP_STRICT, policy_of(NP_POLICY_BIND, ids_of(no_node)), NP_PREFAULT_TOUCH);
    np_region *region = NULL;

    EXPECT_STATUS(api->region_create(SMALL, &options, &region, error), NP_HARD_MODE_UNAVAILABLE);
}

static void pin_used_once(np_error *error)
{
    pin_once(&(struct work){.number = 0}, error);
}

static void region_used_once(np_error *error)
{
    region_once(&(struct work){.number = 0}, error);
}

/*
 * Nothing is kept: the C library has as much in use after all the times as after the first few. The smallest block is of 32
 * bytes with what it costs; what the library keeps for threads that come and go varies by a thousand or two.
 */
static void expect_no_leak(void (*once)(np_error *error), int first_times, int times, np_error *error)
{
    EXPECT_STATE_TAKEN();
    for (int i = 0; i < first_times; i++)
        once(error);
    EXPECT_STATE_KEPT();
    size_t used = mallinfo2().uordblks;
    for (int i = 0; i < times; i++)
        once(error);
    EXPECT_INT(mallinfo2().uordblks, <, used + 24 * (size_t)times);
    EXPECT_MAPPINGS_KEPT();
}

CASE(many_pins, "pins that came and went many times leave nothing behind", CLAUSES("LAW-8", "PIN-1"),
    NEEDS(.plain_memory = true), .limit_seconds = 120)
{
    look_at_machine();
    expect_no_leak(pin_used_once, FIRST_TIMES, many_times(), error);
}

CASE(many_regions, "regions that came and went many times leave nothing behind", CLAUSES("LAW-8", "MEM-1"),
    NEEDS(.plain_memory = true), .limit_seconds = 120)
{
    look_at_machine();
    expect_no_leak(region_used_once, FIRST_TIMES, many_times(), error);
}

CASE(many_refused_pins, "pins that were refused many times leave nothing behind", CLAUSES("LAW-2", "LAW-8"),
    NEEDS(.plain_memory = true), .limit_seconds = 120)
{
    expect_no_leak(pin_refused_once, FIRST_TIMES, many_times(), error);
}

CASE(many_refused_regions, "regions that were refused many times leave nothing behind", CLAUSES("LAW-2", "LAW-8"),
    NEEDS(.plain_memory = true), .limit_seconds = 120)
{
    look_at_machine();
    expect_no_leak(region_refused_once, FIRST_TIMES, many_times(), error);
}

enum { EXECUTORS = 100, FIRST_EXECUTORS = 20, TASKS = 100 };

/* Discovered once: a discovery for each executor takes longer in an emulated machine than all the rest of the case. */
static np_topology *topology_of_runs;

static void run_once(np_error *error)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = NULL;
    atomic_ulong count = 0;

    EXPECT_OK(api->executor_create(topology_of_runs, &options, &executor, error));
    submitted_times(executor, run_node, count_task, &count, TASKS, error);
    executor_ended(executor, error);
    EXPECT_INT(count, ==, TASKS);
}

CASE(many_executors, "a hundred executors with a hundred tasks each leave nothing behind", CLAUSES("LAW-8", "EXEC-8"),
    NEEDS(.plain_memory = true), .limit_seconds = 120)
{
    look_at_machine();
    topology_of_runs = topology_here(error);
    expect_no_leak(run_once, FIRST_EXECUTORS, EXECUTORS, error);
    api->topology_destroy(topology_of_runs);
}

CASE_LIST(concurrency_cases, &concurrent_threads, &concurrent_fork, &concurrent_signals, &many_pins, &many_regions,
    &many_refused_pins, &many_refused_regions, &many_executors);
