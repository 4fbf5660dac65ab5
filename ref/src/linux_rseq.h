/*
 * Adding to a word of one's own CPU without an atomic operation: restartable sequences.
 *
 * A locked addition waits for the stores before it, some 20 cycles, though the line is nobody else's. What makes it needed
 * is only that the thread may be moved, or another be let run on its CPU, between choosing the word and adding. The kernel
 * can be told of such a piece of code (rseq(2), Linux 4.18; glibc 2.35 registers each thread): should the thread be
 * preempted, moved, or given a signal within it, it goes on at the abort handler. The piece ends with the one instruction that adds, and so
 * either all of it was done on that CPU, with no other thread between, or nothing was.
 *
 * The word must be added to from its CPU alone, and in no other way; anyone may read it. The kernel looks at the descriptor
 * whenever it preempts a thread that has been here, at any later time, so that the library must stay mapped (-z nodelete).
 *
 * For x86-64; elsewhere, and where the program runs without rseq (valgrind), linux_has_rseq() says no.
 */
#ifndef NUMAPROOF_LINUX_RSEQ_H
#define NUMAPROOF_LINUX_RSEQ_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/rseq.h>

/* The same in all threads, from the start of the process to its end. */
static inline bool linux_has_rseq(void)
{
#if defined(__x86_64__)
    return __rseq_size != 0;
#else
    return false;
#endif
}

/* The CPU that the calling thread runs on, negative in a thread that glibc did not start. Only where __rseq_size is not 0. */
static inline int linux_rseq_cpu(void)
{
    const char *area = (const char *)__builtin_thread_pointer() + __rseq_offset;
    const _Atomic uint32_t *cpu = (const _Atomic uint32_t *)(const void *)(area + offsetof(struct rseq, cpu_id));
    return (int)atomic_load_explicit(cpu, memory_order_relaxed);
}

/*
 * Add @amount to the word of the CPU that the calling thread runs on: @words has one for each of the first @count CPUs, or
 * NULL. False: it was interrupted, or has no word, and nothing was added. Only where linux_has_rseq().
 */
static inline bool linux_add_on_cpu(_Atomic uint64_t *const *words, unsigned count, uint64_t amount)
{
#if defined(__x86_64__)
    /* 3: the descriptor, struct rseq_cs; 1: the first instruction; 2: behind the last; 4: the abort handler, and before it
     * the signature that the kernel wants there. In struct rseq, cpu_id is at 4 and rseq_cs at 8. The CPU is looked up within
     * the sequence, and so need not be looked at again; it is negative in a thread that glibc did not start. */
    __asm__ goto(".pushsection __rseq_cs, \"aw\"\n\t"
                 ".balign 32\n"
                 "3:\n\t"
                 ".long 0, 0\n\t"
                 ".quad 1f, 2f - 1f, 4f\n\t"
                 ".popsection\n\t"
                 "leaq 3b(%%rip), %%rax\n\t"
                 "movq %%rax, %%fs:8(%[rseq])\n"
                 "1:\n\t"
                 "movl %%fs:4(%[rseq]), %%eax\n\t"
                 "cmpl %[count], %%eax\n\t"
                 "jae 4f\n\t"
                 "movq (%[words], %%rax, 8), %%rax\n\t"
                 "testq %%rax, %%rax\n\t"
                 "jz 4f\n\t"
                 "addq %[amount], (%%rax)\n"
                 "2:\n\t"
                 ".pushsection __rseq_failure, \"ax\"\n\t"
                 ".byte 0x0f, 0xb9, 0x3d\n\t"
                 ".long %c[signature]\n"
                 "4:\n\t"
                 "jmp %l[nothing_added]\n\t"
                 ".popsection"
                 :
                 : [rseq] "r"(__rseq_offset), [words] "r"(words), [count] "rm"(count), [amount] "r"(amount),
                 [signature] "i"(RSEQ_SIG)
                 : "rax", "cc", "memory"
                 : nothing_added);
    return true;
nothing_added:
    return false;
#else
    (void)words, (void)count, (void)amount;
    return false;
#endif
}

#endif
