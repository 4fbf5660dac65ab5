/*
 * The counters that are tried, by name.
 *
 * The processor's events of local and remote memory differ with every micro-architecture; the names are those of libpfm4,
 * which PAPI speaks. All are tried on every machine: PAPI lists events of the processor's model even where nothing can be
 * counted (in most virtual machines), so that a name which can be added means little, and only starting tells.
 *
 * A test asks libpfm4 for each name (libpfm4 4.13); those of ARM only where it was built for ARM. Untested on hardware: the
 * machines that this was developed on have no such counters.
 */
#include "counter_names.h"

#define INTEL_FROM_SKYLAKE "skx clx icx spr"

const struct counter_name processor_counters[] = {
    /* Haswell, Broadwell */
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:LOCAL_DRAM", "loads", COUNTER_LOCAL, "hsw_ep bdw_ep"},
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:REMOTE_DRAM", "loads", COUNTER_REMOTE, "hsw_ep bdw_ep"},
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:REMOTE_HITM", "loads", COUNTER_ANYWHERE, "hsw_ep bdw_ep"},
    {"MEM_LOAD_UOPS_L3_MISS_RETIRED:REMOTE_FWD", "loads", COUNTER_ANYWHERE, "hsw_ep bdw_ep"},
    /* Skylake-SP, Cascade Lake, Ice Lake-SP, Sapphire Rapids */
    {"MEM_LOAD_L3_MISS_RETIRED:LOCAL_DRAM", "loads", COUNTER_LOCAL, INTEL_FROM_SKYLAKE},
    {"MEM_LOAD_L3_MISS_RETIRED:REMOTE_DRAM", "loads", COUNTER_REMOTE, INTEL_FROM_SKYLAKE},
    {"MEM_LOAD_L3_MISS_RETIRED:REMOTE_HITM", "loads", COUNTER_ANYWHERE, INTEL_FROM_SKYLAKE},
    {"MEM_LOAD_L3_MISS_RETIRED:REMOTE_FWD", "loads", COUNTER_ANYWHERE, INTEL_FROM_SKYLAKE},
    /* Ice Lake-SP, Sapphire Rapids: with what prefetchers read */
    {"OFFCORE_RESPONSE_0:READS_TO_CORE_LOCAL_DRAM", "reads", COUNTER_ANYWHERE, "icx"},
    {"OFFCORE_RESPONSE_0:READS_TO_CORE_REMOTE_DRAM", "reads", COUNTER_ANYWHERE, "icx"},
    {"OCR:READS_TO_CORE_LOCAL_DRAM", "reads", COUNTER_ANYWHERE, "spr"},
    {"OCR:READS_TO_CORE_REMOTE_DRAM", "reads", COUNTER_ANYWHERE, "spr"},
    /* Zen 2 */
    {"DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_LCL_DRAM", "fills", COUNTER_LOCAL, "amd64_fam17h_zen2"},
    {"DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_RMT_DRAM", "fills", COUNTER_REMOTE, "amd64_fam17h_zen2"},
    /* Zen 3 */
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_LCL", "fills", COUNTER_LOCAL, "amd64_fam19h_zen3"},
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_RMT", "fills", COUNTER_REMOTE, "amd64_fam19h_zen3"},
    /* Zen 4 */
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_NEAR", "fills", COUNTER_LOCAL, "amd64_fam19h_zen4"},
    {"ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_FAR", "fills", COUNTER_REMOTE, "amd64_fam19h_zen4"},
    /* Neoverse N2, V2 */
    {"REMOTE_ACCESS", "accesses", COUNTER_ANYWHERE, "arm_n2 arm_v2"},
    /* What the kernel maps to any of them. Loads are all, misses those to another node's. */
    {"perf::NODE-LOADS", "loads", COUNTER_ANYWHERE, "perf"},
    {"perf::NODE-LOAD-MISSES", "loads", COUNTER_ANYWHERE, "perf"},
};
const size_t processor_counter_count = sizeof processor_counters / sizeof processor_counters[0];

const struct counter_name process_counters[] = {
    {"perf::PAGE-FAULTS", "faults", COUNTER_ANYWHERE, "perf"},
    {"perf::CPU-MIGRATIONS", "migrations", COUNTER_ANYWHERE, "perf"},
    {"perf::CONTEXT-SWITCHES", "switches", COUNTER_ANYWHERE, "perf"},
};
const size_t process_counter_count = sizeof process_counters / sizeof process_counters[0];

#define CHANNEL(unit)                                                                                                  \
    {unit "::UNC_M_CAS_COUNT:RD", "lines", COUNTER_ANYWHERE, unit},                                                    \
    {                                                                                                                  \
        unit "::UNC_M_CAS_COUNT:WR", "lines", COUNTER_ANYWHERE, unit                                                   \
    }

const struct counter_name socket_counters[] = {
    /* Haswell, Broadwell: four channels, two links */
    CHANNEL("hswep_unc_imc0"),
    CHANNEL("hswep_unc_imc1"),
    CHANNEL("hswep_unc_imc4"),
    CHANNEL("hswep_unc_imc5"),
    {"hswep_unc_qpi0::UNC_Q_TXL_FLITS_G0:DATA", "flits", COUNTER_ANYWHERE, "hswep_unc_qpi0"},
    {"hswep_unc_qpi1::UNC_Q_TXL_FLITS_G0:DATA", "flits", COUNTER_ANYWHERE, "hswep_unc_qpi1"},
    CHANNEL("bdx_unc_imc0"),
    CHANNEL("bdx_unc_imc1"),
    CHANNEL("bdx_unc_imc4"),
    CHANNEL("bdx_unc_imc5"),
    {"bdx_unc_qpi0::UNC_Q_TXL_FLITS_G0:DATA", "flits", COUNTER_ANYWHERE, "bdx_unc_qpi0"},
    {"bdx_unc_qpi1::UNC_Q_TXL_FLITS_G0:DATA", "flits", COUNTER_ANYWHERE, "bdx_unc_qpi1"},
    /* Skylake-SP, Cascade Lake: six channels, three links */
    CHANNEL("skx_unc_imc0"),
    CHANNEL("skx_unc_imc1"),
    CHANNEL("skx_unc_imc2"),
    CHANNEL("skx_unc_imc3"),
    CHANNEL("skx_unc_imc4"),
    CHANNEL("skx_unc_imc5"),
    {"skx_unc_upi0::UNC_UPI_TXL_FLITS:ALL_DATA", "flits", COUNTER_ANYWHERE, "skx_unc_upi0"},
    {"skx_unc_upi1::UNC_UPI_TXL_FLITS:ALL_DATA", "flits", COUNTER_ANYWHERE, "skx_unc_upi1"},
    {"skx_unc_upi2::UNC_UPI_TXL_FLITS:ALL_DATA", "flits", COUNTER_ANYWHERE, "skx_unc_upi2"},
};
const size_t socket_counter_count = sizeof socket_counters / sizeof socket_counters[0];
