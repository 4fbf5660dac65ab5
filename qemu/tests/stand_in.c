/*
 * Stands in for the numaproof command where the launcher is tested: does, inside the guest, one thing whose effect outside
 * is known.
 */
#include <errno.h>
#include <numa.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int end_with_status(const char *status)
{
    return atoi(status);
}

static int end_by_signal(const char *number)
{
    raise(atoi(number));
    return 1;
}

static int print_file(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    for (int byte = 0; (byte = fgetc(file)) != EOF;) {
        putchar(byte);
    }
    fclose(file);
    return 0;
}

/* As the command does: a folder of its own below numaproof-results. */
static int write_results(const char *megabytes)
{
    static char block[1 << 20];
    memset(block, 'r', sizeof(block));
    if (mkdir("numaproof-results", 0755) != 0 || mkdir("numaproof-results/run", 0755) != 0 ||
        mkdir("numaproof-results/run/folder", 0755) != 0) {
        return 1;
    }
    FILE *result = fopen("numaproof-results/run/result.json", "we");
    FILE *large = fopen("numaproof-results/run/folder/large", "we");
    if (result == NULL || large == NULL) {
        return 1;
    }
    fputs("{\"schema\": 1}\n", result);
    for (int block_number = 0; block_number < atoi(megabytes); block_number++) {
        fwrite(block, 1, sizeof(block), large);
    }
    return fclose(result) != 0 || fclose(large) != 0;
}

static int print_lines(const char *count)
{
    for (int line = 0; line < atoi(count); line++) {
        printf("line %d of the output\n", line);
    }
    fputs("a word on standard error\n", stderr);
    return 0;
}

static int crash_the_kernel(const char *unused)
{
    (void)unused;
    FILE *trigger = fopen("/proc/sysrq-trigger", "we");
    return trigger == NULL || fputs("c", trigger) == EOF || fclose(trigger) != 0;
}

static int use_all_memory(const char *unused)
{
    (void)unused;
    while (mmap(NULL, 16U << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) !=
           MAP_FAILED) {
    }
    return 1;
}

static int wait_for_ever(const char *unused)
{
    (void)unused;
    puts("waiting");
    fflush(stdout);
    while (pause() != 0) {
    }
    return 1;
}

/* Says when it begins and when the clock has gone on by so many seconds. */
static int let_time_pass(const char *seconds)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    puts("begin");
    fflush(stdout);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while (now.tv_sec - begin.tv_sec < atoi(seconds) ||
           (now.tv_sec - begin.tv_sec == atoi(seconds) && now.tv_nsec < begin.tv_nsec));
    puts("end");
    return 0;
}

static int read_number(const char *path)
{
    FILE *file = fopen(path, "re");
    int number = -1;
    if (file != NULL) {
        if (fscanf(file, "%d", &number) != 1) {
            number = -1;
        }
        fclose(file);
    }
    return number;
}

/* The ids that are no node have no folder. */
static bool is_node(int node)
{
    char path[64];
    snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", node);
    return access(path, F_OK) == 0;
}

static void print_node(int node)
{
    struct bitmask *cpus = numa_allocate_cpumask();
    numa_node_to_cpus(node, cpus);
    int online = 0;
    for (unsigned cpu = 0; cpu < cpus->size; cpu++) {
        char path[64];
        snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
        /* CPU 0 cannot be taken offline and has no such file: anything but a 0 is online. */
        online += numa_bitmask_isbitset(cpus, cpu) && read_number(path) != 0;
    }
    numa_free_cpumask(cpus);
    printf("node %d: %d CPUs, %s, distances", node, online, numa_node_size64(node, NULL) > 0 ? "memory" : "no memory");
    for (int other = 0; other <= numa_max_node(); other++) {
        if (is_node(other)) {
            printf(" %d", numa_distance(node, other));
        }
    }
    putchar('\n');
}

static int print_machine(const char *unused)
{
    (void)unused;
    for (int node = 0; node <= numa_max_node(); node++) {
        if (is_node(node)) {
            print_node(node);
        }
    }
    int latency = read_number("/sys/devices/system/node/node0/access0/initiators/read_latency");
    if (latency > 0) {
        printf("declared latency on node 0: %d ns\n", latency);
    }
    printf("disk on node %d\n", read_number("/sys/block/nvme0n1/device/numa_node"));
    puts(read_number("/proc/sys/kernel/numa_balancing") > 0 ? "balancing on" : "balancing off");
    return 0;
}

static const struct {
    const char *name;
    int (*act)(const char *argument);
} acts[] = {{"exit", end_with_status}, {"signal", end_by_signal}, {"print-file", print_file},
    {"results", write_results}, {"lines", print_lines}, {"panic", crash_the_kernel}, {"memory", use_all_memory},
    {"wait", wait_for_ever}, {"clock", let_time_pass}, {"machine", print_machine}};

int main(int argument_count, char **arguments)
{
    for (size_t index = 0; argument_count > 1 && index < sizeof(acts) / sizeof(acts[0]); index++) {
        if (strcmp(arguments[1], acts[index].name) == 0) {
            return acts[index].act(argument_count > 2 ? arguments[2] : "");
        }
    }
    fputs("stand-in: no such act\n", stderr);
    return 2;
}
