/* Lists of CPUs and nodes: what reads is a set whose own list reads as the same set; what does not leaves it alone. */
#include "fuzz.h"
#include <numaproof/set.h>

static void fuzz_cpus(const char *text)
{
    static char list[65536];
    np_cpuset set;
    np_cpuset before;
    np_cpuset again;
    np_error error = {0};
    memset(&set, 0xa5, sizeof set);
    before = set;
    const np_status status = np_cpuset_parse(text, &set, &error);
    fuzz_check_error(status, &error);
    FUZZ_REQUIRE(status == NP_OK || (status == NP_INVALID_ARGUMENT && np_cpuset_equal(&set, &before)));
    if (status != NP_OK)
        return;
    FUZZ_REQUIRE(np_cpuset_format(&set, list, sizeof list) < sizeof list);
    FUZZ_REQUIRE(np_cpuset_parse(list, &again, NULL) == NP_OK && np_cpuset_equal(&set, &again));
}

/* What both types can hold they read alike. */
static void fuzz_nodes(const char *text)
{
    static char list[8192];
    static char same[8192];
    np_nodeset nodes = {0};
    np_cpuset cpus = {0};
    np_error error = {0};
    const np_status status = np_nodeset_parse(text, &nodes, &error);
    fuzz_check_error(status, &error);
    if (status != NP_OK)
        return;
    FUZZ_REQUIRE(np_cpuset_parse(text, &cpus, NULL) == NP_OK);
    FUZZ_REQUIRE(np_nodeset_format(&nodes, list, sizeof list) == np_cpuset_format(&cpus, same, sizeof same));
    FUZZ_REQUIRE(strcmp(list, same) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    fuzz_cpus(text);
    fuzz_nodes(text);
    free(text);
    return 0;
}
