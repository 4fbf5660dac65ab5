/*
 * The files of a machine's /sys, whatever is in them: discovery answers with a topology or with the name of a file.
 *
 * The input is cut at bytes of value 1 into the texts of the files below, in their order; what is left over is ignored,
 * and files that there is no text for are not there.
 */
#include "../../src/topology_internal.h"
#include "fuzz.h"
#include "fuzz_topology.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"devices", "devices/system", "devices/system/cpu", "devices/system/node",
    "devices/system/node/node0", "devices/system/node/node3"};

static const char *const files[] = {"devices/system/cpu/online", "devices/system/node/online",
    "devices/system/node/node0/cpulist", "devices/system/node/node0/meminfo", "devices/system/node/node0/distance",
    "devices/system/node/node3/cpulist", "devices/system/node/node3/meminfo", "devices/system/node/node3/distance"};
#define FILE_COUNT (sizeof files / sizeof files[0])

static int tree = -1;

static void remove_tree(void)
{
    for (size_t i = 0; i < FILE_COUNT; i++)
        unlinkat(tree, files[i], 0);
    for (size_t i = sizeof folders / sizeof folders[0]; i > 0; i--)
        unlinkat(tree, folders[i - 1], AT_REMOVEDIR);
}

/* The tree lies in the current folder, under a name of this process's own, and goes with it. */
static char name[32];

static void remove_all(void)
{
    remove_tree();
    rmdir(name);
}

static void create_tree(void)
{
    strcpy(name, "fuzz_sysfs.XXXXXX");
    FUZZ_REQUIRE(mkdtemp(name) != NULL);
    tree = open(name, O_DIRECTORY | O_CLOEXEC);
    FUZZ_REQUIRE(tree >= 0);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        FUZZ_REQUIRE(mkdirat(tree, folders[i], 0700) == 0);
    atexit(remove_all);
}

static void write_file(const char *path, const uint8_t *text, size_t size)
{
    const int file = openat(tree, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_REQUIRE(file >= 0 && write(file, text, size) == (ssize_t)size);
    close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (tree < 0)
        create_tree();
    for (size_t i = 0; i < FILE_COUNT; i++) {
        const uint8_t *end = size > 0 ? memchr(data, 1, size) : NULL;
        const size_t length = end != NULL ? (size_t)(end - data) : size;
        if (size > 0)
            write_file(files[i], data, length);
        else
            unlinkat(tree, files[i], 0);
        data += end != NULL ? length + 1 : length;
        size -= end != NULL ? length + 1 : length;
    }
    np_topology *topology = NULL;
    np_error error = {0};
    const np_status status = topology_read_sysfs(tree, name, 4096, &topology, &error);
    fuzz_made(status, topology, &error);
    return 0;
}
