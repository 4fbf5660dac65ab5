/*
 * The lists of a /proc/PID/status: a list, or EBADMSG and nothing written.
 */
#include "../../src/linux.h"
#include "fuzz.h"
#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    np_cpuset cpus, untouched_cpus;
    np_nodeset nodes, untouched_nodes;
    memset(&untouched_cpus, 0x5a, sizeof untouched_cpus);
    memset(&untouched_nodes, 0x5a, sizeof untouched_nodes);
    cpus = untouched_cpus;
    nodes = untouched_nodes;

    char *text = fuzz_text(data, size);
    int error = linux_status_list(text, LINUX_CPUS_ALLOWED, &cpus, NULL);
    FUZZ_REQUIRE(error == 0 || error == EBADMSG);
    FUZZ_REQUIRE(error == 0 || np_cpuset_equal(&cpus, &untouched_cpus));
    free(text);

    text = fuzz_text(data, size);
    error = linux_status_list(text, LINUX_MEMS_ALLOWED, NULL, &nodes);
    FUZZ_REQUIRE(error == 0 || error == EBADMSG);
    FUZZ_REQUIRE(error == 0 || np_nodeset_equal(&nodes, &untouched_nodes));
    free(text);
    return 0;
}
