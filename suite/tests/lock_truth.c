/*
 * The lock on the machine: shared by those who look, and nobody overtakes who waits to change it.
 */
#include "machine_lock.h"
#include "oracle.h"
#include "test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process that waits for the machine, tells its name by @tell when it has it, and ends. */
static pid_t waiting(char name, bool to_change, int tell)
{
    pid_t child = fork();

    if (child == 0) {
        machine_unlock(); /* The parent's, which a fork shares. */
        _exit(machine_lock(to_change) && write(tell, &name, 1) == 1 ? 0 : 1);
    }
    return child;
}

/* Whether it waits in flock(2); where the kernel shows nobody's system calls (yama, gVisor), whether it sleeps. */
static bool is_waiting(pid_t child)
{
    char path[64], text[1024];

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)child);
    if (oracle_read_file(path, text, sizeof text))
        return atol(text) == SYS_flock;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
    const char *name_end = oracle_read_file(path, text, sizeof text) ? strrchr(text, ')') : NULL;
    return name_end != NULL && strncmp(name_end, ") S", 3) == 0;
}

/* Wait until it waits for the machine, or has ended. */
static void await_wait(pid_t child)
{
    siginfo_t ended = {.si_pid = 0};

    while (
        waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0 && !is_waiting(child))
        sched_yield();
}

/* Who comes to look while another waits to change comes after him, though others look already. */
static void check_turns(void)
{
    int ends[2], status = 0;
    char order[3] = "";

    CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
    CHECK(machine_lock(false), "the machine is not to be had");
    pid_t changes = waiting('C', true, ends[1]);
    await_wait(changes);
    pid_t looks = waiting('L', false, ends[1]);
    await_wait(looks);
    machine_unlock();
    CHECK(waitpid(changes, &status, 0) == changes && status == 0, "status %d", status);
    CHECK(waitpid(looks, &status, 0) == looks && status == 0, "status %d", status);
    CHECK(read(ends[0], order, 2) == 2 && order[0] == 'C' && order[1] == 'L', "the order was %s", order);
    close(ends[0]);
    close(ends[1]);
}

static void check_shared(void)
{
    int ends[2], status = 0;

    CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
    CHECK(machine_lock(false), "the machine is not to be had");
    pid_t looks = waiting('L', false, ends[1]);
    CHECK(waitpid(looks, &status, 0) == looks && status == 0, "status %d", status);
    machine_unlock();
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    check_shared();
    check_turns();
    return test_result();
}
