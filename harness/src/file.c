/* Writing whole files and reading small ones: see file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_join(char *path, size_t size, const char *folder, const char *name, struct problem *problem)
{
    int length = snprintf(path, size, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= size) {
        return problem_set(problem, STATUS_USAGE, "the path %s/%s is too long", folder, name);
    }
    return true;
}

static int write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        }
    }
    return 0;
}

/* Everything between the temporary file and the final name. Returns 0, or -1 with errno set. */
static int fill_and_rename(int file, const char *temporary, const char *path, const void *bytes, size_t count)
{
    mode_t mask = umask(0);
    umask(mask);
    int failed = write_all(file, bytes, count) != 0 || fchmod(file, 0666 & ~mask) != 0 || fsync(file) != 0;
    int reason = errno;
    if (close(file) != 0 && !failed) {
        failed = 1;
        reason = errno;
    }
    if (!failed && rename(temporary, path) != 0) {
        failed = 1;
        reason = errno;
    }
    errno = reason;
    return failed ? -1 : 0;
}

/* The new name itself is safe on the disk only once its folder is; not every file system can do that. */
static void sync_folder(const char *folder)
{
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened >= 0) {
        fsync(opened);
        close(opened);
    }
}

bool file_write(const char *folder, const char *name, const void *bytes, size_t count, struct problem *problem)
{
    char path[PATH_MAX];
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof(temporary), "%s/.%s.XXXXXX", folder, name);
    if (!file_join(path, sizeof(path), folder, name, problem)) {
        return false;
    }
    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        return problem_set(problem, STATUS_USAGE, "the path %s is too long", path);
    }
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot write %s: %s", path, strerror(errno));
    }
    /* Past RLIMIT_FSIZE the kernel kills the writer, unless it ignores the signal and sees EFBIG. */
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    struct sigaction former;
    sigaction(SIGXFSZ, &ignored, &former);
    int failed = fill_and_rename(file, temporary, path, bytes, count);
    int reason = errno;
    sigaction(SIGXFSZ, &former, NULL);
    if (failed != 0) {
        unlink(temporary);
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot write %s: %s", path, strerror(reason));
    }
    sync_folder(folder);
    return true;
}

bool file_read_line(char *text, size_t size, const char *root, const char *path, ...)
{
    char name[PATH_MAX];
    int used = snprintf(name, sizeof(name), "%s", root);
    va_list arguments;
    va_start(arguments, path);
    int more = vsnprintf(name + used, sizeof(name) - (size_t)used, path, arguments);
    va_end(arguments);
    text[0] = '\0';
    if (used + more >= (int)sizeof(name)) {
        errno = ENAMETOOLONG;
        return false;
    }
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    ssize_t count = read(file, text, size - 1);
    int reason = errno;
    close(file);
    errno = reason;
    text[count > 0 ? count : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return count >= 0;
}
