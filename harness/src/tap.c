/* Cases as TAP: see tap.h. */
#include "tap.h"

#include "problem.h"
#include "result.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void tap_begin(FILE *out, unsigned version, size_t total)
{
    fprintf(out, "TAP version %u\n1..%zu\n", version, total);
}

/* Text on a test's own line, where # and \ mean something and a line ends. */
static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '#' || *text == '\\') {
            putc('\\', out);
        }
        putc(*text == '\n' ? ' ' : *text, out);
    }
}

/* A JSON string is a YAML string in double quotes. */
static void put_field(FILE *out, const char *name, const char *text)
{
    json_t *value = json_text(text);
    char *quoted = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
    if (quoted == NULL) {
        out_of_memory();
    }
    fprintf(out, "  %s: %s\n", name, quoted);
    free(quoted);
    json_decref(value);
}

static void put_diagnosis(FILE *out, const struct suite_result *result)
{
    fputs("  ---\n", out);
    put_field(out, "message", result->reason);
    put_field(out, "severity", result->status == SUITE_RAN ? suite_verdict_name(result->verdict) : "error");
    put_field(out, "meaning", result->meaning);
    fprintf(out, "  seconds: %.3f\n  ...\n", result->seconds);
}

void tap_case(FILE *out, size_t number, const struct suite_result *result)
{
    bool skipped = result->status == SUITE_SKIPPED;
    bool good = skipped || (result->status == SUITE_RAN && result->verdict == SUITE_PASS);
    fprintf(out, "%s %zu - ", good ? "ok" : "not ok", number);
    put_text(out, result->id);
    for (const char *const *clause = result->clauses; *clause != NULL; clause++) {
        fprintf(out, " %s", *clause);
    }
    if (skipped) {
        fputs(" # SKIP ", out);
        put_text(out, result->reason);
    }
    putc('\n', out);
    if (!good) {
        put_diagnosis(out, result);
    }
    fflush(out);
}

void tap_give_up(FILE *out, const char *reason)
{
    fputs("Bail out! ", out);
    put_text(out, reason);
    putc('\n', out);
    fflush(out);
}
