/*
 * The handful of QEMU's plugin calls that the access counter uses.
 *
 * Debian's QEMU has plugins and exports the calls, but ships no header, so that they are declared here. From QEMU 7.2 (API
 * version 1) to 11.0 (version 6) they are the same: the versions differ in calls that are not used here. With version 7
 * (QEMU 11.1) a callback is registered with a closure of its own, which it gets as its last argument, and no longer
 * gets the plugin's id as its first. Callbacks are therefore registered by one shape, with a closure: an older QEMU does
 * not look at the argument too many, which the calling conventions of x86-64 and AArch64 pass in a register. Source: QEMU's
 * documentation, devel/tcg-plugins, and the comment on versions in its qemu-plugin.h.
 */
#ifndef NUMAPROOF_QEMU_API_H
#define NUMAPROOF_QEMU_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_PUBLIC __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;

typedef struct qemu_info {
    const char *target_name;
    struct {
        int min, cur;
    } version;
    bool system_emulation;
} qemu_info_t;

/* The first version with closures. */
#define QEMU_API_WITH_CLOSURES 7

enum { QEMU_CALLBACK_WITHOUT_REGISTERS = 0 };
enum { QEMU_MEMORY_LOADS_AND_STORES = 3 };

/* Of a shape that depends on the version: to be converted to the one that it has. */
typedef void qemu_callback(void);

/* Versions 1 to 6, and from 7 on. */
typedef void qemu_translation_callback(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void qemu_translation_callback_7(struct qemu_plugin_tb *block, void *closure);
typedef void qemu_cpu_callback(qemu_plugin_id_t id, unsigned cpu);
typedef void qemu_cpu_callback_7(unsigned cpu, void *closure);

/* The same in all. */
typedef void qemu_memory_callback(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *closure);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_callback *callback, void *closure);
void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id, qemu_callback *callback, void *closure);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
void qemu_plugin_register_vcpu_mem_cb(
    struct qemu_plugin_insn *instruction, qemu_memory_callback *callback, int flags, int kinds, void *closure);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t address);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *address);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *address);

#endif
