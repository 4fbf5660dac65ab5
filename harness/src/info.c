/*
 * numaproof info: the machine as the other verbs see it, with nothing tried but what is free.
 */
#include "devices.h"
#include "options.h"
#include "result.h"
#include "run.h"
#include "terminal.h"
#include "verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct info_options {
    bool json;
};

static const struct argp_option info_argp_options[] = {
    {"json", 'j', NULL, 0, "For programs: the same form as result.json, with the devices", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct info_options *options = state->input;
    (void)argument;
    if (key != 'j') {
        return ARGP_ERR_UNKNOWN;
    }
    options->json = true;
    return 0;
}

static const struct argp info_argp = {
    .options = info_argp_options,
    .parser = parse,
    .doc = "Show the machine: nodes, distances, privileges, settings, devices, and the deployment checklist.",
};

static json_t *devices_json(const struct device *devices, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        json_put_text(object, "name", devices[i].name);
        json_put_text(object, "kind", devices[i].kind);
        json_put(object, "node", devices[i].node >= 0 ? json_integer(devices[i].node) : json_null());
        json_array_append_new(array, object);
    }
    return array;
}

static void print_json(struct run *run, const struct device *devices, size_t count)
{
    const struct other_run none = {.name = "info only looks",
        .kind = VERDICT_INCONCLUSIVE,
        .reason = "nothing was tested; `numaproof validate` does that"};
    const struct evidence evidence = {.claim = "", .others = &none, .other_count = 1};
    verdict_decide(&run->verdict, &evidence);
    json_t *result = result_json(run);
    json_put(result, "devices", devices_json(devices, count));
    json_dumpf(result, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(result);
}

static void print_machine(const struct run *run)
{
    const struct identity *identity = &run->identity;
    terminal_print(PAINT_STRONG, "Machine\n");
    printf("  processor   %s\n  kernel      %s\n  firmware    %s\n", identity->cpu_model, identity->kernel,
        identity->firmware);
    printf("  hypervisor  %s\n", identity->hypervisor[0] != '\0' ? identity->hypervisor : "none");
    if (identity->emulated) {
        printf("  emulated    machine %s, %s, QEMU %s\n", identity->machine, identity->accelerator, identity->qemu);
    }
}

static void print_nodes(const struct facts *facts)
{
    const struct nodes *nodes = &facts->nodes;
    terminal_print(PAINT_STRONG, "Nodes\n");
    for (size_t i = 0; i < nodes->count; i++) {
        const struct node *node = &nodes->list[i];
        char cpus[256];
        printf("  node %-3u  CPUs %-16s %9.2f GiB, %.2f free%s  distances", node->id,
            cpus_text(&node->cpus, cpus, sizeof(cpus)), (double)node->memory_bytes / (double)(1 << 30),
            (double)node->free_bytes / (double)(1 << 30),
            np_nodeset_contains(&facts->privileges.nodes, node->id) ? "" : ", not for this process");
        for (size_t j = 0; j < nodes->count; j++) {
            int distance = nodes_distance(nodes, i, j);
            distance >= 0 ? printf(" %d", distance) : printf(" ?");
        }
        putchar('\n');
    }
}

static void print_settings(const struct facts *facts)
{
    terminal_print(PAINT_STRONG, "Settings\n");
    for (int i = 0; i < SETTING_COUNT; i++) {
        printf("  %-28s %s\n", setting_name((enum setting)i), setting_text(&facts->settings, (enum setting)i));
    }
}

static bool is_absent_like(const struct bench_counter *counter, const struct bench_counter *other)
{
    return !counter->counted && !other->counted && strcmp(counter->reason, other->reason) == 0;
}

/* Those that do not count for the reason of counter @first, if that is the first with it: the reason, and their names. */
static void print_absent(const struct bench_report *report, size_t first)
{
    const struct bench_counter *counter = &report->counters[first];
    for (size_t i = 0; i < first; i++) {
        if (is_absent_like(&report->counters[i], counter)) {
            return;
        }
    }
    printf("  not here    ");
    terminal_wrap(counter->reason, 14, 14);
    for (size_t i = first; i < report->counter_count; i++) {
        if (is_absent_like(&report->counters[i], counter)) {
            printf("                %s (%s)\n", report->counters[i].name, report->counters[i].source);
        }
    }
}

/* What counts, then what does not and why. */
static void print_counters(const struct bench_report *report)
{
    terminal_print(PAINT_STRONG, "Counters\n");
    for (size_t i = 0; i < report->counter_count; i++) {
        if (report->counters[i].counted) {
            printf("  counts      %s (%s)\n", report->counters[i].name, report->counters[i].source);
        }
    }
    for (size_t i = 0; i < report->counter_count; i++) {
        if (!report->counters[i].counted) {
            print_absent(report, i);
        }
    }
}

static void print_devices(const struct device *devices, size_t count)
{
    terminal_print(PAINT_STRONG, "Devices\n");
    for (size_t i = 0; i < count; i++) {
        printf("  %-8s %-16s ", devices[i].kind, devices[i].name);
        devices[i].node >= 0 ? printf("node %d\n", devices[i].node) : printf("node unknown\n");
    }
    if (count == 0) {
        puts("  none");
    }
}

int verb_info(int argc, char **argv)
{
    struct problem problem;
    struct info_options options = {0};
    struct run run;
    struct device *devices = NULL;
    if (!options_parse(&info_argp, argc, argv, &options, &problem) || !run_begin(&run, &problem)) {
        return problem_tell(&problem, argv[0]);
    }
    size_t count = devices_read(&devices, "");
    np_error error;
    run.has_measurements = bench_counters(&run.measurements, &error) == NP_OK;
    if (options.json) {
        print_json(&run, devices, count);
    } else {
        print_machine(&run);
        print_nodes(&run.facts);
        print_settings(&run.facts);
        print_counters(&run.measurements);
        print_devices(devices, count);
        run_print_checks(&run);
    }
    free(devices);
    run_free(&run);
    return STATUS_PASS;
}
