/* All facts, one after the other: see facts.h. */
#include "facts.h"

bool facts_collect(struct facts *facts, const char *root, struct problem *problem)
{
    *facts = (struct facts){.thresholds = &thresholds_default};
    if (!privileges_read(&facts->privileges, root, problem) || !nodes_read(&facts->nodes, root, problem)) {
        facts_free(facts);
        return false;
    }
    settings_read(&facts->settings, root);
    limits_read(&facts->limits, root);
    probes_run(&facts->probes);
    return true;
}

void facts_free(struct facts *facts)
{
    nodes_free(&facts->nodes);
}
