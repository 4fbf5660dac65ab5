/*
 * Whether processes are at work; see at_work.h.
 */
#include "at_work.h"
#include "oracle.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What /proc/PID/stat and /proc/PID/task/TID/stat tell, of a process or of a thread. */
struct stat_line {
    char state;
    int group;
    unsigned long long ticks; /* In user and kernel mode, and of the children that were waited for. */
};

/* The name may hold anything, so that it is what follows it that counts. */
static bool read_stat(const char *path, struct stat_line *line)
{
    char text[1024];
    unsigned long long user, kernel;
    long long children_user, children_kernel;

    if (!oracle_read_file(path, text, sizeof text))
        return false;
    const char *name_end = strrchr(text, ')');
    if (name_end == NULL || sscanf(name_end + 1, " %c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld",
                                &line->state, &line->group, &user, &kernel, &children_user, &children_kernel) != 6)
        return false;
    line->ticks = user + kernel + (unsigned long long)(children_user + children_kernel);
    return true;
}

bool thread_is_at_work(pid_t process, pid_t thread)
{
    struct stat_line line;
    char path[80];

    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)process, (int)thread);
    return read_stat(path, &line) && (line.state == 'R' || line.state == 'D');
}

static bool process_is_at_work(pid_t process)
{
    bool is_at_work = false;
    struct dirent *entry;
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *threads = opendir(path);
    while (threads != NULL && !is_at_work && (entry = readdir(threads)) != NULL)
        is_at_work = atoi(entry->d_name) > 0 && thread_is_at_work(process, (pid_t)atoi(entry->d_name));
    if (threads != NULL)
        closedir(threads);
    return is_at_work;
}

static double seconds_of(unsigned long long ticks)
{
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

double machine_cpu_seconds(void)
{
    char text[512];
    unsigned long long user = 0, nice = 0, kernel = 0;

    if (!oracle_read_file("/proc/stat", text, sizeof text) ||
        sscanf(text, "cpu %llu %llu %llu", &user, &nice, &kernel) != 3)
        return 0;
    return seconds_of(user + nice + kernel);
}

/* The next process of @group in @processes, which is /proc and may be NULL; 0 after the last. */
static pid_t next_of_group(DIR *processes, pid_t group, struct stat_line *line)
{
    struct dirent *entry;

    while (processes != NULL && (entry = readdir(processes)) != NULL) {
        pid_t process = (pid_t)atoi(entry->d_name);
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
        if (process > 0 && read_stat(path, line) && line->group == group)
            return process;
    }
    return 0;
}

struct work work_of_group(pid_t group, double seconds, double machine_before)
{
    struct work work = {.seconds = seconds, .machine_seconds = machine_cpu_seconds() - machine_before};
    unsigned long long ticks = 0;
    struct stat_line line;
    pid_t process;

    DIR *processes = opendir("/proc");
    while ((process = next_of_group(processes, group, &line)) != 0) {
        ticks += line.ticks;
        work.is_at_work = work.is_at_work || process_is_at_work(process);
    }
    if (processes != NULL)
        closedir(processes);
    work.cpu_seconds = seconds_of(ticks);
    return work;
}

/* A file of a thread's that has one line; empty where it cannot be read. */
static void read_line(pid_t process, const char *thread, const char *name, char *line, size_t size)
{
    char path[128];

    snprintf(path, sizeof path, "/proc/%d/task/%.16s/%s", (int)process, thread, name);
    if (!oracle_read_file(path, line, size))
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
}

/* Adds "name state in kernel function", of as many threads as there is room for. The kernel says where to root only. */
static void add_threads(pid_t process, char *text, size_t size)
{
    char path[64];
    struct dirent *entry;

    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *threads = opendir(path);
    while (threads != NULL && (entry = readdir(threads)) != NULL) {
        char name[64], place[64], stat_path[96];
        struct stat_line line;
        size_t length = strlen(text);
        snprintf(stat_path, sizeof stat_path, "%s/%.16s/stat", path, entry->d_name);
        if (atoi(entry->d_name) <= 0 || !read_stat(stat_path, &line))
            continue;
        read_line(process, entry->d_name, "comm", name, sizeof name);
        read_line(process, entry->d_name, "wchan", place, sizeof place);
        bool is_told = place[0] != '\0' && strcmp(place, "0") != 0;
        snprintf(text + length, size - length, "%s%s %c%s%s", length > 0 ? ", " : "", name, line.state,
            is_told ? " in " : "", is_told ? place : "");
    }
    if (threads != NULL)
        closedir(threads);
}

void threads_in_words(pid_t group, char *text, size_t size)
{
    struct stat_line line;
    pid_t process;

    text[0] = '\0';
    DIR *processes = opendir("/proc");
    while ((process = next_of_group(processes, group, &line)) != 0)
        add_threads(process, text, size);
    if (processes != NULL)
        closedir(processes);
}

/*
 * An emulated CPU that itself got no CPU counts that time as its running thread's; but it had none of its ticks meanwhile, by
 * which the kernel counts what all have had (6.1, 6.18). So the lesser of the two is what was had; where the machine does not tell,
 * as in some containers, the group's own.
 */
bool is_kept_from_a_cpu(const struct work *work)
{
    bool is_told = work->machine_seconds > 0;
    double had = is_told && work->machine_seconds < work->cpu_seconds ? work->machine_seconds : work->cpu_seconds;

    return work->is_at_work && had < work->seconds / 2;
}
