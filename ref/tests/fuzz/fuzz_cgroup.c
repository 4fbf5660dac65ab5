/*
 * A /proc/self/cgroup and the files of the cgroup that it names: a room within the limit, or no limit.
 *
 * The input is cut at bytes of value 1 into the text of the first and those of the files below. They lie in the root of
 * both versions' mounts, which is looked at whatever the path is.
 */
#include "../../src/room.h"
#include "fuzz.h"
#include "fuzz_tree.h"

static const char *const folders[] = {"memory"};

static const char *const files[] = {"memory.max", "memory.current", "memory.stat", "memory/memory.limit_in_bytes",
    "memory/memory.usage_in_bytes", "memory/memory.stat"};
#define FILE_COUNT (sizeof files / sizeof files[0])

static struct fuzz_tree tree = {.folders = folders, .folder_count = 1, .files = files, .file_count = FILE_COUNT};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, 1, size) : NULL;
    const size_t length = end != NULL ? (size_t)(end - data) : size;
    char *self = fuzz_text(data, length);
    const size_t used = end != NULL ? length + 1 : length;
    fuzz_tree_fill(&tree, data + used, size - used);
    const struct cgroup_room room = room_in_cgroup_at(tree.name, self);
    free(self);
    FUZZ_REQUIRE(room.limited || (room.available_bytes == 0 && room.limit_bytes == 0));
    FUZZ_REQUIRE(room.available_bytes <= room.limit_bytes);
    FUZZ_REQUIRE(memchr(room.name, '\0', sizeof room.name) != NULL);
    return 0;
}
