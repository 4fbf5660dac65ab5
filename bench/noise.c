/*
 * Noise: who else was at work while we measured.
 *
 * A figure that moves is of use only when one knows why. The kernel counts what a hypervisor took from our CPUs (steal,
 * /proc/stat), what they did for others (their busy time less what our own threads used), pages that went to swap, and,
 * where the processor says so, how often it was throttled for heat. What clock the processor really runs at is found
 * without any privilege: a long run of additions, each waiting for the one before, takes a fixed number of cycles. It is
 * run before and after, the best of a few tries, so that an interruption does not look like a slow clock. On a virtual CPU it is
 * the pace that its host leaves it: the same run took 11 to 29 us on an idle one (KVM on Zen 3), from one second to the next.
 * Work of the kernel that is no thread's own, as that of its reclaiming threads, counts as others'.
 *
 * From within a virtual machine much of it cannot be seen: its host's other guests share the last cache and the channels to
 * memory, and take no time that would be counted. Bandwidth of one buffer was seen to wander by a fifth within half a minute
 * there, with nothing stolen and the clock steady (six buffers in turns all wandered together, KVM on Zen 3). An interval
 * holds what its run has seen, and not what the next one will; so figures of a virtual machine are always marked.
 */
#include "noise.h"

#include "bench/bench.h"
#include "nodes.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* What is worth a word, as a share: stolen time and others' load of all CPU time, the clock of itself. */
#define STEAL_TOO_MUCH 0.01
#define LOAD_TOO_MUCH  0.03
#define CLOCK_TOO_FAR  0.05
/* Of load that is not ours, however short the time: /proc/stat has five kinds of busy time, each cut to a tick. */
#define LOAD_TICKS  5
#define PROBE_STEPS 40000
#define PROBE_TRIES 8

/* With what statistics_noise() adds. */
_Static_assert(
    sizeof((struct bench_measurement){0}.noise) >= NOISE_SIZE + 128, "a measurement has no room for its noise");

static double now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void read_cpu_times(struct noise_mark *mark)
{
    unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;
    double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    FILE *file = fopen("/proc/stat", "re");

    if (file != NULL && fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
                            &iowait, &irq, &softirq, &steal) == 8) {
        mark->busy_seconds = (double)(user + nice + system + irq + softirq) * tick;
        mark->steal_seconds = (double)steal * tick;
    }
    if (file != NULL)
        fclose(file);
}

static uint64_t read_swapped(void)
{
    char name[64];
    unsigned long long value;
    uint64_t sum = 0;
    FILE *file = fopen("/proc/vmstat", "re");

    while (file != NULL && fscanf(file, "%63s %llu", name, &value) == 2)
        if (strcmp(name, "pswpin") == 0 || strcmp(name, "pswpout") == 0)
            sum += value;
    if (file != NULL)
        fclose(file);
    return sum;
}

/* How often any core was throttled for heat; Intel's processors count it. */
static uint64_t read_throttled(void)
{
    glob_t found;
    uint64_t sum = 0;

    if (glob("/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/core_throttle_count", GLOB_NOSORT, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        unsigned long long value;
        FILE *file = fopen(found.gl_pathv[i], "re");
        if (file != NULL && fscanf(file, "%llu", &value) == 1)
            sum += value;
        if (file != NULL)
            fclose(file);
    }
    globfree(&found);
    return sum;
}

/* A compiler that sees through the sum would leave nothing of it: each step goes through a register that it may not. */
static double probe_clock(void)
{
    double best = 0;

    for (unsigned try = 0; try < PROBE_TRIES; try++) {
        uint64_t sum = try;
        double start = now(CLOCK_MONOTONIC);
        for (unsigned i = 0; i < PROBE_STEPS; i++) {
            sum += 1;
            __asm__ volatile("" : "+r"(sum));
        }
        double took = (now(CLOCK_MONOTONIC) - start) * 1e9;
        best = best == 0 || took < best ? took : best;
    }
    return best;
}

void noise_look(struct noise_mark *mark)
{
    *mark = (struct noise_mark){.cpus = (double)sysconf(_SC_NPROCESSORS_ONLN)};
    mark->is_virtual = nodes_are_virtual();
    mark->probe_ns = probe_clock();
    read_cpu_times(mark);
    mark->used_seconds = now(CLOCK_PROCESS_CPUTIME_ID);
    mark->seconds = now(CLOCK_MONOTONIC);
    mark->pages_swapped = read_swapped();
    mark->throttled = read_throttled();
}

static void add(char *words, size_t size, const char *cause)
{
    size_t used = strlen(words);

    snprintf(words + used, size - used, "%s%s", used > 0 ? "; " : "", cause);
}

bool noise_causes(const struct noise_mark *from, const struct noise_mark *to, char *words, size_t size)
{
    double time = (to->seconds - from->seconds) * to->cpus;
    double steal = (to->steal_seconds - from->steal_seconds) / time;
    double load = (to->busy_seconds - from->busy_seconds - (to->used_seconds - from->used_seconds)) / time;
    double least = LOAD_TICKS / (double)sysconf(_SC_CLK_TCK) / time;
    double clock = to->probe_ns > 0 ? from->probe_ns / to->probe_ns - 1 : 0;
    char cause[128];

    words[0] = '\0';
    if (steal > STEAL_TOO_MUCH) {
        snprintf(cause, sizeof cause, "the hypervisor took %.1f%% of the CPUs' time", 100 * steal);
        add(words, size, cause);
    }
    if (load > fmax(LOAD_TOO_MUCH, least)) {
        snprintf(cause, sizeof cause, "other programs took %.0f%% of the CPUs' time", 100 * load);
        add(words, size, cause);
    }
    if (clock > CLOCK_TOO_FAR || clock < -CLOCK_TOO_FAR) {
        snprintf(cause, sizeof cause, "the processor ran %.0f%% %s at the end than at the start", 100 * fabs(clock),
            clock > 0 ? "faster" : "slower");
        add(words, size, cause);
    }
    if (to->pages_swapped > from->pages_swapped) {
        snprintf(cause, sizeof cause, "%llu pages went through swap",
            (unsigned long long)(to->pages_swapped - from->pages_swapped));
        add(words, size, cause);
    }
    if (to->throttled > from->throttled)
        add(words, size, "the processor throttled itself for heat");
    if (to->is_virtual)
        add(words, size, "a virtual machine, which does not see what else its host runs");
    return words[0] != '\0';
}
