/*
 * The lock on the machine; see machine_lock.h.
 *
 * It is a lock on a directory that every Linux machine has, so that no file is left behind. It belongs to the open file
 * description: whoever forked from the holder holds it too, and with the last of them it is gone, however they ended.
 *
 * flock(2) grants a shared lock while somebody waits for an exclusive one (6.18), who would wait for ever where others look at the
 * machine in turns. So there is a turnstile, another directory, through which everybody comes one at a time: who waits for
 * the machine stands in it, and lets nobody overtake.
 */
#include "machine_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#define WHAT_EVERY_MACHINE_HAS "/sys/devices/system"
#define TURNSTILE              "/sys/devices/system/cpu"
/* Longer than the longest case may take: 120 s, which one that is kept from a CPU is given four times. */
#define WAIT_SECONDS 600
/* Some may stand before the turnstile, each of whom waits. */
#define TURN_SECONDS 1800

static int held = -1;

static void stop_waiting(int signal_number)
{
    (void)signal_number;
}

static int opened(const char *directory)
{
    return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool lock_within(unsigned seconds, int directory, int operation)
{
    alarm(seconds);
    bool locked = flock(directory, operation) == 0;
    alarm(0);
    return locked;
}

/* Through the turnstile, which is free again when the machine is had, or not to be had in time. */
static bool lock_in_turn(int operation)
{
    int turnstile = opened(TURNSTILE);
    bool locked =
        (turnstile < 0 || lock_within(TURN_SECONDS, turnstile, LOCK_EX)) && lock_within(WAIT_SECONDS, held, operation);

    if (turnstile >= 0)
        close(turnstile);
    return locked;
}

bool machine_lock(bool to_change)
{
    struct sigaction stop = {.sa_handler = stop_waiting}, before;

    held = opened(WHAT_EVERY_MACHINE_HAS);
    if (held < 0)
        return true;
    sigaction(SIGALRM, &stop, &before);
    bool locked = lock_in_turn(to_change ? LOCK_EX : LOCK_SH);
    sigaction(SIGALRM, &before, NULL);
    return locked;
}

void machine_unlock(void)
{
    if (held >= 0)
        close(held);
    held = -1;
}
