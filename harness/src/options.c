/* argp, kept to one line an error: see options.h. */
#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

static error_t parse_root(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key != ARGP_KEY_INIT) {
        return ARGP_ERR_UNKNOWN;
    }
    /* Where argp's own words for an error would go. What getopt says goes to standard error all the same. */
    state->err_stream = NULL;
    state->child_inputs[0] = state->input;
    return 0;
}

bool options_parse(const struct argp *argp, int argc, char **argv, void *input, struct problem *problem)
{
    struct argp_child children[] = {{.argp = argp}, {0}};
    struct argp root = {.parser = parse_root, .children = children};
    int next = argc;
    problem->text[0] = '\0';
    problem->status = STATUS_USAGE;
    if (argp_parse(&root, argc, argv, 0, &next, input) != 0) {
        return false;
    }
    if (next < argc) {
        return problem_set(problem, STATUS_USAGE, "unexpected argument '%s'", argv[next]);
    }
    return true;
}

error_t options_number(
    const char *name, const char *text, double least, double most, double *number, struct problem *problem)
{
    char *end = NULL;
    *number = strtod(text, &end);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && *number >= least && *number <= most) {
        return 0;
    }
    problem_set(problem, STATUS_USAGE, "--%s takes a number from %g to %g, not '%s'", name, least, most, text);
    return EINVAL;
}
