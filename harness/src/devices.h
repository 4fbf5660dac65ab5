/* The devices that have a node of their own: network interfaces and disks. */
#ifndef NUMAPROOF_HARNESS_DEVICES_H
#define NUMAPROOF_HARNESS_DEVICES_H

#include <stddef.h>

struct device {
    const char *kind; /* "network", "block" */
    char name[64];
    int node; /* -1: sysfs does not say. That is "unknown", and not node 0. */
};

/* Those with hardware behind them, below @root. The caller frees *@devices. Returns how many there are. */
size_t devices_read(struct device **devices, const char *root);

#endif
