/*
 * Forbidden system calls: a seccomp filter, as containers have.
 *
 * The filter is written by hand, instruction by instruction, because it needs one thing that no library offers: it lets
 * pass what comes from the oracle's gate (oracle_gate.c), told by the address of the asking instruction.
 */
#include "fault.h"
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define CALLS_MAX 32

#define LOAD(member)            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, member))
#define LOAD_HIGH(member)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, member) + 4)
#define IF_EQUAL(value, yes)    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), (yes), 0)
#define UNLESS_EQUAL(value, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), 0, (no))
#define ANSWER(action)          BPF_STMT(BPF_RET | BPF_K, (unsigned)(action))

/*
 * Harmless arguments for any system call: all ones name no thread, no address and no flags. With the filter in force the
 * call fails with the filter's error before it looks at them.
 */
static void verify(int error, long call)
{
    errno = 0;
    if (syscall(call, -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != error)
        case_error("fault: system call %ld is not forbidden: %s", call, strerror(errno));
}

void fault_forbid_calls(int error, const long *calls, size_t count)
{
    struct sock_filter filter[CALLS_MAX + 10];
    unsigned short length = 0;
    uint64_t gate = (uint64_t)(uintptr_t)oracle_gate_end;

    if (count > CALLS_MAX)
        case_error("fault: %zu forbidden system calls are more than %d", count, CALLS_MAX);
    filter[length++] = (struct sock_filter)LOAD(arch);
    filter[length++] = (struct sock_filter)UNLESS_EQUAL(ARCHITECTURE, (unsigned char)(count + 1));
    filter[length++] = (struct sock_filter)LOAD(nr);
    for (size_t i = 0; i < count; i++)
        filter[length++] = (struct sock_filter)IF_EQUAL(calls[i], (unsigned char)(count - i));
    filter[length++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    filter[length++] = (struct sock_filter)LOAD(instruction_pointer);
    filter[length++] = (struct sock_filter)UNLESS_EQUAL(gate & UINT32_MAX, 3);
    filter[length++] = (struct sock_filter)LOAD_HIGH(instruction_pointer);
    filter[length++] = (struct sock_filter)UNLESS_EQUAL(gate >> 32, 1);
    filter[length++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    filter[length++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | ((unsigned)error & SECCOMP_RET_DATA));

    struct sock_fprog program = {.len = length, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
        case_error("fault: the seccomp filter is refused: %s", strerror(errno));
    for (size_t i = 0; i < count; i++)
        verify(error, calls[i]);
}
