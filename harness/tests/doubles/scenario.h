/*
 * What the doubles shall do: the environment variable NUMAPROOF_SCENARIO holds words, and each word is one thing that
 * happens. Without it all is well.
 */
#ifndef NUMAPROOF_HARNESS_DOUBLES_SCENARIO_H
#define NUMAPROOF_HARNESS_DOUBLES_SCENARIO_H

#include <stdbool.h>

bool scenario_has(const char *word);

#endif
