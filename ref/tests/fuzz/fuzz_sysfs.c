/*
 * The files of a machine's /sys, whatever is in them: discovery answers with a topology or with the name of a file.
 *
 * The input is cut at bytes of value 1 into the texts of the files below, in their order; what is left over is ignored,
 * and files that there is no text for are not there.
 */
#include "../../src/topology_internal.h"
#include "fuzz.h"
#include "fuzz_topology.h"
#include "fuzz_tree.h"

static const char *const folders[] = {"devices", "devices/system", "devices/system/cpu", "devices/system/node",
    "devices/system/node/node0", "devices/system/node/node3"};

static const char *const files[] = {"devices/system/cpu/online", "devices/system/node/online",
    "devices/system/node/node0/cpulist", "devices/system/node/node0/meminfo", "devices/system/node/node0/distance",
    "devices/system/node/node3/cpulist", "devices/system/node/node3/meminfo", "devices/system/node/node3/distance"};
#define FILE_COUNT (sizeof files / sizeof files[0])

static struct fuzz_tree tree = {
    .folders = folders, .folder_count = sizeof folders / sizeof folders[0], .files = files, .file_count = FILE_COUNT};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_tree_fill(&tree, data, size);
    np_topology *topology = NULL;
    np_error error = {0};
    const np_status status = topology_read_sysfs(tree.descriptor, tree.name, 4096, &topology, &error);
    fuzz_made(status, topology, &error);
    return 0;
}
