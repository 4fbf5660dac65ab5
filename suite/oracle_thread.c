/*
 * The oracle on threads: affinity, place, memory policy, privileges.
 */
#include "oracle.h"
#include "outcome.h"

#include <dirent.h>
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

pid_t oracle_self(void)
{
    return (pid_t)oracle_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
}

/* The kernel writes as many bytes as it has CPUs for, and leaves the rest of the set alone. */
bool oracle_affinity_of(pid_t thread, struct ids *cpus)
{
    *cpus = ids_none();
    long result = oracle_call(SYS_sched_getaffinity, thread, (long)sizeof *cpus, (long)cpus, 0, 0, 0);
    if (result < 0 && result != -ESRCH)
        case_error("oracle: sched_getaffinity of thread %d: %s", (int)thread, strerror((int)-result));
    return result >= 0;
}

struct ids oracle_affinity(pid_t thread)
{
    struct ids cpus;

    if (!oracle_affinity_of(thread, &cpus))
        case_error("oracle: there is no thread %d", (int)thread);
    return cpus;
}

/*
 * A thread that pthread_join() has seen end may be listed for a moment more: the join returns when the thread gives up its
 * memory, before the kernel takes it from the list of its group (seen on 6.1 and 6.18). PF_EXITING is set before both.
 */
static bool is_exiting(pid_t thread)
{
    char path[48], stat[1024];
    unsigned flags = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    if (!oracle_read_file(path, stat, sizeof stat)) {
        if (errno != ENOENT && errno != ESRCH)
            case_error("oracle: %s: %s", path, strerror(errno));
        return true;
    }
    const char *name_end = strrchr(stat, ')');
    if (name_end == NULL || sscanf(name_end + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
        case_error("oracle: %s is not understood: %.80s", path, stat);
    return (flags & 4) != 0;
}

size_t oracle_threads(pid_t threads[ORACLE_THREAD_MAX])
{
    size_t listed = 0, count = 0;
    struct dirent *entry;

    DIR *directory = opendir("/proc/self/task");
    if (directory == NULL)
        case_error("oracle: /proc/self/task: %s", strerror(errno));
    while ((entry = readdir(directory)) != NULL && listed < ORACLE_THREAD_MAX)
        if (entry->d_name[0] != '.')
            threads[listed++] = (pid_t)atoi(entry->d_name);
    closedir(directory);
    /* Only now: with the directory open, a case's limit on descriptors may allow no file beside it. */
    for (size_t i = 0; i < listed; i++)
        if (!is_exiting(threads[i]))
            threads[count++] = threads[i];
    return count;
}

struct oracle_place oracle_here(void)
{
    struct oracle_place place = {0, 0};

    long result = oracle_call(SYS_getcpu, (long)&place.cpu, (long)&place.node, 0, 0, 0, 0);
    if (result < 0)
        case_error("oracle: getcpu: %s", strerror((int)-result));
    return place;
}

/*
 * The kernel reads and writes one bit less than the maxnode that it is given, and refuses a mask that is shorter than
 * its own nodes: ask for all the bits of the set plus one.
 */
static struct oracle_policy policy(const void *address, int flags)
{
    struct oracle_policy found = {.nodes = ids_none()};
    int mode = 0;

    long result =
        oracle_call(SYS_get_mempolicy, (long)&mode, (long)&found.nodes, ORACLE_NODE_MAX + 1, (long)address, flags, 0);
    if (result == -ENOSYS) /* A kernel without NUMA has no policies, so that all is default. */
        return found;
    if (result < 0)
        case_error("oracle: get_mempolicy at %p: %s", address, strerror((int)-result));
    found.flags = mode & MPOL_MODE_FLAGS;
    found.mode = mode & ~MPOL_MODE_FLAGS;
    return found;
}

struct oracle_policy oracle_thread_policy(void)
{
    return policy(NULL, 0);
}

struct oracle_policy oracle_policy_at(const void *address)
{
    return policy(address, MPOL_F_ADDR);
}

bool oracle_policy_equal(const struct oracle_policy *a, const struct oracle_policy *b)
{
    return a->mode == b->mode && a->flags == b->flags && ids_equal(&a->nodes, &b->nodes);
}

struct ids_text oracle_policy_text(const struct oracle_policy *shown)
{
    static const char *const names[] = {
        "default", "prefer", "bind", "interleave", "local", "prefer (many)", "weighted"};
    struct ids_text text;
    const char *name = (size_t)shown->mode < sizeof names / sizeof names[0] ? names[shown->mode] : "unknown";

    snprintf(text.text, sizeof text.text, "%s:%.*s", name, (int)sizeof text.text - 20, ids_text(&shown->nodes).text);
    return text;
}

uint64_t oracle_effective_capabilities(void)
{
    char status[8192];

    if (!oracle_read_file("/proc/thread-self/status", status, sizeof status))
        case_error("oracle: /proc/thread-self/status cannot be read: %s", strerror(errno));
    const char *line = strstr(status, "CapEff:");
    if (line == NULL)
        case_error("oracle: /proc/thread-self/status has no CapEff");
    return strtoull(line + strlen("CapEff:"), NULL, 16);
}
