/*
 * The contract, clause by clause, as data.
 *
 * A clause is what everything else refers to: a case says which ones it tests, a mutant which one it breaks, a report
 * what became of each. The texts are the contract's own words. Two kinds are refinements of it: ABI-* states what an
 * implementation must export before any other clause can be asked of it, and CHECK-* splits the deployment checklist
 * (part 9) into the single checks that `validate` reports. Those are about the command and not about an implementation,
 * so that no case tests them: the command's own tests do.
 *
 * Ids are never reused and a clause is never dropped, so that results of different years can be compared.
 */
#include "catalogue.h"

#include <string.h>

static const struct suite_clause catalogue[] = {
    /* The form of an implementation: what makes the other clauses testable. */
    {"ABI-1", SUITE_MUST,
        "The shared object exports every function of the public headers, under its name, with C linkage."},
    {"ABI-2", SUITE_MUST,
        "The library says which version of the headers it was built to, with the major number of the headers that the "
        "suite was built with; struct sizes, error numbers and names are those of the headers."},
    /* 1. Laws */
    {"LAW-1", SUITE_MUST,
        "No silent degradation. A strict operation either returns OK with its guarantee true, as an oracle sees it, or "
        "returns an error."},
    {"LAW-2", SUITE_MUST,
        "All or nothing. A strict operation that fails leaves the process as it found it: affinity of every thread, "
        "memory policy, mappings, threads, open files, locked memory."},
    {"LAW-3", SUITE_MUST,
        "Soft goes on. A soft operation does not fail for want of a privilege, a kernel setting, a CPU, a node or room "
        "on a node. It returns something usable, and says what it got."},
    {"LAW-4", SUITE_MUST,
        "Honest enforcement. The level reported is strict only when verified; best-effort when a policy stands that "
        "the "
        "kernel may not keep; none when no policy stands. The last two always carry a reason that names the cause. No "
        "other value is ever reported."},
    {"LAW-5", SUITE_MUST,
        "Errors that help. A hard-mode refusal is the one code HARD_MODE_UNAVAILABLE with two texts: the operation, "
        "and "
        "a reason that names what is missing (the capability, the setting and its value, the CPUs, the nodes, the "
        "bytes) in words that lead to the fix. Permission denied, affinity not fully applied, and NUMA balancing "
        "enabled are three different reasons."},
    {"LAW-6", SUITE_MUST,
        "Wrong arguments are wrong in both modes. Null, empty sets, zero sizes, unknown enum values, ids past the "
        "maximum, ids unknown to the topology that the call was given: INVALID_ARGUMENT, before anything is changed. "
        "(A "
        "CPU or node that a set names and the machine lacks is a state of the machine, not a wrong argument: PIN-3, "
        "PIN-5, MEM-4, MEM-8 decide.)"},
    {"LAW-7", SUITE_MUST, "Soft is the default in every configuration, initialiser and convenience call."},
    {"LAW-8", SUITE_MUST,
        "Survive. No argument and no state of the machine makes an operation crash, hang, or get the process killed. A "
        "strict region that does not fit is an error code, never an out-of-memory kill or SIGBUS."},
    {"LAW-9", SUITE_MUST,
        "The guarantee is re-checkable. Everything strict can be verified again later by a call that reports the "
        "present truth (a CPU went offline, a page was moved, balancing was switched on)."},
    /* 2. Capabilities */
    {"CAP-1", SUITE_MUST,
        "Detection reports CAP_SYS_ADMIN (strict memory binding), CAP_SYS_NICE (strict CPU affinity) and CAP_IPC_LOCK "
        "(memory locking) from the calling thread's effective set, so dropping one shows at once."},
    {"CAP-2", SUITE_MUST,
        "NUMA balancing counts as disabled when the setting reads 0 or the file does not exist; any other value, or an "
        "unreadable file, counts as enabled."},
    {"CAP-3", SUITE_MUST, "The node count is the number of online nodes, at least 1."},
    {"CAP-4", SUITE_MUST,
        "Hard mode is supported if and only if CAP_SYS_ADMIN, CAP_SYS_NICE and balancing-disabled all hold."},
    {"CAP-5", SUITE_MUST,
        "The list of what is missing is empty if and only if hard mode is supported; otherwise it holds exactly what "
        "is "
        "missing, always in the order admin, nice, balancing, each with its purpose."},
    {"CAP-6", SUITE_MUST, "Detection cannot fail, changes nothing, and is safe from any thread."},
    {"CAP-7", SUITE_MUST,
        "A readable summary prints every field, the verdict, and what is missing with how to get it."},
    /* 3. Sets */
    {"SET-1", SUITE_MUST,
        "Kernel list syntax parses: 0-3,8-11, 1,3,5, blanks around items, an empty string = empty set; strides "
        "0-15:2/4 "
        "as the kernel reads them."},
    {"SET-2", SUITE_MUST,
        "Bad lists are INVALID_ARGUMENT and leave the output untouched: 3-1, a, 1-, -1, 1,,x, ids past the maximum, "
        "numbers that overflow, trailing garbage."},
    {"SET-3", SUITE_MUST, "Formatting gives the shortest kernel list, and parse(format(s)) = s for every set."},
    {"SET-4", SUITE_MUST,
        "add, remove, contains, count, first, iterate, union, intersection, difference, equal, subset."},
    {"SET-5", SUITE_MUST,
        "At least 8192 CPUs and 1024 nodes; the last id of each works everywhere, in system calls too (the kernel "
        "reads "
        "one bit less than the maxnode it is given)."},
    /* 4. Topology */
    {"TOPO-1", SUITE_MUST,
        "Discovery finds every online node, its CPUs, its memory, and the distance matrix, as sysfs has them."},
    {"TOPO-2", SUITE_MUST, "Node ids may have gaps; lookup is by id, never by position."},
    {"TOPO-3", SUITE_MUST,
        "Nodes without CPUs (CXL, HBM, hot-added memory) and without memory are nodes, and say which they are."},
    {"TOPO-4", SUITE_MUST,
        "CPU to node, node to CPU set, distance between any two nodes (unknown is an error, not 0)."},
    {"TOPO-5", SUITE_MUST, "Sockets, cores, SMT siblings and last-level-cache groups per node."},
    {"TOPO-6", SUITE_MUST, "Where firmware declares initiator/target latency and bandwidth (HMAT), they are reported."},
    {"TOPO-7", SUITE_MUST, "A machine without NUMA is one node, and everything works on it."},
    {"TOPO-8", SUITE_MUST, "A topology is immutable, and safe to share between threads."},
    {"TOPO-9", SUITE_MUST,
        "Topologies can be made without the machine, from a synthetic description or an exported file, so that code "
        "can "
        "be tested for machines one does not have. Such a topology says that it is not this machine, and an operation "
        "that would act on this machine through it is INVALID_ARGUMENT."},
    {"TOPO-10", SUITE_MUST,
        "Only what this process may use counts as usable: cpuset limits are shown apart from what is online."},
    /* 5. Pinning */
    {"PIN-1", SUITE_MUST,
        "A pin sets the calling thread's affinity to the set asked for; release restores the exact affinity of "
        "before."},
    {"PIN-2", SUITE_MUST,
        "Strict: on return the affinity read back equals the set, and the thread runs on one of its CPUs."},
    {"PIN-3", SUITE_MUST,
        "Strict with a CPU that is offline, absent or outside the cpuset: HARD_MODE_UNAVAILABLE, \"affinity not fully "
        "applied\", naming those CPUs; the former affinity stands."},
    {"PIN-4", SUITE_MUST, "Strict without CAP_SYS_NICE: HARD_MODE_UNAVAILABLE naming it; affinity unchanged."},
    {"PIN-5", SUITE_MUST,
        "Soft with part of the set unavailable: pinned to the rest, best-effort, naming the missing CPUs. With none "
        "available, or the call forbidden: OK, level none, affinity unchanged."},
    {"PIN-6", SUITE_MUST,
        "Pins nest, and restore in reverse order; released out of order or on another thread: INVALID_ARGUMENT, and "
        "nothing changes."},
    {"PIN-7", SUITE_MUST, "Pin to a CPU, to a node, to a set. A node without CPUs: strict refuses, soft reports none."},
    {"PIN-8", SUITE_MUST, "No other thread's affinity changes; the thread's memory policy does not change."},
    {"PIN-9", SUITE_MUST,
        "A pin can be verified again: false with a reason after its CPU went offline or someone moved the thread."},
    /* 6. Memory regions */
    {"MEM-1", SUITE_MUST,
        "A region is zeroed, readable and writable over its whole length, page-aligned (huge-page-aligned where "
        "explicit), and gone from the address space after release. Release of null does nothing."},
    {"MEM-2", SUITE_MUST, "Strict bind with prefault: on return every page lies on a node of the mask."},
    {"MEM-3", SUITE_MUST,
        "Strict bind without prefault: the kernel's policy for the whole range reads back as bind with exactly the "
        "mask, and pages touched later lie in it."},
    {"MEM-4", SUITE_MUST,
        "Strict bind to a node that is absent, offline, without memory or outside the cpuset: refused, naming it."},
    {"MEM-5", SUITE_MUST,
        "Strict bind that does not fit in the free memory of its nodes: refused with the bytes asked and free; the "
        "process lives, and the node's free memory is back within a second."},
    {"MEM-6", SUITE_MUST, "Strict without CAP_SYS_ADMIN, or with balancing on: refused, each with its own reason."},
    {"MEM-7", SUITE_MUST,
        "Strict when the system call is forbidden (a seccomp filter, as containers have): refused, permission denied."},
    {"MEM-8", SUITE_MUST,
        "Soft in each of the cases above: a usable region, and the level and reason that tell the truth (how many "
        "pages "
        "lie elsewhere, where known)."},
    {"MEM-9", SUITE_MUST,
        "Strict interleave with prefault: every page in the mask, and the nodes' shares differ by at most one "
        "allocation unit. Without room for that on a node: refused."},
    {"MEM-10", SUITE_MUST,
        "Strict preferred and strict local promise a node only once the pages exist: with prefault they are verified "
        "on "
        "that node (local: the node of the calling thread, whose affinity must lie within one node); without prefault "
        "they are refused, since the kernel may place the pages anywhere."},
    {"MEM-11", SUITE_MUST,
        "Explicit huge pages: strict means the whole region is backed by that page size, or refused; soft falls back "
        "to "
        "ordinary pages, best-effort. 2 MiB means 2 MiB whatever the machine's default huge page is."},
    {"MEM-12", SUITE_MUST,
        "Parallel touch places as touch does, is done by threads on the target nodes, and leaves the caller's affinity "
        "alone."},
    {"MEM-13", SUITE_MUST, "The calling thread's own memory policy is the same before and after every call."},
    {"MEM-14", SUITE_MUST,
        "Lock: locked pages stay; strict without the right (capability or RLIMIT_MEMLOCK) is refused, soft "
        "best-effort."},
    {"MEM-15", SUITE_MUST,
        "Verify counts the pages on each node, not present, and outside the mask, and agrees with the oracle; it sees "
        "pages that were moved behind the implementation's back."},
    {"MEM-16", SUITE_MUST,
        "Sizes that overflow or exceed the address space, and in either mode a prefault larger than the memory "
        "available on the whole machine or in the process's cgroup: ALLOCATION with the size and what there is, "
        "nothing "
        "leaked, nobody killed."},
    {"MEM-17", SUITE_MUST, "A file-backed region obeys the same clauses for the pages that it makes present."},
    /* 7. Executor */
    {"EXEC-1", SUITE_MUST,
        "Strict build: on return every worker exists and is pinned to its node's CPUs, as /proc shows."},
    {"EXEC-2", SUITE_MUST, "Strict build that cannot pin all workers: refused, and not one thread is left."},
    {"EXEC-3", SUITE_MUST, "Soft build succeeds wherever one CPU can be used, and reports the level and reason."},
    {"EXEC-4", SUITE_MUST,
        "A task submitted to a node runs exactly once, on that node unless stolen. With the local-only policy it runs "
        "nowhere else, under any load."},
    {"EXEC-5", SUITE_MUST,
        "Steal order: local, then by distance (same socket before remote); any takes from whoever has work."},
    {"EXEC-6", SUITE_MUST, "Submitting without a node means the caller's present node."},
    {"EXEC-7", SUITE_MUST,
        "An unknown node is INVALID_ARGUMENT, never another node. A node without CPUs: strict refuses; soft runs the "
        "task on the nearest node that has some, and counts it as remote."},
    {"EXEC-8", SUITE_MUST,
        "Tasks may submit tasks. Shutdown runs all that was accepted, then ends every thread; later submits get an "
        "error."},
    {"EXEC-9", SUITE_MUST,
        "Shutdown with a timeout returns within it (plus scheduling slack), and says whether all was done and how many "
        "tasks were not started; the executor can still be shut down fully afterwards."},
    {"EXEC-10", SUITE_MUST,
        "Idle workers sleep: no processor time worth measuring while there is no work; a submit wakes one at once."},
    {"EXEC-11", SUITE_MUST,
        "Counts are exact once drained: submitted = run locally + run remotely; stolen-from = stolen-by, by node."},
    {"EXEC-12", SUITE_MUST,
        "The guarantee holds while it runs: when a worker of a strict executor can no longer be kept on its node (CPU "
        "offlined, affinity changed from outside), no further task of that node runs elsewhere, and the health call "
        "and "
        "the next submit to that node report HARD_MODE_UNAVAILABLE with the reason until it is repaired."},
    {"EXEC-13", SUITE_MUST, "Memory the executor keeps per node lies on that node."},
    {"EXEC-14", SUITE_MUST, "Node ids with gaps work (EXEC-4 on each)."},
    {"EXEC-15", SUITE_MUST,
        "Workers can be given a real-time priority (SCHED_FIFO): strict means that each worker has it, as /proc shows, "
        "or the build is refused; soft goes on without, best-effort."},
    /* 8. Sharded data, devices, observability */
    {"SHARD-1", SUITE_MUST, "One shard a node, each on its node's memory, each on cache lines of its own."},
    {"SHARD-2", SUITE_MUST,
        "The local shard is that of the CPU the caller runs on; visiting all shards sees every update made before."},
    {"SHARD-3", SUITE_MUST,
        "A sharded counter loses nothing under any number of threads; add, subtract, sum, by node, reset."},
    {"DEV-1", SUITE_MUST,
        "Network, block, and other PCI devices map to the node that sysfs gives; -1 is \"unknown\", not node 0."},
    {"STAT-1", SUITE_MUST,
        "A snapshot gives, by node, local executions, steals by, steals from, queue depth, and the locality ratio "
        "local "
        "/ (local + remote), 1 when nothing ran."},
    {"STAT-2", SUITE_MUST,
        "Health from the ratio: excellent from 0.90, good from 0.70, fair from 0.50, poor below; the first two "
        "acceptable."},
    {"STAT-3", SUITE_MUST,
        "Recommendations follow from the numbers (poor locality, idle beside overloaded nodes, a node mostly stolen "
        "from, nothing measured yet), name the numbers, and are absent where there is nothing to say."},
    {"STAT-4", SUITE_SHOULD, "The same counts are readable as PAPI software-defined events."},
    /* 9. The deployment checklist: about the command, tested by its own tests. */
    {"CHECK-1", SUITE_COMMAND, "validate reports whether NUMA hardware is present, with the value found and the mend."},
    {"CHECK-2", SUITE_COMMAND, "validate reports kernel NUMA support, and numa=off on the kernel's command line."},
    {"CHECK-3", SUITE_COMMAND, "validate reports whether automatic NUMA balancing is off."},
    {"CHECK-4", SUITE_COMMAND, "validate reports each capability: CAP_SYS_ADMIN, CAP_SYS_NICE, CAP_IPC_LOCK."},
    {"CHECK-5", SUITE_COMMAND, "validate reports whether hard mode is detected as supported."},
    {"CHECK-6", SUITE_COMMAND, "validate reports whether hard-mode refusals are handled."},
    {"CHECK-7", SUITE_COMMAND, "validate reports whether locality metrics can be read."},
    {"CHECK-8", SUITE_COMMAND, "validate reports vm.zone_reclaim_mode."},
    {"CHECK-9", SUITE_COMMAND, "validate reports the setting of transparent huge pages."},
    {"CHECK-10", SUITE_COMMAND, "validate reports kernel.perf_event_paranoid."},
    {"CHECK-11", SUITE_COMMAND, "validate reports the limits of the cpuset."},
    {"CHECK-12", SUITE_COMMAND, "validate reports offline CPUs."},
    {"CHECK-13", SUITE_COMMAND, "validate reports nodes without memory."},
    {"CHECK-14", SUITE_COMMAND, "validate reports uneven memory per node."},
    {"CHECK-15", SUITE_COMMAND, "validate reports swap."},
    {"CHECK-16", SUITE_COMMAND,
        "validate reports firmware distances that are absent, asymmetric or contradict what was measured."},
};

const struct suite_clause *suite_clauses(size_t *count)
{
    *count = sizeof catalogue / sizeof catalogue[0];
    return catalogue;
}

const struct suite_clause *catalogue_find(const char *id)
{
    for (size_t i = 0; i < sizeof catalogue / sizeof catalogue[0]; i++)
        if (strcmp(catalogue[i].id, id) == 0)
            return &catalogue[i];
    return NULL;
}
