/*
 * The access counter in a host that looks to it like a QEMU of a given plugin API version: plugin_host PLUGIN.
 *
 * Built once for each shape of the API (API_VERSION). It exports what that version exports, loads the plugin as QEMU does,
 * refuses it as QEMU would, and calls back in the version's own way. It says nothing about what such a QEMU gives as
 * addresses beyond what its documentation says: that only the proof in a real guest can tell.
 */
#include "access_page.h"
#include "qemu_api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NODE_BYTES (UINT64_C(512) << 20)
#define LOWEST     (API_VERSION >= QEMU_API_WITH_CLOSURES ? QEMU_API_WITH_CLOSURES : API_VERSION > 1 ? 2 : 0)

typedef int install_function(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

static qemu_callback *translation, *resume;
static qemu_memory_callback *memory;
static uint64_t block_address = 0x400000;

/* What tells the versions apart. */
#if API_VERSION >= 2
QEMU_PUBLIC void qemu_plugin_scoreboard_new(void);
void qemu_plugin_scoreboard_new(void)
{
}
#endif
#if API_VERSION >= 4
QEMU_PUBLIC void qemu_plugin_read_memory_vaddr(void);
void qemu_plugin_read_memory_vaddr(void)
{
}
#endif
#if API_VERSION >= 5
QEMU_PUBLIC void qemu_plugin_write_register(void);
void qemu_plugin_write_register(void)
{
}
#endif
#if API_VERSION >= 6
QEMU_PUBLIC void qemu_plugin_set_pc(void);
void qemu_plugin_set_pc(void)
{
}
#endif

QEMU_PUBLIC void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_callback *callback, void *closure)
{
    (void)id;
    (void)closure;
    translation = callback;
}

QEMU_PUBLIC void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id, qemu_callback *callback, void *closure)
{
    (void)id;
    (void)closure;
    resume = callback;
}

QEMU_PUBLIC size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block)
{
    return block == (const void *)&block_address ? 1 : 0;
}

QEMU_PUBLIC uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block)
{
    return *(const uint64_t *)(const void *)block;
}

QEMU_PUBLIC struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index)
{
    (void)index;
    return (struct qemu_plugin_insn *)(uintptr_t)block;
}

QEMU_PUBLIC void qemu_plugin_register_vcpu_mem_cb(
    struct qemu_plugin_insn *instruction, qemu_memory_callback *callback, int flags, int kinds, void *closure)
{
    (void)instruction;
    (void)flags;
    (void)kinds;
    (void)closure;
    memory = callback;
}

QEMU_PUBLIC bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info)
{
    return info != 0;
}

QEMU_PUBLIC struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t address)
{
    (void)info;
    return (struct qemu_plugin_hwaddr *)(uintptr_t)address;
}

QEMU_PUBLIC bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *address)
{
    (void)address;
    return false;
}

/* Virtual and physical are the same here. */
QEMU_PUBLIC uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *address)
{
    return (uint64_t)(uintptr_t)address;
}

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "plugin_host: API version %d: %s\n", API_VERSION, what);
    exit(1);
}

static void translate(void)
{
    struct qemu_plugin_tb *block = (struct qemu_plugin_tb *)(void *)&block_address;

#if API_VERSION >= 7
    ((qemu_translation_callback_7 *)translation)(block, NULL);
#else
    ((qemu_translation_callback *)translation)(1, block);
#endif
}

static void resume_cpu(unsigned cpu)
{
#if API_VERSION >= 7
    ((qemu_cpu_callback_7 *)resume)(cpu, NULL);
#else
    ((qemu_cpu_callback *)resume)(1, cpu);
#endif
}

static void access_as(struct access_page *page, uint32_t request, uint32_t node)
{
    uint64_t address = node * NODE_BYTES + 4096;

    page->control.proof_request = request;
    page->control.proof_cpu = 0;
    page->control.proof_node = node;
    page->control.proof.start = address;
    page->control.proof.end = address + 8;
    memory(0, 0, address, NULL);
}

static void load_and_install(const char *plugin, struct access_page *page, int file)
{
    void *handle = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
    char argument[64];
    char *arguments[] = {argument};
    install_function *install = NULL;
    qemu_info_t info = {"x86_64", {LOWEST, API_VERSION}, true};

    check(handle != NULL, dlerror());
    int *version = dlsym(handle, "qemu_plugin_version");
    void *found = dlsym(handle, "qemu_plugin_install");
    check(version != NULL && found != NULL, "the plugin lacks what QEMU looks for");
    check(*version >= LOWEST && *version <= API_VERSION, "the plugin is of a version that this QEMU would refuse");
    memcpy(&install, &found, sizeof install);
    snprintf(argument, sizeof argument, "page=/proc/self/fd/%d", file);
    check(install(1, &info, 1, arguments) == 0, "the plugin does not install");
    check(page->answer.loaded == 1 && translation != NULL && resume != NULL, "the plugin registers nothing");
}

int main(int argc, char **argv)
{
    int file = memfd_create("access-page", MFD_CLOEXEC);
    check(argc == 2 && file >= 0 && ftruncate(file, ACCESS_PAGE_BYTES) == 0, "usage: plugin_host PLUGIN");
    struct access_page *page = mmap(NULL, ACCESS_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    check(page != MAP_FAILED, "no memory for the page");
    page->machine = (struct access_machine){.magic = ACCESS_MAGIC,
        .version = ACCESS_VERSION,
        .cpu_count = 2,
        .node_count = 2,
        .delayed = 1,
        .node_bytes = {NODE_BYTES, NODE_BYTES},
        .node_of_cpu = {0, 1}};
    load_and_install(argv[1], page, file);

    translate();
    check(memory != NULL, "user code is not instrumented");
    resume_cpu(1);
    page->control.armed = 1;
    for (uint32_t node = 0; node < 2; node++)
        access_as(page, ACCESS_PROOF_RUNNING, node);
    access_as(page, ACCESS_PROOF_CHECK, 1);
    check(page->answer.proof == ACCESS_PROOF_HOLDS, page->answer.failure);
    for (int i = 0; i < 1000; i++)
        memory(1, 0, NODE_BYTES + 64, NULL);
    check(page->counts[1][0].all[1][ACCESS_LOAD] == 1000, "1000 loads are not counted as 1000");
    check(page->counts[1][0].all[0][ACCESS_LOAD] == 0, "loads are counted on the wrong node");
    printf("API version %d: 1000 loads counted as 1000\n", API_VERSION);
    return 0;
}
