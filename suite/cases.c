/*
 * All cases of the suite, list by list, in the order in which they run: the cheap and basic before what builds on them.
 */
#include "case.h"

extern const struct case_list abi_cases;

const struct case_list *const all_cases[] = {&abi_cases, NULL};
