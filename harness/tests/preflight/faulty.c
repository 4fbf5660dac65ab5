/*
 * The numaproof command on a machine with a fault: makes the fault, does the mend that it is handed, and goes on as the command.
 *
 *     numaproof_faulty FAULT MEND FILE ARGUMENT...
 *
 * Runs inside emulated machines only, as their root, and says so elsewhere. MEND is what a check of an earlier run printed, word by
 * word; "-" does nothing. Only what a mend names is done: one that names nothing that can be done is an error, and so is one that
 * does not work. What a mend grants a program (a capability, a system call) is not taken away. FILE is the kernel module
 * of a disk in memory, for the fault that needs one; "-" for none.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <numaproof/numaproof.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

int numaproof_main(int argc, char **argv);

enum { WRONG = 2 };

struct work {
    const char *mend;
    const char *file;
};

static _Noreturn void give_up(const char *what, const char *subject)
{
    fprintf(stderr, "numaproof_faulty: %s %s: %s\n", what, subject, strerror(errno));
    exit(WRONG);
}

static void put(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text)) {
        give_up("cannot write to", path);
    }
    close(file);
}

static void balancing(const struct work *work)
{
    (void)work;
    put("/proc/sys/kernel/numa_balancing", "1");
}

static void zone_reclaim(const struct work *work)
{
    (void)work;
    put("/proc/sys/vm/zone_reclaim_mode", "1");
}

static void huge_pages(const struct work *work)
{
    (void)work;
    put("/sys/kernel/mm/transparent_hugepage/enabled", "never");
}

static void offline_cpu(const struct work *work)
{
    (void)work;
    put("/sys/devices/system/cpu/cpu3/online", "0");
}

/* Take @capability from this process and all that it starts, unless the mend grants it. */
static void without(const struct work *work, cap_value_t capability)
{
    char *name = cap_to_name(capability);
    bool granted = name != NULL && strstr(work->mend, "setcap") != NULL && strstr(work->mend, name) != NULL;
    cap_free(name);
    if (granted) {
        return;
    }
    cap_t now = cap_get_proc();
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 || now == NULL ||
        cap_set_flag(now, CAP_EFFECTIVE, 1, &capability, CAP_CLEAR) != 0 ||
        cap_set_flag(now, CAP_PERMITTED, 1, &capability, CAP_CLEAR) != 0 || cap_set_proc(now) != 0) {
        give_up("cannot drop", "a capability");
    }
    cap_free(now);
}

static void no_admin(const struct work *work)
{
    without(work, CAP_SYS_ADMIN);
}

static void no_nice(const struct work *work)
{
    without(work, CAP_SYS_NICE);
}

static void no_lock(const struct work *work)
{
    static const struct rlimit little = {64 << 10, 64 << 10};
    setrlimit(RLIMIT_MEMLOCK, &little);
    without(work, CAP_IPC_LOCK);
}

static void strict_events(const struct work *work)
{
    (void)work;
    put("/proc/sys/kernel/perf_event_paranoid", "3");
}

/* The setting binds only those who lack the capabilities that stand above it. */
static void no_perfmon(const struct work *work)
{
    without(work, CAP_SYS_ADMIN);
    without(work, CAP_PERFMON);
}

static void no_move_pages(const struct work *work)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_move_pages, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};
    if (strstr(work->mend, "allow move_pages") == NULL && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        give_up("cannot forbid", "move_pages");
    }
}

static void narrow_cpuset(const struct work *work)
{
    (void)work;
    if (mkdir("/sys/fs/cgroup/narrow", 0755) != 0) {
        give_up("cannot make", "/sys/fs/cgroup/narrow");
    }
    put("/sys/fs/cgroup/narrow/cpuset.cpus", "0-2");
    put("/sys/fs/cgroup/narrow/cpuset.mems", "0");
    put("/sys/fs/cgroup/narrow/cgroup.procs", "0");
}

/* The launcher takes ELF files for programs and looks for their libraries: the module comes with a line before it. */
static void load_module(const char *path)
{
    static char image[1 << 20];
    FILE *file = fopen(path, "re");
    char first[64];
    size_t size = file != NULL && fgets(first, sizeof(first), file) != NULL ? fread(image, 1, sizeof(image), file) : 0;
    if (size == 0 || syscall(SYS_init_module, image, size, "rd_nr=1 rd_size=16384") != 0) {
        give_up("cannot load", path);
    }
    fclose(file);
}

/* A swap space is a header in its first page: its version, its last page, how many are bad; and a signature. */
static void swap_on(const struct work *work)
{
    static const char disk[] = "/dev/ram0";
    static unsigned char page[4096];
    const unsigned int header[] = {1, 4095, 0};
    load_module(work->file);
    memcpy(page + 1024, header, sizeof(header));
    memcpy(page + sizeof(page) - 10, "SWAPSPACE2", 10);
    int file = open(disk, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, page, sizeof(page)) != (ssize_t)sizeof(page) || fsync(file) != 0 || close(file) != 0 ||
        swapon(disk, 0) != 0) {
        give_up("cannot swap to", disk);
    }
}

/* A library that is wrong: these stand before those of the real one, for the command's own calls. */
static bool pins_always;
static bool detects_always;

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_status (*real)(const np_cpuset *, np_mode, np_pin **, np_error *) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "np_pin_to_cpus");
    return real(cpus, pins_always ? NP_SOFT : mode, pin, error);
}

bool np_capabilities_supports_hard_mode(const np_capabilities *capabilities)
{
    bool (*real)(const np_capabilities *) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "np_capabilities_supports_hard_mode");
    return detects_always || real(capabilities);
}

static void no_refusal(const struct work *work)
{
    (void)work;
    pins_always = true;
}

static void false_detection(const struct work *work)
{
    balancing(work);
    detects_always = true;
}

static void nothing(const struct work *work)
{
    (void)work;
}

/* What is taken from the process itself is taken after the mend, which needs it. */
static const struct fault {
    const char *name;
    void (*make)(const struct work *work);
    void (*take)(const struct work *work);
} faults[] = {
    {"none", nothing, nothing},
    {"balancing", balancing, nothing},
    {"zone-reclaim", zone_reclaim, nothing},
    {"huge-pages", huge_pages, nothing},
    {"offline-cpu", offline_cpu, nothing},
    {"narrow-cpuset", narrow_cpuset, nothing},
    {"swap", swap_on, nothing},
    {"no-admin", nothing, no_admin},
    {"no-nice", nothing, no_nice},
    {"no-lock", nothing, no_lock},
    {"no-events", strict_events, no_perfmon},
    {"no-refusal", no_refusal, nothing},
    {"false-detection", false_detection, nothing},
    {"no-move-pages", nothing, no_move_pages},
};

/* "... sysctl -w KEY=VALUE". */
static bool mend_setting(const char *mend)
{
    char key[64];
    char value[32];
    char path[128];
    const char *command = strstr(mend, "sysctl -w ");
    if (command == NULL || sscanf(command, "sysctl -w %63[a-z_.]=%31[0-9]", key, value) != 2) {
        return false;
    }
    *strchr(key, '.') = '/';
    snprintf(path, sizeof(path), "/proc/sys/%s", key);
    put(path, value);
    return true;
}

/* "echo VALUE | sudo tee FILE ...", as often as it stands there. */
static bool mend_files(const char *mend)
{
    size_t count = 0;
    for (const char *command = mend; (command = strstr(command, "echo ")) != NULL; command++) {
        char value[64];
        char path[256];
        if (sscanf(command, "echo %63s | sudo tee %255[^ ;]", value, path) == 2) {
            put(path, value);
            count++;
        }
    }
    return count > 0;
}

static bool mend_swap(const char *mend)
{
    if (strstr(mend, "swapoff --all") == NULL) {
        return false;
    }
    if (swapoff("/dev/ram0") != 0) {
        give_up("cannot stop swapping to", "/dev/ram0");
    }
    return true;
}

/* What a program is granted, the fault leaves it. */
static bool mend_by_grant(const char *mend)
{
    return strstr(mend, "setcap '") != NULL || strstr(mend, "allow move_pages") != NULL;
}

static void do_mend(const char *mend)
{
    if (strcmp(mend, "-") != 0 && !mend_setting(mend) && !mend_files(mend) && !mend_swap(mend) &&
        !mend_by_grant(mend)) {
        errno = EINVAL;
        give_up("nothing that can be done in the mend", mend);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5 || access("/etc/numaproof-emulated.json", R_OK) != 0) {
        fputs("numaproof_faulty: FAULT MEND FILE ARGUMENT..., in an emulated machine only\n", stderr);
        return WRONG;
    }
    const struct work work = {.mend = argv[2], .file = argv[3]};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (strcmp(faults[i].name, argv[1]) != 0) {
            continue;
        }
        faults[i].make(&work);
        do_mend(work.mend);
        faults[i].take(&work);
        return numaproof_main(argc - 3, argv + 3);
    }
    errno = ENOENT;
    give_up("no fault", argv[1]);
}
