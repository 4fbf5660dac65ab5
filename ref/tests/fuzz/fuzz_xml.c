/* Exported topologies: a file may be cut, altered, or no such file at all. */
#include "../../src/topology_xml.h"
#include "fuzz.h"
#include "fuzz_topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    np_topology *topology = NULL;
    np_error error = {0};
    const np_status status = topology_read_xml(text, size, &topology, &error);
    fuzz_made(status, topology, &error);
    free(text);
    return 0;
}
