/*
 * The counts as software-defined events of PAPI (STAT-4).
 *
 * libsde keeps a list of names and, for each, a function to call; PAPI finds that list in the same process, and calls. So
 * publishing costs an executor nothing until somebody reads, and reading adds the counts up.
 *
 * libsde 7.0 cannot forget: after papi_sde_unregister_counter() or papi_sde_shutdown() the next look-up of any name reads
 * freed memory. So no event is ever taken away. What is registered under a name stays, refers to an executor while it is
 * published, reads 0 while it is not, and serves the next publication of that name. Hence the one piece of global state
 * in this library: the list of names, as long as the process lives, like libsde's own.
 *
 * Two locks, because libsde has one of its own. It holds that while it registers, and in versions after 7.0 also while it
 * calls us to read (its change of June 2023, "Added locking to sde_ti_read_counter()"; the 7.0.0 that this was written
 * with calls us without). So what we hold when we call libsde must not be what we wait for when it calls us:
 * `registering` is held around all that registers, and a reader never takes it. `reading` is all that a reader takes, and
 * is never held across a call to libsde.
 *
 * A fork may come while another thread has either lock, and in the child nobody would give it back. So whoever forks takes
 * both first, as in pin_stack.c. libsde's own lock is not ours to take.
 *
 * Built without libsde, publishing is NP_NOT_AVAILABLE and everything else is as it was.
 */
#include "error_internal.h"
#include "executor_internal.h"
#include "statistics_internal.h"

#ifdef NP_HAVE_SDE

#include <sde_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX 63

struct event {
    struct event *next;
    struct record *record;
    uint32_t node;   /* Its id, or NP_ALL_NODES. */
    unsigned number; /* In `numbers`. */
};

/* All that libsde was ever told under a name. It serves one publication at a time. */
struct record {
    struct record *next;
    const np_executor *executor; /* Under `reading`. NULL: not published now. */
    uintptr_t publication;       /* Under `reading`. The number of the present one, or of the last. */
    struct event *events;
    char name[NAME_LENGTH_MAX + 1];
};

static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct record *) records; /* Only grows, under `registering`. */
static uintptr_t publications;           /* How many there have been. Under `registering`. */

static int setup_error;

/* All but a queue's depth count from the moment an event set is started. */
static const struct number {
    const char *name;
    size_t offset;
    int mode;
} numbers[] = {
    {"submitted", offsetof(np_node_statistics, submitted), PAPI_SDE_DELTA},
    {"local", offsetof(np_node_statistics, local), PAPI_SDE_DELTA},
    {"remote", offsetof(np_node_statistics, remote), PAPI_SDE_DELTA},
    {"stolen_by", offsetof(np_node_statistics, stolen_by), PAPI_SDE_DELTA},
    {"stolen_from", offsetof(np_node_statistics, stolen_from), PAPI_SDE_DELTA},
    {"queue_depth", offsetof(np_node_statistics, queue_depth), PAPI_SDE_INSTANT},
};

#define NUMBERS (sizeof numbers / sizeof numbers[0])

static void before_fork(void)
{
    pthread_mutex_lock(&registering);
    pthread_mutex_lock(&reading);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&reading);
    pthread_mutex_unlock(&registering);
}

/* As the library is loaded: a fork that had begun before the first publication, and copied it half made, would miss it. */
__attribute__((constructor)) static void set_up(void)
{
    setup_error = pthread_atfork(before_fork, after_fork, after_fork);
}

static uint64_t number_of(const np_executor *executor, uint32_t node, size_t offset)
{
    np_node_statistics *all = calloc(executor->node_count, sizeof *all);
    if (all == NULL)
        return 0;
    statistics_collect(executor, all);
    np_node_statistics total;
    np_statistics_total(all, executor->node_count, &total, NULL);
    const unsigned position = node_map_of_node(&executor->map, node);
    const np_node_statistics none = {0};
    const np_node_statistics *row = node == NP_ALL_NODES ? &total : position == NO_POSITION ? &none : &all[position];
    uint64_t number;
    memcpy(&number, (const char *)row + offset, sizeof number);
    free(all);
    return number;
}

static long long read_event(void *closure)
{
    const struct event *event = closure;
    pthread_mutex_lock(&reading);
    const np_executor *executor = event->record->executor;
    const bool readable = executor != NULL && !executor_is_forked(executor);
    const uint64_t number = readable ? number_of(executor, event->node, numbers[event->number].offset) : 0;
    pthread_mutex_unlock(&reading);
    return (long long)number;
}

static struct event *find_event(const struct record *record, uint32_t node, unsigned number)
{
    for (struct event *event = record->events; event != NULL; event = event->next)
        if (event->node == node && event->number == number)
            return event;
    return NULL;
}

static struct event *make_event(struct record *record, uint32_t node, unsigned number)
{
    struct event *event = calloc(1, sizeof *event);
    if (event == NULL)
        return NULL;
    *event = (struct event){record->events, record, node, number};
    record->events = event;
    return event;
}

/*
 * Once, and without papi_sde_describe_counter(): libsde 7.0 leaks what it is told again. What PAPI_shutdown() has swept away is
 * registered anew.
 */
static int register_number(papi_handle_t library, struct record *record, uint32_t node, unsigned number)
{
    char name[48];
    if (node == NP_ALL_NODES)
        snprintf(name, sizeof name, "%s", numbers[number].name);
    else
        snprintf(name, sizeof name, "node%u.%s", node, numbers[number].name);
    struct event *event = find_event(record, node, number);
    if (event != NULL && papi_sde_get_counter_handle(library, name) != NULL)
        return SDE_OK;
    if (event == NULL)
        event = make_event(record, node, number);
    if (event == NULL)
        return SDE_ENOMEM;
    return papi_sde_register_counter_cb(
        library, name, PAPI_SDE_RO | numbers[number].mode, PAPI_SDE_long_long, read_event, event);
}

static int register_all(struct record *record, const np_executor *executor)
{
    papi_handle_t library = papi_sde_init(record->name);
    int problem = library == NULL ? SDE_ENOMEM : SDE_OK;
    for (unsigned number = 0; number < NUMBERS && problem == SDE_OK; number++) {
        problem = register_number(library, record, NP_ALL_NODES, number);
        for (unsigned i = 0; i < executor->node_count && problem == SDE_OK; i++)
            problem = register_number(library, record, executor->nodes[i]->id, number);
    }
    return problem;
}

static struct record *find_or_make(const char *name)
{
    for (struct record *record = records; record != NULL; record = record->next)
        if (strcmp(record->name, name) == 0)
            return record;
    struct record *record = calloc(1, sizeof *record);
    if (record == NULL)
        return NULL;
    snprintf(record->name, sizeof record->name, "%s", name);
    record->next = records;
    records = record;
    return record;
}

static bool is_in_use(const struct record *record)
{
    pthread_mutex_lock(&reading);
    const bool in_use = record->executor != NULL;
    pthread_mutex_unlock(&reading);
    return in_use;
}

/*
 * What the caller gets is a number in the type of a pointer. So it needs no memory, and after its publication has ended
 * with the executor it means no other one of the same name.
 */
static np_publication *begin(struct record *record, const np_executor *executor)
{
    pthread_mutex_lock(&reading);
    record->executor = executor;
    record->publication = ++publications;
    pthread_mutex_unlock(&reading);
    return (np_publication *)publications;
}

/* Under `registering`. */
static np_status publish(const np_executor *executor, const char *name, np_publication **publication, np_error *error)
{
    struct record *record = find_or_make(name);
    if (record == NULL)
        return fail(error, NP_ALLOCATION, 0, "publish", "no memory for the publication \"%s\"", name);
    if (is_in_use(record))
        return fail(error, NP_INVALID_ARGUMENT, 0, "publish", "the name \"%s\" is in use by another publication", name);
    const int problem = register_all(record, executor);
    if (problem == SDE_ENOMEM)
        return fail(error, NP_ALLOCATION, 0, "publish", "no memory for the events of \"%s\"", name);
    if (problem != SDE_OK)
        return fail(error, NP_SYSTEM, 0, "publish", "libsde refused the events of \"%s\" with code %d", name, problem);
    *publication = begin(record, executor);
    return NP_OK;
}

static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const size_t length = strspn(name, letters);
    return length >= 1 && length <= NAME_LENGTH_MAX && name[length] == '\0';
}

np_status np_statistics_publish(
    const np_executor *executor, const char *name, np_publication **publication, np_error *error)
{
    np_status status = executor_check(executor, error);
    if (status != NP_OK)
        return status;
    if (publication == NULL || name == NULL || !is_name(name))
        return fail(error, NP_INVALID_ARGUMENT, 0, "publish", "%s",
            publication == NULL ? "publication is NULL" : "the name is not 1 to 63 letters, digits, '_' or '-'");
    if (setup_error != 0)
        return fail(error, NP_ALLOCATION, setup_error, "publish", "no memory to keep the locks over a fork");
    pthread_mutex_lock(&registering);
    status = publish(executor, name, publication, error);
    pthread_mutex_unlock(&registering);
    return status;
}

void np_statistics_unpublish(np_publication *publication)
{
    struct record *record = records;
    if (record == NULL || publication == NULL)
        return;
    pthread_mutex_lock(&reading);
    while (record != NULL && record->publication != (uintptr_t)publication)
        record = record->next;
    if (record != NULL)
        record->executor = NULL;
    pthread_mutex_unlock(&reading);
}

void statistics_withdraw(const np_executor *executor)
{
    struct record *record = records;
    if (record == NULL)
        return;
    pthread_mutex_lock(&reading);
    for (; record != NULL; record = record->next)
        if (record->executor == executor)
            record->executor = NULL;
    pthread_mutex_unlock(&reading);
}

#else

np_status np_statistics_publish(
    const np_executor *executor, const char *name, np_publication **publication, np_error *error)
{
    (void)name;
    (void)publication;
    const np_status status = executor_check(executor, error);
    if (status != NP_OK)
        return status;
    return fail(error, NP_NOT_AVAILABLE, 0, "publish",
        "the library was built without libsde: install libpapi-dev and configure again");
}

void np_statistics_unpublish(np_publication *publication)
{
    (void)publication;
}

void statistics_withdraw(const np_executor *executor)
{
    (void)executor;
}

#endif
