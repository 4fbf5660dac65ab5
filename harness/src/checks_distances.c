/* Checks of the distances: does the firmware declare them, sensibly, and does the memory agree? */
#include "checks_internal.h"

#include <stdio.h>
#include <string.h>

/* With one node there is no distance to speak of. */
static bool single(struct check *check, const struct facts *facts)
{
    if (facts->nodes.count > 1) {
        return false;
    }
    check_set(check, CHECK_NOT_APPLICABLE, "one node");
    return true;
}

void check_distances_declared(struct check *check, const struct facts *facts)
{
    if (single(check, facts)) {
        return;
    }
    for (size_t i = 0; i < facts->nodes.count * facts->nodes.count; i++) {
        if (facts->nodes.distances[i] < 0) {
            check_set(check, CHECK_WARN, "the kernel does not tell all of them");
            check_fix(check, "cat /sys/devices/system/node/node*/distance; update the firmware");
            return;
        }
    }
    switch (facts->nodes.declared) {
    case DECLARED_YES:
        check_set(check, CHECK_PASS, "in the firmware's table SLIT");
        break;
    case DECLARED_NO:
        check_set(check, CHECK_WARN, "no table SLIT: the kernel's own 10 and 20 are in force");
        check_fix(check, "update the firmware; virtual machine: declare distances (QEMU: -numa dist)");
        break;
    case DECLARED_UNKNOWN:
        check_set(check, CHECK_UNKNOWN, "this machine does not show its firmware's tables");
        break;
    }
}

void check_distances_symmetric(struct check *check, const struct facts *facts)
{
    const struct nodes *nodes = &facts->nodes;
    if (single(check, facts)) {
        return;
    }
    for (size_t i = 0; i < nodes->count; i++) {
        for (size_t j = 0; j < i; j++) {
            int there = nodes_distance(nodes, i, j);
            int back = nodes_distance(nodes, j, i);
            if (there != back) {
                check_set(check, CHECK_WARN, "node %u to %u is %d, and %d back", nodes->list[i].id, nodes->list[j].id,
                    there, back);
                check_fix(check, "update the firmware; until then choose nodes by `numaproof bench latency`");
                return;
            }
        }
    }
    check_set(check, CHECK_PASS, "all");
}

/* The latency between two nodes; of several variants the first that is measured, the same for all pairs. */
static const struct bench_measurement *latency_between(
    const struct bench_report *measured, unsigned initiator, unsigned target)
{
    const char *variant = NULL;
    for (size_t i = 0; i < measured->measurement_count; i++) {
        const struct bench_measurement *cell = &measured->measurements[i];
        if (!bench_has_figure(cell) || strcmp(cell->name, "latency") != 0) {
            continue;
        }
        variant = variant == NULL ? cell->variant : variant;
        if (strcmp(cell->variant, variant) == 0 && cell->initiator == (int)initiator && cell->target == (int)target) {
            return cell;
        }
    }
    return NULL;
}

/*
 * Whether @far, declared the farther of two, was measured the nearer beyond doubt: the intervals do not meet, and the medians
 * are more than @ratio apart.
 */
static bool contradicts(const struct bench_measurement *near, const struct bench_measurement *far, double ratio)
{
    return near != NULL && far != NULL && far->ci_high < near->ci_low && far->median * ratio < near->median;
}

/* Compare what is declared and measured from one node to any two. Returns the number of pairs compared. */
static size_t compare_from(struct check *check, const struct facts *facts, size_t initiator)
{
    const struct nodes *nodes = &facts->nodes;
    unsigned from = nodes->list[initiator].id;
    size_t compared = 0;
    for (size_t a = 0; a < nodes->count; a++) {
        const struct bench_measurement *near = latency_between(facts->measured, from, nodes->list[a].id);
        for (size_t b = 0; b < nodes->count && near != NULL; b++) {
            const struct bench_measurement *far = latency_between(facts->measured, from, nodes->list[b].id);
            int declared_near = nodes_distance(nodes, initiator, a);
            int declared_far = nodes_distance(nodes, initiator, b);
            if (far == NULL || declared_near < 0 || declared_near >= declared_far) {
                continue;
            }
            compared++;
            if (contradicts(near, far, facts->thresholds->contradiction_ratio)) {
                check_set(check, CHECK_WARN,
                    "from node %u, node %u is declared nearer (%d) than node %u (%d) and "
                    "measured farther: %.0f %s against %.0f",
                    from, near->target, declared_near, far->target, declared_far, near->median, near->unit,
                    far->median);
                check_fix(check, "update the firmware; until then choose nodes by `numaproof bench latency`");
            }
        }
    }
    return compared;
}

void check_distances_measured(struct check *check, const struct facts *facts)
{
    if (single(check, facts)) {
        return;
    }
    if (facts->measured == NULL) {
        check_set(check, CHECK_UNKNOWN, "latency was not measured");
        check_fix(check, "numaproof validate");
        return;
    }
    size_t compared = 0;
    check->verdict = CHECK_PASS;
    for (size_t i = 0; i < facts->nodes.count; i++) {
        compared += compare_from(check, facts, i);
    }
    if (compared == 0) {
        check_set(check, CHECK_UNKNOWN, "no two figures could be compared");
    } else if (check->verdict == CHECK_PASS) {
        check_set(check, CHECK_PASS, "%zu pairs agree", compared);
    }
}
