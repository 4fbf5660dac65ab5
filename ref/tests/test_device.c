/*
 * Devices of a machine made of a folder: which node, which PCI function, what is left out; and those of this machine.
 */
#include "../src/device_internal.h"
#include "unit.h"
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/numaproof-devices-XXXXXX";

static void path_of(char *path, const char *name)
{
    snprintf(path, PATH_MAX, "%s/%s", root, name);
}

static void make_folders(const char *name)
{
    char path[PATH_MAX];
    path_of(path, name);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    mkdir(path, 0700);
}

static void make_file(const char *folder, const char *name, const char *text)
{
    char path[PATH_MAX];
    char both[PATH_MAX / 2];
    make_folders(folder);
    snprintf(both, sizeof both, "%s/%s", folder, name);
    path_of(path, both);
    FILE *file = fopen(path, "w");
    EXPECT(file != NULL && fputs(text, file) >= 0);
    fclose(file);
}

static void make_link(const char *listing, const char *name, const char *to)
{
    char path[PATH_MAX];
    char both[PATH_MAX / 2];
    char target[PATH_MAX];
    make_folders(listing);
    make_folders(to);
    snprintf(both, sizeof both, "%s/%s", listing, name);
    path_of(path, both);
    path_of(target, to);
    EXPECT(symlink(target, path) == 0);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void make_machine(void)
{
    make_file("devices/pci0000:00/0000:00:03.0", "numa_node", "1\n");
    make_file("devices/pci0000:00/0000:00:03.0", "class", "0x020000\n");
    make_link("class/net", "eth0", "devices/pci0000:00/0000:00:03.0/virtio0/net/eth0");
    make_link("class/net", "lo", "devices/virtual/net/lo");
    make_file("class/net", "bonding_masters", "\n");
    make_file("devices/pci0000:40/0000:40:01.0", "numa_node", "0\n");
    make_file("devices/pci0000:40/0000:40:01.0/0000:41:00.0", "numa_node", "-1\n");
    make_file("devices/pci0000:40/0000:40:01.0/0000:41:00.0", "class", "0x010802\n");
    make_link("block", "nvme0n1", "devices/pci0000:40/0000:40:01.0/0000:41:00.0/nvme/nvme0/nvme0n1");
    make_file("devices/pci0000:40/10000:e1:00.1", "numa_node", "700\n");
    make_file("devices/pci0000:40/10000:e1:00.1", "class", "0x030200\n");
    make_link("bus/pci/devices", "0000:00:03.0", "devices/pci0000:00/0000:00:03.0");
    make_link("bus/pci/devices", "0000:41:00.0", "devices/pci0000:40/0000:40:01.0/0000:41:00.0");
    make_link("bus/pci/devices", "0000:40:01.0", "devices/pci0000:40/0000:40:01.0");
    make_link("bus/pci/devices", "10000:e1:00.1", "devices/pci0000:40/10000:e1:00.1");
    char gone[PATH_MAX];
    path_of(gone, "block/gone");
    EXPECT(symlink("/no/such/device", gone) == 0);
}

static void expect(const np_devices *devices, size_t index, const np_device *expected)
{
    np_device found = {0};
    EXPECT_NUMBER(np_devices_at(devices, index, &found, NULL), NP_OK);
    EXPECT_TEXT(found.name, expected->name);
    EXPECT_TEXT(found.address, expected->address);
    EXPECT_NUMBER(found.kind, expected->kind);
    EXPECT_NUMBER(found.node, expected->node);
    EXPECT_NUMBER(found.pci_class, expected->pci_class);
    EXPECT_NUMBER(found.reserved, 0);
}

static void a_made_machine(void)
{
    static const np_device expected[] = {
        {"eth0", "0000:00:03.0", NP_DEVICE_NETWORK, 1, 0x020000, 0},
        {"lo", "", NP_DEVICE_NETWORK, NP_NODE_UNKNOWN, 0, 0},
        {"nvme0n1", "0000:41:00.0", NP_DEVICE_BLOCK, NP_NODE_UNKNOWN, 0x010802, 0},
        {"0000:40:01.0", "0000:40:01.0", NP_DEVICE_PCI, 0, 0, 0},
        {"10000:e1:00.1", "10000:e1:00.1", NP_DEVICE_PCI, 700, 0x030200, 0},
    };
    EXPECT(mkdtemp(root) != NULL);
    make_machine();
    np_devices *devices = NULL;
    np_error error = {0};
    EXPECT_NUMBER(device_discover(root, &devices, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    EXPECT_NUMBER(np_devices_count(devices), sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        expect(devices, i, &expected[i]);

    np_device device = {.node = 99};
    EXPECT_NUMBER(np_devices_find(devices, NP_DEVICE_BLOCK, "nvme0n1", &device, NULL), NP_OK);
    EXPECT_NUMBER(device.node, NP_NODE_UNKNOWN);
    EXPECT_ERROR(np_devices_find(devices, NP_DEVICE_NETWORK, "nvme0n1", &device, &error), NP_NOT_AVAILABLE, error,
        "\"nvme0n1\"");
    EXPECT_ERROR(np_devices_at(devices, 5, &device, &error), NP_INVALID_ARGUMENT, error, "no device 5");
    EXPECT_ERROR(
        np_devices_find(devices, (np_device_kind)3, "x", &device, &error), NP_INVALID_ARGUMENT, error, "kind 3");
    np_devices_destroy(devices);
    nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void no_machine(void)
{
    np_devices *devices = NULL;
    np_error error = {0};
    EXPECT_ERROR(device_discover("/no/such/sys", &devices, &error), NP_SYSTEM, error, "/no/such/sys/devices");
    EXPECT(devices == NULL);
}

static void this_machine(void)
{
    np_devices *devices = NULL;
    np_device device;
    np_error error = {0};
    EXPECT_NUMBER(np_devices_discover(&devices, NULL), NP_OK);
    for (size_t i = 0; i < np_devices_count(devices); i++) {
        EXPECT_NUMBER(np_devices_at(devices, i, &device, NULL), NP_OK);
        EXPECT(device.name[0] != '\0' && device.node >= NP_NODE_UNKNOWN);
    }
    np_devices_destroy(devices);
    np_devices_destroy(NULL);
    EXPECT_NUMBER(np_devices_count(NULL), 0);
    EXPECT_ERROR(np_devices_discover(NULL, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(np_devices_at(NULL, 0, &device, &error), NP_INVALID_ARGUMENT, error, "NULL");
}

int main(void)
{
    const struct unit_test tests[] = {
        {"a made machine", a_made_machine},
        {"no machine", no_machine},
        {"this machine", this_machine},
    };
    return unit_main("device", tests, sizeof tests / sizeof tests[0]);
}
