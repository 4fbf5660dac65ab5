/*
 * Options by argp, errors in one line.
 *
 * argp follows each error with a second line ("Try ... for more information") and exits by itself. Here it is kept quiet: getopt
 * below it says what is wrong with an option, in one line; a parser that finds a value wrong fills the problem and returns
 * EINVAL; an argument that no parser wants is named.
 */
#ifndef NUMAPROOF_HARNESS_OPTIONS_H
#define NUMAPROOF_HARNESS_OPTIONS_H

#include "problem.h"

#include <argp.h>
#include <stdbool.h>

/* Parse argv with @argp, whose parser gets @input. --help and --version are answered, and end the program. */
bool options_parse(const struct argp *argp, int argc, char **argv, void *input, struct problem *problem);

/* What a parser returns for an option --@name whose @text must be a number within bounds, and nothing else. */
error_t options_number(
    const char *name, const char *text, double least, double most, double *number, struct problem *problem);

#endif
