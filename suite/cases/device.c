/*
 * The map of devices, against sysfs read by the suite itself (DEV-1).
 */
#include "case.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* The node that sysfs gives for the device behind @link: of the nearest folder above that names one; -1 for none. */
static int node_by_sysfs(const char *link)
{
    char path[PATH_MAX], file[PATH_MAX + 16], text[32];

    if (realpath(link, path) == NULL)
        return -1;
    for (char *end; (end = strrchr(path, '/')) != NULL && end != path; *end = '\0') {
        snprintf(file, sizeof file, "%s/numa_node", path);
        if (oracle_read_file(file, text, sizeof text))
            return atoi(text) < 0 ? -1 : atoi(text);
    }
    return -1;
}

/* Every entry of @folder that is a device is in the map, on its node. Returns how many there are. */
static size_t expect_listed(const np_devices *devices, np_device_kind kind, const char *folder, bool all)
{
    size_t count = 0;
    struct dirent *entry;
    DIR *entries = opendir(folder);

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        char link[PATH_MAX];
        np_device device;
        if (entry->d_type != DT_LNK)
            continue;
        snprintf(link, sizeof link, "%s/%s", folder, entry->d_name);
        EXPECT_WITH("%s", link);
        memset(&device, 0xff, sizeof device);
        np_status status = api->devices_find(devices, kind, entry->d_name, &device, NULL);
        if (status == NP_NOT_AVAILABLE && !all)
            continue;
        EXPECT_INT(status, ==, NP_OK);
        EXPECT_STRING(device.name, entry->d_name);
        EXPECT_INT(device.kind, ==, kind);
        EXPECT_INT(device.node, ==, node_by_sysfs(link));
        count++;
    }
    if (entries != NULL)
        closedir(entries);
    return count;
}

CASE(devices_on_their_nodes,
    "every network, block and other PCI device is on the node that sysfs gives; none is unknown", CLAUSES("DEV-1"),
    NEEDS_NOTHING)
{
    np_devices *devices = NULL;
    np_device device;

    EXPECT_OK(api->devices_discover(&devices, error));
    size_t listed = expect_listed(devices, NP_DEVICE_NETWORK, "/sys/class/net", true);
    listed += expect_listed(devices, NP_DEVICE_BLOCK, "/sys/block", true);
    /* PCI functions that a network or block device stands for are not listed again. */
    listed += expect_listed(devices, NP_DEVICE_PCI, "/sys/bus/pci/devices", false);
    EXPECT_INT(api->devices_count(devices), ==, listed);
    if (listed == 0)
        case_skipped("needs a device");
    for (size_t i = 0; i < listed; i++) {
        EXPECT_OK(api->devices_at(devices, i, &device, error));
        EXPECT_WITH("device %zu, \"%s\"", i, device.name);
        np_device found;
        EXPECT_OK(api->devices_find(devices, (np_device_kind)device.kind, device.name, &found, error));
        EXPECT(memcmp(&found, &device, sizeof device) == 0);
    }
    api->devices_destroy(devices);
}

CASE(devices_wrong_arguments, "what is no device, no index and no kind is said to be none", CLAUSES("DEV-1", "LAW-6"),
    NEEDS_NOTHING)
{
    np_devices *devices = NULL;
    np_device device;

    EXPECT_INVALID(api->devices_discover(NULL, error));
    EXPECT_OK(api->devices_discover(&devices, error));
    EXPECT_INVALID(api->devices_at(devices, api->devices_count(devices), &device, error));
    EXPECT_INVALID(api->devices_at(NULL, 0, &device, error));
    EXPECT_INVALID(api->devices_find(devices, (np_device_kind)3, "lo", &device, error));
    EXPECT_INVALID(api->devices_find(devices, NP_DEVICE_NETWORK, NULL, &device, error));
    EXPECT_STATUS(api->devices_find(devices, NP_DEVICE_NETWORK, "no-such-device", &device, error), NP_NOT_AVAILABLE);
    EXPECT_INT(api->devices_count(NULL), ==, 0);
    api->devices_destroy(devices);
    api->devices_destroy(NULL);
}

CASE_LIST(device_cases, &devices_on_their_nodes, &devices_wrong_arguments);
