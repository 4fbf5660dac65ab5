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

/* What sysfs lists, and which node it gives each. */
struct listed {
    np_device_kind kind;
    char name[256];
    int node;
};

struct listing {
    size_t count, room;
    struct listed *devices;
};

static void add_listed(struct listing *listing, np_device_kind kind, const char *folder, const char *name)
{
    char link[PATH_MAX];

    if (listing->count == listing->room) {
        listing->room = 2 * listing->room + 64;
        listing->devices = realloc(listing->devices, listing->room * sizeof listing->devices[0]);
        if (listing->devices == NULL)
            case_error("no memory for %zu devices", listing->room);
    }
    struct listed *device = &listing->devices[listing->count++];
    memset(device, 0, sizeof *device);
    device->kind = kind;
    snprintf(device->name, sizeof device->name, "%s", name);
    snprintf(link, sizeof link, "%s/%s", folder, name);
    device->node = node_by_sysfs(link);
}

static void list_folder(struct listing *listing, np_device_kind kind, const char *folder)
{
    struct dirent *entry;
    DIR *entries = opendir(folder);

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (entry->d_type == DT_LNK)
            add_listed(listing, kind, folder, entry->d_name);
    if (entries != NULL)
        closedir(entries);
}

static int by_kind_and_name(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct listed));
}

static struct listing listing_now(void)
{
    struct listing listing = {.count = 0};

    list_folder(&listing, NP_DEVICE_NETWORK, "/sys/class/net");
    list_folder(&listing, NP_DEVICE_BLOCK, "/sys/block");
    list_folder(&listing, NP_DEVICE_PCI, "/sys/bus/pci/devices");
    if (listing.count > 0)
        qsort(listing.devices, listing.count, sizeof listing.devices[0], by_kind_and_name);
    return listing;
}

static bool are_equal(const struct listing *a, const struct listing *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->devices, b->devices, a->count * sizeof a->devices[0]) == 0);
}

/* The map, and what sysfs lists before and after: devices come and go, and only what stands still can be compared. */
static np_devices *discovered(struct listing *listing, np_error *error)
{
    np_devices *devices = NULL;
    struct listing before = listing_now();

    for (;;) {
        EXPECT_OK(api->devices_discover(&devices, error));
        *listing = listing_now();
        bool stood_still = are_equal(&before, listing);
        free(before.devices);
        if (stood_still)
            return devices;
        before = *listing;
        api->devices_destroy(devices);
    }
}

/* Every one that is listed is in the map, on its node. Returns how many there are. */
static size_t expect_listed(const np_devices *devices, const struct listing *listing)
{
    size_t count = 0;

    for (size_t i = 0; i < listing->count; i++) {
        const struct listed *listed = &listing->devices[i];
        np_device device;
        EXPECT_WITH("%s", listed->name);
        memset(&device, 0xff, sizeof device);
        np_status status = api->devices_find(devices, listed->kind, listed->name, &device, NULL);
        /* PCI functions that a network or block device stands for are not listed again. */
        if (status == NP_NOT_AVAILABLE && listed->kind == NP_DEVICE_PCI)
            continue;
        EXPECT_INT(status, ==, NP_OK);
        EXPECT_STRING(device.name, listed->name);
        EXPECT_INT(device.kind, ==, listed->kind);
        EXPECT_INT(device.node, ==, listed->node);
        count++;
    }
    return count;
}

CASE(devices_on_their_nodes,
    "every network, block and other PCI device is on the node that sysfs gives; none is unknown", CLAUSES("DEV-1"),
    NEEDS_NOTHING)
{
    struct listing listing;
    np_devices *devices = discovered(&listing, error);
    np_device device;

    size_t listed = expect_listed(devices, &listing);
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
