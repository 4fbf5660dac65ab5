/*
 * A megabyte of memory on one node, for certain: strict_region 0
 *
 * When np_region_create() returns NP_OK in strict mode with prefault, every page lies on the nodes that were asked for, and
 * the kernel may put none elsewhere. Where it cannot be so the error says why, and nothing is left behind.
 */
#include <numaproof/numaproof.h>
#include <stdio.h>
#include <string.h>

static int complain(const np_error *error)
{
    fprintf(stderr, "%s: %s: %s\n", error->operation, np_status_name((np_status)error->code), error->reason);
    return 1;
}

int main(int count, char **arguments)
{
    np_error error;
    np_region_options options;
    np_region_options_init(&options);
    options.mode = NP_STRICT;
    options.prefault = NP_PREFAULT_TOUCH;
    options.policy.kind = NP_POLICY_BIND;
    if (np_nodeset_parse(count > 1 ? arguments[1] : "0", &options.policy.nodes, &error) != NP_OK)
        return complain(&error);

    np_region *region;
    if (np_region_create(1 << 20, &options, &region, &error) != NP_OK)
        return complain(&error);
    memset(np_region_address(region), 0x5a, np_region_bytes(region));

    np_placement placement;
    np_enforcement present;
    if (np_region_verify(region, &placement, &present, &error) != NP_OK)
        return complain(&error);
    printf("%s: %llu pages, %llu of them outside %s\n", np_level_name((np_level)present.level),
        (unsigned long long)placement.pages, (unsigned long long)placement.outside,
        count > 1 ? arguments[1] : "node 0");
    np_region_release(region);
    return 0;
}
