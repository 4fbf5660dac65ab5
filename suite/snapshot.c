/*
 * Taking and comparing the state of the process; see snapshot.h.
 *
 * Neighbouring mappings that are alike are joined before they are compared: the kernel joins and splits them as it likes.
 */
#include "snapshot.h"
#include "outcome.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int compare_threads(const void *a, const void *b)
{
    const struct snapshot_thread *left = a, *right = b;

    return left->id < right->id ? -1 : left->id > right->id;
}

static void take_threads(struct snapshot *snapshot)
{
    static pid_t ids[ORACLE_THREAD_MAX];

    size_t count = oracle_threads(ids);
    if (count > SNAPSHOT_THREADS)
        case_error("snapshot: %zu threads are more than it holds", count);
    snapshot->thread_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct snapshot_thread *next = &snapshot->threads[snapshot->thread_count];
        next->id = ids[i];
        if (oracle_affinity_of(ids[i], &next->affinity))
            snapshot->thread_count++;
    }
    qsort(snapshot->threads, snapshot->thread_count, sizeof snapshot->threads[0], compare_threads);
}

static bool is_left_out(const char *name)
{
    return strcmp(name, "[heap]") == 0 || strcmp(name, "[stack]") == 0 || strncmp(name, "[v", 2) == 0;
}

/* "start-end protection offset device inode name"; by hand, since sscanf() took most of the time of a snapshot. */
static bool parse_mapping(const char *line, struct snapshot_mapping *mapping)
{
    char *at;

    mapping->start = strtoul(line, &at, 16);
    if (at == line || *at != '-')
        return false;
    mapping->end = strtoul(at + 1, &at, 16);
    if (*at++ != ' ')
        return false;
    for (int field = 0; field < 4; field++) { /* protection, offset, device, inode */
        size_t length = strcspn(at, " \n");
        if (length == 0)
            return false;
        if (field == 0)
            snprintf(mapping->protection, sizeof mapping->protection, "%.*s", (int)length, at);
        at += length;
        at += strspn(at, " ");
    }
    snprintf(mapping->name, sizeof mapping->name, "%.*s", (int)strcspn(at, "\n"), at);
    return true;
}

static void take_mappings(struct snapshot *snapshot)
{
    char line[4352];

    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL)
        case_error("snapshot: /proc/self/maps: %s", strerror(errno));
    snapshot->mapping_count = 0;
    while (fgets(line, sizeof line, maps) != NULL) {
        struct snapshot_mapping *next = &snapshot->mappings[snapshot->mapping_count];
        if (!parse_mapping(line, next))
            case_error("snapshot: a line of /proc/self/maps is not understood: %.80s", line);
        if (!is_left_out(next->name) && ++snapshot->mapping_count == SNAPSHOT_MAPPINGS)
            case_error("snapshot: more than %d mappings", SNAPSHOT_MAPPINGS - 1);
    }
    fclose(maps);
}

/*
 * Asked for mapping by mapping: /proc/self/numa_maps would tell the same, but counts every page on the way, which is a
 * hundred times dearer. A mapping that went meanwhile has no policy. Neighbours mostly have the same, which is put into
 * words once.
 */
static void take_policies(struct snapshot *snapshot)
{
    struct oracle_policy last = {.mode = -1};

    for (size_t i = 0; i < snapshot->mapping_count; i++) {
        struct snapshot_mapping *mapping = &snapshot->mappings[i];
        struct oracle_policy policy = oracle_policy_at((const void *)mapping->start);
        if (oracle_policy_equal(&policy, &last))
            memcpy(mapping->policy, (mapping - 1)->policy, sizeof mapping->policy);
        else
            snprintf(mapping->policy, sizeof mapping->policy, "%s", oracle_policy_text(&policy).text);
        last = policy;
    }
}

static void join_mappings(struct snapshot *snapshot)
{
    size_t kept = 0;

    for (size_t i = 1; i < snapshot->mapping_count; i++) {
        struct snapshot_mapping *last = &snapshot->mappings[kept], *next = &snapshot->mappings[i];
        if (last->end == next->start && strcmp(last->protection, next->protection) == 0 &&
            strcmp(last->policy, next->policy) == 0 && strcmp(last->name, next->name) == 0)
            last->end = next->end;
        else
            snapshot->mappings[++kept] = *next;
    }
    if (snapshot->mapping_count > 0)
        snapshot->mapping_count = kept + 1;
}

static int compare_descriptors(const void *a, const void *b)
{
    const struct snapshot_descriptor *left = a, *right = b;

    return left->number - right->number;
}

static void take_descriptors(struct snapshot *snapshot)
{
    struct dirent *entry;

    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL)
        case_error("snapshot: /proc/self/fd: %s", strerror(errno));
    snapshot->descriptor_count = 0;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(directory))
            continue;
        struct snapshot_descriptor *next = &snapshot->descriptors[snapshot->descriptor_count];
        memset(next, 0, sizeof *next);
        next->number = atoi(entry->d_name);
        if (readlinkat(dirfd(directory), entry->d_name, next->target, sizeof next->target - 1) < 0)
            continue;
        if (++snapshot->descriptor_count == SNAPSHOT_DESCRIPTORS)
            case_error("snapshot: more than %d descriptors", SNAPSHOT_DESCRIPTORS - 1);
    }
    closedir(directory);
    qsort(snapshot->descriptors, snapshot->descriptor_count, sizeof snapshot->descriptors[0], compare_descriptors);
}

void snapshot_take(struct snapshot *snapshot, bool mappings)
{
    take_threads(snapshot);
    snapshot->mapping_count = 0;
    if (mappings) {
        take_mappings(snapshot);
        take_policies(snapshot);
        join_mappings(snapshot);
    }
    take_descriptors(snapshot);
    snapshot->policy = oracle_thread_policy();
    snapshot->locked_bytes = oracle_locked_bytes();
}

static bool found(char *what, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool found(char *what, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, size, format, arguments);
    va_end(arguments);
    return true;
}

static bool threads_differ(const struct snapshot *before, const struct snapshot *after, char *what, size_t size)
{
    size_t i = 0, j = 0;

    while (i < before->thread_count || j < after->thread_count) {
        const struct snapshot_thread *old = i < before->thread_count ? &before->threads[i] : NULL;
        const struct snapshot_thread *new = j < after->thread_count ? &after->threads[j] : NULL;
        if (new == NULL || (old != NULL && old->id < new->id))
            return found(what, size, "thread %d is gone", (int)old->id);
        if (old == NULL || new->id < old->id)
            return found(what, size, "thread %d is new", (int)new->id);
        if (!ids_equal(&old->affinity, &new->affinity))
            return found(what, size, "the affinity of thread %d was %s and is %s", (int)old->id,
                ids_text(&old->affinity).text, ids_text(&new->affinity).text);
        i++;
        j++;
    }
    return false;
}

static bool mappings_differ(const struct snapshot *before, const struct snapshot *after, char *what, size_t size)
{
    for (size_t i = 0;; i++) {
        const struct snapshot_mapping *old = i < before->mapping_count ? &before->mappings[i] : NULL;
        const struct snapshot_mapping *new = i < after->mapping_count ? &after->mappings[i] : NULL;
        if (old == NULL && new == NULL)
            return false;
        if (new == NULL || (old != NULL && old->end <= new->start))
            return found(what, size, "the mapping at %" PRIxPTR " of %zu KiB (%s %s) is gone", old->start,
                (size_t)(old->end - old->start) / 1024, old->protection, old->name);
        if (old == NULL || new->end <= old->start)
            return found(what, size, "a mapping at %" PRIxPTR " of %zu KiB (%s %s, policy %s) is new", new->start,
                (size_t)(new->end - new->start) / 1024, new->protection, new->name, new->policy);
        if (old->start != new->start || old->end != new->end || strcmp(old->protection, new->protection) != 0 ||
            strcmp(old->policy, new->policy) != 0 || strcmp(old->name, new->name) != 0)
            return found(what, size,
                "the mapping at %" PRIxPTR " was %zu KiB (%s %s, policy %s) and is %zu KiB (%s %s, "
                "policy %s) at %" PRIxPTR,
                old->start, (size_t)(old->end - old->start) / 1024, old->protection, old->name, old->policy,
                (size_t)(new->end - new->start) / 1024, new->protection, new->name, new->policy, new->start);
    }
}

static bool descriptors_differ(const struct snapshot *before, const struct snapshot *after, char *what, size_t size)
{
    for (size_t i = 0;; i++) {
        const struct snapshot_descriptor *old = i < before->descriptor_count ? &before->descriptors[i] : NULL;
        const struct snapshot_descriptor *new = i < after->descriptor_count ? &after->descriptors[i] : NULL;
        if (old == NULL && new == NULL)
            return false;
        if (new == NULL || (old != NULL && old->number < new->number))
            return found(what, size, "descriptor %d (%s) is closed", old->number, old->target);
        if (old == NULL || new->number < old->number)
            return found(what, size, "descriptor %d (%s) is open", new->number, new->target);
        if (strcmp(old->target, new->target) != 0)
            return found(what, size, "descriptor %d was %s and is %s", old->number, old->target, new->target);
    }
}

bool snapshot_differs(
    const struct snapshot *before, const struct snapshot *after, bool mappings, char *what, size_t size)
{
    if (threads_differ(before, after, what, size) || descriptors_differ(before, after, what, size))
        return true;
    if (!oracle_policy_equal(&before->policy, &after->policy))
        return found(what, size, "the thread's memory policy was %s and is %s",
            oracle_policy_text(&before->policy).text, oracle_policy_text(&after->policy).text);
    if (before->locked_bytes != after->locked_bytes)
        return found(
            what, size, "%" PRIu64 " bytes were locked and %" PRIu64 " are", before->locked_bytes, after->locked_bytes);
    return mappings && mappings_differ(before, after, what, size);
}
