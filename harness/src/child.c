/* fork, exec and wait: see child.h. */
#include "child.h"

#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Python of the distribution, which has the libraries that the helpers use; another one on PATH may not. */
static const char python[] = "/usr/bin/python3";

void child_keep_file_rights(void)
{
    static const cap_value_t file_rights[] = {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH};
    cap_t now = cap_get_proc();
    cap_t kept = cap_init();
    for (size_t i = 0; now != NULL && kept != NULL && getuid() == 0 && i < 2; i++) {
        cap_flag_value_t held = CAP_CLEAR;
        cap_get_flag(now, file_rights[i], CAP_PERMITTED, &held);
        cap_set_flag(kept, CAP_PERMITTED, 1, &file_rights[i], held);
        cap_set_flag(kept, CAP_EFFECTIVE, 1, &file_rights[i], held);
    }
    if (kept != NULL) {
        cap_set_proc(kept);
    }
    /* exec would give root everything back, but not under this flag: capabilities(7), prctl(2). */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    cap_free(now);
    cap_free(kept);
}

/* In the child, up to exec. What cannot be executed is reported through @failure, which exec closes. */
_Noreturn static void become(const struct child *child, pid_t parent, int failure)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        _exit(STATUS_CANNOT_RUN);
    }
    if (child->output >= 0) {
        dup2(child->output, STDOUT_FILENO);
    }
    if (child->error >= 0) {
        dup2(child->error, STDERR_FILENO);
    }
    if (child->rights == CHILD_FILE_RIGHTS) {
        child_keep_file_rights();
    }
    execvp(child->arguments[0], (char *const *)(size_t)child->arguments);
    int reason = errno;
    ssize_t ignored = write(failure, &reason, sizeof(reason));
    (void)ignored;
    _exit(STATUS_CANNOT_RUN);
}

/* Show progress until the process has ended; where the kernel gives no handle on it, there is none to show. */
static void show_progress(pid_t process, const struct child *child)
{
    enum { TICK_MILLISECONDS = 500 };
    struct pollfd ended = {.fd = child->what != NULL ? pidfd_open(process, 0) : -1, .events = POLLIN};
    double left = child->seconds;
    while (ended.fd >= 0 && poll(&ended, 1, TICK_MILLISECONDS) == 0) {
        left -= TICK_MILLISECONDS / 1000.0;
        terminal_progress(child->what, -1, left);
    }
    if (ended.fd >= 0) {
        close(ended.fd);
    }
    terminal_progress_end();
}

static bool wait_for(pid_t process, const char *name, int *exit_status, struct problem *problem)
{
    int status = 0;
    while (waitpid(process, &status, 0) < 0) {
        if (errno != EINTR) {
            return problem_set(problem, STATUS_CANNOT_RUN, "lost track of %s: %s", name, strerror(errno));
        }
    }
    if (WIFSIGNALED(status)) {
        return problem_set(problem, STATUS_CANNOT_RUN, "%s was killed by signal %d (%s)", name, WTERMSIG(status),
            strsignal(WTERMSIG(status)));
    }
    *exit_status = WEXITSTATUS(status);
    return true;
}

bool child_run(const struct child *child, int *exit_status, struct problem *problem)
{
    const char *name = child->arguments[0];
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) != 0) {
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot start %s: %s", name, strerror(errno));
    }
    pid_t parent = getpid();
    pid_t process = fork();
    int reason = process < 0 ? errno : 0;
    if (process == 0) {
        become(child, parent, failure[1]);
    }
    close(failure[1]);
    if (process > 0) {
        int told = 0;
        ssize_t count = read(failure[0], &told, sizeof(told));
        reason = count == (ssize_t)sizeof(told) ? told : 0;
    }
    close(failure[0]);
    if (process > 0) {
        show_progress(process, child);
    }
    bool ended = process < 0 || wait_for(process, name, exit_status, problem);
    if (reason != 0) {
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot run %s: %s", name, strerror(reason));
    }
    return ended;
}

bool child_python(const char **arguments, size_t size, const char *script, const char *const *rest, size_t count,
    const struct paths *paths, struct problem *problem)
{
    if (access(script, R_OK) != 0) {
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot read %s: %s", script, strerror(errno));
    }
    /* -E -s: nothing of the user's Python settings; -B: no cache files beside the scripts. */
    const char *const start[] = {python, "-EsB", script};
    size_t used = sizeof(start) / sizeof(start[0]);
    if (used + count + 1 > size) {
        return problem_set(problem, STATUS_USAGE, "too many arguments");
    }
    memcpy(arguments, start, sizeof(start));
    for (size_t i = 0; i < count; i++) {
        arguments[used++] = rest[i];
    }
    arguments[used] = NULL;
    setenv("NUMAPROOF_BINARY", paths->command, 1);
    setenv("NUMAPROOF_LIBRARY", paths->library, 1);
    return true;
}
