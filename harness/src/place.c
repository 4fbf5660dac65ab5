/* Naming measurements: see place.h. */
#include "place.h"

#include <stdio.h>

const char *place_words(const struct bench_measurement *measurement, char text[PLACE_SIZE])
{
    int used = snprintf(text, PLACE_SIZE, "%s%s%s%s%s", measurement->name, measurement->variant[0] != '\0' ? " " : "",
        measurement->variant, measurement->mode[0] != '\0' ? " " : "", measurement->mode);
    if (measurement->initiator >= 0) {
        used += snprintf(text + used, PLACE_SIZE - (size_t)used, " from node %d", measurement->initiator);
    }
    if (measurement->target >= 0) {
        snprintf(text + used, PLACE_SIZE - (size_t)used, " to node %d", measurement->target);
    }
    return text;
}

const char *place_nodes(const struct bench_measurement *measurement, char text[PLACE_SIZE])
{
    text[0] = '\0';
    if (measurement->initiator >= 0 && measurement->target >= 0) {
        snprintf(text, PLACE_SIZE, "node %d -> node %d", measurement->initiator, measurement->target);
    } else if (measurement->initiator >= 0 || measurement->target >= 0) {
        snprintf(
            text, PLACE_SIZE, "node %d", measurement->initiator >= 0 ? measurement->initiator : measurement->target);
    }
    return text;
}
