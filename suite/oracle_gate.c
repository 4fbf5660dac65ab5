/*
 * The gate through which all the oracle's system calls go.
 *
 * A seccomp filter sees the address of the instruction that asks. The suite's filters (fault_seccomp.c) forbid calls
 * from everywhere but between these two labels, so that the oracle can still read the affinity or the policy of a process
 * whose implementation under test may not. The address that the kernel shows is that of the instruction after the
 * system call, which is the second label.
 */
#include "oracle.h"

#if defined(__x86_64__)
__asm__(".pushsection .text\n"
        ".globl oracle_call\n"
        ".hidden oracle_call\n"
        ".type oracle_call, @function\n"
        ".globl oracle_gate_start\n"
        ".hidden oracle_gate_start\n"
        ".globl oracle_gate_end\n"
        ".hidden oracle_gate_end\n"
        "oracle_call:\n"
        "oracle_gate_start:\n"
        "    movq %rdi, %rax\n"
        "    movq %rsi, %rdi\n"
        "    movq %rdx, %rsi\n"
        "    movq %rcx, %rdx\n"
        "    movq %r8, %r10\n"
        "    movq %r9, %r8\n"
        "    movq 8(%rsp), %r9\n"
        "    syscall\n"
        "oracle_gate_end:\n"
        "    ret\n"
        ".size oracle_call, . - oracle_call\n"
        ".popsection\n");
#elif defined(__aarch64__)
__asm__(".pushsection .text\n"
        ".globl oracle_call\n"
        ".hidden oracle_call\n"
        ".type oracle_call, %function\n"
        ".globl oracle_gate_start\n"
        ".hidden oracle_gate_start\n"
        ".globl oracle_gate_end\n"
        ".hidden oracle_gate_end\n"
        "oracle_call:\n"
        "oracle_gate_start:\n"
        "    mov x8, x0\n"
        "    mov x0, x1\n"
        "    mov x1, x2\n"
        "    mov x2, x3\n"
        "    mov x3, x4\n"
        "    mov x4, x5\n"
        "    mov x5, x6\n"
        "    svc #0\n"
        "oracle_gate_end:\n"
        "    ret\n"
        ".size oracle_call, . - oracle_call\n"
        ".popsection\n");
#else
#error "The oracle's gate is written for x86-64 and AArch64: add the few instructions of this processor."
#endif
