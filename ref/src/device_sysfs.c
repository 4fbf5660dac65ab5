/*
 * Devices read from sysfs.
 *
 * A network interface or block device is a folder deep in the tree of hardware, /sys/devices. What stands above it is the
 * hardware it belongs to: a virtio device, a controller, a PCI function, a bridge. The node is a property of the nearest
 * of these that has one (the file numa_node), and the PCI function behind the device is the nearest folder above that is
 * named like one. The file reads -1 where the firmware says nothing; a device of no bus at all (loop, bridge) has none.
 */
#include "device_internal.h"
#include "error_internal.h"
#include "linux.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where each kind is listed; PCI functions last, after what stands for them. A machine without the bus has no such folder. */
static const struct listing {
    np_device_kind kind;
    const char *folder;
} listings[] = {
    {NP_DEVICE_NETWORK, "class/net"},
    {NP_DEVICE_BLOCK, "block"},
    {NP_DEVICE_PCI, "bus/pci/devices"},
};

/* The text of the file @name in @folder. False: there is none. */
static bool read_attribute(const char *folder, const char *name, char *text, size_t size)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return linux_read_text(AT_FDCWD, path, text, size) == 0;
}

/* "0000:01:00.0": domain (four digits or more), bus, device, function. */
static bool is_pci_address(const char *name)
{
    unsigned domain, bus, device, function;
    int length = 0;
    const int found = sscanf(name, "%x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &length);
    return found == 4 && name[length] == '\0' && strlen(name) >= strlen("0000:00:00.0");
}

/* What the folder @path itself says of the device: @has_node stays false where it says nothing of the node. */
static void learn_from(const char *path, np_device *device, bool *has_node)
{
    char text[32];
    const char *name = strrchr(path, '/') + 1;
    if (!*has_node && read_attribute(path, "numa_node", text, sizeof text)) {
        *has_node = true;
        const long node = strtol(text, NULL, 10);
        device->node = node >= 0 && node < NP_NODE_MAX ? (int32_t)node : NP_NODE_UNKNOWN;
    }
    if (device->address[0] == '\0' && is_pci_address(name)) {
        snprintf(device->address, sizeof device->address, "%s", name);
        if (read_attribute(path, "class", text, sizeof text))
            device->pci_class = (uint32_t)strtoul(text, NULL, 16);
    }
}

/* Describe the device whose folder is @path, from there up to the folder @top. */
static void describe(char *path, const char *top, np_device *device)
{
    bool has_node = false;
    device->node = NP_NODE_UNKNOWN;
    while (strlen(path) > strlen(top)) {
        learn_from(path, device, &has_node);
        *strrchr(path, '/') = '\0';
    }
}

static np_status add(np_devices *devices, const np_device *device, np_error *error)
{
    if (devices->count == devices->room) {
        const size_t room = devices->room == 0 ? 32 : 2 * devices->room;
        np_device *list = realloc(devices->list, room * sizeof *list);
        if (list == NULL)
            return fail(error, NP_ALLOCATION, 0, "devices", "no memory for the records of %zu devices", room);
        devices->list = list;
        devices->room = room;
    }
    devices->list[devices->count++] = *device;
    return NP_OK;
}

static bool stands_for(const np_devices *devices, const char *address)
{
    for (size_t i = 0; i < devices->count; i++)
        if (devices->list[i].kind != NP_DEVICE_PCI && strcmp(devices->list[i].address, address) == 0)
            return true;
    return false;
}

/* One entry of a listing. A device that is gone by now is left out. */
static np_status read_device(
    const char *link, const char *top, np_device_kind kind, np_devices *devices, np_error *error)
{
    char path[PATH_MAX];
    const char *name = strrchr(link, '/') + 1;
    np_device device = {.kind = (int32_t)kind};
    if (strlen(name) >= sizeof device.name || realpath(link, path) == NULL)
        return NP_OK;
    memcpy(device.name, name, strlen(name));
    describe(path, top, &device);
    if (kind == NP_DEVICE_PCI && stands_for(devices, device.address))
        return NP_OK;
    return add(devices, &device, error);
}

/* Devices are links into the tree of hardware; a plain file among them ("bonding_masters") is no device. */
static np_status read_listing(
    const char *sysfs, const struct listing *listing, const char *top, np_devices *devices, np_error *error)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/%s", sysfs, listing->folder);
    DIR *entries = opendir(folder);
    if (entries == NULL && errno == ENOENT)
        return NP_OK;
    if (entries == NULL)
        return fail(error, NP_SYSTEM, errno, "devices", "%s cannot be read: %s", folder, strerrordesc_np(errno));
    np_status status = NP_OK;
    for (struct dirent *entry = readdir(entries); entry != NULL && status == NP_OK; entry = readdir(entries)) {
        char link[PATH_MAX + NAME_MAX + 2];
        snprintf(link, sizeof link, "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_LNK)
            status = read_device(link, top, listing->kind, devices, error);
    }
    closedir(entries);
    return status;
}

np_status device_read_all(const char *sysfs, np_devices *devices, np_error *error)
{
    char hardware[PATH_MAX];
    char top[PATH_MAX];
    snprintf(hardware, sizeof hardware, "%s/devices", sysfs);
    if (realpath(hardware, top) == NULL)
        return fail(error, NP_SYSTEM, errno, "devices", "%s cannot be read: %s; is sysfs mounted?", hardware,
            strerrordesc_np(errno));
    np_status status = NP_OK;
    for (size_t i = 0; i < sizeof listings / sizeof listings[0] && status == NP_OK; i++)
        status = read_listing(sysfs, &listings[i], top, devices, error);
    return status;
}
