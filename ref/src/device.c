/*
 * The map of devices: a sorted list, looked up by kind and name.
 */
#include "device_internal.h"
#include "error_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION "devices"

static_assert(sizeof(np_device) == 112, "the record of a device is pinned");

static int compare(const void *left, const void *right)
{
    const np_device *a = left;
    const np_device *b = right;
    return a->kind != b->kind ? (a->kind > b->kind) - (a->kind < b->kind) : strcmp(a->name, b->name);
}

np_status device_discover(const char *sysfs, np_devices **devices, np_error *error)
{
    if (devices == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "devices is NULL");
    np_devices *found = calloc(1, sizeof *found);
    if (found == NULL)
        return fail(error, NP_ALLOCATION, 0, OPERATION, "no memory for the record of the devices");
    const np_status status = device_read_all(sysfs, found, error);
    if (status != NP_OK) {
        np_devices_destroy(found);
        return status;
    }
    if (found->count > 0)
        qsort(found->list, found->count, sizeof *found->list, compare);
    *devices = found;
    return NP_OK;
}

np_status np_devices_discover(np_devices **devices, np_error *error)
{
    return device_discover("/sys", devices, error);
}

void np_devices_destroy(np_devices *devices)
{
    if (devices == NULL)
        return;
    free(devices->list);
    free(devices);
}

size_t np_devices_count(const np_devices *devices)
{
    return devices != NULL ? devices->count : 0;
}

np_status np_devices_at(const np_devices *devices, size_t index, np_device *device, np_error *error)
{
    if (devices == NULL || device == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "%s is NULL", devices == NULL ? "devices" : "device");
    if (index >= devices->count)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, OPERATION, "there is no device %zu: there are %zu", index, devices->count);
    *device = devices->list[index];
    return NP_OK;
}

np_status np_devices_find(
    const np_devices *devices, np_device_kind kind, const char *name, np_device *device, np_error *error)
{
    if (devices == NULL || name == NULL || device == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "%s is NULL",
            devices == NULL ? "devices"
            : name == NULL  ? "name"
                            : "device");
    if (kind != NP_DEVICE_NETWORK && kind != NP_DEVICE_BLOCK && kind != NP_DEVICE_PCI)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "kind %d is no np_device_kind", (int)kind);
    for (size_t i = 0; i < devices->count; i++) {
        if (devices->list[i].kind == (int32_t)kind && strcmp(devices->list[i].name, name) == 0) {
            *device = devices->list[i];
            return NP_OK;
        }
    }
    return fail(error, NP_NOT_AVAILABLE, 0, OPERATION, "this machine has no such device: \"%s\"", name);
}
