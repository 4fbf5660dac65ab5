/*
 * How each of these test programs ends: all suites are run, and main() returns 0 when every test passed.
 */
#ifndef NUMAPROOF_BENCH_TESTS_RUN_SUITES_H
#define NUMAPROOF_BENCH_TESTS_RUN_SUITES_H

#include <CUnit/Basic.h>

/* @suites ends with CU_SUITE_INFO_NULL. Returns what main() returns. */
static inline int run_suites(CU_SuiteInfo *suites)
{
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}

#endif
