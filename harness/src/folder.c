/* Making, clearing and logging to the folder of results: see folder.h. */
#include "folder.h"

#include "file.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char log_name[] = "log.txt";
static const char unfinished_log[] = "log.txt.partial";

/* Everything that a run writes, and nothing else, is cleared away before the next. */
static const char *const result_files[] = {"result.json", "samples.json", "topology.xml", "topology.svg", "log.txt",
    "log.txt.partial", "console.log", "console-stalled.log", "report.html", "junit.xml", "RECHECK.md", "SHA256SUMS",
    "machine.json", "access-counts.json", "emulated/*/access-counts.json", "emulated/*/result.json",
    "emulated/*/samples.json", "emulated/*/topology.xml", "emulated/*/topology.svg", "emulated/*/log.txt",
    "emulated/*/log.txt.partial", "emulated/*/console.log", "emulated/*/console-stalled.log",
    "emulated/*/machine.json"};

static bool make(const char *path, bool *made, struct problem *problem)
{
    *made = mkdir(path, 0777) == 0;
    return *made || errno == EEXIST ||
           problem_set(problem, STATUS_USAGE, "cannot make the folder %s: %s", path, strerror(errno));
}

/* Make @path and the folders above it that are not there. */
static bool make_all(struct folder *folder, struct problem *problem)
{
    for (char *slash = strchr(folder->path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        bool made = false;
        *slash = '\0';
        bool good = make(folder->path, &made, problem);
        *slash = '/';
        if (!good) {
            return false;
        }
    }
    return make(folder->path, &folder->made, problem);
}

/* In a pattern a folder's name stands for itself, whatever is in it: "runs*" is not every folder that begins with runs. */
static void quote_for_glob(char *quoted, const char *path)
{
    for (; *path != '\0'; path++) {
        if (strchr("*?[]\\", *path) != NULL) {
            *quoted++ = '\\';
        }
        *quoted++ = *path;
    }
    *quoted = '\0';
}

static bool clear(const char *path, struct problem *problem)
{
    char quoted[2 * PATH_MAX];
    quote_for_glob(quoted, path);
    for (size_t i = 0; i < sizeof(result_files) / sizeof(result_files[0]); i++) {
        char pattern[sizeof(quoted) + NAME_MAX];
        glob_t found = {0};
        if (!file_join(pattern, sizeof(pattern), quoted, result_files[i], problem)) {
            return false;
        }
        bool good = glob(pattern, GLOB_NOSORT, NULL, &found) != GLOB_NOSPACE;
        for (size_t j = 0; good && j < found.gl_pathc; j++) {
            good = unlink(found.gl_pathv[j]) == 0 ||
                   problem_set(problem, STATUS_USAGE, "cannot replace %s: %s", found.gl_pathv[j], strerror(errno));
        }
        globfree(&found);
        if (!good) {
            return false;
        }
    }
    return true;
}

/*
 * What a run that is ended by a signal would leave: a log of nothing, in a folder that was made for it. Of a handler, which may
 * run at any time and in a child that was forked meanwhile.
 */
static struct {
    volatile sig_atomic_t owner; /* The process; 0: nothing is to be cleared. */
    char log[PATH_MAX];
    char folder[PATH_MAX]; /* "" where it was there before. */
} unfinished;

static void clear_and_end(int number)
{
    if (unfinished.owner == getpid()) {
        unlink(unfinished.log);
        if (unfinished.folder[0] != '\0') {
            rmdir(unfinished.folder);
        }
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* What is ignored, as SIGHUP under nohup(1), stays ignored. */
static void clear_on_signals(const struct folder *folder, const char *log)
{
    static const int ends[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    unfinished.owner = 0;
    snprintf(unfinished.log, sizeof(unfinished.log), "%s", log);
    snprintf(unfinished.folder, sizeof(unfinished.folder), "%s", folder->made ? folder->path : "");
    unfinished.owner = getpid();
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct sigaction action;
        if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
            action.sa_handler = clear_and_end;
            sigaction(ends[i], &action, NULL);
        }
    }
}

static bool open_log(struct folder *folder, struct problem *problem)
{
    char path[PATH_MAX];
    if (!file_join(path, sizeof(path), folder->path, unfinished_log, problem)) {
        return false;
    }
    clear_on_signals(folder, path);
    folder->log = fopen(path, "we");
    return folder->log != NULL ||
           problem_set(problem, STATUS_USAGE, "cannot write to the folder %s: %s", folder->path, strerror(errno));
}

/* ./numaproof-results/20260131T235959Z-validate, and -2, -3 behind it for more of them in one second. */
static bool make_named_by_time(struct folder *folder, const char *verb, struct problem *problem)
{
    char when[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    folder->made = false;
    for (int attempt = 1; !folder->made && attempt < 100; attempt++) {
        char suffix[16] = "";
        if (attempt > 1) {
            snprintf(suffix, sizeof(suffix), "-%d", attempt);
        }
        snprintf(folder->path, sizeof(folder->path), "numaproof-results/%s-%s%s", when, verb, suffix);
        if (!make_all(folder, problem)) {
            return false;
        }
    }
    return folder->made || problem_set(problem, STATUS_CANNOT_RUN, "cannot make a new folder %s", folder->path);
}

bool folder_open(struct folder *folder, const char *asked, const char *verb, struct problem *problem)
{
    *folder = (struct folder){0};
    if (asked == NULL) {
        if (!make_named_by_time(folder, verb, problem)) {
            return false;
        }
    } else {
        if (asked[0] == '\0' || strlen(asked) >= sizeof(folder->path)) {
            return problem_set(problem, STATUS_USAGE, "'%.64s' is no name for a folder", asked);
        }
        snprintf(folder->path, sizeof(folder->path), "%s", asked);
        if (!make_all(folder, problem)) {
            return false;
        }
    }
    if (clear(folder->path, problem) && open_log(folder, problem)) {
        return true;
    }
    folder_abandon(folder);
    return false;
}

const char *folder_shown(const struct folder *folder)
{
    const char *outside = getenv("NUMAPROOF_OUTER_FOLDER");
    return outside != NULL && outside[0] != '\0' ? outside : folder->path;
}

void folder_log(struct folder *folder, const char *format, ...)
{
    char when[32];
    time_t now = time(NULL);
    struct tm utc;
    if (folder->log == NULL) {
        return;
    }
    strftime(when, sizeof(when), "%H:%M:%S", gmtime_r(&now, &utc));
    va_list arguments;
    va_start(arguments, format);
    fprintf(folder->log, "%s ", when);
    vfprintf(folder->log, format, arguments);
    fputc('\n', folder->log);
    fflush(folder->log);
    va_end(arguments);
}

bool folder_close(struct folder *folder, struct problem *problem)
{
    char partial[PATH_MAX];
    char finished[PATH_MAX];
    bool good = !ferror(folder->log) && fsync(fileno(folder->log)) == 0;
    good = fclose(folder->log) == 0 && good;
    folder->log = NULL;
    if (!file_join(partial, sizeof(partial), folder->path, unfinished_log, problem) ||
        !file_join(finished, sizeof(finished), folder->path, log_name, problem)) {
        return false;
    }
    if (!good || rename(partial, finished) != 0) {
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot write %s: %s", finished, strerror(errno));
    }
    unfinished.owner = 0;
    return true;
}

void folder_abandon(struct folder *folder)
{
    char path[PATH_MAX];
    struct problem ignored;
    unfinished.owner = 0;
    if (folder->log != NULL) {
        fclose(folder->log);
        folder->log = NULL;
        if (file_join(path, sizeof(path), folder->path, unfinished_log, &ignored)) {
            unlink(path);
        }
    }
    if (folder->made) {
        rmdir(folder->path);
    }
}
