/*
 * The self-test of the emulation: known access patterns, and the counts that paper says.
 *
 * Runs inside an emulated machine with the access counter. From each node's first CPU, to a buffer bound to each node, it
 * makes a known number of accesses and reads the counter: window 1 is exactly the buffer, so that stacks, libraries and
 * the loop's own variables, which lie where they lie, do not blur the answer. What must come out is exact: every access
 * counted once, as what it was, on the right pair of nodes, and nothing on any other.
 *
 * Where the machine has a cache model, what reaches memory is worked out too: a sweep over more than the cache misses
 * every line each time, one over less misses each line once. Where it has delays, the time of a chase keeps the declared
 * ratios, within a tolerance that is given on the command line; without it the times are only printed.
 */
#include "access_reader.h"
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LINE         64
#define BUFFER_BYTES ((size_t)1 << 20)
#define LINES        (BUFFER_BYTES / LINE)
#define CHASE_LOADS  20000
#define SHORT_LOADS  500
#define SHORT_ROUNDS 200
#define WINDOW       1

struct machine {
    struct access_reader counter;
    uint32_t nodes;
    int cpu_of_node[ACCESS_NODES]; /* The guest's number of the first CPU of each node, -1 where it has none. */
    double tolerance;              /* Of delay ratios; 0 = not checked. */
    unsigned failures, checks;
};

struct cell {
    uint32_t initiator, target;
    volatile char *buffer;
};

struct expected {
    uint64_t loads, stores;
    uint64_t memory_loads; /* With the machine's cache model. */
};

static void check(struct machine *machine, const char *pattern, const struct cell *cell, const char *what,
    uint64_t expected, uint64_t seen)
{
    machine->checks++;
    if (expected == seen)
        return;
    machine->failures++;
    printf("FAIL %s, node %u to node %u: %s: expected %llu, seen %llu\n", pattern, cell->initiator, cell->target, what,
        (unsigned long long)expected, (unsigned long long)seen);
}

static void sequential_loads(const struct cell *cell)
{
    for (size_t line = 0; line < LINES; line++)
        (void)cell->buffer[line * LINE];
}

static void sequential_stores(const struct cell *cell)
{
    for (size_t line = 0; line < LINES; line++)
        cell->buffer[line * LINE] = (char)line;
}

static void two_sweeps_of_a_small_part(const struct cell *cell)
{
    for (int round = 0; round < 2; round++)
        for (size_t line = 0; line < 16; line++)
            (void)cell->buffer[line * LINE];
}

static void *volatile *follow(void *volatile *place, int loads)
{
    for (int load = 0; load < loads; load++)
        place = (void *volatile *)*place;
    return place;
}

static void chase(const struct cell *cell)
{
    follow((void *volatile *)(uintptr_t)cell->buffer, CHASE_LOADS);
}

/* One cycle through all lines in random order, from a fixed seed. */
static void make_cycle(const struct cell *cell)
{
    static uint32_t order[LINES];
    unsigned seed = 1;
    for (uint32_t i = 0; i < LINES; i++)
        order[i] = i;
    for (uint32_t i = LINES - 1; i > 0; i--) {
        uint32_t other = (uint32_t)rand_r(&seed) % i;
        uint32_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (uint32_t i = 0; i < LINES; i++) {
        void *next = (void *)(uintptr_t)(cell->buffer + (size_t)order[(i + 1) % LINES] * LINE);
        *(void *volatile *)(uintptr_t)(cell->buffer + (size_t)order[i] * LINE) = next;
    }
}

static void run_pattern(struct machine *machine, const char *name, void (*pattern)(const struct cell *),
    const struct cell *cell, struct expected expected)
{
    static struct access_matrix before, after;
    access_reader_read(&machine->counter, WINDOW, &before);
    access_reader_arm(&machine->counter);
    pattern(cell);
    access_reader_disarm(&machine->counter);
    access_reader_read(&machine->counter, WINDOW, &after);
    for (uint32_t i = 0; i < machine->nodes; i++) {
        for (uint32_t t = 0; t <= ACCESS_NODES; t++) {
            bool here = i == cell->initiator && t == cell->target;
            check(machine, name, cell, here ? "loads" : "loads of another pair", here ? expected.loads : 0,
                after.all[i][t][ACCESS_LOAD] - before.all[i][t][ACCESS_LOAD]);
            check(machine, name, cell, here ? "stores" : "stores of another pair", here ? expected.stores : 0,
                after.all[i][t][ACCESS_STORE] - before.all[i][t][ACCESS_STORE]);
        }
    }
    if (machine->counter.page->machine.cache_sets != 0)
        check(machine, name, cell, "loads that reach memory", expected.memory_loads,
            after.memory[cell->initiator][cell->target][ACCESS_LOAD] -
                before.memory[cell->initiator][cell->target][ACCESS_LOAD]);
}

/* Nothing may be counted while the counter is disarmed. */
static void run_disarmed(struct machine *machine, const struct cell *cell)
{
    static struct access_matrix before, after;
    access_reader_read(&machine->counter, WINDOW, &before);
    sequential_loads(cell);
    access_reader_read(&machine->counter, WINDOW, &after);
    check(machine, "disarmed", cell, "loads", 0,
        after.all[cell->initiator][cell->target][ACCESS_LOAD] - before.all[cell->initiator][cell->target][ACCESS_LOAD]);
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/*
 * The time of a load where the host let us alone: of many short samples the tenth part that is quickest. A host with other
 * work takes the processor away in the middle of a wait, which only ever adds.
 */
static double undisturbed_chase_ns(struct machine *machine, const struct cell *cell)
{
    double samples[SHORT_ROUNDS];
    void *volatile *place = (void *volatile *)(uintptr_t)cell->buffer;
    for (int round = 0; round < SHORT_ROUNDS; round++) {
        struct timespec start, end;
        access_reader_arm(&machine->counter);
        clock_gettime(CLOCK_MONOTONIC, &start);
        place = follow(place, SHORT_LOADS);
        clock_gettime(CLOCK_MONOTONIC, &end);
        access_reader_disarm(&machine->counter);
        samples[round] =
            ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / SHORT_LOADS;
    }
    qsort(samples, SHORT_ROUNDS, sizeof *samples, compare_doubles);
    return samples[SHORT_ROUNDS / 10];
}

static void run_patterns(struct machine *machine, const struct cell *cell)
{
    const struct access_machine *described = &machine->counter.page->machine;
    uint64_t cache_lines = (uint64_t)described->cache_sets * described->cache_ways;
    uint64_t chase_misses = cache_lines < LINES ? CHASE_LOADS : LINES;
    run_disarmed(machine, cell);
    run_pattern(machine, "sequential loads", sequential_loads, cell, (struct expected){LINES, 0, LINES});
    run_pattern(machine, "sequential stores", sequential_stores, cell, (struct expected){0, LINES, 0});
    run_pattern(machine, "two sweeps of 16 lines", two_sweeps_of_a_small_part, cell, (struct expected){32, 0, 16});
    make_cycle(cell);
    if (chase_misses == LINES || cache_lines * 64 <= LINES)
        run_pattern(machine, "chase", chase, cell, (struct expected){CHASE_LOADS, 0, chase_misses});
}

static bool prepare_cell(const struct machine *machine, struct cell *cell)
{
    unsigned long mask = 1UL << cell->target;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET((size_t)machine->cpu_of_node[cell->initiator], &only);
    void *buffer = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED || sched_setaffinity(0, sizeof only, &only) != 0 ||
        syscall(SYS_mbind, buffer, BUFFER_BYTES, MPOL_BIND, &mask, 8 * sizeof mask + 1, 0) != 0) {
        perror("access patterns: a buffer cannot be placed");
        return false;
    }
    memset(buffer, 1, BUFFER_BYTES);
    cell->buffer = buffer;
    return true;
}

static void check_ratio(struct machine *machine, const struct cell *cell, double ns, double base_ns, double base_cost)
{
    double cost = machine->counter.page->machine.cost_ns[cell->initiator][cell->target];
    double declared = cost / base_cost, seen = ns / base_ns;
    printf("chase, node %u to node %u: %.0f ns, %.3f times the first; declared %.3f\n", cell->initiator, cell->target,
        ns, seen, declared);
    machine->checks++;
    if (machine->tolerance > 0 &&
        (seen < declared * (1 - machine->tolerance) || seen > declared * (1 + machine->tolerance))) {
        machine->failures++;
        printf("FAIL delay, node %u to node %u: expected a ratio of %.3f within %.0f%%, seen %.3f\n", cell->initiator,
            cell->target, declared, machine->tolerance * 100, seen);
    }
}

static bool run_machine(struct machine *machine)
{
    const struct access_machine *described = &machine->counter.page->machine;
    double base_ns = 0, base_cost = 0;
    for (uint32_t initiator = 0; initiator < machine->nodes; initiator++) {
        for (uint32_t target = 0; target < machine->nodes; target++) {
            struct cell cell = {initiator, target, NULL};
            if (machine->cpu_of_node[initiator] < 0 || described->node_bytes[target] == 0)
                continue;
            if (!prepare_cell(machine, &cell))
                return false;
            access_reader_set_window(&machine->counter, WINDOW, (const void *)(uintptr_t)cell.buffer, BUFFER_BYTES);
            run_patterns(machine, &cell);
            if (described->delayed) {
                double ns = undisturbed_chase_ns(machine, &cell);
                base_cost = base_ns == 0 ? described->cost_ns[initiator][target] : base_cost;
                base_ns = base_ns == 0 ? ns : base_ns;
                check_ratio(machine, &cell, ns, base_ns, base_cost);
            }
            access_reader_set_window(&machine->counter, WINDOW, NULL, 0);
            munmap((void *)(uintptr_t)cell.buffer, BUFFER_BYTES);
        }
    }
    return true;
}

static void find_cpus(struct machine *machine)
{
    const struct access_page *page = machine->counter.page;
    machine->nodes = page->machine.node_count;
    for (uint32_t node = 0; node < ACCESS_NODES; node++)
        machine->cpu_of_node[node] = -1;
    for (uint32_t cpu = 0; cpu < page->machine.cpu_count; cpu++) {
        int *first = &machine->cpu_of_node[page->machine.node_of_cpu[cpu]];
        if (*first < 0)
            *first = atomic_load(&page->answer.guest_cpu[cpu]);
    }
}

/* access_patterns [TOLERANCE]: 0 all as on paper, 1 not, 3 there is no counter here. */
int main(int argc, char **argv)
{
    static struct machine machine;
    char why[256];
    machine.tolerance = argc > 1 ? strtod(argv[1], NULL) : 0;
    if (!access_reader_open(&machine.counter, why, sizeof why) ||
        !access_reader_prove(&machine.counter, why, sizeof why)) {
        fprintf(stderr, "access patterns: %s\n", why);
        return 3;
    }
    find_cpus(&machine);
    bool ran = run_machine(&machine);
    access_reader_close(&machine.counter);
    if (!ran)
        return 3;
    printf("access patterns: %u checks, %u failed\n", machine.checks, machine.failures);
    return machine.failures == 0 && machine.checks > 0 ? 0 : 1;
}
