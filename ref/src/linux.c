/*
 * The system calls and files behind linux.h.
 *
 * Affinity goes through raw system calls: glibc's cpu_set_t ends at CPU 1023, and its CPU_ALLOC sets make the caller
 * guess a size. The kernel takes a mask of any length, ignores what lies past its own nr_cpu_ids when setting, and
 * writes only as many bytes as it has when reading (the return value says how many), since 2.6.
 */
#include "linux.h"
#include "linux_thread.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The longest lists there are, of every second id: under 20 KiB for CPUs, 2.5 KiB for nodes. */
#define CPU_LIST_MAX  32768
#define NODE_LIST_MAX 4096

/* A thread's status has three such lists and two of them as masks. */
#define STATUS_MAX 65536

#define MEMINFO_MAX 8192

static int read_all(int file, char *text, size_t size, size_t *length)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(file, text + have, size - have);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        have += (size_t)got;
    }
    *length = have;
    return have < size ? 0 : EFBIG;
}

int linux_read_text(int directory, const char *path, char *text, size_t size)
{
    int file = openat(directory, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    size_t length = 0;
    int error = read_all(file, text, size, &length);
    close(file);
    if (error != 0)
        return error;
    if (memchr(text, '\0', length) != NULL)
        return EBADMSG;
    if (length > 0 && text[length - 1] == '\n')
        length--;
    text[length] = '\0';
    return 0;
}

int linux_read_long_text(int directory, const char *path, char **text)
{
    for (size_t size = 65536; size <= (size_t)64 << 20; size *= 2) {
        char *buffer = malloc(size);
        if (buffer == NULL)
            return ENOMEM;
        const int error = linux_read_text(directory, path, buffer, size);
        if (error == 0) {
            *text = buffer;
            return 0;
        }
        free(buffer);
        if (error != EFBIG)
            return error;
    }
    return EFBIG;
}

int linux_read_number(int directory, const char *path, uint64_t *number)
{
    char text[32];
    int error = linux_read_text(directory, path, text, sizeof text);
    if (error != 0)
        return error;
    if (text[0] < '0' || text[0] > '9')
        return EBADMSG;
    errno = 0;
    char *end = NULL;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return EBADMSG;
    *number = value;
    return 0;
}

int linux_read_cpus(int directory, const char *path, np_cpuset *cpus)
{
    char *text = malloc(CPU_LIST_MAX);
    if (text == NULL)
        return ENOMEM;
    int error = linux_read_text(directory, path, text, CPU_LIST_MAX);
    if (error == 0 && np_cpuset_parse(text, cpus, NULL) != NP_OK)
        error = EBADMSG;
    free(text);
    return error;
}

int linux_read_nodes(int directory, const char *path, np_nodeset *nodes)
{
    char text[NODE_LIST_MAX];
    int error = linux_read_text(directory, path, text, sizeof text);
    if (error == 0 && np_nodeset_parse(text, nodes, NULL) != NP_OK)
        error = EBADMSG;
    return error;
}

int linux_get_affinity(pid_t thread, np_cpuset *cpus)
{
    const long bytes = syscall(SYS_sched_getaffinity, thread, sizeof cpus->words, cpus->words);
    if (bytes < 0)
        return errno;
    memset((char *)cpus->words + bytes, 0, sizeof cpus->words - (size_t)bytes);
    return 0;
}

int linux_status_list(char *status, const char *label, np_cpuset *cpus, np_nodeset *nodes)
{
    char *list = strstr(status, label);
    if (list == NULL)
        return EBADMSG;
    list += strlen(label);
    list[strcspn(list, "\n")] = '\0';
    const np_status read = cpus != NULL ? np_cpuset_parse(list, cpus, NULL) : np_nodeset_parse(list, nodes, NULL);
    return read == NP_OK ? 0 : EBADMSG;
}

/* The calling thread's own. */
static int read_status_list(const char *label, np_cpuset *cpus, np_nodeset *nodes)
{
    char *text = malloc(STATUS_MAX);
    int error = text == NULL ? ENOMEM : linux_read_text(AT_FDCWD, "/proc/thread-self/status", text, STATUS_MAX);
    if (error == 0)
        error = linux_status_list(text, label, cpus, nodes);
    free(text);
    return error;
}

int linux_get_whole_affinity(np_cpuset *cpus)
{
    return read_status_list(LINUX_CPUS_ALLOWED, cpus, NULL);
}

int linux_usable_nodes(np_nodeset *nodes)
{
    return read_status_list(LINUX_MEMS_ALLOWED, NULL, nodes);
}

struct widest {
    np_cpuset cpus;
    int error;
    pid_t thread;
};

static void *ask_for_every_cpu(void *closure)
{
    struct widest *widest = closure;
    widest->thread = linux_thread_id();
    memset(&widest->cpus, 0xff, sizeof widest->cpus);
    widest->error = linux_set_affinity(0, &widest->cpus);
    if (widest->error == 0)
        widest->error = linux_get_affinity(0, &widest->cpus);
    return NULL;
}

/* With all signals blocked: the program's handlers have no business in our threads. */
static int start_asking(struct widest *widest, pthread_t *thread)
{
    sigset_t all_signals;
    sigfillset(&all_signals);
    pthread_attr_t attributes;
    int problem = pthread_attr_init(&attributes);
    if (problem != 0)
        return problem;
    problem = pthread_attr_setsigmask_np(&attributes, &all_signals);
    if (problem == 0)
        problem = pthread_create(thread, &attributes, ask_for_every_cpu, widest);
    pthread_attr_destroy(&attributes);
    return problem;
}

int linux_usable_cpus(np_cpuset *cpus)
{
    struct widest widest;
    pthread_t thread;
    const int error = start_asking(&widest, &thread);
    if (error != 0)
        return error;
    linux_join(thread, &widest.thread);
    if (widest.error == 0)
        *cpus = widest.cpus;
    return widest.error;
}

int linux_set_affinity(pid_t thread, const np_cpuset *cpus)
{
    return syscall(SYS_sched_setaffinity, thread, sizeof cpus->words, cpus->words) < 0 ? errno : 0;
}

pid_t linux_thread_id(void)
{
    return (pid_t)syscall(SYS_gettid);
}

int linux_current_cpu(void)
{
    return sched_getcpu();
}

static bool has_bit(const struct __user_cap_data_struct *data, unsigned capability)
{
    return (data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0;
}

/* libcap's capget() and not its cap_get_proc(): that one allocates, and so could fail where detection must not (CAP-6). */
int linux_effective_capabilities(struct linux_capabilities *capabilities)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (capget(&header, data) != 0)
        return errno;
    capabilities->sys_admin = has_bit(data, CAP_SYS_ADMIN);
    capabilities->sys_nice = has_bit(data, CAP_SYS_NICE);
    capabilities->ipc_lock = has_bit(data, CAP_IPC_LOCK);
    return 0;
}

struct linux_balancing linux_numa_balancing(void)
{
    struct linux_balancing balancing = {.enabled = true};
    int error = linux_read_text(AT_FDCWD, "/proc/sys/kernel/numa_balancing", balancing.found, sizeof balancing.found);
    if (error == ENOENT) {
        balancing.enabled = false;
        strcpy(balancing.found, "no such setting");
    } else if (error != 0) {
        snprintf(balancing.found, sizeof balancing.found, "unreadable: %s", strerrordesc_np(error));
    } else {
        balancing.enabled = strcmp(balancing.found, "0") != 0;
    }
    return balancing;
}

/* One line of a meminfo by its label: "MemTotal: 5071428 kB", or in a node's "Node 0 MemFree: 4631796 kB". */
static int memory_field(const char *text, const char *label, uint64_t *bytes)
{
    const char *line = strstr(text, label);
    unsigned long long kibibytes = 0;
    if (line == NULL || sscanf(line + strlen(label), "%llu kB", &kibibytes) != 1 || kibibytes > UINT64_MAX / 1024)
        return EBADMSG;
    *bytes = kibibytes * 1024;
    return 0;
}

static int node_memory_field(const char *text, unsigned node, const char *name, uint64_t *bytes)
{
    char label[64];
    snprintf(label, sizeof label, "Node %u %s:", node, name);
    return memory_field(text, label, bytes);
}

int linux_node_memory(int sysfs, unsigned node, struct linux_node_memory *memory)
{
    char path[96];
    snprintf(path, sizeof path, "%sdevices/system/node/node%u/meminfo", sysfs == AT_FDCWD ? "/sys/" : "", node);
    char text[MEMINFO_MAX];
    struct linux_node_memory read = {0};
    int error = linux_read_text(sysfs, path, text, sizeof text);
    if (error == 0)
        error = node_memory_field(text, node, "MemTotal", &read.total_bytes);
    if (error == 0)
        error = node_memory_field(text, node, "MemFree", &read.free_bytes);
    if (error == 0)
        *memory = read;
    return error;
}

int linux_node_cpus(unsigned node, np_cpuset *cpus)
{
    char path[64];
    struct text text = text_into(path, sizeof path);
    text_add(&text, "/sys/devices/system/node/node%u/cpulist", node);
    return linux_read_cpus(AT_FDCWD, path, cpus);
}

int linux_total_memory(uint64_t *bytes)
{
    char text[MEMINFO_MAX];
    const int error = linux_read_text(AT_FDCWD, "/proc/meminfo", text, sizeof text);
    return error == 0 ? memory_field(text, "MemTotal:", bytes) : error;
}

int linux_online_cpus(np_cpuset *cpus)
{
    return linux_read_cpus(AT_FDCWD, "/sys/devices/system/cpu/online", cpus);
}

int linux_present_cpus(np_cpuset *cpus)
{
    return linux_read_cpus(AT_FDCWD, "/sys/devices/system/cpu/present", cpus);
}

int linux_online_nodes(np_nodeset *nodes)
{
    return linux_read_nodes(AT_FDCWD, "/sys/devices/system/node/online", nodes);
}
