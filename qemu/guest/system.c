/* File systems, cgroups and the power switch of the guest: see system.h. */
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

/* QEMU's isa-debug-exit device ends with status 2 * value + 1; emulated/command_line.py sets the port and expects 85. */
enum { POWER_PORT = 0x501, POWER_VALUE = 42 };

static const struct {
    const char *type;
    const char *folder;
} mounts[] = {
    {"proc", "/proc"},
    {"sysfs", "/sys"},
    {"devtmpfs", "/dev"},
    {"tmpfs", "/run"},
    {"tmpfs", "/dev/shm"},
    {"devpts", "/dev/pts"},
    {"cgroup2", "/sys/fs/cgroup"},
};

static int write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written = file < 0 ? -1 : write(file, text, strlen(text));
    if (file >= 0) {
        close(file);
    }
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

int system_set_up(char *trouble, size_t trouble_size)
{
    for (size_t index = 0; index < sizeof(mounts) / sizeof(mounts[0]); index++) {
        mkdir(mounts[index].folder, 0755);
        if (mount(mounts[index].type, mounts[index].folder, mounts[index].type, 0, NULL) != 0 && errno != EBUSY) {
            snprintf(trouble, trouble_size, "cannot mount %s: %s", mounts[index].folder, strerror(errno));
            return -1;
        }
    }
    /* Not a file system of its own: files that the launcher laid down below it would be hidden. */
    mkdir("/tmp", 0755);
    chmod("/tmp", 01777);
    if (write_text("/sys/fs/cgroup/cgroup.subtree_control", "+cpuset +memory +pids") != 0) {
        snprintf(trouble, trouble_size, "cannot allow cgroup controllers: %s", strerror(errno));
        return -1;
    }
    return 0;
}

unsigned long system_memory_kills(void)
{
    FILE *counters = fopen("/proc/vmstat", "re");
    char line[128];
    unsigned long kills = 0;
    while (counters != NULL && fgets(line, sizeof(line), counters) != NULL) {
        if (strncmp(line, "oom_kill ", strlen("oom_kill ")) == 0) {
            kills = strtoul(line + strlen("oom_kill "), NULL, 10);
        }
    }
    if (counters != NULL) {
        fclose(counters);
    }
    return kills;
}

_Noreturn void system_power_off(void)
{
    if (iopl(3) == 0) {
        outb(POWER_VALUE, POWER_PORT);
    }
    reboot(RB_AUTOBOOT);
    for (;;) {
        pause();
    }
}
