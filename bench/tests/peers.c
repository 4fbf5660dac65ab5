/*
 * The kernels of the benchmark beside loops written by hand, over the same memory, in turns: a round takes one sample of
 * each. peers.py runs it, and likwid-bench between its rounds.
 *
 *     bench_peers chase BYTES            a line a round: nanoseconds a load, ours and by hand
 *     bench_peers KERNEL THREADS BYTES   a line a round: MB/s that the program moves, ours and by hand
 *
 * A round is taken for each line on standard input; CPUs 0 to THREADS - 1, memory of node 0.
 */
#include "chase.h"
#include "peer_loops.h"
#include "placement.h"
#include "stream_choice.h"
#include "streams.h"
#include "team.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_THREADS 1024
#define CHASE_LOADS  ((size_t)1 << 18)

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench_peers: %s\n", what);
    exit(1);
}

/* A loop over arrays by one member of a team, ours or by hand. */
struct loop {
    const char *name;
    stream_function *ours; /* NULL: by hand. */
    enum stream_kernel kernel;
    const struct stream *whole;
    size_t members;
};

/* Each member its own, so that none waits for another's line. */
static struct {
    _Alignas(64) double sum;
} keep[MOST_THREADS];

static void do_loop(unsigned member, void *closure)
{
    const struct loop *loop = closure;
    struct stream part = *loop->whole;
    size_t from = part.n / STREAM_STEP * member / loop->members * STREAM_STEP;
    size_t to = part.n / STREAM_STEP * (member + 1) / loop->members * STREAM_STEP;

    part.a += from, part.b += from, part.c += from, part.n = to - from;
    if (loop->ours != NULL)
        keep[member].sum = loop->ours(&part);
    else if (loop->kernel == STREAM_READ)
        keep[member].sum = peer_read(part.b, part.n);
    else if (loop->kernel == STREAM_COPY)
        peer_copy(part.a, part.b, part.n);
    else
        peer_triad(part.a, part.b, part.c, part.s, part.n);
}

/* What the benchmark would run, with ordinary stores and with those past the caches, and the loop by hand. */
static size_t list_loops(struct loop *loops, enum stream_kernel kernel, const struct stream *whole, size_t members)
{
    struct stream_choice choice;
    size_t count = 0;

    stream_try(&choice, whole->a, whole->n / (3 * STREAM_STEP) * (3 * STREAM_STEP));
    loops[count++] = (struct loop){"ours", choice.code[kernel]->kernels[kernel], kernel, whole, members};
    if (kernel != STREAM_READ && choice.code[kernel + 1] != NULL)
        loops[count++] = (struct loop){
            "ours, past the caches", choice.code[kernel + 1]->kernels[kernel + 1], kernel, whole, members};
    loops[count++] = (struct loop){"by hand", NULL, kernel, whole, members};
    return count;
}

static void race_streams(enum stream_kernel kernel, size_t threads, size_t bytes)
{
    unsigned cpus[MOST_THREADS], missing;
    struct buffer buffer;
    struct team *team;
    struct loop loops[3];
    char line[16];

    for (unsigned i = 0; i < threads; i++)
        cpus[i] = i;
    if (buffer_make(&buffer, bytes, 0, NULL) != NP_OK || team_make(&team, cpus, threads, NULL) != NP_OK)
        give_up("no memory on node 0, or a CPU that may not be used");
    size_t arrays = kernel == STREAM_READ ? 1 : kernel == STREAM_COPY ? 2 : 3;
    size_t n = bytes / arrays / sizeof(double) / STREAM_STEP * STREAM_STEP;
    double *memory = (double *)(void *)buffer.start;
    stream_fill(memory, bytes / sizeof(double));
    struct stream whole = {memory, memory + (arrays > 1 ? n : 0), memory + (arrays > 2 ? 2 * n : 0), n, 3};
    size_t count = list_loops(loops, kernel, &whole, threads);
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t first = (size_t)now_ns() % count;
        for (size_t i = 0; i < count; i++) {
            struct loop *loop = &loops[(first + i) % count];
            double seconds;
            if (!team_run(team, threads, do_loop, loop, &seconds, &missing))
                give_up("a thread was not on its CPU");
            printf("%s=%.0f;", loop->name, (double)(arrays * n * sizeof(double)) / seconds / 1e6);
        }
        putchar('\n');
        fflush(stdout);
    }
    team_free(team);
    buffer_free(&buffer);
}

static void race_chase(size_t bytes)
{
    struct buffer buffer;
    struct random random = {.state = (uint64_t)now_ns() | 1};
    void *place;
    char line[16];

    if (!thread_move(0) || buffer_make(&buffer, bytes, 0, NULL) != NP_OK ||
        !chase_make(buffer.start, buffer.bytes, &random))
        give_up("no memory on node 0, or CPU 0 may not be used");
    place = buffer.start;
    for (unsigned round = 0; fgets(line, sizeof line, stdin) != NULL; round++) {
        double seconds[2];
        for (unsigned i = 0; i < 2; i++) {
            unsigned which = (i + round) % 2;
            double start = now_ns();
            place = which == 0 ? chase_run(place, CHASE_LOADS) : peer_chase(place, CHASE_LOADS);
            seconds[which] = now_ns() - start;
        }
        printf("ours=%.2f;by hand=%.2f\n", seconds[0] / (double)CHASE_LOADS, seconds[1] / (double)CHASE_LOADS);
        fflush(stdout);
    }
    buffer_free(&buffer);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "chase") == 0) {
        race_chase(strtoull(argv[2], NULL, 10));
        return 0;
    }
    size_t threads = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    for (enum stream_kernel kernel = 0; kernel < STREAM_KERNELS && threads > 0 && threads <= MOST_THREADS; kernel++) {
        bool known = kernel == STREAM_READ || kernel == STREAM_COPY || kernel == STREAM_TRIAD;
        if (known && strcmp(argv[1], stream_facts[kernel].name) == 0) {
            race_streams(kernel, threads, strtoull(argv[3], NULL, 10));
            return 0;
        }
    }
    give_up("usage: bench_peers chase BYTES | read|copy|triad THREADS BYTES");
}
