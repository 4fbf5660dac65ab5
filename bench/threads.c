/*
 * What other threads of this process are doing, without asking them.
 *
 * The workers of an implementation are found by listing the threads before and after it is built, whatever it is made
 * of; whether they sleep, how often they were switched to, and how long they ran is the kernel's word: /proc/self/task/N/stat,
 * status and schedstat. A thread that sleeps does not change these counts by being looked at.
 */
#include "threads.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int compare(const void *left, const void *right)
{
    pid_t a = *(const pid_t *)left, b = *(const pid_t *)right;

    return (a > b) - (a < b);
}

bool threads_list(struct thread_list *threads)
{
    DIR *folder = opendir("/proc/self/task");
    const struct dirent *entry;
    bool fits = folder != NULL;

    threads->count = 0;
    while (fits && (entry = readdir(folder)) != NULL) {
        char *end;
        long id = strtol(entry->d_name, &end, 10);
        if (*end != '\0' || id <= 0)
            continue;
        fits = threads->count < THREADS_MOST;
        if (fits)
            threads->id[threads->count++] = (pid_t)id;
    }
    if (folder != NULL)
        closedir(folder);
    qsort(threads->id, threads->count, sizeof threads->id[0], compare);
    return fits;
}

void threads_subtract(struct thread_list *threads, const struct thread_list *others)
{
    size_t kept = 0;

    for (size_t i = 0; i < threads->count; i++)
        if (bsearch(&threads->id[i], others->id, others->count, sizeof others->id[0], compare) == NULL)
            threads->id[kept++] = threads->id[i];
    threads->count = kept;
}

/* The content of a thread's file, at most 4095 bytes. False when there is none. */
static bool read_file(pid_t thread, const char *name, char text[4096])
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d/%s", (int)thread, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t count = read(file, text, 4095);
    close(file);
    text[count > 0 ? count : 0] = '\0';
    return count > 0;
}

/* The state follows the name, which may hold anything, the closing bracket too. */
static bool is_asleep(pid_t thread)
{
    char text[4096];
    const char *name_end = read_file(thread, "stat", text) ? strrchr(text, ')') : NULL;

    return name_end != NULL && strncmp(name_end, ") S", 3) == 0;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

bool threads_await_sleep(const struct thread_list *threads, double seconds)
{
    double limit = now() + seconds;
    size_t asleep = 0;

    while (asleep < threads->count && now() < limit) {
        if (is_asleep(threads->id[asleep]))
            asleep++;
        else
            sched_yield();
    }
    return asleep == threads->count;
}

static bool find_number(const char *text, const char *key, uint64_t *number)
{
    const char *found = strstr(text, key);

    return found != NULL && sscanf(found + strlen(key), "%" SCNu64, number) == 1;
}

bool threads_activity(const struct thread_list *threads, struct thread_activity *activity)
{
    char text[4096];

    *activity = (struct thread_activity){0};
    for (size_t i = 0; i < threads->count; i++) {
        uint64_t willing, unwilling, on_cpu;
        if (!read_file(threads->id[i], "status", text) || !find_number(text, "\nvoluntary_ctxt_switches:", &willing) ||
            !find_number(text, "\nnonvoluntary_ctxt_switches:", &unwilling))
            return false;
        /* Not all kernels are built with it; the switches tell the same. */
        if (!read_file(threads->id[i], "schedstat", text) || sscanf(text, "%" SCNu64, &on_cpu) != 1)
            on_cpu = 0;
        activity->switches += willing + unwilling;
        activity->nanoseconds += on_cpu;
    }
    return true;
}
