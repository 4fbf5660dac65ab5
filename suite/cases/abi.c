/*
 * The form of an implementation: all functions there, the version and the names that the headers promise.
 */
#include "case.h"

CASE(abi_exports_everything, "every function of the public headers is exported", CLAUSES("ABI-1"), NEEDS_NOTHING)
{
    char names[160];
    size_t missing = implementation_missing(names, sizeof names);

    EXPECT_WITH("not exported: %s%s", names, strlen(names) + 1 == sizeof names ? "..." : "");
    EXPECT_INT(missing, ==, 0);
}

CASE(abi_version, "the version is that of the headers, as a number and as text", CLAUSES("ABI-2"), NEEDS_NOTHING)
{
    char text[32];
    unsigned version = api->version();

    EXPECT_INT(version >> 16, ==, NP_VERSION_MAJOR);
    EXPECT_INT(version, >=, NP_VERSION_NUMBER);
    snprintf(text, sizeof text, "%u.%u.%u", version >> 16, version >> 8 & 0xff, version & 0xff);
    EXPECT_STRING(api->version_string(), text);
}

CASE(abi_status_names, "every status has a name of its own, and a number that is none is called unknown",
    CLAUSES("ABI-2"), NEEDS_NOTHING)
{
    for (int status = NP_OK; status <= NP_TIMED_OUT; status++) {
        const char *name = api->status_name((np_status)status);
        EXPECT(name != NULL && name[0] != '\0' && strcmp(name, "unknown status") != 0);
        for (int other = NP_OK; other < status; other++)
            EXPECT(strcmp(api->status_name((np_status)other), name) != 0);
    }
    EXPECT_STRING(api->status_name((np_status)(NP_TIMED_OUT + 1)), "unknown status");
    EXPECT_STRING(api->status_name((np_status)-1), "unknown status");
}

CASE(abi_level_names, "the three levels are called none, best-effort and strict, and nothing else is a level",
    CLAUSES("LAW-4", "ABI-2"), NEEDS_NOTHING)
{
    EXPECT_STRING(api->level_name(NP_LEVEL_NONE), "none");
    EXPECT_STRING(api->level_name(NP_LEVEL_BEST_EFFORT), "best-effort");
    EXPECT_STRING(api->level_name(NP_LEVEL_STRICT), "strict");
    EXPECT_STRING(api->level_name((np_level)3), "unknown level");
    EXPECT_STRING(api->level_name((np_level)-1), "unknown level");
}

CASE_LIST(abi_cases, &abi_exports_everything, &abi_version, &abi_status_names, &abi_level_names);
