/*
 * Devices as sysfs has them: between the public functions (device.c) and the files (device_sysfs.c).
 */
#ifndef NUMAPROOF_DEVICE_INTERNAL_H
#define NUMAPROOF_DEVICE_INTERNAL_H

#include <numaproof/device.h>

struct np_devices {
    size_t count;
    size_t room;
    np_device *list; /* By kind, then by name. */
};

/*
 * Fill @devices, which is empty, from the sysfs mounted at @sysfs ("/sys", or a tree of a test), in any order. The caller
 * frees the list, after an error too. NP_SYSTEM: a folder cannot be read; NP_ALLOCATION.
 */
np_status device_read_all(const char *sysfs, np_devices *devices, np_error *error);

/* The whole discovery from the sysfs mounted at @sysfs. Contract and errors are np_devices_discover()'s. */
np_status device_discover(const char *sysfs, np_devices **devices, np_error *error);

#endif
