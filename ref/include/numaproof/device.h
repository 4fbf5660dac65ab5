/**
 * @file
 * Which node a device hangs on: network interfaces, block devices, and every other PCI function (DEV-1).
 *
 * A picture taken once, immutable, and safe to share between threads; a forked child has a copy, to use and to destroy.
 * The node is the one that the kernel gives in sysfs. Where it gives none (-1, or no such file: a loop device, a
 * bridge, a machine whose firmware is silent), the node is unknown, which is not node 0.
 */
#ifndef NUMAPROOF_DEVICE_H
#define NUMAPROOF_DEVICE_H

#include <numaproof/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A picture of the machine's devices. */
typedef struct np_devices np_devices;

/** What a device is to the kernel. */
typedef enum np_device_kind {
    NP_DEVICE_NETWORK = 0, /**< A network interface. */
    NP_DEVICE_BLOCK = 1,   /**< A whole block device; partitions are where their device is. */
    NP_DEVICE_PCI = 2      /**< A PCI function that no network interface or block device stands for. */
} np_device_kind;

/** The node of a device where the kernel gives none. */
#define NP_NODE_UNKNOWN (-1)

/** One device. 112 bytes, pinned. */
typedef struct np_device {
    char name[64];      /**< "eth0", "nvme0n1", "0000:01:00.0". NUL-terminated. */
    char address[32];   /**< The PCI function behind it, "" where there is none. NUL-terminated. */
    int32_t kind;       /**< An np_device_kind. */
    int32_t node;       /**< NP_NODE_UNKNOWN where the kernel gives none. */
    uint32_t pci_class; /**< Class, subclass and interface of the PCI function as 0xCCSSII, 0 where there is none. */
    uint32_t reserved;  /**< Always 0. */
} np_device;

/**
 * Take a picture of this machine's devices (DEV-1). A device that goes away while it is taken is left out.
 *
 * The caller owns *@p devices and destroys it. Any thread. NP_INVALID_ARGUMENT for NULL, NP_ALLOCATION, NP_SYSTEM when
 * sysfs cannot be read (the reason names the folder). Source: Documentation/ABI/testing/sysfs-bus-pci, numa_node.
 */
np_status np_devices_discover(np_devices **devices, np_error *error);

/** Free it. NULL does nothing. No other thread may be using it. */
void np_devices_destroy(np_devices *devices);

/** How many devices there are, perhaps 0. 0 for NULL. */
size_t np_devices_count(const np_devices *devices);

/** Describe one, by kind and then by name in the order of strcmp(). NP_INVALID_ARGUMENT for NULL and past the last. */
np_status np_devices_at(const np_devices *devices, size_t index, np_device *device, np_error *error);

/** Describe the one of this kind and name. NP_INVALID_ARGUMENT for NULL and an unknown kind, NP_NOT_AVAILABLE if none. */
np_status np_devices_find(
    const np_devices *devices, np_device_kind kind, const char *name, np_device *device, np_error *error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
