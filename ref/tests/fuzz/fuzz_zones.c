/*
 * A /proc/zoneinfo: what it has on no node is nothing, and what it has on one is what it has on all of one text twice.
 */
#include "../../src/room.h"
#include "fuzz.h"

static struct room read_zones(const uint8_t *data, size_t size, const np_nodeset *nodes)
{
    char *text = fuzz_text(data, size);
    const struct room room = room_in_zones(text, nodes);
    free(text);
    return room;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    np_nodeset none = {{0}}, all;
    memset(&all, 0xff, sizeof all);
    const struct room nothing = read_zones(data, size, &none);
    FUZZ_REQUIRE(nothing.free_bytes == 0 && nothing.available_bytes == 0);
    const struct room once = read_zones(data, size, &all), again = read_zones(data, size, &all);
    FUZZ_REQUIRE(once.free_bytes == again.free_bytes && once.available_bytes == again.available_bytes);
    return 0;
}
