/*
 * Files that are either whole or not there.
 *
 * Under its final name a result file never holds half of anything: it is written under a temporary name beside it, forced
 * to the disk, and renamed. A full disk, a limit on file sizes, a folder that went away: an error that names the file,
 * with nothing left behind.
 */
#ifndef NUMAPROOF_HARNESS_FILE_H
#define NUMAPROOF_HARNESS_FILE_H

#include "problem.h"

#include <stdbool.h>
#include <stddef.h>

/* Write @count bytes to @folder/@name. */
bool file_write(const char *folder, const char *name, const void *bytes, size_t count, struct problem *problem);

/* Join a folder and a name into @path, of @size bytes. */
bool file_join(char *path, size_t size, const char *folder, const char *name, struct problem *problem);

/*
 * Read a small text file of the kernel's, @root/@path as printf has it, into @text without its final newline.
 * False, with errno set and @text empty, when it cannot be read.
 */
bool file_read_line(char *text, size_t size, const char *root, const char *path, ...)
    __attribute__((format(printf, 4, 5)));

#endif
