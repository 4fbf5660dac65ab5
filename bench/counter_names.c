/*
 * The counters that are tried, by name.
 *
 * The processor's events of local and remote memory differ with every micro-architecture; the names are those of libpfm4,
 * which PAPI speaks. All are tried on every machine: PAPI lists events of the processor's model even where nothing can be
 * counted (in most virtual machines), so that a name which can be added means little, and only starting tells.
 * Untested on hardware: the machines that this was developed on have no such counters.
 */
#include "counter_names.h"

const struct counter_name processor_counters[] = {
    /* Haswell, Broadwell */
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:LOCAL_DRAM", "loads"},
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:REMOTE_DRAM", "loads"},
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:REMOTE_HITM", "loads"},
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:REMOTE_FWD", "loads"},
    /* Skylake-SP, Cascade Lake, Ice Lake-SP */
    {"MEM_LOAD_L3_MISS_RETIRED:LOCAL_DRAM", "loads"},
    {"MEM_LOAD_L3_MISS_RETIRED:REMOTE_DRAM", "loads"},
    {"OFFCORE_RESPONSE_0:READS_TO_CORE_REMOTE_DRAM", "reads"},
    /* Sapphire Rapids */
    {"OCR:READS_TO_CORE_REMOTE_DRAM", "reads"},
    /* Zen 2 */
    {"DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_LCL_DRAM", "fills"},
    {"DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_RMT_DRAM", "fills"},
    /* Zen 3 */
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_LCL", "fills"},
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_RMT", "fills"},
    /* Zen 4 */
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_NEAR", "fills"},
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_FAR", "fills"},
    /* Neoverse N2, V2 */
    {"REMOTE_ACCESS", "accesses"},
    /* What the kernel maps to any of them */
    {"perf::NODE-LOADS", "loads"},
    {"perf::NODE-LOAD-MISSES", "loads"},
};
const size_t processor_counter_count = sizeof processor_counters / sizeof processor_counters[0];

const struct counter_name process_counters[] = {
    {"perf::PAGE-FAULTS", "faults"},
    {"perf::CPU-MIGRATIONS", "migrations"},
    {"perf::CONTEXT-SWITCHES", "switches"},
};
const size_t process_counter_count = sizeof process_counters / sizeof process_counters[0];
