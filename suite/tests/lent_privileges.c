/*
 * Privileges are not lent: a copy of this program with a file capability, run by an ordinary user as the contract's own
 * page advises, runs the suite against its own library and refuses any other.
 *
 * Needs root, to give the capability; without it the test is skipped (exit status 77).
 */
#include "suite/suite.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static char folder[] = "/tmp/numaproof-lent-XXXXXX";
static char copy[64], library[64];

/* What the copy does: exit 10 if the suite ran, 11 if the library was refused for its privileges, else 12. */
static int be_the_copy(const char *path, bool own)
{
    static const char *const globs[] = {"ABI-2", NULL};
    const struct suite_options options = {.implementation = path, .own_library = own, .clause_globs = globs};
    struct suite_report report;
    np_error error = {.code = 0};

    if (getauxval(AT_SECURE) == 0)
        return 12;
    if (suite_run(&options, &report, &error) == NP_OK) {
        suite_report_free(&report);
        return 10;
    }
    return strstr(error.reason, "privileges of its own") != NULL && strstr(error.reason, path) != NULL ? 11 : 12;
}

static bool copy_file(const char *source, const char *target)
{
    struct stat status;
    int from = open(source, O_RDONLY | O_CLOEXEC);
    int to = from >= 0 ? open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755) : -1;

    off_t left = to >= 0 && fstat(from, &status) == 0 ? status.st_size : -1;
    while (left > 0) {
        ssize_t sent = sendfile(to, from, NULL, (size_t)left);
        if (sent <= 0)
            break;
        left -= sent;
    }
    if (to >= 0)
        close(to);
    if (from >= 0)
        close(from);
    return left == 0;
}

/* Program and library where any user can read them. */
static bool make_copies(const char *original)
{
    cap_t capability = cap_from_text("cap_sys_nice=ep");
    bool made = mkdtemp(folder) != NULL && chmod(folder, 0755) == 0;

    snprintf(copy, sizeof copy, "%s/suite", folder);
    snprintf(library, sizeof library, "%s/library.so", folder);
    made = made && copy_file("/proc/self/exe", copy) && copy_file(original, library);
    made = made && capability != NULL && cap_set_file(copy, capability) == 0;
    cap_free(capability);
    return made;
}

static void remove_copies(void)
{
    unlink(copy);
    unlink(library);
    rmdir(folder);
}

static int run_copy_as_user(const char *whose)
{
    int status = 0;

    fflush(NULL);
    pid_t user = fork();
    if (user == 0) {
        if (setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0)
            execl(copy, copy, "--copy", library, whose, (char *)NULL);
        _exit(13);
    }
    while (user > 0 && waitpid(user, &status, 0) < 0 && errno == EINTR)
        continue;
    return user > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--copy") == 0)
        return be_the_copy(argv[2], strcmp(argv[3], "own") == 0);
    if (argc != 2) {
        fprintf(stderr, "usage: np_test_lent_privileges LIBRARY\n");
        return 2;
    }
    if (geteuid() != 0 || !make_copies(argv[1])) {
        printf("skipped: a file capability cannot be given here\n");
        remove_copies();
        return 77;
    }
    int own = run_copy_as_user("own"), foreign = run_copy_as_user("foreign");
    remove_copies();
    CHECK(own == 10, "the own library: exit status %d", own);
    CHECK(foreign == 11, "a foreign library: exit status %d", foreign);
    return test_result();
}
