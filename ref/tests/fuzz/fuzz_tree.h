/*
 * A small tree of files that the fuzzers of files write their input to.
 */
#ifndef NUMAPROOF_FUZZ_TREE_H
#define NUMAPROOF_FUZZ_TREE_H

#include <stddef.h>
#include <stdint.h>

/* All zero but for the lists of folders, each after those that it lies in, and of files. */
struct fuzz_tree {
    const char *const *folders;
    size_t folder_count;
    const char *const *files;
    size_t file_count;
    char name[32];  /* Of its root, in the current folder; set by the first filling. */
    int descriptor; /* The root, opened. */
};

/*
 * Cut the input at bytes of value 1 into the texts of the files, in their order; what is left over is ignored, and files
 * that there is no text for are not there. The tree lies in the current folder, under a name of this process's own, and
 * goes with the process.
 */
void fuzz_tree_fill(struct fuzz_tree *tree, const uint8_t *data, size_t size);

#endif
