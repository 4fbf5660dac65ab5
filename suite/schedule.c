/*
 * Running cases side by side; see schedule.h.
 *
 * The results that are ready and not yet asked for stand in a ring. No case is begun that would have no place in it, so
 * that one slow case holds the others up and nothing grows.
 */
#include "schedule.h"

#include <poll.h>
#include <stdlib.h>

/* Places in the ring; the more, the longer the others can go on beside a slow case. */
#define PLACES (2 * SCHEDULE_JOBS)

struct place {
    enum { EMPTY, RUNNING, READY } state;
    struct case_run run;
    struct suite_result result;
};

struct schedule {
    const struct plan *plan;
    const struct case_setting *setting;
    unsigned jobs, running;
    bool alone;          /* The one that is running is alone. */
    size_t begun, given; /* Of the plan's order: how many were begun, and how many results were given away. */
    struct place places[PLACES];
};

struct schedule *schedule_new(const struct plan *plan, const struct case_setting *setting, unsigned jobs)
{
    struct schedule *schedule = calloc(1, sizeof *schedule);

    if (schedule != NULL) {
        schedule->plan = plan;
        schedule->setting = setting;
        schedule->jobs = jobs < 1 ? 1 : jobs > SCHEDULE_JOBS ? SCHEDULE_JOBS : jobs;
    }
    return schedule;
}

static const struct suite_case *case_at(const struct schedule *schedule, size_t index)
{
    return schedule->plan->chosen[schedule->plan->order[index]];
}

static bool may_begin(const struct schedule *schedule)
{
    if (schedule->begun == schedule->plan->rounds * schedule->plan->count || schedule->running == schedule->jobs)
        return false;
    if (schedule->alone || schedule->begun - schedule->given == PLACES)
        return false;
    return schedule->running == 0 || !case_runs_alone(case_at(schedule, schedule->begun));
}

static void begin_what_may(struct schedule *schedule)
{
    while (may_begin(schedule)) {
        const struct suite_case *test = case_at(schedule, schedule->begun);
        struct place *place = &schedule->places[schedule->begun++ % PLACES];
        case_process_start(test, schedule->setting, &place->run);
        place->state = RUNNING;
        schedule->running++;
        schedule->alone = case_runs_alone(test);
    }
}

static void finish(struct schedule *schedule, struct place *place)
{
    case_process_finish(&place->run, &place->result);
    place->state = READY;
    schedule->running--;
    schedule->alone = false;
}

/* Wait until at least one of the running cases has ended, and take its result. */
static void finish_some(struct schedule *schedule)
{
    struct pollfd watched[PLACES];
    struct place *places[PLACES];
    nfds_t count = 0;

    for (size_t i = 0; i < PLACES; i++)
        if (schedule->places[i].state == RUNNING) {
            places[count] = &schedule->places[i];
            watched[count] = (struct pollfd){.fd = places[count]->run.ended, .events = POLLIN};
            count++;
        }
    for (nfds_t i = 0; i < count; i++)
        if (count == 1 || watched[i].fd < 0) {
            finish(schedule, places[i]);
            return;
        }
    if (poll(watched, count, -1) <= 0)
        return;
    for (nfds_t i = 0; i < count; i++)
        if (watched[i].revents != 0)
            finish(schedule, places[i]);
}

bool schedule_next(struct schedule *schedule, struct suite_result *result)
{
    struct place *place = &schedule->places[schedule->given % PLACES];

    if (schedule->given == schedule->plan->rounds * schedule->plan->count)
        return false;
    begin_what_may(schedule);
    while (place->state != READY) {
        finish_some(schedule);
        begin_what_may(schedule);
    }
    *result = place->result;
    place->state = EMPTY;
    schedule->given++;
    return true;
}

void schedule_free(struct schedule *schedule)
{
    if (schedule == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++)
        if (schedule->places[i].state == RUNNING) {
            case_process_interrupt(&schedule->places[i].run);
            finish(schedule, &schedule->places[i]);
        }
    free(schedule);
}
