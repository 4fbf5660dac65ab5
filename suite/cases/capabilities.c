/*
 * Detection: what the calling thread may do, from its effective set and the kernel's setting, and what hard mode lacks.
 */
#include "case.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* What detection says, over a pattern that shows a field which was not written. */
static np_capabilities detect(void)
{
    np_capabilities found;

    memset(&found, 0xff, sizeof found.node_count);
    api->capabilities_detect(&found);
    return found;
}

static void expect_agrees(const np_capabilities *found)
{
    uint64_t effective = oracle_effective_capabilities();

    EXPECT_INT(found->strict_memory_binding, ==, (effective & CAPABILITY(CAP_SYS_ADMIN)) != 0);
    EXPECT_INT(found->strict_cpu_affinity, ==, (effective & CAPABILITY(CAP_SYS_NICE)) != 0);
    EXPECT_INT(found->memory_locking, ==, (effective & CAPABILITY(CAP_IPC_LOCK)) != 0);
}

CASE(capabilities_agree, "the three capabilities are those of the calling thread's effective set", CLAUSES("CAP-1"),
    NEEDS_NOTHING)
{
    np_capabilities found = detect();

    expect_agrees(&found);
}

/* Lower one, look, raise it, look, drop it, look: the other two must not move. */
static void check_one(int capability)
{
    EXPECT_WITH("capability %d", capability);
    np_capabilities found = detect();
    expect_agrees(&found);
    fault_lower_capability(capability);
    found = detect();
    expect_agrees(&found);
    fault_raise_capability(capability);
    found = detect();
    expect_agrees(&found);
    fault_drop_capability(capability);
    found = detect();
    expect_agrees(&found);
}

CASE(capabilities_follow_admin, "dropping and regaining CAP_SYS_ADMIN shows at once", CLAUSES("CAP-1"),
    NEEDS(.capabilities = CAPABILITY(CAP_SYS_ADMIN)))
{
    check_one(CAP_SYS_ADMIN);
}

CASE(capabilities_follow_nice, "dropping and regaining CAP_SYS_NICE shows at once", CLAUSES("CAP-1"),
    NEEDS(.capabilities = CAPABILITY(CAP_SYS_NICE)))
{
    check_one(CAP_SYS_NICE);
}

CASE(capabilities_follow_lock, "dropping and regaining CAP_IPC_LOCK shows at once", CLAUSES("CAP-1"),
    NEEDS(.capabilities = CAPABILITY(CAP_IPC_LOCK)))
{
    check_one(CAP_IPC_LOCK);
}

CASE(capabilities_of_a_user, "an ordinary user has none of the three, and hard mode is not supported",
    CLAUSES("CAP-1", "CAP-4"), NEEDS(.faults = FAULT_USER))
{
    fault_become_user();
    np_capabilities found = detect();
    expect_agrees(&found);
    EXPECT(!api->capabilities_supports_hard_mode(&found));
}

static void *lose_nice(void *closure)
{
    np_capabilities *found = closure;

    fault_lower_capability(CAP_SYS_NICE);
    *found = detect();
    return NULL;
}

CASE(capabilities_by_thread, "each thread is told of its own effective set", CLAUSES("CAP-1", "CAP-6"),
    NEEDS(.capabilities = CAPABILITY(CAP_SYS_NICE)))
{
    np_capabilities other;
    pthread_t thread;

    EXPECT_INT(pthread_create(&thread, NULL, lose_nice, &other), ==, 0);
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
    EXPECT(!other.strict_cpu_affinity);
    EXPECT(detect().strict_cpu_affinity);
}

CASE(balancing_as_it_is, "balancing counts as off if and only if the setting reads 0 or is not there", CLAUSES("CAP-2"),
    NEEDS_NOTHING)
{
    EXPECT_INT(detect().numa_balancing_disabled, ==, oracle_balancing() == 0);
}

CASE(balancing_switched, "balancing switched on, for tiers, and off again shows at once", CLAUSES("CAP-2"),
    NEEDS(.faults = FAULT_BALANCING))
{
    fault_balancing(1);
    EXPECT(!detect().numa_balancing_disabled);
    fault_balancing(2);
    EXPECT(!detect().numa_balancing_disabled);
    fault_balancing(0);
    EXPECT(detect().numa_balancing_disabled);
}

CASE(balancing_unreadable, "a setting that may not be read counts as enabled", CLAUSES("CAP-2", "CAP-6"),
    NEEDS(.faults = FAULT_SECCOMP))
{
    fault_forbid(EACCES, SYS_openat, SYS_openat2);
    EXPECT(!detect().numa_balancing_disabled);
}

CASE(balancing_absent, "a kernel without the setting counts as disabled", CLAUSES("CAP-2"),
    NEEDS(.faults = FAULT_SECCOMP))
{
    fault_forbid(ENOENT, SYS_openat, SYS_openat2);
    EXPECT(detect().numa_balancing_disabled);
}

CASE(node_count_as_online, "the node count is the number of online nodes", CLAUSES("CAP-3"), NEEDS_NOTHING)
{
    struct ids nodes = oracle_online_nodes();

    EXPECT_INT(detect().node_count, ==, ids_count(&nodes));
}

CASE(node_count_at_least_one, "where nothing can be read there is still one node", CLAUSES("CAP-3", "CAP-6"),
    NEEDS(.faults = FAULT_SECCOMP))
{
    fault_forbid(EACCES, SYS_openat, SYS_openat2);
    EXPECT_INT(detect().node_count, ==, 1);
}

/* All sixteen combinations of the four facts. */
static np_capabilities combination(unsigned bits)
{
    return (np_capabilities){.node_count = 2,
        .strict_memory_binding = (bits & 1) != 0,
        .strict_cpu_affinity = (bits & 2) != 0,
        .numa_balancing_disabled = (bits & 4) != 0,
        .memory_locking = (bits & 8) != 0};
}

CASE(hard_mode_needs_all_three, "hard mode is supported if and only if both capabilities and the setting hold",
    CLAUSES("CAP-4"), NEEDS_NOTHING)
{
    for (unsigned bits = 0; bits < 16; bits++) {
        np_capabilities capabilities = combination(bits);
        EXPECT_WITH("combination %u", bits);
        EXPECT_INT(api->capabilities_supports_hard_mode(&capabilities), ==, (bits & 7) == 7);
    }
    EXPECT(!api->capabilities_supports_hard_mode(NULL));
}

static void expect_missing(const np_missing *missing, size_t count, unsigned bits)
{
    static const char *const names[] = {"CAP_SYS_ADMIN", "CAP_SYS_NICE", "kernel.numa_balancing=0"};
    size_t next = 0;

    for (unsigned i = 0; i < 3; i++) {
        if ((bits & 1u << i) != 0)
            continue;
        EXPECT_INT(next, <, count);
        EXPECT_STRING(missing[next].name, names[i]);
        EXPECT(missing[next].purpose != NULL && missing[next].purpose[0] != '\0');
        EXPECT(missing[next].remedy != NULL && missing[next].remedy[0] != '\0');
        next++;
    }
    EXPECT_INT(count, ==, next);
}

CASE(missing_is_exact, "exactly what is missing is listed, in the order admin, nice, balancing, each with its purpose",
    CLAUSES("CAP-5"), NEEDS_NOTHING)
{
    static const np_missing pattern = {"untouched", "untouched", "untouched"};

    for (unsigned bits = 0; bits < 16; bits++) {
        np_capabilities capabilities = combination(bits);
        np_missing missing[NP_MISSING_MAX] = {pattern, pattern, pattern};
        EXPECT_WITH("combination %u", bits);
        size_t count = api->capabilities_missing(&capabilities, missing);
        expect_missing(missing, count, bits);
        for (size_t i = count; i < NP_MISSING_MAX; i++)
            EXPECT_STRING(missing[i].name, "untouched");
        EXPECT_INT(api->capabilities_missing(&capabilities, NULL), ==, count);
    }
    np_missing missing[NP_MISSING_MAX];
    expect_missing(missing, api->capabilities_missing(NULL, missing), 0);
}

CASE(missing_of_this_thread, "what is listed for this thread is empty if and only if hard mode is supported",
    CLAUSES("CAP-5", "CAP-4"), NEEDS_NOTHING)
{
    np_capabilities found = detect();

    EXPECT_INT(api->capabilities_missing(&found, NULL) == 0, ==, api->capabilities_supports_hard_mode(&found));
}

CASE(detection_survives, "detection without descriptors, without leave to ask, and into nothing, changes nothing",
    CLAUSES("CAP-6", "LAW-8"), NEEDS(.faults = FAULT_SECCOMP))
{
    detect();
    EXPECT_STATE_TAKEN();
    detect();
    api->capabilities_detect(NULL);
    EXPECT_STATE_KEPT();
    fault_forbid(EPERM, SYS_capget, SYS_prctl);
    np_capabilities found = detect();
    EXPECT(!found.strict_memory_binding && !found.strict_cpu_affinity && !found.memory_locking);
    fault_limit(RLIMIT_NOFILE, 0);
    found = detect();
    EXPECT_INT(found.node_count, >=, 1);
}

static void *detect_often(void *closure)
{
    np_capabilities expected = *(const np_capabilities *)closure;

    for (int i = 0; i < 50; i++) {
        np_capabilities found = detect();
        EXPECT(memcmp(&found, &expected, sizeof found) == 0);
    }
    return NULL;
}

CASE(detection_in_threads, "many threads detect at once, and are told the same", CLAUSES("CAP-6"), NEEDS_NOTHING)
{
    pthread_t threads[8];
    np_capabilities expected = detect();

    for (int i = 0; i < 8; i++)
        EXPECT_INT(pthread_create(&threads[i], NULL, detect_often, &expected), ==, 0);
    for (int i = 0; i < 8; i++)
        EXPECT_INT(pthread_join(threads[i], NULL), ==, 0);
}

CASE(summary_tells_all, "the summary has every field, the verdict, and what is missing with its remedy",
    CLAUSES("CAP-7"), NEEDS_NOTHING)
{
    char with[4096], without[4096];
    np_missing missing[NP_MISSING_MAX];
    np_capabilities all = combination(15), none = combination(0);

    all.node_count = none.node_count = 417;
    size_t length_with = api->capabilities_summary(&all, with, sizeof with);
    size_t length_without = api->capabilities_summary(&none, without, sizeof without);
    EXPECT_INT(strlen(with), ==, length_with);
    EXPECT_INT(strlen(without), ==, length_without);
    EXPECT_INT(api->capabilities_missing(&none, missing), ==, NP_MISSING_MAX);
    EXPECT_NAMES_NUMBER(with, 417);
    static const char *const fields[] = {
        "CAP_SYS_ADMIN", "CAP_SYS_NICE", "CAP_IPC_LOCK", "balancing", "hard mode", "supported"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        EXPECT_CONTAINS(with, fields[i]);
        EXPECT_CONTAINS(without, fields[i]);
    }
    for (size_t i = 0; i < NP_MISSING_MAX; i++) {
        EXPECT_CONTAINS(without, missing[i].remedy);
        EXPECT(strstr(with, missing[i].remedy) == NULL);
    }
}

CASE(summary_shows_each_field, "each single fact changes the summary", CLAUSES("CAP-7"), NEEDS_NOTHING)
{
    char base[4096], other[4096];
    np_capabilities all = combination(15);

    api->capabilities_summary(&all, base, sizeof base);
    for (unsigned bit = 1; bit < 16; bit <<= 1) {
        np_capabilities one = combination(15 & ~bit);
        EXPECT_WITH("without fact %u", bit);
        api->capabilities_summary(&one, other, sizeof other);
        EXPECT(strcmp(base, other) != 0);
    }
}

CASE(summary_like_snprintf, "a summary that does not fit is cut, ended, and its full length is returned",
    CLAUSES("CAP-7"), NEEDS_NOTHING)
{
    char text[4096], small[17];
    np_capabilities none = combination(0);

    size_t length = api->capabilities_summary(&none, text, sizeof text);
    memset(small, '#', sizeof small);
    EXPECT_INT(api->capabilities_summary(&none, NULL, 0), ==, length);
    EXPECT_INT(api->capabilities_summary(&none, small, 16), ==, length);
    EXPECT_INT(small[16], ==, '#');
    EXPECT_INT(strlen(small), ==, 15);
    EXPECT(strncmp(small, text, 15) == 0);
}

CASE_LIST(capability_cases, &capabilities_agree, &capabilities_follow_admin, &capabilities_follow_nice,
    &capabilities_follow_lock, &capabilities_of_a_user, &capabilities_by_thread, &balancing_as_it_is,
    &balancing_switched, &balancing_unreadable, &balancing_absent, &node_count_as_online, &node_count_at_least_one,
    &hard_mode_needs_all_three, &missing_is_exact, &missing_of_this_thread, &detection_survives, &detection_in_threads,
    &summary_tells_all, &summary_shows_each_field, &summary_like_snprintf);
