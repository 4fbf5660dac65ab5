/*
 * Faults that are a value in a file of /sys or /proc/sys: CPUs and memory taken offline, balancing, huge pages.
 */
#include "fault.h"
#include "fault_journal.h"
#include "oracle.h"
#include "outcome.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BALANCING "/proc/sys/kernel/numa_balancing"

/* The value of a setting without its newline. */
static void read_setting(const char *file, char *value, size_t size)
{
    if (!oracle_read_file(file, value, size))
        case_error("fault: %s cannot be read: %s", file, strerror(errno));
    value[strcspn(value, "\n")] = '\0';
}

/* Write @value; false with errno set where the kernel refuses. */
static bool write_value(const char *file, const char *value)
{
    int setting = open(file, O_WRONLY | O_CLOEXEC);

    if (setting < 0)
        return false;
    bool written = write(setting, value, strlen(value)) == (ssize_t)strlen(value);
    int cause = errno;
    close(setting);
    errno = cause;
    return written;
}

/* Change a setting for this case; false where the kernel refuses. Nothing where it has the value already. */
static bool change(const char *file, const char *value)
{
    char before[64], after[64];

    read_setting(file, before, sizeof before);
    if (strcmp(before, value) == 0)
        return true;
    journal_restore(file, before);
    if (!write_value(file, value))
        return false;
    read_setting(file, after, sizeof after);
    if (strcmp(after, value) != 0)
        case_error("fault: %s is %s after it was set to %s", file, after, value);
    return true;
}

void fault_balancing(int value)
{
    char text[16];

    snprintf(text, sizeof text, "%d", value);
    if (!change(BALANCING, text))
        case_error("fault: %s cannot be set to %d: %s", BALANCING, value, strerror(errno));
}

void fault_cpu_offline(unsigned cpu)
{
    char file[80];

    snprintf(file, sizeof file, "/sys/devices/system/cpu/cpu%u/online", cpu);
    if (!change(file, "0"))
        case_error("fault: CPU %u cannot be taken offline: %s", cpu, strerror(errno));
    struct ids online = oracle_online_cpus();
    if (ids_has(&online, cpu))
        case_error("fault: CPU %u is still online", cpu);
}

void fault_cpu_online(unsigned cpu)
{
    char file[80];

    snprintf(file, sizeof file, "/sys/devices/system/cpu/cpu%u/online", cpu);
    if (!change(file, "1"))
        case_error("fault: CPU %u cannot be taken online: %s", cpu, strerror(errno));
}

unsigned fault_offline_one_cpu(void)
{
    struct ids online = oracle_online_cpus();
    struct oracle_place here = oracle_here();

    for (int cpu = ids_first(&online); cpu >= 0; cpu = ids_next(&online, cpu)) {
        char file[80];
        snprintf(file, sizeof file, "/sys/devices/system/cpu/cpu%d/online", cpu);
        if ((unsigned)cpu == here.cpu || access(file, W_OK) != 0)
            continue;
        fault_cpu_offline((unsigned)cpu);
        return (unsigned)cpu;
    }
    case_skipped("needs a CPU that can be taken offline; CPU 0 alone has no such switch");
}

/* Some blocks hold pages that cannot be moved, and stay. */
uint64_t fault_memory_offline(unsigned node)
{
    char path[320], size_text[32];
    uint64_t blocks = 0;
    struct dirent *entry;

    read_setting("/sys/devices/system/memory/block_size_bytes", size_text, sizeof size_text);
    snprintf(path, sizeof path, "/sys/devices/system/node/node%u", node);
    DIR *directory = opendir(path);
    if (directory == NULL)
        case_error("fault: %s: %s", path, strerror(errno));
    while ((entry = readdir(directory)) != NULL) {
        unsigned block;
        if (sscanf(entry->d_name, "memory%u", &block) != 1)
            continue;
        snprintf(path, sizeof path, "/sys/devices/system/memory/memory%u/state", block);
        blocks += change(path, "offline");
    }
    closedir(directory);
    return blocks * strtoull(size_text, NULL, 16);
}

void fault_huge_pages(unsigned node, unsigned page_kib, unsigned count)
{
    char file[160], value[16];

    snprintf(
        file, sizeof file, "/sys/devices/system/node/node%u/hugepages/hugepages-%ukB/nr_hugepages", node, page_kib);
    snprintf(value, sizeof value, "%u", count);
    if (!change(file, value))
        case_error("fault: %s cannot be set to %u: %s", file, count, strerror(errno));
}
