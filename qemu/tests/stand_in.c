/*
 * Stands in for the numaproof command where the launcher is tested: does, inside the guest, one thing whose effect outside
 * is known.
 */
#include <errno.h>
#include <numa.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
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

static int print_machine(const char *unused)
{
    (void)unused;
    printf("%d CPUs, %d nodes, distance %d\n", get_nprocs(), numa_num_configured_nodes(), numa_distance(0, 1));
    return 0;
}

static const struct {
    const char *name;
    int (*act)(const char *argument);
} acts[] = {{"exit", end_with_status}, {"signal", end_by_signal}, {"print-file", print_file},
    {"results", write_results}, {"lines", print_lines}, {"panic", crash_the_kernel}, {"memory", use_all_memory},
    {"wait", wait_for_ever}, {"machine", print_machine}};

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
