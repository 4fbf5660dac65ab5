/*
 * The executor under stress: round after round another executor, of random nodes, workers, policy and mode, stormed by
 * threads and by its own tasks, moved about from outside, and shut down in the middle of it. After each round every
 * accepted task has run once and no other has, and the counts agree.
 *
 *     stress_executor --seconds 600           rounds for ten minutes
 *     stress_executor --tasks 100000000       one executor, local only, a CPU a node: none lost, doubled or elsewhere
 *
 * Each task has a number, and a bit in a table that it sets; who finds it set has run a task twice.
 */
#include "../src/linux.h"
#include "executor_lab.h"
#include <argp.h>
#include <numaproof/capabilities.h>
#include <numaproof/statistics.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NODES_MAX      4
#define SUBMITTERS_MAX 4

static unsigned long seconds = 2;
static unsigned long tasks_wanted;
static unsigned seed;

static bool hard_mode;
static np_executor *executor;
static struct lab_node nodes[NODES_MAX];
static unsigned node_count;

/* What ran, by the number of the task. */
static _Atomic uint64_t *ran;
static size_t room;
static _Atomic uint64_t ran_twice;
static _Atomic uint64_t ran_elsewhere;
static np_cpuset cpus_of[NODES_MAX];
static bool check_place;

static void run_numbered(void *closure)
{
    const size_t number = (size_t)closure;
    const uint64_t bit = UINT64_C(1) << (number % 64);
    if ((atomic_fetch_or_explicit(&ran[number / 64], bit, memory_order_relaxed) & bit) != 0)
        atomic_fetch_add(&ran_twice, 1);
    if (check_place && !np_cpuset_contains(&cpus_of[number % node_count], (unsigned)sched_getcpu()))
        atomic_fetch_add(&ran_elsewhere, 1);
}

static _Atomic size_t next_number;
static _Atomic uint64_t accepted;

/* Submit one task. False: the executor takes no more. */
static bool submit_one(void)
{
    const size_t number = atomic_fetch_add(&next_number, 1);
    if (number >= room)
        return false;
    const np_status status =
        np_executor_submit(executor, nodes[number % node_count].id, run_numbered, (void *)number, NULL);
    if (status == NP_OK)
        atomic_fetch_add(&accepted, 1);
    return status != NP_SHUT_DOWN;
}

/* A task that submits tasks: as many as its number says. */
static void run_spawning(void *closure)
{
    run_numbered(closure);
    for (size_t i = 0; i < (size_t)closure % 3; i++)
        submit_one();
}

struct submitter {
    pthread_t thread;
    unsigned seed;
};

static void *submit_many(void *closure)
{
    struct submitter *submitter = closure;
    while (submit_one()) {
        if (rand_r(&submitter->seed) % 8 != 0)
            continue;
        const size_t number = atomic_fetch_add(&next_number, 1);
        if (number < room &&
            np_executor_submit(executor, nodes[number % node_count].id, run_spawning, (void *)number, NULL) == NP_OK)
            atomic_fetch_add(&accepted, 1);
        if (rand_r(&submitter->seed) % 512 == 0)
            np_executor_wait(executor, (uint64_t)rand_r(&submitter->seed) % 1000000, NULL);
    }
    return NULL;
}

static int die(const char *what, const char *why)
{
    fprintf(stderr, "stress_executor: seed %u: %s: %s\n", seed, what, why);
    return EXIT_FAILURE;
}

static uint64_t count_ran(void)
{
    uint64_t count = 0;
    for (size_t i = 0; i < (room + 63) / 64; i++)
        count += (unsigned)__builtin_popcountll(atomic_load(&ran[i]));
    return count;
}

/* Whether all that was accepted ran, once, and is counted. */
static int check_counts(np_steal steal)
{
    np_node_statistics all[NODES_MAX];
    np_node_statistics total;
    size_t count = 0;
    np_statistics_snapshot(executor, all, NODES_MAX, &count, NULL);
    np_statistics_total(all, count, &total, NULL);
    char text[256];
    snprintf(text, sizeof text,
        "%llu accepted, %llu ran, %llu twice, %llu elsewhere; counted: %llu submitted, %llu local, %llu remote, "
        "%llu stolen by, %llu stolen from",
        (unsigned long long)accepted, (unsigned long long)count_ran(), (unsigned long long)ran_twice,
        (unsigned long long)ran_elsewhere, (unsigned long long)total.submitted, (unsigned long long)total.local,
        (unsigned long long)total.remote, (unsigned long long)total.stolen_by, (unsigned long long)total.stolen_from);
    if (count_ran() != accepted || ran_twice != 0 || ran_elsewhere != 0)
        return die("tasks", text);
    if (total.submitted != accepted || total.local + total.remote != accepted || total.stolen_by != total.stolen_from)
        return die("counts", text);
    for (size_t i = 0; i < count; i++)
        if (all[i].submitted != all[i].local + all[i].remote || all[i].queue_depth != 0 ||
            (steal == NP_STEAL_LOCAL_ONLY && all[i].stolen_from != 0))
            return die("counts of a node", text);
    return EXIT_SUCCESS;
}

/* Send a worker to some CPU, as an administrator may, and have it repaired. */
static void disturb(unsigned *state)
{
    const struct executor_node *node = executor->nodes[(unsigned)rand_r(state) % node_count];
    if (node->worker_count == 0)
        return;
    np_cpuset to = {0};
    np_cpuset_add(&to, (unsigned)lab_cpu((unsigned)rand_r(state) % 2), NULL);
    linux_set_affinity(node->workers[(unsigned)rand_r(state) % node->worker_count]->thread_id, &to);
    if (rand_r(state) % 2 == 0)
        np_executor_repair(executor, NULL);
}

/* Shut down while others submit; a strict executor may have to be repaired for that. */
static int shut_down(unsigned *state)
{
    np_error error = {0};
    np_status status;
    do {
        status = np_executor_shutdown_timeout(executor, (uint64_t)rand_r(state) % 3000000, NULL, &error);
        if (status == NP_HARD_MODE_UNAVAILABLE)
            np_executor_repair(executor, NULL);
    } while (status == NP_TIMED_OUT || status == NP_HARD_MODE_UNAVAILABLE);
    return status == NP_OK ? EXIT_SUCCESS : die("shutdown", error.reason);
}

static void lay_out(unsigned *state)
{
    static char lists[2][16];
    snprintf(lists[0], sizeof lists[0], "%d", lab_cpu(0));
    snprintf(lists[1], sizeof lists[1], "%d", lab_cpu(1) >= 0 ? lab_cpu(1) : lab_cpu(0));
    node_count = 1 + (unsigned)rand_r(state) % NODES_MAX;
    for (unsigned i = 0; i < node_count; i++)
        nodes[i] = (struct lab_node){i * i * 7, rand_r(state) % 3 == 0 ? lab_all_cpus() : lists[i % 2], 0};
}

static int round_of_stress(unsigned *state)
{
    lay_out(state);
    const np_executor_options options = {
        .mode = hard_mode && rand_r(state) % 2 == 0 ? NP_STRICT : NP_SOFT,
        .steal = rand_r(state) % 3,
        .workers_per_node = 1 + (unsigned)rand_r(state) % 3,
    };
    np_error error = {0};
    if (lab_build(nodes, node_count, NULL, &options, &executor, &error) != NP_OK)
        return die("building", error.reason);
    memset((void *)ran, 0, (room + 63) / 64 * sizeof *ran);
    atomic_store(&next_number, 0);
    atomic_store(&accepted, 0);

    struct submitter submitters[SUBMITTERS_MAX];
    const unsigned submitter_count = 1 + (unsigned)rand_r(state) % SUBMITTERS_MAX;
    for (unsigned i = 0; i < submitter_count; i++) {
        submitters[i].seed = (unsigned)rand_r(state);
        pthread_create(&submitters[i].thread, NULL, submit_many, &submitters[i]);
    }
    const uint64_t enough = (uint64_t)rand_r(state) % (room / 2);
    while (atomic_load(&accepted) < enough && atomic_load(&next_number) < room) {
        if (options.mode == NP_STRICT && rand_r(state) % 4 == 0)
            disturb(state);
        sched_yield();
    }
    int result = shut_down(state);
    for (unsigned i = 0; i < submitter_count; i++)
        pthread_join(submitters[i].thread, NULL);
    if (result == EXIT_SUCCESS)
        result = check_counts((np_steal)options.steal);
    np_executor_destroy(executor, NULL);
    return result;
}

static int make_room(size_t tasks)
{
    room = tasks;
    ran = calloc((room + 63) / 64, sizeof *ran);
    return ran != NULL ? EXIT_SUCCESS : die("memory", "none for the table of tasks");
}

static int stress_by_time(void)
{
    unsigned state = seed;
    unsigned long rounds = 0;
    uint64_t tasks = 0;
    int result = make_room(60000);
    for (const time_t end = time(NULL) + (time_t)seconds; result == EXIT_SUCCESS && time(NULL) < end; rounds++) {
        result = round_of_stress(&state);
        tasks += accepted;
    }
    free((void *)ran);
    if (result == EXIT_SUCCESS)
        printf(
            "%lu rounds of executors and %llu tasks in %lu s, seed %u: nothing lost, nothing doubled, counts exact\n",
            rounds, (unsigned long long)tasks, seconds, seed);
    return result;
}

/* Two nodes of a CPU each, where there are two, and four submitters. */
static int stress_by_tasks(void)
{
    const np_executor_options options = {
        .mode = hard_mode ? NP_STRICT : NP_SOFT, .steal = NP_STEAL_LOCAL_ONLY, .workers_per_node = 1};
    char lists[2][16];
    np_error error = {0};
    node_count = lab_cpu(1) >= 0 ? 2 : 1;
    for (unsigned i = 0; i < node_count; i++) {
        snprintf(lists[i], sizeof lists[i], "%d", lab_cpu(i));
        np_cpuset_parse(lists[i], &cpus_of[i], NULL);
        nodes[i] = (struct lab_node){2 * i, lists[i], 0};
    }
    check_place = true;
    if (make_room(tasks_wanted) != EXIT_SUCCESS)
        return EXIT_FAILURE;
    if (lab_build(nodes, node_count, NULL, &options, &executor, &error) != NP_OK)
        return die("building", error.reason);
    pthread_t threads[SUBMITTERS_MAX];
    struct submitter unused[SUBMITTERS_MAX] = {{0}};
    for (unsigned i = 0; i < SUBMITTERS_MAX; i++)
        pthread_create(&threads[i], NULL, submit_many, &unused[i]);
    for (unsigned i = 0; i < SUBMITTERS_MAX; i++)
        pthread_join(threads[i], NULL);
    unsigned state = seed;
    int result = shut_down(&state);
    if (result == EXIT_SUCCESS)
        result = check_counts(NP_STEAL_LOCAL_ONLY);
    np_executor_destroy(executor, NULL);
    free((void *)ran);
    if (result == EXIT_SUCCESS)
        printf("%llu tasks on %u nodes, %s: none lost, none doubled, none elsewhere\n", (unsigned long long)accepted,
            node_count, hard_mode ? "strict" : "soft");
    return result;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    char *end = NULL;
    const unsigned long number = text != NULL ? strtoul(text, &end, 10) : 0;
    if (text != NULL && (*text == '\0' || *end != '\0'))
        argp_error(state, "\"%s\" is not a number", text);
    if (key == 's')
        seconds = number;
    else if (key == 't')
        tasks_wanted = number;
    else if (key == 'S')
        seed = (unsigned)number;
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp_option words[] = {
        {"seconds", 's', "N", 0, "Rounds of random executors for N seconds (2)", 0},
        {"tasks", 't', "N", 0, "One executor, local only, and N tasks", 0},
        {"seed", 'S', "N", 0, "The same rounds again", 0},
        {0},
    };
    static const struct argp argp = {words, parse, NULL, "Stress the executor.", NULL, NULL, NULL};
    seed = (unsigned)time(NULL);
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    hard_mode = np_capabilities_supports_hard_mode(&capabilities);
    return tasks_wanted > 0 ? stress_by_tasks() : stress_by_time();
}
