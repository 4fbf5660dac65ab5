/*
 * Errors, levels, and the text that they are made of.
 */
#include "../src/error_internal.h"
#include "../src/text.h"
#include "unit.h"
#include <string.h>

static void names(void)
{
    EXPECT_TEXT(np_status_name(NP_OK), "ok");
    EXPECT_TEXT(np_status_name(NP_INVALID_ARGUMENT), "invalid argument");
    EXPECT_TEXT(np_status_name(NP_HARD_MODE_UNAVAILABLE), "hard mode unavailable");
    EXPECT_TEXT(np_status_name(NP_ALLOCATION), "allocation failed");
    EXPECT_TEXT(np_status_name(NP_SYSTEM), "system call failed");
    EXPECT_TEXT(np_status_name(NP_NOT_AVAILABLE), "not available");
    EXPECT_TEXT(np_status_name(NP_SHUT_DOWN), "shut down");
    EXPECT_TEXT(np_status_name(NP_TIMED_OUT), "timed out");
    EXPECT_TEXT(np_status_name((np_status)99), "unknown status");
    EXPECT_TEXT(np_level_name(NP_LEVEL_NONE), "none");
    EXPECT_TEXT(np_level_name(NP_LEVEL_BEST_EFFORT), "best-effort");
    EXPECT_TEXT(np_level_name(NP_LEVEL_STRICT), "strict");
    EXPECT_TEXT(np_level_name((np_level)99), "unknown level");
}

/* A record is filled whole, on one line, and never past its end; NULL is allowed. */
static void records(void)
{
    np_error error;
    memset(&error, 0x55, sizeof error);
    EXPECT_NUMBER(fail(&error, NP_SYSTEM, 5, "pin", "line\n%s\x1b", "two"), NP_SYSTEM);
    EXPECT_NUMBER(error.code, NP_SYSTEM);
    EXPECT_NUMBER(error.system_errno, 5);
    EXPECT_TEXT(error.operation, "pin");
    EXPECT_TEXT(error.reason, "line?two?");
    EXPECT_NUMBER(error.reason[sizeof error.reason - 1], 0);
    EXPECT_NUMBER(fail(NULL, NP_SYSTEM, 5, "pin", "unseen"), NP_SYSTEM);

    char long_text[1000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    fail(&error, NP_SYSTEM, 0, long_text, "%s", long_text);
    EXPECT_NUMBER(strlen(error.operation), sizeof error.operation - 1);
    EXPECT_NUMBER(strlen(error.reason), sizeof error.reason - 1);

    np_enforcement enforcement;
    memset(&enforcement, 0x55, sizeof enforcement);
    enforce_strict(&enforcement);
    EXPECT_NUMBER(enforcement.level, NP_LEVEL_STRICT);
    EXPECT_TEXT(enforcement.reason, "");
    enforce(&enforcement, NP_LEVEL_NONE, "%s", long_text);
    EXPECT_NUMBER(strlen(enforcement.reason), sizeof enforcement.reason - 1);
}

/* A long set is cut after a whole item, so that no id is shown that is not in it. */
static void sets_in_words(void)
{
    np_cpuset cpus = {0};
    EXPECT_TEXT(cpus_in_words(&cpus).text, "");
    np_cpuset_parse("0-3,8191", &cpus, NULL);
    EXPECT_TEXT(cpus_in_words(&cpus).text, "0-3,8191");
    for (unsigned step = 2; step < 9; step++) {
        np_cpuset_clear(&cpus);
        for (unsigned id = 1000; id < NP_CPU_MAX; id += step)
            np_cpuset_add(&cpus, id, NULL);
        struct set_text words = cpus_in_words(&cpus);
        char *dots = strstr(words.text, ",...");
        EXPECT(dots != NULL && dots[4] == '\0');
        if (dots == NULL)
            return;
        *dots = '\0';
        np_cpuset shown;
        EXPECT_NUMBER(np_cpuset_parse(words.text, &shown, NULL), NP_OK);
        EXPECT(np_cpuset_subset(&shown, &cpus) && np_cpuset_count(&shown) > 10);
    }
    np_nodeset nodes;
    np_nodeset_parse("0,1023", &nodes, NULL);
    EXPECT_TEXT(nodes_in_words(&nodes).text, "0,1023");
}

/* Text is cut at every possible size, and its length is told as if it were not. */
static void cut_text(void)
{
    static const char whole[] = "one two 3";
    for (size_t size = 0; size <= sizeof whole + 1; size++) {
        char buffer[sizeof whole + 2];
        memset(buffer, '#', sizeof buffer);
        struct text text = text_into(buffer, size);
        text_add(&text, "%s ", "one");
        text_add(&text, "two");
        text_add(&text, " %d", 3);
        const size_t kept = size == 0 ? 0 : (size - 1 < strlen(whole) ? size - 1 : strlen(whole));
        EXPECT_NUMBER(text.length, strlen(whole));
        EXPECT(memcmp(buffer, whole, kept) == 0 && (size == 0 || buffer[kept] == '\0'));
        EXPECT_NUMBER(buffer[size], '#');
    }
    struct text nowhere = text_into(NULL, 100);
    text_add(&nowhere, "%s", whole);
    EXPECT_NUMBER(nowhere.length, strlen(whole));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"names", names},
        {"records", records},
        {"sets in words", sets_in_words},
        {"cut text", cut_text},
    };
    return unit_main("errors", tests, sizeof tests / sizeof tests[0]);
}
