/*
 * Loading an implementation and filling the table; see implementation.h.
 */
#include "implementation.h"
#include "at_work.h"
#include "outcome.h"
#include "shared_object.h"
#include "suite/suite.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who sleeps after the first has been waiting for something for long; who still computes may be on a busy machine. */
#define LOAD_SECONDS      5
#define MOST_LOAD_SECONDS 120

typedef void trap(void);

/* One trap a function: it knows its own name, and is never called with the arguments that it is given. */
#define API_TRAP(name)                                                                                                 \
    static _Noreturn void trap_##name(void)                                                                            \
    {                                                                                                                  \
        case_failed(SUITE_NOT_EXPORTED "np_" #name);                                                                   \
    }
NP_API_FUNCTIONS(API_TRAP)

static const struct function {
    const char *name; /* without np_ */
    size_t offset;    /* in struct api */
    trap *trap;
} functions[] = {
#define API_FUNCTION(name) {#name, offsetof(struct api, name), trap_##name},
    NP_API_FUNCTIONS(API_FUNCTION)};

#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

static struct api table;
static bool exported[FUNCTION_COUNT];
const struct api *api = &table;

bool implementation_load(const char *path, char *reason, size_t size)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (object == NULL) {
        snprintf(reason, size, "%s cannot be loaded: %s", path, dlerror());
        return false;
    }
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        char symbol[80];
        snprintf(symbol, sizeof symbol, "np_%s", functions[i].name);
        void *address = dlsym(object, symbol);
        exported[i] = address != NULL;
        /* A function's address in a void * is what dlsym(3) gives; copied, because ISO C has no conversion for it. */
        memcpy((char *)&table + functions[i].offset, exported[i] ? &address : (void *)(uintptr_t)&functions[i].trap,
            sizeof address);
    }
    return true;
}

bool implementation_exports(const char *name)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strcmp(functions[i].name, name) == 0)
            return exported[i];
    return false;
}

size_t implementation_function_count(void)
{
    return FUNCTION_COUNT;
}

size_t implementation_missing(char *names, size_t size)
{
    size_t missing = 0, used = 0;

    names[0] = '\0';
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (exported[i])
            continue;
        if (used < size)
            used += (size_t)snprintf(names + used, size - used, "%snp_%s", missing > 0 ? ", " : "", functions[i].name);
        missing++;
    }
    return missing;
}

/* What the child that loads it tells. */
struct probe {
    bool loaded;
    size_t exported;
    char version[64];
    char missing[8192];
    char reason[512];
};

static _Noreturn void probe_in_child(const char *path, struct probe *probe, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    setpgid(0, 0);
    if (!implementation_load(path, probe->reason, sizeof probe->reason))
        _exit(0);
    probe->exported = FUNCTION_COUNT - implementation_missing(probe->missing, sizeof probe->missing);
    if (implementation_exports("version_string")) {
        const char *version = api->version_string();
        snprintf(probe->version, sizeof probe->version, "%s", version != NULL ? version : "");
    }
    probe->loaded = true;
    _exit(0);
}

/* Neither at work nor ended: it may have ended since it was last asked, and then it is at work no longer. */
static bool is_stuck(pid_t child, struct pollfd *watched)
{
    return !thread_is_at_work(child, child) && poll(watched, 1, 0) == 0;
}

/* Until it has ended, or hangs: the seconds that it was given, or 0 when it ended. */
static int seconds_of_hang(int descriptor, pid_t child)
{
    struct pollfd watched = {.fd = descriptor, .events = POLLIN};

    for (int seconds = 1; seconds <= MOST_LOAD_SECONDS; seconds++) {
        if (descriptor >= 0 && poll(&watched, 1, 1000) == 1)
            return 0;
        if (descriptor < 0 || (seconds >= LOAD_SECONDS && is_stuck(child, &watched)))
            return seconds;
    }
    return MOST_LOAD_SECONDS;
}

/* Wait for the loading child; true if it ended by itself and with its word said. */
static bool wait_for_probe(pid_t child, const char *path, char *reason, size_t size)
{
    int status = 0;
    int descriptor = pidfd_open(child, 0);
    int hung = seconds_of_hang(descriptor, child);

    if (descriptor >= 0)
        close(descriptor);
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (hung > 0)
        snprintf(reason, size, "%s hangs while it is loaded: killed after %d s", path, hung);
    else if (WIFSIGNALED(status))
        snprintf(reason, size, "%s crashes while it is loaded: SIG%s", path, sigabbrev_np(WTERMSIG(status)));
    return hung == 0 && WIFEXITED(status);
}

static bool probe_loaded(const char *path, struct probe *probe, char *reason, size_t size)
{
    pid_t parent = getpid();

    pid_t child = fork();
    if (child < 0) {
        snprintf(reason, size, "no process to load %s in: %s", path, strerror(errno));
        return false;
    }
    if (child == 0)
        probe_in_child(path, probe, parent);
    if (!wait_for_probe(child, path, reason, size))
        return false;
    if (!probe->loaded && probe->reason[0] != '\0')
        snprintf(reason, size, "%s", probe->reason);
    else if (!probe->loaded)
        snprintf(reason, size, "%s ends the process that loads it", path);
    else if (probe->exported == 0)
        snprintf(reason, size, "%s exports no function of the API (np_pin_to_cpus, ...)", path);
    return probe->loaded && probe->exported > 0;
}

bool implementation_probe(const char *path, struct implementation_facts *facts, char *reason, size_t size)
{
    char resolved[PATH_MAX];

    if (realpath(path, resolved) == NULL || strlen(resolved) >= sizeof facts->path) {
        snprintf(reason, size, "%s cannot be opened: %s", path, strerror(errno));
        return false;
    }
    if (!shared_object_is_loadable(resolved, reason, size))
        return false;
    struct probe *probe = mmap(NULL, sizeof *probe, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED) {
        snprintf(reason, size, "no memory to look at %s: %s", path, strerror(errno));
        return false;
    }
    bool usable = probe_loaded(resolved, probe, reason, size);
    if (usable) {
        memcpy(facts->path, resolved, strlen(resolved) + 1);
        memcpy(facts->version, probe->version, sizeof facts->version);
        memcpy(facts->missing, probe->missing, sizeof facts->missing);
        facts->exported = probe->exported;
    }
    munmap(probe, sizeof *probe);
    return usable;
}
