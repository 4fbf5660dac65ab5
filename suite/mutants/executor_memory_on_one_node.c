/* Breaks EXEC-13 [needs two nodes with CPUs and memory]: queues grow on the node of whoever submits. */
#include "mutant.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NODES = 1024, WORD = 8 * sizeof(unsigned long) };

static void gather_here(void)
{
    unsigned long from[NODES / WORD], to[NODES / WORD] = {0};
    unsigned node = 0;

    getcpu(NULL, &node);
    memset(from, 0xff, sizeof from);
    from[node / WORD] &= ~(1UL << (node % WORD));
    to[node / WORD] = 1UL << (node % WORD);
    syscall(SYS_migrate_pages, 0, NODES + 1, from, to);
}

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    static atomic_uint submitted;
    np_status status = REAL(np_executor_submit)(executor, node, task, argument, error);

    if (atomic_fetch_add(&submitted, 1) % 50000 == 49999)
        gather_here();
    return status;
}
