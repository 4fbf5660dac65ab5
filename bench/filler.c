/*
 * The filler: a process that takes a node's memory, all but a rest, and sees to it that the node stays full.
 *
 * Taking it once is not enough. What other processes gave back before comes free late, from lists of free pages that each
 * CPU keeps (6.1): they count as used and are handed out before all others, so that they are no less room than what is
 * free. So the filler empties them first, CPU by CPU; then it looks at the node's free memory two hundred times a second, and
 * at what lists have gained every tenth of one, and takes what there is beyond the rest. That rest is for who is disturbed:
 * what he takes of it and gives back is left to him.
 *
 * A node can be filled only as far as others keep still: what is given back between two looks is there for that long. Who is
 * about to measure therefore asks first, and is answered when there is nothing more to take. It matters: a process that may
 * have pages of this node alone makes the kernel give the lists of all CPUs back (6.1), and leaves a room of 8 MiB behind.
 */
#include "filler.h"

#include "nodes.h"
#include "placement.h"
#include "zones.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <numaproof/set.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STEP_BYTES   (UINT64_C(512) << 10)
#define STRIDE_BYTES (UINT64_C(16) << 20) /* As long as there is far to go. */
#define LIST_GROWTH  (2 * STEP_BYTES)
#define MASK_BITS    1024
#define LONG_BITS    (8 * sizeof(unsigned long))

/* It is full when it was so at as many looks in sequence; lists are looked at once in as many. */
#define LOOKS                      20
#define MILLISECONDS_BETWEEN_LOOKS 5
#define BETWEEN_LOOKS              (&(const struct timespec){.tv_nsec = MILLISECONDS_BETWEEN_LOOKS * 1000000L})

/* Who asks is answered after so many looks in sequence at which there was nothing to take, or after the longest of waits. */
#define LOOKS_SETTLED 3
#define LOOKS_LONGEST 500
#define TAKES_A_LOOK  64

/* By CPU: the least that its list of the node's pages has held since the node was full, or what it does not give. */
static uint64_t known_lists[NP_CPU_MAX];

/* Where the scheduler finds it idle: what is measured may need the CPU that this process was last held to. */
static void be_anywhere(void)
{
    unsigned long mask[NP_CPU_MAX / LONG_BITS];

    memset(mask, 0xff, sizeof mask);
    syscall(SYS_sched_setaffinity, 0, sizeof mask, mask);
}

/*
 * Memory that is preferred from the node, all of it present, and not to be swapped out where that may be asked for; NULL, and
 * errno, where there is none. By preference, which draws on a node until its min watermark and then goes elsewhere (6.1): a page
 * bound to the node is got there by somebody's death, and whoever needs memory at that moment is taken below the watermark that
 * we looked at before. A stride comes in huge pages, which are made several times as fast in emulated machines, where the
 * kernel has them.
 */
static char *map_step(unsigned node, size_t bytes)
{
    unsigned long mask[MASK_BITS / LONG_BITS] = {0};

    mask[node / LONG_BITS] = 1UL << node % LONG_BITS;
    char *step = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (step == MAP_FAILED)
        return NULL;
    /* Before there are pages, or each step stays a mapping of its own (6.18), of which a process may have 65530. */
    mlock2(step, bytes, MLOCK_ONFAULT);
    madvise(step, bytes, bytes == STEP_BYTES ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
    if (syscall(SYS_mbind, step, bytes, MPOL_PREFERRED_MANY, mask, MASK_BITS + 1UL, 0) == 0 &&
        madvise(step, bytes, MADV_POPULATE_WRITE) == 0) {
        madvise(step, bytes, MADV_NOHUGEPAGE); /* Small pages are not to be made into huge ones while others measure. */
        return step;
    }
    int problem = errno == EINVAL ? EOPNOTSUPP : errno; /* EINVAL: a kernel before 5.15 knows no such policy. */
    munmap(step, bytes);
    errno = problem;
    return NULL;
}

/* Whether the last page of each step of it is on the node: where that runs out of pages, those that follow are not. */
static bool is_on_node(const char *memory, size_t bytes, unsigned node)
{
    for (const char *step = memory; step < memory + bytes; step += STEP_BYTES) {
        int found = -1;
        if (syscall(SYS_get_mempolicy, &found, NULL, 0UL, step + STEP_BYTES - 1, MPOL_F_NODE | MPOL_F_ADDR) != 0 ||
            found != (int)node)
            return false;
    }
    return true;
}

/* Take so much of the node's memory, for good. ENOSPC: the node gives no more. */
static int take(unsigned node, size_t bytes)
{
    char *memory = map_step(node, bytes);

    if (memory == NULL)
        return errno;
    if (is_on_node(memory, bytes, node))
        return 0;
    munmap(memory, bytes);
    return ENOSPC;
}

/* Take what is free beyond the rest, for a while. 0: there is no more to take; EAGAIN: there is. */
static int take_what_is_free(unsigned node, uint64_t leave_bytes)
{
    for (int takes = 0; takes < TAKES_A_LOOK; takes++) {
        uint64_t room = nodes_free_bytes(node);
        if (room <= leave_bytes + STEP_BYTES)
            return 0;
        int problem = room > leave_bytes + 2 * STRIDE_BYTES ? take(node, STRIDE_BYTES) : ENOSPC;
        if (problem == ENOSPC)
            problem = take(node, STEP_BYTES);
        if (problem != 0)
            return problem == ENOSPC ? 0 : problem;
    }
    return EAGAIN;
}

static int take_all_but(unsigned node, uint64_t leave_bytes)
{
    int problem = 0;

    for (int looks = 0; (problem == 0 || problem == EAGAIN) && looks < LOOKS; looks = problem == 0 ? looks + 1 : 0) {
        problem = take_what_is_free(node, leave_bytes);
        if (problem == 0)
            nanosleep(BETWEEN_LOOKS, NULL);
    }
    return problem;
}

/*
 * Each CPU keeps free pages of its own, up to 15 MiB of a node of 512 MiB (6.1), which count as used and are handed out
 * before all others. Who takes pages on that CPU gets those first: as long as the node's free memory does not shrink by
 * what is taken, there are some left.
 */
static int take_list_of_cpu(unsigned node, unsigned cpu)
{
    if (!thread_move(cpu))
        return errno == EINVAL ? 0 : errno; /* A CPU that is offline has no list. */
    for (;;) {
        uint64_t before = nodes_free_bytes(node);
        int problem = take(node, STEP_BYTES);
        if (problem != 0)
            return problem == ENOSPC ? 0 : problem;
        if (nodes_free_bytes(node) + STEP_BYTES / 2 < before)
            return 0;
    }
}

int filler_begin(unsigned node, uint64_t leave_bytes)
{
    unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_CONF);

    /* When the kernel must kill for memory it shall not be this process. */
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0 || (write(score, "-1000", 5) != 5 && write(score, "0", 1) != 1))
        return errno;
    int problem = take_all_but(node, leave_bytes + cpus * STEP_BYTES);
    for (unsigned cpu = 0; problem == 0 && cpu < cpus; cpu++)
        problem = take_list_of_cpu(node, cpu);
    problem = problem == 0 ? take_all_but(node, leave_bytes) : problem;
    zones_list_bytes(node, known_lists);
    return problem;
}

/*
 * Take @bytes from a CPU's list; what was taken is added to *@taken. True when the next would come from what is free, not from
 * the list, whose pages are then of larger orders or other kinds.
 */
static bool take_from_list(unsigned node, unsigned cpu, uint64_t bytes, uint64_t *taken)
{
    for (; bytes > STEP_BYTES; bytes -= STEP_BYTES, *taken += STEP_BYTES) {
        uint64_t before = nodes_free_bytes(node);
        char *step = thread_move(cpu) ? map_step(node, STEP_BYTES) : NULL;
        if (step == NULL)
            return false;
        bool was_free = nodes_free_bytes(node) + STEP_BYTES / 2 < before;
        if (was_free || !is_on_node(step, STEP_BYTES, node)) {
            munmap(step, STEP_BYTES);
            return was_free;
        }
    }
    return false;
}

/* Lists are no less room than what is free: take from them what there is beyond @leave_bytes in both together; how much it was. */
static uint64_t take_what_lists_gained(unsigned node, uint64_t leave_bytes)
{
    static uint64_t now[NP_CPU_MAX];
    uint64_t room = nodes_free_bytes(node), taken = 0;

    if (!zones_list_bytes(node, now))
        return 0;
    for (unsigned cpu = 0; cpu < NP_CPU_MAX; cpu++) {
        known_lists[cpu] = now[cpu] < known_lists[cpu] ? now[cpu] : known_lists[cpu];
        room += now[cpu] - known_lists[cpu];
    }
    for (unsigned cpu = 0; cpu < NP_CPU_MAX && room > leave_bytes + LIST_GROWTH; cpu++) {
        uint64_t gained = now[cpu] - known_lists[cpu], most = room - leave_bytes;
        if (gained > LIST_GROWTH && take_from_list(node, cpu, gained < most ? gained : most, &taken))
            known_lists[cpu] = now[cpu];
        room -= gained < most ? gained : most;
    }
    be_anywhere();
    return taken;
}

/* False where there still was something to take at the end: others give back as fast. */
static bool settle(unsigned node, uint64_t leave_bytes)
{
    int idle = 0;

    for (int looks = 0; looks < LOOKS_LONGEST && idle < LOOKS_SETTLED; looks++) {
        bool is_all_taken = take_what_lists_gained(node, leave_bytes) == 0 && take_what_is_free(node, leave_bytes) == 0;
        idle = is_all_taken ? idle + 1 : 0;
        nanosleep(BETWEEN_LOOKS, NULL);
    }
    return idle == LOOKS_SETTLED;
}

/*
 * What other processes give back, some of it seconds later, must not make the node roomy again: neither what is free then nor
 * what CPUs keep in their lists. What the workload itself gives back is left to it.
 */
void filler_go_on(unsigned node, uint64_t leave_bytes, int requests)
{
    struct pollfd asked = {.fd = requests, .events = POLLIN};
    char answer;

    for (unsigned looks = 0;; looks++) {
        take_what_is_free(node, leave_bytes);
        if (looks % LOOKS == 0)
            take_what_lists_gained(node, leave_bytes);
        if (poll(&asked, 1, MILLISECONDS_BETWEEN_LOOKS) <= 0)
            continue;
        if (read(requests, &answer, 1) != 1)
            return;
        answer = settle(node, leave_bytes) ? FILLER_FULL : FILLER_ROOMY;
        if (write(requests, &answer, 1) != 1)
            return;
    }
}
