/*
 * result.json and samples.json: what a run found, for programs.
 *
 * Their form is promised by schema/result-1.schema.json, and changes only together with the number in it.
 */
#ifndef NUMAPROOF_HARNESS_RESULT_H
#define NUMAPROOF_HARNESS_RESULT_H

#include "run.h"

#include <jansson.h>

/* The whole of result.json; the caller drops the reference. */
json_t *result_json(const struct run *run);

/* The raw samples behind the measurements. */
json_t *samples_json(const struct bench_report *measurements);

/* The part "environment" alone. */
json_t *environment_json(const struct run *run);

/* Write @json as @folder/@name, whole or not at all, and drop the reference. */
bool json_write(json_t *json, const char *folder, const char *name, struct problem *problem);

/*
 * Small helpers, for the two files that build the parts. Text of unknown origin becomes valid UTF-8; what is not a number
 * becomes null; running out of memory ends the program.
 */
void json_put(json_t *object, const char *key, json_t *value);
void json_put_text(json_t *object, const char *key, const char *text);
void json_put_number(json_t *object, const char *key, double number);
json_t *json_text(const char *text);

#endif
