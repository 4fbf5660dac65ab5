/*
 * A team measures what several CPUs do at once.
 *
 * Its threads live as long as it does, each held to one CPU, so that a sample does not pay for making threads and what a
 * thread touched is still near. They sleep between samples: a machine is not to be disturbed by those who wait. Woken,
 * each checks that it is where it belongs, then waits in a short spin for the others, so that all start within a
 * microsecond. The clock runs from the last arrival to the last end: bandwidth is what all moved in that time, and a
 * member that was held up is not forgiven.
 */
#include "team.h"

#include "failure.h"
#include "placement.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Arrivals are waited for by spinning; with more threads than CPUs a spin must give way. */
#define SPINS_BEFORE_YIELD 20000

struct member {
    struct team *team;
    pthread_t thread;
    unsigned number, cpu;
    bool started;
    bool in_place;
    int64_t ready, done; /* ns */
};

struct team {
    pthread_mutex_t lock;
    pthread_cond_t work_is_there, all_are_done;
    unsigned long round;
    size_t working, members, count;
    bool stop;
    team_work *work;
    void *closure;
    atomic_size_t arrived;
    struct member member[];
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void wait_for_others(struct team *team)
{
    unsigned spins = 0;

    atomic_fetch_add(&team->arrived, 1);
    while (atomic_load_explicit(&team->arrived, memory_order_acquire) < team->members)
        if (++spins % SPINS_BEFORE_YIELD == 0)
            sched_yield();
}

/* Wait for round @round. False when there is no more. */
static bool wait_for_work(struct team *team, unsigned long round)
{
    pthread_mutex_lock(&team->lock);
    while (!team->stop && team->round < round)
        pthread_cond_wait(&team->work_is_there, &team->lock);
    bool goes_on = !team->stop;
    pthread_mutex_unlock(&team->lock);
    return goes_on;
}

static void tell_done(struct team *team)
{
    pthread_mutex_lock(&team->lock);
    if (--team->working == 0)
        pthread_cond_signal(&team->all_are_done);
    pthread_mutex_unlock(&team->lock);
}

static void *live(void *closure)
{
    struct member *member = closure;
    struct team *team = member->team;

    member->in_place = thread_move(member->cpu);
    tell_done(team);
    for (unsigned long round = 1; wait_for_work(team, round); round++) {
        if (member->number < team->members) {
            bool before = thread_is_in_place(member->cpu);
            wait_for_others(team);
            member->ready = now_ns();
            team->work(member->number, team->closure);
            member->done = now_ns();
            member->in_place = before && thread_is_in_place(member->cpu);
        }
        tell_done(team);
    }
    return NULL;
}

static void wait_until_done(struct team *team)
{
    while (team->working > 0)
        pthread_cond_wait(&team->all_are_done, &team->lock);
}

/* The first that is not on its CPU, or NULL. */
static const struct member *find_missing(const struct team *team, size_t members)
{
    for (size_t i = 0; i < members; i++)
        if (!team->member[i].in_place)
            return &team->member[i];
    return NULL;
}

np_status team_make(struct team **made, const unsigned *cpus, size_t count, np_error *error)
{
    struct team *team = calloc(1, sizeof *team + count * sizeof *team->member);
    int problem = 0;

    if (team == NULL)
        return failure(error, NP_ALLOCATION, "no memory for a team of %zu threads", count);
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->work_is_there, NULL);
    pthread_cond_init(&team->all_are_done, NULL);
    team->count = count;
    pthread_mutex_lock(&team->lock);
    for (size_t i = 0; i < count && problem == 0; i++) {
        struct member *member = &team->member[i];
        *member = (struct member){.team = team, .number = (unsigned)i, .cpu = cpus[i]};
        problem = pthread_create(&member->thread, NULL, live, member);
        member->started = problem == 0;
        team->working += member->started;
    }
    wait_until_done(team);
    pthread_mutex_unlock(&team->lock);
    const struct member *missing = problem == 0 ? find_missing(team, count) : NULL;
    if (problem == 0 && missing == NULL) {
        *made = team;
        return NP_OK;
    }
    np_status status =
        problem != 0
            ? failure(error, NP_SYSTEM, "no thread could be made for a team of %zu: %s", count, strerror(problem))
            : failure(error, NP_SYSTEM, "the kernel does not let this process run on CPU %u", missing->cpu);
    team_free(team);
    return status;
}

bool team_run(struct team *team, size_t members, team_work *work, void *closure, double *seconds, unsigned *missing)
{
    int64_t start = INT64_MIN, end = INT64_MIN;

    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->closure = closure;
    team->members = members;
    team->working = team->count;
    atomic_store(&team->arrived, 0);
    team->round++;
    pthread_cond_broadcast(&team->work_is_there);
    wait_until_done(team);
    pthread_mutex_unlock(&team->lock);
    for (size_t i = 0; i < members; i++) {
        start = team->member[i].ready > start ? team->member[i].ready : start;
        end = team->member[i].done > end ? team->member[i].done : end;
    }
    *seconds = (double)(end - start) / 1e9;
    const struct member *lost = find_missing(team, members);
    if (lost != NULL)
        *missing = lost->cpu;
    return lost == NULL;
}

size_t team_size(const struct team *team)
{
    return team->count;
}

void team_free(struct team *team)
{
    if (team == NULL)
        return;
    pthread_mutex_lock(&team->lock);
    team->stop = true;
    pthread_cond_broadcast(&team->work_is_there);
    pthread_mutex_unlock(&team->lock);
    for (size_t i = 0; i < team->count; i++)
        if (team->member[i].started)
            pthread_join(team->member[i].thread, NULL);
    pthread_cond_destroy(&team->all_are_done);
    pthread_cond_destroy(&team->work_is_there);
    pthread_mutex_destroy(&team->lock);
    free(team);
}
