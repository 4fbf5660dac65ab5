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
#define STEP_PAGES   128                  /* Of the smallest size there is. */
#define STRIDE_BYTES (UINT64_C(16) << 20) /* As long as there is far to go. */
#define LIST_GROWTH  (2 * STEP_BYTES)
#define MASK_BITS    1024
#define LONG_BITS    (8 * sizeof(unsigned long))

/* It is full when there was nothing to take at as many looks in sequence; lists are looked at once in as many. */
#define LOOKS                      20
#define MILLISECONDS_BETWEEN_LOOKS 5
#define BETWEEN_LOOKS              (&(const struct timespec){.tv_nsec = MILLISECONDS_BETWEEN_LOOKS * 1000000L})

/* Who asks is answered after so many looks in sequence at which there was nothing to take, or after the longest of waits. */
#define LOOKS_SETTLED 3
#define LOOKS_LONGEST 500
#define TAKES_A_LOOK  64

/*
 * What this process knows of the node that it fills. What the kernel keeps changes: where a zone's pages get mixed up, the
 * kernel raises its watermarks for a time, by up to one and a half times the high one (vm.watermark_boost_factor, 6.1).
 */
static struct {
    unsigned node;
    uint64_t leave_bytes;   /* Beside what the kernel keeps. */
    uint64_t rest_bytes;    /* Both, as the kernel said last. */
    uint64_t refused_bytes; /* So much was free when the node gave nothing of it; 0: it was not so. */
    bool in_steps;          /* A stride was not had once: huge pages ran out. */
    /* By CPU: the least that its list has held since the node was full, or what it does not give. */
    uint64_t lists[NP_CPU_MAX];
} known;

/* Where the scheduler finds it idle: what is measured may need the CPU that this process was last held to. */
static void be_anywhere(void)
{
    unsigned long mask[NP_CPU_MAX / LONG_BITS];

    memset(mask, 0xff, sizeof mask);
    syscall(SYS_sched_setaffinity, 0, sizeof mask, mask);
}

/*
 * Memory that is preferred from the node, all of it present, and not to be swapped out where that may be asked for; NULL, and
 * errno, where there is none. By preference, which draws on a node until its min watermark and then goes elsewhere (6.1). A page
 * bound to the node would be got there by somebody's death, and looking before does not help: others take of the same room. A
 * stride comes in huge pages, which are made several times as fast in emulated machines, where the kernel has them.
 */
static char *map_step(size_t bytes)
{
    unsigned long mask[MASK_BITS / LONG_BITS] = {0};

    mask[known.node / LONG_BITS] = 1UL << known.node % LONG_BITS;
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
    int problem = errno == EINVAL ? EOPNOTSUPP : errno; /* EINVAL: before 5.15 there is no such policy. */
    munmap(step, bytes);
    errno = problem;
    return NULL;
}

/* 0 where all pages of one step are on the node, ENOSPC where some are elsewhere; or an errno, and it is not known. */
static int check_step(char *step)
{
    void *pages[STEP_PAGES];
    int where[STEP_PAGES];
    size_t count = 0;

    for (size_t at = 0; at < STEP_BYTES; at += (size_t)sysconf(_SC_PAGESIZE))
        pages[count++] = step + at;
    if (syscall(SYS_move_pages, 0, count, pages, NULL, where, 0) != 0)
        return errno;
    while (count > 0 && where[count - 1] == (int)known.node)
        count--;
    if (count == 0)
        return 0;
    return where[count - 1] < 0 ? -where[count - 1] : ENOSPC;
}

/* Take so much of the node's memory, for good. ENOSPC: the node does not give it. */
static int take(size_t bytes)
{
    char *memory = map_step(bytes);
    int problem = 0;

    if (memory == NULL)
        return errno;
    for (size_t at = 0; at < bytes && problem == 0; at += STEP_BYTES)
        problem = check_step(memory + at);
    if (problem != 0)
        munmap(memory, bytes);
    return problem;
}

/* A stride where that is near enough to what is to be taken and can be had, or a step. */
static int take_some(uint64_t room)
{
    if (room > 2 * STRIDE_BYTES && !known.in_steps) {
        int problem = take(STRIDE_BYTES);
        if (problem != ENOSPC)
            return problem;
        known.in_steps = true;
    }
    return take(STEP_BYTES);
}

/* Take what is free beyond the rest, for a while. *@taken: whether there was anything to take, and the node gave it. */
static int take_what_is_free(bool *taken)
{
    *taken = false;
    for (int takes = 0; takes < TAKES_A_LOOK; takes++) {
        uint64_t free_bytes = nodes_free_bytes(known.node);
        if (free_bytes <= known.rest_bytes + STEP_BYTES || free_bytes <= known.refused_bytes + STEP_BYTES)
            return 0;
        int problem = take_some(free_bytes - known.rest_bytes);
        if (problem == ENOSPC)
            known.refused_bytes = free_bytes;
        if (problem != 0)
            return problem == ENOSPC ? 0 : problem;
        *taken = true;
    }
    return 0;
}

/* What the kernel keeps no longer it may give now. */
static void ask_what_is_kept(void)
{
    uint64_t rest_bytes = known.leave_bytes + zones_reserve_bytes(known.node);

    if (rest_bytes < known.rest_bytes)
        known.refused_bytes = 0;
    known.rest_bytes = rest_bytes;
}

static int take_all(uint64_t leave_bytes)
{
    int problem = 0;
    bool taken = false;

    known.leave_bytes = leave_bytes;
    known.refused_bytes = 0;
    for (int looks = 0; problem == 0 && looks < LOOKS; looks = taken ? 0 : looks + 1) {
        if (!taken)
            ask_what_is_kept();
        problem = take_what_is_free(&taken);
        if (!taken)
            nanosleep(BETWEEN_LOOKS, NULL);
    }
    return problem;
}

/*
 * Each CPU keeps free pages of its own, up to 15 MiB of a node of 512 MiB (6.1), which count as used and are handed out
 * before all others. Who takes pages on that CPU gets those first: as long as the node's free memory does not shrink by
 * what is taken, there are some left.
 */
static int take_list_of_cpu(unsigned cpu)
{
    if (!thread_move(cpu))
        return errno == EINVAL ? 0 : errno; /* A CPU that is offline has no list. */
    for (;;) {
        uint64_t before = nodes_free_bytes(known.node);
        int problem = take(STEP_BYTES);
        if (problem != 0)
            return problem == ENOSPC ? 0 : problem;
        if (nodes_free_bytes(known.node) + STEP_BYTES / 2 < before)
            return 0;
    }
}

int filler_begin(unsigned node, uint64_t leave_bytes)
{
    unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_CONF);

    /*
     * When the kernel must kill for memory it shall be this process last; with one less it would be exempt, and where there is
     * nobody else the kernel ends all ("System is deadlocked on memory", 6.1).
     */
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0 || (write(score, "-999", 4) != 4 && write(score, "0", 1) != 1))
        return errno;
    known.node = node;
    int problem = take_all(leave_bytes + cpus * STEP_BYTES);
    for (unsigned cpu = 0; problem == 0 && cpu < cpus; cpu++)
        problem = take_list_of_cpu(cpu);
    problem = problem == 0 ? take_all(leave_bytes) : problem;
    zones_list_bytes(node, known.lists);
    return problem;
}

/*
 * Take @bytes from a CPU's list; *@found grows by what was there, taken or not to be had. True when the next would come from
 * what is free, not from the list, whose pages are then of larger orders or other kinds.
 */
static bool take_from_list(unsigned cpu, uint64_t bytes, uint64_t *found)
{
    if (!thread_move(cpu))
        return false;
    for (; bytes > STEP_BYTES; bytes -= STEP_BYTES) {
        uint64_t before = nodes_free_bytes(known.node);
        char *step = map_step(STEP_BYTES);
        bool was_free = nodes_free_bytes(known.node) + STEP_BYTES / 2 < before;
        if (step != NULL && (was_free || check_step(step) != 0)) {
            munmap(step, STEP_BYTES);
            return was_free;
        }
        *found += STEP_BYTES;
        if (step == NULL)
            return false;
    }
    return false;
}

/* Lists are no less room than what is free: take from them what there is beyond the rest in both together; how much it was. */
static uint64_t take_what_lists_gained(void)
{
    static uint64_t now[NP_CPU_MAX];
    uint64_t room = nodes_free_bytes(known.node), found = 0;

    if (!zones_list_bytes(known.node, now))
        return 0;
    for (unsigned cpu = 0; cpu < NP_CPU_MAX; cpu++) {
        known.lists[cpu] = now[cpu] < known.lists[cpu] ? now[cpu] : known.lists[cpu];
        room += now[cpu] - known.lists[cpu];
    }
    for (unsigned cpu = 0; cpu < NP_CPU_MAX && room > known.rest_bytes + LIST_GROWTH; cpu++) {
        uint64_t gained = now[cpu] - known.lists[cpu], most = room - known.rest_bytes;
        if (gained > LIST_GROWTH && take_from_list(cpu, gained < most ? gained : most, &found))
            known.lists[cpu] = now[cpu];
        room -= gained < most ? gained : most;
    }
    be_anywhere();
    return found;
}

/* False where there was something to take up to the end: others give back as fast. Or where it may take no more. */
static bool settle(void)
{
    int idle = 0, problem = 0;
    bool taken = false;

    known.refused_bytes = 0;
    for (int looks = 0; looks < LOOKS_LONGEST && idle < LOOKS_SETTLED; looks++) {
        ask_what_is_kept();
        uint64_t gained = take_what_lists_gained();
        problem = take_what_is_free(&taken);
        idle = problem == 0 && gained == 0 && !taken ? idle + 1 : 0;
        nanosleep(BETWEEN_LOOKS, NULL);
    }
    return idle == LOOKS_SETTLED;
}

/*
 * What other processes give back, some of it seconds later, must not make the node roomy again: neither what is free then nor
 * what CPUs keep in their lists. What the workload itself gives back is left to it.
 */
void filler_go_on(int requests)
{
    struct pollfd asked = {.fd = requests, .events = POLLIN};
    char answer;
    bool taken;

    for (unsigned looks = 0;; looks++) {
        take_what_is_free(&taken);
        if (looks % LOOKS == 0) {
            ask_what_is_kept();
            take_what_lists_gained();
        }
        if (poll(&asked, 1, MILLISECONDS_BETWEEN_LOOKS) <= 0)
            continue;
        if (read(requests, &answer, 1) != 1)
            return;
        answer = settle() ? FILLER_FULL : FILLER_ROOMY;
        if (write(requests, &answer, 1) != 1)
            return;
    }
}
