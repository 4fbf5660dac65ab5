/* From a run's structures to JSON: see result.h. */
#include "result.h"

#include "config.h"
#include "file.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void json_put(json_t *object, const char *key, json_t *value)
{
    if (value == NULL || json_object_set_new(object, key, value) != 0) {
        out_of_memory();
    }
}

/* JSON is UTF-8; a path or an error's text may be anything. What is no UTF-8 becomes ASCII with question marks. */
json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    if (value == NULL) {
        char *plain = strdup(text);
        for (char *c = plain; c != NULL && *c != '\0'; c++) {
            if ((unsigned char)*c >= 0x80) {
                *c = '?';
            }
        }
        value = plain != NULL ? json_string(plain) : NULL;
        free(plain);
    }
    return value;
}

void json_put_text(json_t *object, const char *key, const char *text)
{
    json_put(object, key, json_text(text));
}

void json_put_number(json_t *object, const char *key, double number)
{
    json_put(object, key, isfinite(number) ? json_real(number) : json_null());
}

static void append(json_t *array, json_t *value)
{
    if (value == NULL || json_array_append_new(array, value) != 0) {
        out_of_memory();
    }
}

static json_t *checks_json(const struct run *run)
{
    json_t *checks = json_array();
    for (size_t i = 0; i < checks_count(); i++) {
        const struct check *check = &run->checks[i];
        json_t *object = json_object();
        json_put_text(object, "id", check->id);
        json_put_text(object, "title", check->title);
        json_put_text(object, "verdict", check_verdict_name(check->verdict));
        json_put_text(object, "value", check->value);
        json_put_text(object, "why", check->why);
        json_put_text(object, "fix", check->fix);
        append(checks, object);
    }
    return checks;
}

static json_t *clauses_json(const struct suite_report *report)
{
    json_t *clauses = json_array();
    size_t count = 0;
    const struct suite_clause *catalogue = suite_clauses(&count);
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        json_put_text(object, "id", catalogue[i].id);
        json_put_text(object, "level", suite_level_name(catalogue[i].level));
        json_put_text(object, "text", catalogue[i].text);
        json_put_text(object, "verdict", suite_verdict_name(suite_clause_verdict(report, catalogue[i].id)));
        append(clauses, object);
    }
    return clauses;
}

static json_t *case_json(const struct suite_result *result)
{
    json_t *object = json_object();
    json_t *clauses = json_array();
    for (const char *const *clause = result->clauses; *clause != NULL; clause++) {
        append(clauses, json_text(*clause));
    }
    json_put_text(object, "id", result->id);
    json_put_text(object, "meaning", result->meaning);
    json_put(object, "clauses", clauses);
    json_put_text(object, "status", suite_status_name(result->status));
    json_put_text(object, "verdict", suite_verdict_name(result->verdict));
    json_put_text(object, "reason", result->reason);
    json_put_number(object, "seconds", result->seconds);
    json_put(object, "runs", json_integer((json_int_t)result->runs));
    json_put(object, "bad_runs", json_integer((json_int_t)result->bad_runs));
    return object;
}

/* "np_a, np_b" as a list. */
static json_t *names_json(const char *names)
{
    json_t *list = json_array();
    while (*names != '\0') {
        size_t length = strcspn(names, ", ");
        if (length > 0) {
            append(list, json_stringn(names, length));
        }
        names += length + strspn(names + length, ", ");
    }
    return list;
}

static json_t *conformance_json(const struct suite_report *report)
{
    json_t *object = json_object();
    json_t *cases = json_array();
    json_t *summary = json_object();
    for (size_t i = 0; i < report->result_count; i++) {
        append(cases, case_json(&report->results[i]));
    }
    json_put(summary, "passed", json_integer((json_int_t)report->passed));
    json_put(summary, "failed", json_integer((json_int_t)report->failed));
    json_put(summary, "skipped", json_integer((json_int_t)report->skipped));
    json_put(summary, "inconclusive", json_integer((json_int_t)report->inconclusive));
    json_put(summary, "errors", json_integer((json_int_t)report->errors));
    json_put_number(summary, "seconds", report->seconds);
    json_put_text(object, "implementation", report->implementation);
    json_put_text(object, "version", report->version);
    json_put(object, "functions", json_integer((json_int_t)report->function_count));
    json_put(object, "missing", names_json(report->missing));
    json_put(object, "rounds", json_integer((json_int_t)report->rounds));
    json_put(object, "jobs", json_integer((json_int_t)report->jobs));
    json_put(object, "seed", report->shuffled ? json_sprintf("%" PRIu64, report->seed) : json_null());
    json_put(object, "clauses", clauses_json(report));
    json_put(object, "cases", cases);
    json_put(object, "summary", summary);
    return object;
}

/* A node, or null where the measurement has none. */
static void put_node(json_t *object, const char *key, int node)
{
    json_put(object, key, node >= 0 ? json_integer(node) : json_null());
}

static void put_place(json_t *object, const struct bench_measurement *cell)
{
    json_put_text(object, "name", cell->name);
    json_put_text(object, "variant", cell->variant);
    json_put_text(object, "mode", cell->mode);
    put_node(object, "initiator", cell->initiator);
    put_node(object, "target", cell->target);
}

/* Only counts that are above 0, each with its lower and upper bound. */
static json_t *histogram_json(const struct bench_histogram *histogram)
{
    if (histogram == NULL) {
        return json_null();
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < BENCH_HISTOGRAM_COUNTS; i++) {
        if (histogram->counts[i] > 0) {
            append(rows, json_pack("[f, f, I]", bench_histogram_bound(i), bench_histogram_bound(i + 1),
                             (json_int_t)histogram->counts[i]));
        }
    }
    return rows;
}

static json_t *measurement_json(const struct bench_measurement *cell)
{
    json_t *object = json_object();
    bool figure = bench_has_figure(cell);
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"median", cell->median},
        {"ci_low", cell->ci_low},
        {"ci_high", cell->ci_high},
        {"mad", cell->mad},
        {"min", cell->min},
        {"max", cell->max},
        {"p99", cell->p99},
    };
    put_place(object, cell);
    json_put_text(object, "unit", cell->unit);
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        json_put_number(object, figures[i].name, figure ? figures[i].value : NAN);
    }
    json_put(object, "n", json_integer((json_int_t)cell->n));
    json_put(object, "outliers", json_integer((json_int_t)cell->outliers));
    json_put(object, "converged", json_boolean(cell->state == BENCH_CONVERGED));
    json_put_text(object, "state", bench_state_name(cell->state));
    json_put_text(object, "reason", cell->reason);
    json_put_text(object, "noise", cell->noise);
    json_put_text(object, "source", cell->source);
    json_put_text(object, "detail", cell->detail);
    json_put(object, "histogram", histogram_json(cell->histogram));
    return object;
}

/* Without a figure, null stands for each. */
static json_t *comparison_json(const struct bench_claim *claim)
{
    const struct bench_comparison *comparison = &claim->comparison;
    bool figure = strcmp(claim->verdict, "not-applicable") != 0;
    json_t *object = json_object();
    json_put_text(object, "measurement", comparison->measurement);
    json_put_text(object, "variant", comparison->variant);
    json_put_text(object, "mode", comparison->mode);
    json_put_text(object, "unit", comparison->unit);
    json_put_text(object, "kind", comparison->kind);
    json_put_number(object, "ours", figure ? comparison->ours : NAN);
    json_put_number(object, "baseline", figure ? comparison->baseline : NAN);
    json_put_number(object, "value", figure ? comparison->value : NAN);
    json_put_number(object, "ci_low", figure ? comparison->ci_low : NAN);
    json_put_number(object, "ci_high", figure ? comparison->ci_high : NAN);
    json_put_text(object, "side", comparison->at_least ? "at least" : "at most");
    json_put_number(object, "bound", comparison->bound);
    return object;
}

static void put_measurements(json_t *result, const struct run *run)
{
    json_t *measurements = json_array();
    json_t *claims = json_array();
    for (size_t i = 0; i < run->measurements.measurement_count; i++) {
        append(measurements, measurement_json(&run->measurements.measurements[i]));
    }
    for (size_t i = 0; i < run->measurements.claim_count; i++) {
        const struct bench_claim *claim = &run->measurements.claims[i];
        json_t *object = json_object();
        json_put_text(object, "id", claim->id);
        json_put_text(object, "text", claim->text);
        json_put_text(object, "verdict", claim->verdict);
        json_put_text(object, "reason", claim->reason);
        if (claim->is_comparison) {
            json_put(object, "comparison", comparison_json(claim));
        }
        append(claims, object);
    }
    json_put(result, "measurements", measurements);
    json_put(result, "claims", claims);
}

/* The reasons once more, for programs: what each weighs, and what it is about. */
static json_t *findings_json(const struct verdict *verdict)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < verdict->reason_count; i++) {
        const struct reason *reason = &verdict->reasons[i];
        json_t *object = json_object();
        json_put_text(object, "weight", reason->weight == VERDICT_PASS ? "note" : verdict_name(reason->weight));
        json_put_text(object, "part", verdict_part_name(reason->part));
        json_put_text(object, "id", reason->id);
        json_put_text(object, "text", reason->text);
        append(findings, object);
    }
    return findings;
}

static json_t *verdict_json(const struct verdict *verdict)
{
    json_t *object = json_object();
    json_t *reasons = json_array();
    for (size_t i = 0; i < verdict->reason_count; i++) {
        append(reasons, json_text(verdict->reasons[i].text));
    }
    if (verdict->left_out > 0) {
        append(reasons, json_sprintf("and %zu more", verdict->left_out));
    }
    json_put_text(object, "verdict", verdict_name(verdict->kind));
    json_put(object, "reasons", reasons);
    json_put(object, "findings", findings_json(verdict));
    return object;
}

/* A value belongs to something that was measured: a mere list of what counts here has none. */
static json_t *counters_json(const struct bench_report *report)
{
    json_t *counters = json_array();
    for (size_t i = 0; i < report->counter_count; i++) {
        const struct bench_counter *counter = &report->counters[i];
        json_t *object = json_object();
        json_put_text(object, "name", counter->name);
        json_put_text(object, "source", counter->source);
        json_put_text(object, "during", counter->during);
        bool has_value = counter->counted && counter->during[0] != '\0';
        json_put_number(object, "value", has_value ? counter->value : NAN);
        json_put_text(object, "unit", counter->unit);
        json_put_text(object, "reason", counter->reason);
        append(counters, object);
    }
    return counters;
}

/* What the verdict was judged by. */
static json_t *thresholds_json(const struct thresholds *thresholds)
{
    json_t *object = json_object();
    double value = 0;
    json_put_text(object, "file", thresholds->file);
    for (size_t i = 0; thresholds_number(thresholds, i, &value) != NULL; i++) {
        json_put_number(object, thresholds_number(thresholds, i, &value), value);
    }
    return object;
}

json_t *result_json(const struct run *run)
{
    json_t *result = json_object();
    json_put(result, "schema", json_integer(1));
    json_put_text(result, "version", NP_VERSION);
    json_put(result, "environment", environment_json(run));
    json_put(result, "checks", checks_json(run));
    json_put(result, "conformance", run->has_conformance ? conformance_json(&run->conformance) : json_null());
    put_measurements(result, run);
    json_put(result, "counters", counters_json(&run->measurements));
    json_put(result, "thresholds", thresholds_json(&run->thresholds));
    json_put(result, "verdict", verdict_json(&run->verdict));
    return result;
}

json_t *samples_json(const struct bench_report *measurements)
{
    json_t *file = json_object();
    json_t *rows = json_array();
    for (size_t i = 0; i < measurements->measurement_count; i++) {
        const struct bench_measurement *cell = &measurements->measurements[i];
        json_t *row = json_object();
        json_t *samples = json_array();
        for (size_t j = 0; j < cell->n && cell->samples != NULL; j++) {
            append(samples, json_real(cell->samples[j]));
        }
        put_place(row, cell);
        json_put(row, "samples", samples);
        append(rows, row);
    }
    json_put(file, "schema", json_integer(1));
    json_put(file, "samples", rows);
    return file;
}

bool json_write(json_t *json, const char *folder, const char *name, struct problem *problem)
{
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    json_decref(json);
    if (text == NULL) {
        out_of_memory();
    }
    size_t length = strlen(text);
    text[length] = '\n';
    bool written = file_write(folder, name, text, length + 1, problem);
    free(text);
    return written;
}
