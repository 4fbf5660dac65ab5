/* Twenty lines of a stranger's, who has the installed library and nothing else. C and C++ both read them. */
#include <numaproof/numaproof.h>
#include <stdio.h>

int main(void)
{
    np_error error;
    np_topology *topology = NULL;
    if (np_topology_discover(&topology, &error) != NP_OK) {
        fprintf(stderr, "%s: %s\n", error.operation, error.reason);
        return 1;
    }
    np_pin *pin = NULL;
    np_cpuset cpus;
    np_topology_usable_cpus(topology, &cpus, NULL);
    const np_status status = np_pin_current(&cpus, &pin, &error);
    printf("%u nodes, pinned: %s, library %s\n", np_topology_node_count(topology), np_status_name(status),
        np_version_string());
    np_pin_release(pin, NULL);
    np_topology_destroy(topology);
    return status == NP_OK && np_version() == NP_VERSION_NUMBER ? 0 : 1;
}
