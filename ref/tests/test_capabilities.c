/*
 * Capabilities, and what hard mode asks for: CAP-1 to CAP-7, LAW-5.
 *
 * Capabilities are really dropped, one by one, in children. The balancing setting belongs to the machine and is only
 * read here; what its values mean is tested where a machine can be changed.
 */
#include "../src/hard_mode.h"
#include "../src/linux.h"
#include "unit.h"
#include <numaproof/capabilities.h>
#include <pthread.h>
#include <string.h>
#include <sys/capability.h>

static np_capabilities detect(void)
{
    np_capabilities capabilities;
    memset(&capabilities, 0x55, sizeof capabilities);
    np_capabilities_detect(&capabilities);
    return capabilities;
}

/* CAP-1, CAP-3: what detection says is what libcap says of this thread. */
static void detection(void)
{
    const np_capabilities found = detect();
    EXPECT_NUMBER(found.strict_memory_binding, unit_has_capability(CAP_SYS_ADMIN));
    EXPECT_NUMBER(found.strict_cpu_affinity, unit_has_capability(CAP_SYS_NICE));
    EXPECT_NUMBER(found.memory_locking, unit_has_capability(CAP_IPC_LOCK));
    EXPECT(found.node_count >= 1);
    EXPECT_NUMBER(found.numa_balancing_disabled, !linux_numa_balancing().enabled);
    np_capabilities_detect(NULL);
}

static void drop_one_by_one(void)
{
    unit_drop_capability(CAP_SYS_NICE);
    np_capabilities found = detect();
    EXPECT(!found.strict_cpu_affinity);
    EXPECT_NUMBER(found.strict_memory_binding, unit_has_capability(CAP_SYS_ADMIN));
    unit_drop_capability(CAP_SYS_ADMIN);
    found = detect();
    EXPECT(!found.strict_memory_binding);
    EXPECT_NUMBER(found.memory_locking, unit_has_capability(CAP_IPC_LOCK));
    unit_drop_capability(CAP_IPC_LOCK);
    EXPECT(!detect().memory_locking);
}

static void dropping_shows_at_once(void)
{
    unit_in_child(drop_one_by_one);
}

static void *drop_and_detect(void *result)
{
    unit_drop_capability(CAP_SYS_NICE);
    *(np_capabilities *)result = detect();
    return NULL;
}

/* CAP-1: the set is the calling thread's, not the process's. */
static void drop_in_another_thread(void)
{
    const bool had = unit_has_capability(CAP_SYS_NICE);
    np_capabilities elsewhere = {.strict_cpu_affinity = true};
    pthread_t thread;
    EXPECT_NUMBER(pthread_create(&thread, NULL, drop_and_detect, &elsewhere), 0);
    pthread_join(thread, NULL);
    EXPECT(!elsewhere.strict_cpu_affinity);
    EXPECT_NUMBER(detect().strict_cpu_affinity, had);
}

static void each_thread_its_own(void)
{
    unit_in_child(drop_in_another_thread);
}

/* CAP-4, CAP-5: all eight combinations; only what is missing, always in the same order. */
static void missing(void)
{
    static const char *const names[] = {"CAP_SYS_ADMIN", "CAP_SYS_NICE", "kernel.numa_balancing=0"};
    for (unsigned have = 0; have < 8; have++) {
        const np_capabilities capabilities = {.strict_memory_binding = have & 1,
            .strict_cpu_affinity = (have & 2) != 0,
            .numa_balancing_disabled = have & 4};
        np_missing found[NP_MISSING_MAX];
        const size_t count = np_capabilities_missing(&capabilities, found);
        size_t next = 0;
        for (unsigned i = 0; i < 3; i++) {
            if (have >> i & 1)
                continue;
            EXPECT_TEXT(found[next].name, names[i]);
            EXPECT(strlen(found[next].purpose) > 0 && strlen(found[next].remedy) > 0);
            next++;
        }
        EXPECT_NUMBER(count, next);
        EXPECT_NUMBER(np_capabilities_supports_hard_mode(&capabilities), have == 7);
        EXPECT_NUMBER(np_capabilities_missing(&capabilities, NULL), count);
    }
    EXPECT_NUMBER(np_capabilities_missing(NULL, NULL), 3);
    EXPECT(!np_capabilities_supports_hard_mode(NULL));
}

/* CAP-7: every field, the verdict, and how to get what is missing. */
static void summary(void)
{
    char text[4096];
    np_capabilities capabilities = {.node_count = 4, .strict_cpu_affinity = true};
    const size_t whole = np_capabilities_summary(&capabilities, text, sizeof text);
    EXPECT_NUMBER(strlen(text), whole);
    EXPECT_PART(text, "NUMA nodes:              4\n");
    EXPECT_PART(text, "Strict memory binding:   no");
    EXPECT_PART(text, "Strict CPU affinity:     yes");
    EXPECT_PART(text, "Memory locking:          no");
    EXPECT_PART(text, "NUMA balancing disabled: no");
    EXPECT_PART(text, "not supported, missing:\n  CAP_SYS_ADMIN");
    EXPECT_PART(text, "sysctl -w kernel.numa_balancing=0");
    EXPECT(strstr(text, "  CAP_SYS_NICE, for") == NULL);
    char cut[20];
    EXPECT_NUMBER(np_capabilities_summary(&capabilities, cut, sizeof cut), whole);
    EXPECT_NUMBER(strlen(cut), sizeof cut - 1);
    EXPECT_NUMBER(np_capabilities_summary(&capabilities, NULL, 0), whole);

    capabilities = (np_capabilities){2, true, true, true, true};
    np_capabilities_summary(&capabilities, text, sizeof text);
    EXPECT_PART(text, "Hard mode:               supported\n");
    EXPECT(np_capabilities_summary(NULL, text, sizeof text) > 0);
}

/* The table of the contract: each operation asks for its own needs and for no other. */
static void refuse_what_is_missing(void)
{
    np_error error = {0};
    unit_drop_capability(CAP_SYS_ADMIN);
    EXPECT_NUMBER(hard_mode_require(HARD_PIN_NEEDS, "pin", NULL), NP_OK);
    EXPECT_ERROR(
        hard_mode_require(HARD_REGION_NEEDS, "region", &error), NP_HARD_MODE_UNAVAILABLE, error, "permission denied");
    EXPECT_TEXT(error.operation, "region");
    EXPECT_PART(error.reason, "CAP_SYS_ADMIN not in");
    EXPECT(strstr(error.reason, "NICE") == NULL && strstr(error.reason, "balancing") == NULL);
    unit_drop_capability(CAP_SYS_NICE);
    EXPECT_ERROR(
        hard_mode_require(HARD_PIN_NEEDS, "pin", &error), NP_HARD_MODE_UNAVAILABLE, error, "CAP_SYS_NICE not in");
    EXPECT(strstr(error.reason, "ADMIN") == NULL);
    EXPECT_ERROR(hard_mode_require(HARD_EXECUTOR_NEEDS, "executor", &error), NP_HARD_MODE_UNAVAILABLE, error,
        "CAP_SYS_ADMIN and CAP_SYS_NICE not in");
    EXPECT_PART(error.reason, "setcap cap_sys_admin,cap_sys_nice+ep");
}

static void refusals(void)
{
    if (!unit_has_capability(CAP_SYS_ADMIN) || !unit_has_capability(CAP_SYS_NICE)) {
        np_error error = {0};
        EXPECT_NUMBER(hard_mode_require(HARD_EXECUTOR_NEEDS, "executor", &error), NP_HARD_MODE_UNAVAILABLE);
        return;
    }
    unit_in_child(refuse_what_is_missing);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"detection", detection},
        {"dropping shows at once", dropping_shows_at_once},
        {"each thread its own", each_thread_its_own},
        {"missing", missing},
        {"summary", summary},
        {"refusals", refusals},
    };
    return unit_main("capabilities", tests, sizeof tests / sizeof tests[0]);
}
