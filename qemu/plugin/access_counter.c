/*
 * The access counter: a QEMU plugin that sees each load and store of the guest's user code and counts it by the node of the
 * CPU and the node of the memory.
 *
 * It is an oracle that no code inside can reach: it does not ask the guest's kernel where a page is, it sees the address
 * that the emulated processor put on its bus. The counts lie in a page that the guest can read while it runs
 * (access_page.h).
 *
 * What happens to an access, in this order: nothing while the counter is disarmed, which is one load and a branch; its
 * node is found (node_map.c); the cache model, if there is one, says whether it reaches memory (cache_model.c); it is
 * counted, for all user memory and for each window that it lies in; and where delays are asked for it is paced (pacer.c).
 *
 * Kernel code is not counted (its half of the addresses is never instrumented), so that a system call adds nothing; what
 * the kernel copies to and from user memory on a program's behalf is not seen either.
 *
 * Nothing is counted until the node ranges are proved. The guest touches a page bound to each node from each CPU, saying
 * which; every address space that some QEMU is known to use is held against every touch, and one must agree with all.
 */
#include "access_page.h"
#include "cache_model.h"
#include "node_map.h"
#include "pacer.h"
#include "qemu_api.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* QEMU reads this after loading us and before installing: choose_version() has set it by then. */
QEMU_PUBLIC int qemu_plugin_version = 1;
QEMU_PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

/* User addresses end here on x86-64 and AArch64. */
#define USER_END (UINT64_C(1) << 47)

/* What belongs to one CPU, on cache lines of its own. */
struct cpu {
    _Alignas(128) uint32_t armed; /* The arming that its pace began with. */
    struct pacer pacer;
};

/* Caches of CPUs or of nodes; the lock is for those of nodes, which several CPUs share. */
struct cache {
    pthread_mutex_t lock;
    struct cache_model model;
    uint32_t armed;
};

static struct access_page *page;
static struct access_machine machine; /* Our own copy: the guest can write to the page. */
static struct node_map maps[NODE_SPACES];
static struct cpu cpus[ACCESS_CPUS];
static struct cache caches[ACCESS_CPUS];
static pthread_mutex_t proof_lock = PTHREAD_MUTEX_INITIALIZER;
static bool space_agrees[NODE_SPACES];
static bool node_was_touched[ACCESS_NODES];

static bool exports(const char *call)
{
    return dlsym(RTLD_DEFAULT, call) != NULL;
}

/* Whether the launcher says that this is QEMU 11.1 or later; nothing that it exports tells. */
static bool has_closures(void)
{
    const char *text = getenv("NUMAPROOF_QEMU_VERSION");
    unsigned major = 0, minor = 0;
    return text && sscanf(text, "%u.%u", &major, &minor) == 2 && (major > 11 || (major == 11 && minor >= 1));
}

/*
 * QEMU refuses a plugin of a version that it does not have any more, or not yet. What it exports tells which it has: the
 * highest that is known here is taken, since the lowest that is taken rises.
 */
__attribute__((constructor)) static void choose_version(void)
{
    if (exports("qemu_plugin_set_pc"))
        qemu_plugin_version = has_closures() ? QEMU_API_WITH_CLOSURES : 6;
    else if (exports("qemu_plugin_write_register"))
        qemu_plugin_version = 5;
    else if (exports("qemu_plugin_read_memory_vaddr"))
        qemu_plugin_version = 4;
    else if (exports("qemu_plugin_scoreboard_new"))
        qemu_plugin_version = 2;
}

static void set_state(enum access_proof state)
{
    atomic_store_explicit(&page->answer.proof, state, memory_order_release);
}

__attribute__((format(printf, 1, 2))) static void fail_proof(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(page->answer.failure, sizeof page->answer.failure, format, arguments);
    va_end(arguments);
    set_state(ACCESS_PROOF_FAILED);
}

static void finish_proof(void)
{
    for (uint32_t node = 0; node < machine.node_count; node++) {
        if (machine.node_bytes[node] != 0 && !node_was_touched[node]) {
            fail_proof("node %u has memory and was not touched in the proof", node);
            return;
        }
    }
    for (uint32_t space = 0; space < NODE_SPACES; space++) {
        if (space_agrees[space]) {
            atomic_store(&page->answer.space, space);
            set_state(ACCESS_PROOF_HOLDS);
            return;
        }
    }
    fail_proof("no known layout of the nodes agrees with the pages that were touched; this QEMU is not understood");
}

static void begin_proof(void)
{
    memset(node_was_touched, 0, sizeof node_was_touched);
    for (int space = 0; space < NODE_SPACES; space++)
        space_agrees[space] = true;
    atomic_store(&page->answer.proof_touches, 0);
    set_state(ACCESS_PROOF_RUNNING);
}

static void take_touch(unsigned cpu, uint64_t address)
{
    uint32_t guest_cpu = atomic_load(&page->control.proof_cpu);
    uint32_t node = atomic_load(&page->control.proof_node);
    if (node >= machine.node_count || guest_cpu >= ACCESS_CPUS) {
        fail_proof("the guest speaks of CPU %u and node %u, which the machine does not have", guest_cpu, node);
        return;
    }
    node_was_touched[node] = true;
    for (int space = 0; space < NODE_SPACES; space++)
        space_agrees[space] = space_agrees[space] && node_map_find(&maps[space], address) == node;
    atomic_store(&page->answer.guest_cpu[cpu], (int32_t)guest_cpu);
    atomic_fetch_add(&page->answer.proof_touches, 1);
}

/* One access while no proof holds yet, by the guest's latest wish. */
static void prove(unsigned cpu, uint64_t virtual_address, uint64_t address)
{
    const struct access_control *control = &page->control;
    if (virtual_address < atomic_load(&control->proof.start) || virtual_address >= atomic_load(&control->proof.end))
        return;
    pthread_mutex_lock(&proof_lock);
    uint32_t request = atomic_load_explicit(&control->proof_request, memory_order_acquire);
    uint32_t state = atomic_load(&page->answer.proof);
    if (request == ACCESS_PROOF_RUNNING && state == ACCESS_PROOF_NONE)
        begin_proof();
    state = atomic_load(&page->answer.proof);
    if (request == ACCESS_PROOF_RUNNING && state == ACCESS_PROOF_RUNNING)
        take_touch(cpu, address);
    else if (request == ACCESS_PROOF_CHECK && state == ACCESS_PROOF_RUNNING)
        finish_proof();
    pthread_mutex_unlock(&proof_lock);
}

static bool reaches_memory(unsigned cpu, uint32_t armed, uint64_t address)
{
    if (machine.cache_sets == 0)
        return true;
    bool shared = machine.cache_scope == ACCESS_CACHE_PER_NODE;
    struct cache *cache = &caches[shared ? machine.node_of_cpu[cpu] : cpu];
    if (shared)
        pthread_mutex_lock(&cache->lock);
    if (cache->armed != armed) {
        cache_model_empty(&cache->model);
        cache->armed = armed;
    }
    bool hit = cache_model_access(&cache->model, address);
    if (shared)
        pthread_mutex_unlock(&cache->lock);
    return !hit;
}

/* Only this CPU's thread writes its counts: no locked instruction is needed, and none is used. */
static void increment(_Atomic uint64_t *count)
{
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

static void count(unsigned cpu, uint64_t virtual_address, uint32_t node, enum access_kind kind, bool memory)
{
    for (int i = 0; i < ACCESS_WINDOWS; i++) {
        const struct access_window *window = &page->control.windows[i];
        if (i > 0 && (virtual_address >= atomic_load_explicit(&window->end, memory_order_relaxed) ||
                         virtual_address < atomic_load_explicit(&window->start, memory_order_relaxed)))
            continue;
        increment(&page->counts[cpu][i].all[node][kind]);
        if (memory)
            increment(&page->counts[cpu][i].memory[node][kind]);
    }
}

static void pace(unsigned cpu, uint32_t armed, uint32_t node)
{
    struct cpu *self = &cpus[cpu];
    if (self->armed != armed) {
        self->armed = armed;
        pacer_begin(&self->pacer, &pacer_host_clock);
    }
    pacer_wait(&self->pacer, &pacer_host_clock, machine.cost_ns[machine.node_of_cpu[cpu]][node]);
}

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t virtual_address, void *closure)
{
    (void)closure;
    uint32_t armed = atomic_load_explicit(&page->control.armed, memory_order_relaxed);
    if (armed == 0 || cpu >= machine.cpu_count)
        return;
    struct qemu_plugin_hwaddr *hardware = qemu_plugin_get_hwaddr(info, virtual_address);
    if (!hardware)
        return;
    bool device = qemu_plugin_hwaddr_is_io(hardware);
    uint64_t address = qemu_plugin_hwaddr_phys_addr(hardware);
    if (atomic_load_explicit(&page->answer.proof, memory_order_relaxed) != ACCESS_PROOF_HOLDS) {
        prove(cpu, virtual_address, address);
        return;
    }
    const struct node_map *map = &maps[atomic_load_explicit(&page->answer.space, memory_order_relaxed) % NODE_SPACES];
    uint32_t node = device ? ACCESS_NODE_UNKNOWN : node_map_find(map, address);
    bool memory = reaches_memory(cpu, armed, address);
    count(cpu, virtual_address, node, qemu_plugin_mem_is_store(info) ? ACCESS_STORE : ACCESS_LOAD, memory);
    if (machine.delayed && memory)
        pace(cpu, armed, node);
}

static void instrument(struct qemu_plugin_tb *block)
{
    if (qemu_plugin_tb_vaddr(block) >= USER_END)
        return;
    size_t instructions = qemu_plugin_tb_n_insns(block);
    for (size_t i = 0; i < instructions; i++)
        qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(block, i), on_access, QEMU_CALLBACK_WITHOUT_REGISTERS,
            QEMU_MEMORY_LOADS_AND_STORES, NULL);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    (void)id;
    instrument(block);
}

static void on_translation_7(struct qemu_plugin_tb *block, void *closure)
{
    (void)closure;
    instrument(block);
}

/* A CPU that was halted begins its pace anew, on its own thread. */
static void begin_pace_anew(unsigned cpu)
{
    if (cpu < machine.cpu_count)
        cpus[cpu].armed = 0;
}

static void on_resume(qemu_plugin_id_t id, unsigned cpu)
{
    (void)id;
    begin_pace_anew(cpu);
}

static void on_resume_7(unsigned cpu, void *closure)
{
    (void)closure;
    begin_pace_anew(cpu);
}

static void register_callbacks(qemu_plugin_id_t id, bool closures)
{
    qemu_callback *translation = closures ? (qemu_callback *)on_translation_7 : (qemu_callback *)on_translation;
    qemu_callback *resume = closures ? (qemu_callback *)on_resume_7 : (qemu_callback *)on_resume;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translation, NULL);
    if (machine.delayed)
        qemu_plugin_register_vcpu_resume_cb(id, resume, NULL);
}

static const char *map_page(const char *path)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return "cannot be opened";
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size != ACCESS_PAGE_BYTES) {
        close(file);
        return "is not a regular file of the size of an access page";
    }
    void *memory = mmap(NULL, ACCESS_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory == MAP_FAILED)
        return "cannot be mapped";
    page = memory;
    return NULL;
}

static const char *check_machine(void)
{
    machine = page->machine;
    if (machine.magic != ACCESS_MAGIC || machine.version != ACCESS_VERSION)
        return "is not an access page of this version";
    if (machine.cpu_count == 0 || machine.cpu_count > ACCESS_CPUS || machine.node_count == 0 ||
        machine.node_count > ACCESS_NODES)
        return "describes more CPUs or nodes than the counter can tell apart, or none";
    for (uint32_t cpu = 0; cpu < machine.cpu_count; cpu++)
        if (machine.node_of_cpu[cpu] >= machine.node_count)
            return "puts a CPU on a node that it does not describe";
    if (machine.cache_sets != 0 &&
        !cache_model_shape_is_valid(machine.cache_sets, machine.cache_ways, machine.cache_line_bytes))
        return "asks for a cache whose sets or line are no power of two, or that is too large";
    return NULL;
}

static const char *prepare(void)
{
    for (int space = 0; space < NODE_SPACES; space++)
        node_map_make(&maps[space], &machine, (enum node_space)space);
    uint32_t cache_count = machine.cpu_count > machine.node_count ? machine.cpu_count : machine.node_count;
    for (uint32_t i = 0; machine.cache_sets != 0 && i < cache_count; i++) {
        pthread_mutex_init(&caches[i].lock, NULL);
        if (!cache_model_make(&caches[i].model, machine.cache_sets, machine.cache_ways, machine.cache_line_bytes))
            return "asks for caches that there is no memory for";
    }
    for (int cpu = 0; cpu < ACCESS_CPUS; cpu++)
        atomic_store(&page->answer.guest_cpu[cpu], -1);
    atomic_store(&page->answer.loaded, 1);
    return NULL;
}

/* Called by QEMU, with "page=PATH" as the one argument. */
QEMU_PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    if (argc != 1 || strncmp(argv[0], "page=", 5) != 0) {
        fprintf(stderr, "access counter: takes exactly one argument, page=PATH\n");
        return -1;
    }
    const char *path = argv[0] + 5;
    const char *problem = map_page(path);
    if (!problem)
        problem = check_machine();
    if (!problem)
        problem = prepare();
    if (problem) {
        fprintf(stderr, "access counter: %s %s\n", path, problem);
        return -1;
    }
    register_callbacks(id, info->version.cur >= QEMU_API_WITH_CLOSURES);
    return 0;
}
