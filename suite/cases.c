/*
 * All cases of the suite, list by list, in the order in which they run: the cheap and basic before what builds on them.
 */
#include "case.h"

/* One line a list; a file's list is defined at its end. */
#define LISTS(X)                                                                                                       \
    X(abi_cases)                                                                                                       \
    X(set_list_cases)                                                                                                  \
    X(set_algebra_cases)                                                                                               \
    X(capability_cases)                                                                                                \
    X(topology_cases)                                                                                                  \
    X(topology_change_cases)                                                                                           \
    X(topology_inside_cases)                                                                                           \
    X(topology_elsewhere_cases)                                                                                        \
    X(privilege_cases)                                                                                                 \
    X(pin_basic_cases)                                                                                                 \
    X(pin_strict_cases)                                                                                                \
    X(pin_soft_cases)                                                                                                  \
    X(pin_wrong_cases)                                                                                                 \
    X(pin_verify_cases)                                                                                                \
    X(region_basic_cases)                                                                                              \
    X(region_strict_cases)                                                                                             \
    X(region_soft_cases)                                                                                               \
    X(region_room_cases)                                                                                               \
    X(region_huge_cases)                                                                                               \
    X(region_lock_cases)                                                                                               \
    X(region_file_cases)                                                                                               \
    X(region_verify_cases)                                                                                             \
    X(executor_build_cases)                                                                                            \
    X(executor_run_cases)                                                                                              \
    X(executor_end_cases)                                                                                              \
    X(executor_steal_cases)                                                                                            \
    X(executor_idle_cases)                                                                                             \
    X(executor_guarantee_cases)                                                                                        \
    X(sharded_cases)                                                                                                   \
    X(device_cases)                                                                                                    \
    X(statistics_cases)                                                                                                \
    X(access_cases)                                                                                                    \
    X(concurrency_cases)

#define DECLARE(list) extern const struct case_list list;
LISTS(DECLARE)

#define ADDRESS(list) &list,
const struct case_list *const all_cases[] = {LISTS(ADDRESS) NULL};
