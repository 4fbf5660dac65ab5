/*
 * Finding the access counter's page, and reading it.
 *
 * The page is the memory behind BAR 2 of an ivshmem device (vendor 1af4, device 1110). sysfs lets root map a PCI device's
 * memory without a driver, once the device is enabled by writing 1 to its `enable` file (tried, Linux 6.1). There may be
 * several such devices. The counter's is recognised by its magic, and by the flag that the plugin raises when it is in
 * place: the same page with no plugin behind it counts nothing and is refused here.
 *
 * Other virtual machines have such devices too, for purposes of their own. So nothing is looked for, and nothing enabled,
 * but in a machine of ours: its kernel was started with numaproof.guest=1.
 */
#include "access_reader.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICES "/sys/bus/pci/devices"

static bool file_says(int folder, const char *name, const char *expected)
{
    char text[32] = "";
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    return length > 0 && strncmp(text, expected, strlen(expected)) == 0;
}

static bool in_our_machine(void)
{
    char line[4096] = "";
    int file = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, line, sizeof line - 1);
    if (file >= 0)
        close(file);
    return length > 0 && strstr(line, "numaproof.guest=1") != NULL;
}

static bool enable(int folder)
{
    int file = openat(folder, "enable", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    bool done = write(file, "1", 1) == 1;
    close(file);
    return done;
}

static struct access_page *map_device(int folder, const char *name, char *why, size_t size)
{
    int file = enable(folder) ? openat(folder, "resource2", O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) {
        snprintf(why, size, "the access counter's device %s cannot be opened: %s", name, strerror(errno));
        return NULL;
    }
    void *memory = mmap(NULL, ACCESS_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int problem = errno;
    close(file);
    if (memory == MAP_FAILED) {
        snprintf(why, size, "the access counter's device %s cannot be mapped: %s", name, strerror(problem));
        return NULL;
    }
    if (((struct access_page *)memory)->machine.magic == ACCESS_MAGIC)
        return memory;
    munmap(memory, ACCESS_PAGE_BYTES);
    return NULL;
}

static struct access_page *find_page(char *why, size_t size)
{
    struct access_page *page = NULL;
    DIR *devices = in_our_machine() ? opendir(DEVICES) : NULL;
    snprintf(why, size, "this machine has no access counter (no PCI device 1af4:1110)");
    for (struct dirent *entry = devices ? readdir(devices) : NULL; entry && !page; entry = readdir(devices)) {
        int folder =
            entry->d_name[0] == '.' ? -1 : openat(dirfd(devices), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
            continue;
        if (file_says(folder, "vendor", "0x1af4") && file_says(folder, "device", "0x1110"))
            page = map_device(folder, entry->d_name, why, size);
        close(folder);
    }
    if (devices)
        closedir(devices);
    return page;
}

bool access_reader_open(struct access_reader *reader, char *why, size_t size)
{
    *reader = (struct access_reader){.page = find_page(why, size)};
    if (!reader->page)
        return false;
    reader->present = true;
    const struct access_machine *machine = &reader->page->machine;
    if (machine->magic == ACCESS_MAGIC && machine->version == ACCESS_VERSION && machine->cpu_count <= ACCESS_CPUS &&
        machine->node_count <= ACCESS_NODES && atomic_load(&reader->page->answer.loaded) == 1) {
        reader->arming = atomic_load(&reader->page->control.armed);
        return true;
    }
    snprintf(why, size, "the shared page is there, but no access counter of this version answers behind it");
    access_reader_close(reader);
    return false;
}

void access_reader_close(struct access_reader *reader)
{
    if (reader->page)
        munmap(reader->page, ACCESS_PAGE_BYTES);
    reader->page = NULL;
}

bool access_reader_is_proved(const struct access_reader *reader)
{
    return atomic_load(&reader->page->answer.proof) == ACCESS_PROOF_HOLDS;
}

void access_reader_set_window(struct access_reader *reader, unsigned window, const void *start, size_t bytes)
{
    if (window == 0 || window >= ACCESS_WINDOWS)
        return;
    struct access_window *range = &reader->page->control.windows[window];
    atomic_store(&range->end, 0);
    atomic_store(&range->start, (uint64_t)(uintptr_t)start);
    atomic_store(&range->end, (uint64_t)(uintptr_t)start + bytes);
}

void access_reader_read(const struct access_reader *reader, unsigned window, struct access_matrix *matrix)
{
    const struct access_machine *machine = &reader->page->machine;
    memset(matrix, 0, sizeof *matrix);
    matrix->nodes = machine->node_count;
    for (uint32_t cpu = 0; cpu < machine->cpu_count && window < ACCESS_WINDOWS; cpu++) {
        const struct access_counts *counts = &reader->page->counts[cpu][window];
        uint32_t initiator = machine->node_of_cpu[cpu] % ACCESS_NODES;
        for (uint32_t target = 0; target <= ACCESS_NODES; target++) {
            for (int kind = 0; kind < 2; kind++) {
                matrix->all[initiator][target][kind] += atomic_load(&counts->all[target][kind]);
                matrix->memory[initiator][target][kind] += atomic_load(&counts->memory[target][kind]);
            }
        }
    }
}
