/*
 * The lock on the machine; see machine_lock.h.
 *
 * It is a lock on a directory that every Linux machine has, so that no file is left behind. It belongs to the open file
 * description: whoever forked from the holder holds it too, and with the last of them it is gone, however they ended.
 */
#include "machine_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#define WHAT_EVERY_MACHINE_HAS "/sys/devices/system"
#define WAIT_SECONDS           120

static int held = -1;

static void stop_waiting(int signal_number)
{
    (void)signal_number;
}

bool machine_lock(bool to_change)
{
    struct sigaction stop = {.sa_handler = stop_waiting}, before;

    held = open(WHAT_EVERY_MACHINE_HAS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (held < 0)
        return true;
    sigaction(SIGALRM, &stop, &before);
    alarm(WAIT_SECONDS);
    bool locked = flock(held, to_change ? LOCK_EX : LOCK_SH) == 0;
    alarm(0);
    sigaction(SIGALRM, &before, NULL);
    return locked;
}

void machine_unlock(void)
{
    if (held >= 0)
        close(held);
    held = -1;
}
