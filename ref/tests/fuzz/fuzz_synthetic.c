/*
 * Synthetic descriptions: none is too large, too deep or too wrong to be answered.
 *
 * Machines of some thousands of objects, over all levels, take hwloc seconds. They are passed over, so that the time goes into
 * many small ones, and into those that are refused for their size.
 */
#include "fuzz.h"
#include "fuzz_topology.h"
#include <ctype.h>
#include <numaproof/set.h>
#include <stdbool.h>

#define OBJECTS_MAX 2048

/* As hwloc counts: each number that begins a word, or follows a kind and a colon, multiplies those before it. */
static bool takes_long(const char *text)
{
    unsigned long level = 1, all = 0;
    char before = ' ';
    for (const char *c = text; *c != '\0'; before = *c++) {
        if (*c == '(' || *c == '[')
            c += strcspn(c, *c == '(' ? ")" : "]");
        if (*c == '\0')
            break;
        if (!isdigit((unsigned char)*c) || isalnum((unsigned char)before))
            continue;
        char *end = NULL;
        const unsigned long number = strtoul(c, &end, 0);
        if (number > NP_CPU_MAX || (level *= number) > NP_CPU_MAX)
            return false; /* Refused before hwloc sees it. */
        all += level;
        c = end - 1;
    }
    return all > OBJECTS_MAX;
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
