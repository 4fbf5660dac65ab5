/*
 * Synthetic descriptions: none is too large, too deep or too wrong to be answered.
 *
 * Machines of some hundreds of objects take hwloc seconds. They are passed over, so that the time goes into many small
 * ones, and into those that are refused for their size.
 */
#include "fuzz.h"
#include "fuzz_topology.h"
#include <stdbool.h>

static bool takes_long(const char *text)
{
    size_t digits = 0;
    for (; *text != '\0'; text += digits + 1) {
        digits = strspn(text, "0123456789");
        if (digits == 3 || digits == 4)
            return true;
        if (text[digits] == '\0')
            return false;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    if (takes_long(text)) {
        free(text);
        return -1;
    }
    np_topology *topology = NULL;
    np_error error = {0};
    const np_status status = np_topology_from_synthetic(text, &topology, &error);
    fuzz_made(status, topology, &error);
    free(text);
    return 0;
}
