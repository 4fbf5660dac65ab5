/* Breaks DEV-1: a device whose node nobody knows is on node 0. */
#include "mutant.h"

np_status np_devices_at(const np_devices *devices, size_t index, np_device *device, np_error *error)
{
    np_status status = REAL(np_devices_at)(devices, index, device, error);

    if (status == NP_OK && device->node < 0)
        device->node = 0;
    return status;
}

np_status np_devices_find(
    const np_devices *devices, np_device_kind kind, const char *name, np_device *device, np_error *error)
{
    np_status status = REAL(np_devices_find)(devices, kind, name, device, error);

    if (status == NP_OK && device->node < 0)
        device->node = 0;
    return status;
}
