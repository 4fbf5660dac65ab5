/*
 * The proof that the access counter knows which node an address belongs to.
 *
 * The counter sees addresses, and what they mean differs between QEMUs (plugin/node_map.c). The guest's kernel knows the node
 * of a page for certain. So a page is bound to each node that has memory, by the kernel, and made present; then each CPU
 * reads each of these pages, having said which it is and what it is about to read. The counter holds what it sees against
 * what it is told; a single contradiction ends it. It is done by our init, once, before anything else runs.
 *
 * The touches are single volatile loads of a page that is present already, so that no fault comes between.
 */
#include "access_reader.h"
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct proof {
    struct access_reader *reader;
    volatile char *pages; /* One page for each node, bound to it; absent where the node has no memory. */
    size_t page_bytes;
    uint32_t nodes;
    char *why;
    size_t why_size;
};

static bool bind_page(const struct proof *proof, uint32_t node)
{
    unsigned long mask = 1UL << node;
    char *start = (char *)proof->pages + node * proof->page_bytes;
    /* The kernel reads one bit less than the number of bits it is given. */
    if (syscall(SYS_mbind, start, proof->page_bytes, MPOL_BIND, &mask, 8 * sizeof mask + 1, 0) != 0) {
        snprintf(proof->why, proof->why_size, "a page cannot be bound to node %u: %s", node, strerror(errno));
        return false;
    }
    *(volatile char *)start = 1;
    return true;
}

static bool touch(const struct proof *proof, uint32_t request, uint32_t cpu, uint32_t node)
{
    struct access_page *page = proof->reader->page;
    uint64_t start = (uint64_t)(uintptr_t)proof->pages + node * proof->page_bytes;
    uint32_t before = atomic_load(&page->answer.proof_touches);
    atomic_store(&page->control.proof_cpu, cpu);
    atomic_store(&page->control.proof_node, node);
    atomic_store(&page->control.proof.start, start);
    atomic_store(&page->control.proof.end, start + proof->page_bytes);
    atomic_store(&page->control.proof_request, request);
    (void)proof->pages[node * proof->page_bytes];
    if (request != ACCESS_PROOF_RUNNING || atomic_load(&page->answer.proof_touches) != before)
        return true;
    if (atomic_load(&page->answer.proof) == ACCESS_PROOF_FAILED)
        snprintf(proof->why, proof->why_size, "%.200s", page->answer.failure);
    else
        snprintf(proof->why, proof->why_size, "the counter did not see CPU %u touch node %u", cpu, node);
    return false;
}

static bool touch_from_cpu(const struct proof *proof, uint32_t cpu)
{
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    if (sched_setaffinity(0, sizeof only, &only) != 0)
        return true; /* Offline: it can touch nothing, now. */
    for (uint32_t node = 0; node < proof->nodes; node++)
        if (proof->reader->page->machine.node_bytes[node] != 0 && !touch(proof, ACCESS_PROOF_RUNNING, cpu, node))
            return false;
    return true;
}

static bool run(const struct proof *proof)
{
    const struct access_machine *machine = &proof->reader->page->machine;
    uint32_t any = 0;
    for (uint32_t node = 0; node < proof->nodes; node++) {
        if (machine->node_bytes[node] == 0)
            continue;
        any = node;
        if (!bind_page(proof, node))
            return false;
    }
    for (uint32_t cpu = 0; cpu < ACCESS_CPUS; cpu++)
        if (!touch_from_cpu(proof, cpu))
            return false;
    touch(proof, ACCESS_PROOF_CHECK, 0, any);
    if (access_reader_is_proved(proof->reader))
        return true;
    snprintf(proof->why, proof->why_size, "%.200s", proof->reader->page->answer.failure);
    return false;
}

bool access_reader_prove(struct access_reader *reader, char *why, size_t size)
{
    if (access_reader_is_proved(reader))
        return true;
    cpu_set_t before;
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    void *pages = mmap(NULL, ACCESS_NODES * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || sched_getaffinity(0, sizeof before, &before) != 0) {
        snprintf(why, size, "no memory or affinity to prove the access counter with: %s", strerror(errno));
        return false;
    }
    struct proof proof = {reader, pages, page_bytes, reader->page->machine.node_count, why, size};
    access_reader_arm(reader);
    bool holds = run(&proof);
    access_reader_disarm(reader);
    sched_setaffinity(0, sizeof before, &before);
    munmap(pages, ACCESS_NODES * page_bytes);
    return holds;
}
