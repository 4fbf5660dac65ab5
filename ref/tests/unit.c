/*
 * Expectations and children for the unit tests.
 */
#include "unit.h"
#include <CUnit/Basic.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static bool in_child;
static atomic_bool child_failed; /* Its threads may find fault too. */

void unit_expect(bool ok, const char *file, int line, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!ok)
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    if (in_child && !ok)
        child_failed = true;
    if (!in_child)
        CU_assertImplementation(ok, (unsigned)line, text, file, "", CU_FALSE);
}

void unit_expect_number(long long seen, long long expected, const char *what, const char *file, int line)
{
    unit_expect(seen == expected, file, line, "%s is %lld, expected %lld", what, seen, expected);
}

void unit_expect_text(const char *seen, const char *expected, const char *what, const char *file, int line)
{
    unit_expect(strcmp(seen, expected) == 0, file, line, "%s is \"%s\", expected \"%s\"", what, seen, expected);
}

void unit_expect_part(const char *seen, const char *part, const char *what, const char *file, int line)
{
    unit_expect(strstr(seen, part) != NULL, file, line, "%s is \"%s\", without \"%s\"", what, seen, part);
}

void unit_in_child(void (*body)(void))
{
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        in_child = true;
        body();
        fflush(NULL);
        _exit(child_failed ? 1 : 0);
    }
    int status = -1;
    EXPECT(child > 0 && waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

bool unit_has_capability(int capability)
{
    cap_t set = cap_get_proc();
    cap_flag_value_t value = CAP_CLEAR;
    const bool known = set != NULL && cap_get_flag(set, capability, CAP_EFFECTIVE, &value) == 0;
    cap_free(set);
    return known && value == CAP_SET;
}

void unit_drop_capability(int capability)
{
    cap_t set = cap_get_proc();
    const cap_value_t value = capability;
    const bool dropped =
        set != NULL && cap_set_flag(set, CAP_EFFECTIVE, 1, &value, CAP_CLEAR) == 0 && cap_set_proc(set) == 0;
    cap_free(set);
    EXPECT(dropped);
}

void unit_forbid(int system_call, int system_errno)
{
    unit_forbid_where(system_call, 0, 0, system_errno);
}

void unit_forbid_where(int system_call, unsigned argument, unsigned bits, int system_errno)
{
    const unsigned place = (unsigned)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)system_call, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)system_errno),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

int unit_main(const char *subject, const struct unit_test *tests, size_t count)
{
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite(subject, NULL, NULL);
    for (size_t i = 0; suite != NULL && i < count; i++)
        CU_add_test(suite, tests[i].name, tests[i].run);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    const CU_ErrorCode problem = CU_basic_run_tests();
    const bool all_ran = problem == CUE_SUCCESS && CU_get_number_of_tests_run() == count;
    const bool passed = all_ran && CU_get_number_of_failures() == 0;
    CU_cleanup_registry();
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
