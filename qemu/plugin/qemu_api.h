/*
 * The handful of QEMU's plugin calls that the access counter uses.
 *
 * Debian's QEMU has plugins and exports the calls, but ships no header, so that they are declared here. They are the same
 * from QEMU 7.2 (API version 1) to 10.x (API version 5): the versions differ in calls that are not used here. Source: QEMU's
 * documentation, devel/tcg-plugins.
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
typedef struct qemu_info qemu_info_t;

enum { QEMU_CALLBACK_WITHOUT_REGISTERS = 0 };
enum { QEMU_MEMORY_LOADS_AND_STORES = 3 };

typedef void qemu_translation_callback(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void qemu_cpu_callback(qemu_plugin_id_t id, unsigned cpu);
typedef void qemu_memory_callback(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *closure);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_translation_callback *callback);
void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id, qemu_cpu_callback *callback);
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
