/* Breaks CAP-4: hard mode is supported with balancing on. */
#include "mutant.h"

bool np_capabilities_supports_hard_mode(const np_capabilities *capabilities)
{
    return capabilities != NULL && capabilities->strict_memory_binding && capabilities->strict_cpu_affinity;
}
