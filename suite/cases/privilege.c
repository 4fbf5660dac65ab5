/*
 * The table of the contract's part 1, cell by cell: operation x mode x missing privilege and setting x forbidden calls.
 *
 * The rows below say what each strict operation needs, and nothing else here does: every cell is generated. A strict cell is
 * refused if and only if something that its operation needs is missing, and the reason names it; what the operation does
 * not need may be missing. A soft cell always goes on. An ordinary user runs the cells in which everything that he lacks
 * is missing, and skips the others for want of what must be there.
 */
#include "executor_case.h"
#include "pin_case.h"
#include "region_case.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What can be missing, as bits. CALLS are those that set affinities and memory policies; a container may forbid them. */
enum privilege { NICE = 1, ADMIN = 2, BALANCING_OFF = 4, LOCK = 8, EVERYTHING = 16, CALLS = 32 };

struct operation {
    unsigned needs; /* privilege bits */
    void (*strict_refused)(unsigned lacking, np_error *error);
    void (*strict_holds)(np_error *error);
    void (*soft_goes_on)(unsigned missing, np_error *error);
};

struct cell {
    const struct operation *operation;
    np_mode mode;
    unsigned missing;
};

/* The reason names something that the operation needs and that is missing; one of several is enough. */
static void expect_names_missing(const char *reason, unsigned missing)
{
    static const struct {
        unsigned privilege;
        const char *word;
    } words[] = {{NICE, "CAP_SYS_NICE"}, {ADMIN, "CAP_SYS_ADMIN"}, {BALANCING_OFF, "numa_balancing"},
        {CALLS, "permission denied"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((missing & words[i].privilege) != 0 && strcasestr(reason, words[i].word) != NULL)
            return;
    case_failed("the reason names nothing of what is missing: \"%s\"", reason);
}

/* ---- The operations ---- */

static void pin_refused(unsigned lacking, np_error *error)
{
    unsigned cpu = usable_cpu(0), node = (unsigned)oracle_node_of_cpu(cpu);
    np_cpuset set = cpuset_of(cpu);
    np_topology *topology = NULL;
    np_pin *pin = NULL;

    EXPECT_REFUSED(api->pin_to_cpus(&set, NP_STRICT, &pin, error));
    expect_names_missing(error->reason, lacking);
    EXPECT_REFUSED(api->pin_to_cpu(cpu, NP_STRICT, &pin, error));
    expect_names_missing(error->reason, lacking);
    EXPECT_OK(api->topology_discover(&topology, error));
    EXPECT_REFUSED(api->pin_to_node(topology, node, NP_STRICT, &pin, error));
    expect_names_missing(error->reason, lacking);
    EXPECT(pin == NULL);
}

static void pin_holds(np_error *error)
{
    struct ids one = ids_of(usable_cpu(0));
    np_pin *pin = pinned(one, NP_STRICT, error);

    expect_strictly_on(pin, one, error);
    released(pin, error);
}

static void pin_goes_on(unsigned missing, np_error *error)
{
    struct ids one = ids_of(usable_cpu(0)), before = own_affinity();
    np_pin *pin = pinned(one, NP_SOFT, error);
    np_enforcement got = pin_level(pin, error);

    if ((missing & CALLS) != 0) {
        expect_no_pin(pin, before, error);
    } else {
        EXPECT_INT(got.level, >=, NP_LEVEL_BEST_EFFORT);
        EXPECT_IDS(own_affinity(), one);
    }
    released(pin, error);
    EXPECT_IDS(own_affinity(), before);
}

static np_region_options bind_to_first(np_mode mode)
{
    return region_options_of(mode, policy_of(NP_POLICY_BIND, ids_of(first_memory_node())), NP_PREFAULT_TOUCH);
}

static void region_refused(unsigned lacking, np_error *error)
{
    np_region_options options = bind_to_first(NP_STRICT);
    np_region *region = NULL;

    EXPECT_REFUSED(api->region_create(REGION_BYTES, &options, &region, error));
    expect_names_missing(error->reason, lacking);
    EXPECT(region == NULL);
}

static void region_holds(np_error *error)
{
    struct ids node = ids_of(first_memory_node());
    np_region *region = region_made(REGION_BYTES, NP_STRICT, policy_of(NP_POLICY_BIND, node), NP_PREFAULT_TOUCH, error);
    np_enforcement got = region_level(region, error);

    EXPECT_LEVEL(&got, NP_LEVEL_STRICT);
    expect_all_on(region, node);
    api->region_release(region);
}

static void region_goes_on(unsigned missing, np_error *error)
{
    struct ids node = ids_of(first_memory_node());
    np_region *region = region_made(REGION_BYTES, NP_SOFT, policy_of(NP_POLICY_BIND, node), NP_PREFAULT_TOUCH, error);

    np_enforcement got = region_level(region, error);

    if (missing != 0)
        EXPECT_INT(got.level, <=, (missing & CALLS) != 0 ? NP_LEVEL_BEST_EFFORT : NP_LEVEL_STRICT);
    expect_usable(region, REGION_BYTES);
    expect_truthful(region, node, error);
    api->region_release(region);
}

static void executor_refused(unsigned lacking, np_error *error)
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 1);
    np_topology *topology = topology_here(error);
    np_executor *executor = NULL;

    EXPECT_REFUSED(api->executor_create(topology, &options, &executor, error));
    EXPECT_STRING(error->operation, "executor");
    expect_names_missing(error->reason, lacking);
    EXPECT(executor == NULL);
}

static void run_one_task(np_executor *executor, np_error *error)
{
    atomic_ulong count = 0;

    submitted(executor, first_run_node(), count_task, &count, error);
    finished(executor, error);
    EXPECT_INT(count, ==, 1);
    executor_ended(executor, error);
}

static void executor_holds(np_error *error)
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    np_enforcement got = executor_level(executor, error);

    EXPECT_LEVEL(&got, NP_LEVEL_STRICT);
    run_one_task(executor, error);
}

static void executor_goes_on(unsigned missing, np_error *error)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);

    np_enforcement got = executor_level(executor, error);

    if ((missing & CALLS) != 0)
        EXPECT_INT(got.level, <, NP_LEVEL_STRICT);
    run_one_task(executor, error);
}

/* The table of the contract's part 1. */
enum {
    pin_needs = NICE | CALLS,
    region_needs = ADMIN | BALANCING_OFF | CALLS,
    executor_needs = NICE | ADMIN | BALANCING_OFF | CALLS
};

static const struct operation pin_operation = {pin_needs, pin_refused, pin_holds, pin_goes_on};
static const struct operation region_operation = {region_needs, region_refused, region_holds, region_goes_on};
static const struct operation executor_operation = {executor_needs, executor_refused, executor_holds, executor_goes_on};

/* ---- A cell ---- */

static void take_away(unsigned missing)
{
    if ((missing & BALANCING_OFF) != 0 && oracle_balancing() == 0)
        fault_balancing(1);
    if ((missing & CALLS) != 0)
        fault_forbid(EPERM, SYS_sched_setaffinity, SYS_mbind, SYS_set_mempolicy);
    if ((missing & EVERYTHING) != 0)
        fault_become_user();
    if ((missing & NICE) != 0)
        fault_drop_capability(CAP_SYS_NICE);
    if ((missing & ADMIN) != 0)
        fault_drop_capability(CAP_SYS_ADMIN);
    if ((missing & LOCK) != 0)
        fault_drop_capability(CAP_IPC_LOCK);
}

static void *stand_by(void *nothing)
{
    (void)nothing;
    for (;;)
        pause();
    return NULL;
}

/* Threads that have nothing to do with it, of which one has an affinity of its own: nobody may touch them. */
static void have_bystanders(void)
{
    struct ids one = ids_of(usable_cpu(0)), before = own_affinity();
    pthread_t thread;

    for (int i = 0; i < 2; i++) {
        stand_on(i == 0 ? one : before);
        EXPECT_INT(pthread_create(&thread, NULL, stand_by, NULL), ==, 0);
    }
}

static void run_cell(const struct suite_case *self, np_error *error)
{
    const struct cell *cell = self->parameter;
    unsigned all = (cell->missing & EVERYTHING) != 0 ? NICE | ADMIN | LOCK : 0, missing = cell->missing | all;
    unsigned lacking = cell->operation->needs & missing;

    have_bystanders();
    take_away(cell->missing);
    if (cell->mode == NP_SOFT)
        cell->operation->soft_goes_on(missing, error);
    else if (lacking == 0)
        cell->operation->strict_holds(error);
    else
        cell->operation->strict_refused(lacking, error);
}

/* ---- All cells ---- */

/* What must be there for a cell: what its operation needs, less what the cell takes away. Soft needs nothing. */
#define KEPT(mode, needed, missing)                                                                                    \
    ((mode) == NP_SOFT || ((missing)&EVERYTHING) != 0 ? 0u : (unsigned)(needed) & ~(unsigned)(missing))
#define KEPT_CAPABILITIES(kept)                                                                                        \
    (((kept)&NICE ? CAPABILITY(CAP_SYS_NICE) : 0) | ((kept)&ADMIN ? CAPABILITY(CAP_SYS_ADMIN) : 0))
#define CELL_FAULTS(missing)                                                                                           \
    (((missing)&BALANCING_OFF ? FAULT_BALANCING : 0u) | ((missing)&EVERYTHING ? FAULT_USER : 0u) |                     \
        ((missing)&CALLS ? FAULT_SECCOMP : 0u))

static const char *const pin_strict_clauses[] = {"PIN-4", "LAW-1", "LAW-2", "LAW-5", NULL};
static const char *const pin_soft_clauses[] = {"LAW-3", "LAW-4", "PIN-5", NULL};
static const char *const region_strict_clauses[] = {"MEM-6", "LAW-1", "LAW-2", "LAW-5", NULL};
static const char *const region_soft_clauses[] = {"LAW-3", "LAW-4", "MEM-8", NULL};
static const char *const executor_strict_clauses[] = {"EXEC-2", "LAW-1", "LAW-2", "LAW-5", NULL};
static const char *const executor_soft_clauses[] = {"EXEC-3", "LAW-3", "LAW-4", NULL};

#define ROWS(X)                                                                                                        \
    X(pin, strict, NP_STRICT)                                                                                          \
    X(pin, soft, NP_SOFT)                                                                                              \
    X(region, strict, NP_STRICT)                                                                                       \
    X(region, soft, NP_SOFT)                                                                                           \
    X(executor, strict, NP_STRICT)                                                                                     \
    X(executor, soft, NP_SOFT)

#define COLUMNS(X, operation, word, mode)                                                                              \
    X(operation, word, mode, nothing, 0)                                                                               \
    X(operation, word, mode, nice, NICE)                                                                               \
    X(operation, word, mode, admin, ADMIN)                                                                             \
    X(operation, word, mode, lock, LOCK)                                                                               \
    X(operation, word, mode, balancing_off, BALANCING_OFF)                                                             \
    X(operation, word, mode, nice_and_admin, (NICE | ADMIN))                                                           \
    X(operation, word, mode, any_privilege, EVERYTHING)                                                                \
    X(operation, word, mode, calls, CALLS)                                                                             \
    X(operation, word, mode, nice_and_calls, (NICE | CALLS))                                                           \
    X(operation, word, mode, admin_and_calls, (ADMIN | CALLS))                                                         \
    X(operation, word, mode, balancing_off_and_calls, (BALANCING_OFF | CALLS))                                         \
    X(operation, word, mode, any_privilege_or_calls, (EVERYTHING | CALLS))

#define CELL(operation_, word, mode_, lack, missing_)                                                                  \
    static const struct cell cell_##operation_##_##word##_##lack = {&operation_##_operation, mode_, missing_};         \
    static const struct suite_case privilege_##operation_##_##word##_without_##lack = {                                \
        .id = "privilege_" #operation_ "_" #word "_without_" #lack,                                                    \
        .meaning = "a " #word " " #operation_ " without " #lack " is as the table of what strict needs says",          \
        .clauses = operation_##_##word##_clauses,                                                                      \
        .needs = {.capabilities = KEPT_CAPABILITIES(KEPT(mode_, operation_##_needs, missing_)),                        \
            .balancing_off = (KEPT(mode_, operation_##_needs, missing_) & BALANCING_OFF) != 0,                         \
            .memory_where_cpus = (mode_) == NP_STRICT && (unsigned)(operation_##_needs) == (unsigned)executor_needs,   \
            .faults = CELL_FAULTS(missing_)},                                                                          \
        .run = run_cell,                                                                                               \
        .parameter = &cell_##operation_##_##word##_##lack};
#define CELLS_OF_ROW(operation, word, mode) COLUMNS(CELL, operation, word, mode)
ROWS(CELLS_OF_ROW)

#define ADDRESS(operation, word, mode, lack, missing) &privilege_##operation##_##word##_without_##lack,
#define ADDRESSES_OF_ROW(operation, word, mode)       COLUMNS(ADDRESS, operation, word, mode)

CASE_LIST(privilege_cases, ROWS(ADDRESSES_OF_ROW));
