/*
 * Each processor event of the list is one that libpfm4 knows for each processor that it is said to belong to: a name that is
 * misspelt would show as "not an event of this processor" on every machine, and nobody would notice.
 *
 * libpfm4 encodes events of processors that are not there when LIBPFM_ENCODE_INACTIVE is set. Units of ARM processors are in
 * it only where it was built for ARM; elsewhere their names cannot be checked, which is said and counted.
 */
#include "counter_names.h"
#include "counters_control.h"
#include "run_suites.h"

#include <math.h>
#include <perfmon/pfmlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_known_unit(const char *name)
{
    int unit;

    pfm_for_all_pmus(unit)
    {
        pfm_pmu_info_t info = {.size = sizeof info};
        if (pfm_get_pmu_info((pfm_pmu_t)unit, &info) == PFM_SUCCESS && strcmp(info.name, name) == 0)
            return true;
    }
    return false;
}

static bool is_known_event(const char *event)
{
    pfm_pmu_encode_arg_t encoding = {.size = sizeof encoding};

    pfm_err_t result = pfm_get_os_event_encoding(event, PFM_PLM3, PFM_OS_NONE, &encoding);
    free(encoding.codes);
    if (result != PFM_SUCCESS)
        printf("%s: %s\n", event, pfm_strerror(result));
    return result == PFM_SUCCESS;
}

/* A name that has its unit in front stands for itself. */
static void check_name(const struct counter_name *counter, size_t *checked, size_t *unknown)
{
    char units[256], event[384], *rest = units;

    snprintf(units, sizeof units, "%s", counter->units);
    for (char *unit = strtok_r(units, " ", &rest); unit != NULL; unit = strtok_r(NULL, " ", &rest)) {
        if (!is_known_unit(unit)) {
            CU_ASSERT_TRUE(strncmp(unit, "arm_", 4) == 0);
            ++*unknown;
            continue;
        }
        bool has_unit = strstr(counter->name, "::") != NULL;
        snprintf(event, sizeof event, "%s%s%s", has_unit ? "" : unit, has_unit ? "" : "::", counter->name);
        CU_ASSERT_TRUE(is_known_event(event));
        ++*checked;
    }
}

static void every_name_is_one_that_libpfm4_knows(void)
{
    size_t checked = 0, unknown = 0;

    for (size_t i = 0; i < processor_counter_count; i++)
        check_name(&processor_counters[i], &checked, &unknown);
    for (size_t i = 0; i < process_counter_count; i++)
        check_name(&process_counters[i], &checked, &unknown);
    for (size_t i = 0; i < socket_counter_count; i++)
        check_name(&socket_counters[i], &checked, &unknown);
    printf("%zu names checked, %zu of processors that this libpfm4 was not built for\n", checked, unknown);
    CU_ASSERT_TRUE(checked >= processor_counter_count);
}

static void a_misspelt_name_is_not_known(void)
{
    CU_ASSERT_FALSE(is_known_event("skx::MEM_LOAD_L3_MISS_RETIRED:REMOTE_DRUM"));
    CU_ASSERT_FALSE(is_known_event("skx::NO_SUCH_EVENT"));
}

/* Of each processor both a local and a remote event, or none: a share needs both. */
static void shares_have_both_ends(void)
{
    for (size_t i = 0; i < processor_counter_count; i++) {
        bool found = processor_counters[i].place == COUNTER_ANYWHERE;
        for (size_t j = 0; !found && j < processor_counter_count; j++)
            found = processor_counters[j].place != COUNTER_ANYWHERE &&
                    processor_counters[j].place != processor_counters[i].place &&
                    strcmp(processor_counters[j].units, processor_counters[i].units) == 0;
        CU_ASSERT_TRUE(found);
    }
}

/* A remote event that stays 0 while remote memory is read is not believed, nor one that counts whatever is read. */
static void a_zero_is_not_believed_without_a_control(void)
{
    char why[256];

    CU_ASSERT_TRUE(control_believes(COUNTER_REMOTE, 1000, 3, 990, why, sizeof why));
    CU_ASSERT_STRING_EQUAL(why, "");
    CU_ASSERT_FALSE(control_believes(COUNTER_REMOTE, 1000, 0, 0, why, sizeof why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "of 1000 deliberate remote loads it saw 0"));
    CU_ASSERT_FALSE(control_believes(COUNTER_REMOTE, 1000, 0, NAN, why, sizeof why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "no deliberate remote traffic"));
    CU_ASSERT_FALSE(control_believes(COUNTER_REMOTE, 1000, 1000, 1000, why, sizeof why));
    CU_ASSERT_FALSE(control_believes(COUNTER_LOCAL, 1000, 499, 0, why, sizeof why));
    CU_ASSERT_TRUE(control_believes(COUNTER_LOCAL, 1000, 900, NAN, why, sizeof why));
    CU_ASSERT_TRUE(control_believes(COUNTER_ANYWHERE, 1000, 0, 0, why, sizeof why));
}

int main(void)
{
    CU_TestInfo names[] = {{"every name is one that libpfm4 knows", every_name_is_one_that_libpfm4_knows},
        {"a misspelt name is not known", a_misspelt_name_is_not_known},
        {"shares have both ends", shares_have_both_ends},
        {"a zero is not believed without a control", a_zero_is_not_believed_without_a_control}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"counter names", NULL, NULL, NULL, NULL, names}, CU_SUITE_INFO_NULL};

    setenv("LIBPFM_ENCODE_INACTIVE", "1", 1);
    return pfm_initialize() == PFM_SUCCESS ? run_suites(suites) : 1;
}
