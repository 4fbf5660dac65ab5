/*
 * Workers held; see executor_hold.h.
 */
#include "executor_hold.h"

static void hold_task(void *closure)
{
    struct hold *hold = closure;

    run_task(&hold->run);
    gate_task(&hold->gate);
}

/* One task a worker; whichever worker takes which, at the end each has one. */
void hold_all(struct held *held, np_mode mode, np_steal steal, np_error *error)
{
    np_executor_options options = executor_options_of(mode, steal, 1);
    struct ids nodes = nodes_to_run_on();

    if (ids_count(&nodes) < 2 || ids_count(&nodes) > HELD_MAX)
        case_skipped("needs 2 to %d nodes with CPUs; here are %u", HELD_MAX, ids_count(&nodes));
    memset(held, 0, sizeof *held);
    held->executor = executor_made(&options, error);
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct hold *hold = &held->holds[held->count++];
        gate_made(&hold->gate);
        submitted(held->executor, (unsigned)node, hold_task, hold, error);
    }
    for (unsigned i = 0; i < held->count; i++)
        gate_await(&held->holds[i].gate, 1);
}

struct hold *hold_on(struct held *held, unsigned node)
{
    for (unsigned i = 0; i < held->count; i++)
        if (oracle_node_of_cpu(held->holds[i].run.cpu) == (int)node)
            return &held->holds[i];
    case_failed("no worker is held on node %u: one worker a node was asked for", node);
}

static void let_go(struct hold *hold)
{
    if (!hold->let_go)
        gate_opened(&hold->gate, 1);
    hold->let_go = true;
}

void let_go_on(struct held *held, unsigned node)
{
    let_go(hold_on(held, node));
}

void let_all_go(struct held *held)
{
    for (unsigned i = 0; i < held->count; i++)
        let_go(&held->holds[i]);
}
