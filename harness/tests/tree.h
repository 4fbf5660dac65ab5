/*
 * A machine made of files: a folder with the parts of /proc and /sys that the facts are read from.
 *
 * It starts as a healthy machine of two nodes with all that hard mode needs; a test then breaks one file.
 */
#ifndef NUMAPROOF_HARNESS_TESTS_TREE_H
#define NUMAPROOF_HARNESS_TESTS_TREE_H

#include "facts.h"

struct tree {
    char root[64];
};

void tree_make(struct tree *tree);

/* Give @file, as "/proc/cmdline", another content, or take it away where @text is NULL. */
void tree_change(const struct tree *tree, const char *file, const char *text);

/* All facts of it; the probes are those of a healthy machine. The caller frees them. */
void tree_facts(const struct tree *tree, struct facts *facts);

void tree_remove(const struct tree *tree);

#endif
