/*
 * The journal of changes to the machine; see fault_journal.h.
 *
 * It lies in /run, which is root's and empty after a boot, as the changed settings are back to their defaults then. Whoever
 * has it open holds the lock on the machine: a journal that is found with that lock held is one that a killed run left.
 */
#include "fault_journal.h"
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL      "/run/numaproof-faults.journal"
#define JOURNAL_SIZE 32768

static int journal = -1;

static bool is_roots_own(int file)
{
    struct stat status;

    return fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0 && (status.st_mode & 022) == 0;
}

bool journal_open(bool create)
{
    if (geteuid() != 0)
        return false;
    journal = open(JOURNAL, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
    if (journal < 0 || is_roots_own(journal))
        return journal >= 0;
    close(journal);
    journal = -1;
    return false;
}

bool journal_exists(void)
{
    return access(JOURNAL, F_OK) == 0;
}

void journal_close(void)
{
    struct stat status;

    if (journal < 0)
        return;
    if (fstat(journal, &status) == 0 && status.st_size == 0)
        unlink(JOURNAL);
    close(journal);
    journal = -1;
}

static void append(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void append(const char *format, ...)
{
    char line[600];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (journal < 0 || length < 0 || (size_t)length >= sizeof line)
        case_error("fault: the journal takes no step: %.200s", line);
    if (write(journal, line, (size_t)length) != length || fsync(journal) != 0)
        case_error("fault: the journal %s cannot be written: %s", JOURNAL, strerror(errno));
}

void journal_restore(const char *file, const char *value)
{
    append("restore %s %s\n", file, value);
}

void journal_write(const char *file, const char *value)
{
    append("write %s %s\n", file, value);
}

void journal_remove(const char *directory)
{
    append("remove %s -\n", directory);
}

static bool write_setting(const char *file, const char *value)
{
    int setting = open(file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

    if (setting < 0)
        return false;
    bool written = write(setting, value, strlen(value)) == (ssize_t)strlen(value);
    close(setting);
    return written;
}

static bool reads(const char *file, const char *value)
{
    char text[256];

    return oracle_read_file(file, text, sizeof text) && strncmp(text, value, strlen(value)) == 0 &&
           (text[strlen(value)] == '\n' || text[strlen(value)] == '\0');
}

static bool try_step(const char *word, const char *path, const char *value)
{
    if (strcmp(word, "remove") == 0)
        return rmdir(path) == 0 || errno == ENOENT;
    if (strcmp(word, "write") == 0)
        return write_setting(path, value);
    return reads(path, value) || (write_setting(path, value) && reads(path, value));
}

/*
 * The kernel may say EBUSY for a moment: a cgroup whose last process is not yet gone, a CPU that is still on its way
 * down. Five seconds are allowed.
 */
static bool undo_step(const char *step)
{
    char word[16], path[400], value[128];
    struct timespec begin, now;

    if (sscanf(step, "%15s %399s %127s", word, path, value) != 3 ||
        (strncmp(path, "/sys/", 5) != 0 && strncmp(path, "/proc/sys/", 10) != 0))
        return false;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        if (try_step(word, path, value))
            return true;
        sched_yield();
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begin.tv_sec < 5);
    return false;
}

static void add(char *said, size_t size, const char *prefix, const char *step)
{
    size_t used = strlen(said);

    snprintf(said + used, size - used, "%s%s%s", used > 0 ? "; " : "", prefix, step);
}

bool journal_undo(char *said, size_t size)
{
    char text[JOURNAL_SIZE];

    said[0] = '\0';
    if (journal < 0)
        return true;
    ssize_t length = pread(journal, text, sizeof text - 1, 0);
    if (length < 0) {
        snprintf(said, size, "%s cannot be read: %s", JOURNAL, strerror(errno));
        return false;
    }
    while (length > 0) {
        text[text[length - 1] == '\n' ? length - 1 : length] = '\0';
        char *end = strrchr(text, '\n');
        char *step = end != NULL ? end + 1 : text;
        if (!undo_step(step)) {
            add(said, size, "could not be undone: ", step);
            return false;
        }
        add(said, size, "", step);
        length = step - text;
        if (ftruncate(journal, length) != 0) {
            add(said, size, "the journal cannot be shortened after: ", step);
            return false;
        }
    }
    return true;
}
