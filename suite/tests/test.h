/*
 * What the suite's own tests share: say what failed, count, and exit with the verdict.
 */
#ifndef NUMAPROOF_SUITE_TEST_H
#define NUMAPROOF_SUITE_TEST_H

#include <stdio.h>

static unsigned test_checks, test_failures;

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        test_checks++;                                                                                                 \
        if (!(condition)) {                                                                                            \
            test_failures++;                                                                                           \
            printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);                                                     \
            printf(__VA_ARGS__);                                                                                       \
            putchar('\n');                                                                                             \
        }                                                                                                              \
    } while (0)

static inline int test_result(void)
{
    printf("%u checks, %u failed\n", test_checks, test_failures);
    return test_failures > 0 || test_checks == 0 ? 1 : 0;
}

#endif
