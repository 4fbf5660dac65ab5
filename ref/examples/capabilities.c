/*
 * Whether this thread could use hard mode, and what to do where it could not.
 *
 * The first thing that a program with hard mode in it should do when it starts, and the first thing to run on a machine
 * that is to become one for production. Exit status: 0 supported, 1 not.
 */
#include <numaproof/numaproof.h>
#include <stdio.h>

int main(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    printf("NUMA nodes: %u\n", capabilities.node_count);

    if (np_capabilities_supports_hard_mode(&capabilities)) {
        puts("hard mode is supported");
        return 0;
    }
    puts("hard mode is not supported; it lacks");
    np_missing missing[NP_MISSING_MAX];
    const size_t count = np_capabilities_missing(&capabilities, missing);
    for (size_t i = 0; i < count; i++)
        printf("  %s, for %s\n    %s\n", missing[i].name, missing[i].purpose, missing[i].remedy);
    return 1;
}
