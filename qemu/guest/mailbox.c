/* Finding and mapping the shared memory: see mailbox.h. */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The launcher puts the device there (emulated/command_line.py), so that other devices of the kind are not mistaken for it. */
#define DEVICE "/sys/bus/pci/devices/0000:00:08.0"

static int fail(char *trouble, size_t trouble_size, const char *what)
{
    snprintf(trouble, trouble_size, "%s: %s", what, strerror(errno));
    return -1;
}

static int enable_device(void)
{
    int enable = open(DEVICE "/enable", O_WRONLY | O_CLOEXEC);
    ssize_t written = enable < 0 ? -1 : write(enable, "1", 1);
    if (enable >= 0) {
        close(enable);
    }
    return written == 1 ? 0 : -1;
}

/* The write-combined window is there where the device says that it may be prefetched, as ivshmem's does; it is twelve
 * times as fast as the uncached one (Linux 6.1 under TCG, where caching is not modelled but the mapping's kind is). */
static int open_window(void)
{
    int window = open(DEVICE "/resource2_wc", O_RDWR | O_CLOEXEC);
    return window >= 0 ? window : open(DEVICE "/resource2", O_RDWR | O_CLOEXEC);
}

int mailbox_open(struct mailbox *mailbox, char *trouble, size_t trouble_size)
{
    if (enable_device() != 0) {
        return fail(trouble, trouble_size, "cannot enable the shared memory at " DEVICE);
    }
    int window = open_window();
    struct stat status;
    if (window < 0 || fstat(window, &status) != 0) {
        return fail(trouble, trouble_size, "cannot open the shared memory at " DEVICE);
    }
    mailbox->size = (size_t)status.st_size;
    mailbox->memory = mmap(NULL, mailbox->size, PROT_READ | PROT_WRITE, MAP_SHARED, window, 0);
    close(window);
    return mailbox->memory == MAP_FAILED ? fail(trouble, trouble_size, "cannot map the shared memory") : 0;
}
