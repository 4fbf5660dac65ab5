/* Trying out hard mode and the ways to look at locality: see probes.h. */
#include "probes.h"

#include "file.h"

#include <errno.h>
#include <numaif.h>
#include <numaproof/numaproof.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/wait.h>
#include <unistd.h>

static void detect(struct probes *probes)
{
    np_capabilities found = {0};
    np_missing missing[NP_MISSING_MAX];
    np_capabilities_detect(&found);
    probes->hard_mode = np_capabilities_supports_hard_mode(&found);
    size_t count = np_capabilities_missing(&found, missing);
    size_t used = 0;
    probes->missing[0] = '\0';
    for (size_t i = 0; i < count && i < NP_MISSING_MAX && used < sizeof(probes->missing); i++) {
        used += (size_t)snprintf(
            probes->missing + used, sizeof(probes->missing) - used, "%s%s", i > 0 ? ", " : "", missing[i].name);
    }
}

static bool give_up_nice(void)
{
    static const cap_value_t nice_capability = CAP_SYS_NICE;
    cap_t now = cap_get_proc();
    bool done =
        now != NULL && cap_set_flag(now, CAP_EFFECTIVE, 1, &nice_capability, CAP_CLEAR) == 0 && cap_set_proc(now) == 0;
    cap_free(now);
    return done;
}

/* Without CAP_SYS_NICE: a strict pin must be refused with a reason (PIN-4), a soft one must go on (PIN-5). */
static enum refusal try_refusal(char *text, size_t size)
{
    np_error error = {0};
    np_topology *topology = NULL;
    np_cpuset cpus;
    np_pin *pin = NULL;
    if (!give_up_nice()) {
        snprintf(text, size, "CAP_SYS_NICE could not be given up: %s", strerror(errno));
        return REFUSAL_UNTRIED;
    }
    if (np_topology_discover(&topology, &error) != NP_OK || np_topology_usable_cpus(topology, &cpus, &error) != NP_OK) {
        snprintf(text, size, "the topology could not be discovered: %s", error.reason);
        return REFUSAL_UNTRIED;
    }
    np_status strict = np_pin_to_cpus(&cpus, NP_STRICT, &pin, &error);
    if (strict != NP_HARD_MODE_UNAVAILABLE || error.reason[0] == '\0') {
        snprintf(text, size, "a strict pin without CAP_SYS_NICE was answered with \"%s\"", np_status_name(strict));
        return REFUSAL_WRONG;
    }
    snprintf(text, size, "%s", error.reason);
    np_status soft = np_pin_to_cpus(&cpus, NP_SOFT, &pin, &error);
    if (soft != NP_OK) {
        snprintf(text, size, "a soft pin without CAP_SYS_NICE failed: %s", error.reason);
        return REFUSAL_WRONG;
    }
    np_pin_release(pin, &error);
    np_topology_destroy(topology);
    return REFUSAL_HANDLED;
}

/* The trial gives a privilege up, so that it is made in a child: exit status and a line of text come back. */
static void probe_refusal(struct probes *probes)
{
    int channel[2];
    probes->refusal = REFUSAL_UNTRIED;
    if (pipe(channel) != 0) {
        snprintf(probes->refusal_text, sizeof(probes->refusal_text), "no pipe: %s", strerror(errno));
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        char text[sizeof(probes->refusal_text)] = "";
        enum refusal refusal = try_refusal(text, sizeof(text));
        ssize_t written = write(channel[1], text, strlen(text));
        _exit(written == (ssize_t)strlen(text) ? (int)refusal : REFUSAL_UNTRIED);
    }
    close(channel[1]);
    ssize_t count = read(channel[0], probes->refusal_text, sizeof(probes->refusal_text) - 1);
    close(channel[0]);
    probes->refusal_text[count > 0 ? count : 0] = '\0';
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        snprintf(probes->refusal_text, sizeof(probes->refusal_text), "no child process: %s", strerror(errno));
    } else if (WIFEXITED(status)) {
        probes->refusal = (enum refusal)WEXITSTATUS(status);
    } else {
        probes->refusal = REFUSAL_WRONG;
        snprintf(probes->refusal_text, sizeof(probes->refusal_text), "the library died of signal %d", WTERMSIG(status));
    }
}

static void probe_pages(struct probes *probes)
{
    volatile char here = 1;
    void *page = (void *)((uintptr_t)&here & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1));
    int node = -1;
    long failed = move_pages(0, 1, &page, NULL, &node, 0);
    int reason = failed != 0 ? errno : -node;
    probes->pages_located = failed == 0 && node >= 0;
    if (probes->pages_located) {
        snprintf(probes->pages_text, sizeof(probes->pages_text), "a page of the stack is on node %d", node);
    } else {
        snprintf(probes->pages_text, sizeof(probes->pages_text), "move_pages: %s", strerror(reason));
    }
    char row[64];
    probes->maps_readable = file_read_line(row, sizeof(row), "", "/proc/self/numa_maps");
}

void probes_run(struct probes *probes)
{
    *probes = (struct probes){0};
    detect(probes);
    probe_refusal(probes);
    probe_pages(probes);
}
