/*
 * Everything that the library asks of Linux outside memory policy: the one layer between us and the kernel.
 *
 * Above it nobody opens a file of /proc or /sys, knows a path, or makes a raw system call. Each function here does one
 * thing, decides nothing, and returns 0 or an errno; what it could not find out it leaves untouched.
 */
#ifndef NUMAPROOF_LINUX_H
#define NUMAPROOF_LINUX_H

#include <numaproof/set.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Read the whole of a small file as a string, without its final newline. @directory is that of openat(2), AT_FDCWD for
 * an absolute @path. EFBIG: it does not fit @size with its NUL. EBADMSG: it has a NUL byte of its own.
 */
int linux_read_text(int directory, const char *path, char *text, size_t size);

/* The same for a file whose length nobody knows beforehand; the caller frees *@text. EFBIG: over 64 MiB. */
int linux_read_long_text(int directory, const char *path, char **text);

/* A file that is one decimal number, a kernel list of CPUs, a kernel list of nodes. EBADMSG: it is something else. */
int linux_read_number(int directory, const char *path, uint64_t *number);
int linux_read_cpus(int directory, const char *path, np_cpuset *cpus);
int linux_read_nodes(int directory, const char *path, np_nodeset *nodes);

/*
 * The list that follows @label in the text of a /proc/PID/status, which is taken apart: one of CPUs or one of nodes, the
 * other is NULL. EBADMSG: there is none, or it is no list.
 */
#define LINUX_CPUS_ALLOWED "\nCpus_allowed_list:\t"
#define LINUX_MEMS_ALLOWED "\nMems_allowed_list:\t"
int linux_status_list(char *status, const char *label, np_cpuset *cpus, np_nodeset *nodes);

/* The affinity of @thread, 0 the calling one; every id up to NP_CPU_MAX - 1, but only those of active CPUs. */
int linux_get_affinity(pid_t thread, np_cpuset *cpus);
/* The calling thread's with the CPUs in it that are offline; by /proc, and ten times as dear. */
int linux_get_whole_affinity(np_cpuset *cpus);
/*
 * The kernel intersects @cpus with the active CPUs and the cpuset without a word, and fails with EINVAL only where
 * nothing is left: whoever needs all of them reads back. The thread runs on one of them when this returns.
 */
int linux_set_affinity(pid_t thread, const np_cpuset *cpus);

pid_t linux_thread_id(void);

/* The CPU that the calling thread runs on, -1 where the kernel will not say. No system call on most machines. */
int linux_current_cpu(void);

/* The calling thread's effective set, as far as we care. */
struct linux_capabilities {
    bool sys_admin;
    bool sys_nice;
    bool ipc_lock;
};
int linux_effective_capabilities(struct linux_capabilities *capabilities);

/* Automatic NUMA balancing: off if and only if the setting reads 0 or is not there (CAP-2). */
struct linux_balancing {
    bool enabled;
    char found[64]; /* The value read, or why it could not be, in words. */
};
struct linux_balancing linux_numa_balancing(void);

/* A node's memory, from its meminfo under @sysfs ("/sys" opened with O_PATH, or AT_FDCWD for the machine's own). */
struct linux_node_memory {
    uint64_t total_bytes;
    uint64_t free_bytes;
};
int linux_node_memory(int sysfs, unsigned node, struct linux_node_memory *memory);

/* The online CPUs of a node of this machine. ENOENT: no such node is online, or the kernel has no NUMA. */
int linux_node_cpus(unsigned node, np_cpuset *cpus);

/* All of the machine's memory, as the kernel manages it. */
int linux_total_memory(uint64_t *bytes);

/*
 * What the running kernel says of CPUs and nodes now. A present CPU is in the machine, perhaps offline. A kernel built
 * without NUMA has no list of nodes: ENOENT.
 */
int linux_online_cpus(np_cpuset *cpus);
int linux_present_cpus(np_cpuset *cpus);
int linux_online_nodes(np_nodeset *nodes);

/*
 * What this process's cpuset lets it use: the CPUs that the calling thread's affinity could be set to, whatever it is
 * now, and the nodes that it may take memory from. The first starts a thread, and waits for its end.
 */
int linux_usable_cpus(np_cpuset *cpus);
int linux_usable_nodes(np_nodeset *nodes);

#endif
