/*
 * Prints the ABI of the public headers as this compiler lays it out: sizes and offsets of structs, numbers of enums and
 * limits. What it should print for each version is in abi/MAJOR.MINOR.txt; abi.sh compares, and sees to it that no struct
 * and no number of the headers is forgotten here.
 */
#include <numaproof/numaproof.h>
#include <stddef.h>
#include <stdio.h>

#define SIZE(type)         printf("sizeof " #type " %zu\n", sizeof(type))
#define FIELD(type, field) printf("%s %zu %zu\n", #type "." #field, offsetof(type, field), sizeof(((type *)0)->field))
#define NUMBER(name)       printf(#name " %lld\n", (long long)(name))

static void structs(void)
{
    SIZE(np_cpuset);
    FIELD(np_cpuset, words);
    SIZE(np_nodeset);
    FIELD(np_nodeset, words);
    SIZE(np_error);
    FIELD(np_error, code);
    FIELD(np_error, system_errno);
    FIELD(np_error, operation);
    FIELD(np_error, reason);
    SIZE(np_enforcement);
    FIELD(np_enforcement, level);
    FIELD(np_enforcement, reason);
    SIZE(np_capabilities);
    FIELD(np_capabilities, node_count);
    FIELD(np_capabilities, strict_memory_binding);
    FIELD(np_capabilities, strict_cpu_affinity);
    FIELD(np_capabilities, memory_locking);
    FIELD(np_capabilities, numa_balancing_disabled);
    SIZE(np_missing);
    FIELD(np_missing, name);
    FIELD(np_missing, purpose);
    FIELD(np_missing, remedy);
    SIZE(np_node);
    FIELD(np_node, id);
    FIELD(np_node, has_cpus);
    FIELD(np_node, has_memory);
    FIELD(np_node, usable);
    FIELD(np_node, reserved);
    FIELD(np_node, memory_bytes);
    FIELD(np_node, cpus);
    FIELD(np_node, spare);
    SIZE(np_performance);
    FIELD(np_performance, read_latency_ns);
    FIELD(np_performance, write_latency_ns);
    FIELD(np_performance, read_bandwidth_mibs);
    FIELD(np_performance, write_bandwidth_mibs);
    SIZE(np_policy);
    FIELD(np_policy, kind);
    FIELD(np_policy, reserved);
    FIELD(np_policy, nodes);
    SIZE(np_region_options);
    FIELD(np_region_options, policy);
    FIELD(np_region_options, mode);
    FIELD(np_region_options, prefault);
    FIELD(np_region_options, huge_pages);
    FIELD(np_region_options, lock);
    FIELD(np_region_options, reserved);
    SIZE(np_placement);
    FIELD(np_placement, page_bytes);
    FIELD(np_placement, pages);
    FIELD(np_placement, absent);
    FIELD(np_placement, outside);
    FIELD(np_placement, on_node);
    SIZE(np_executor_options);
    FIELD(np_executor_options, mode);
    FIELD(np_executor_options, steal);
    FIELD(np_executor_options, workers_per_node);
    FIELD(np_executor_options, real_time_priority);
    FIELD(np_executor_options, reserved);
    SIZE(np_node_statistics);
    FIELD(np_node_statistics, node);
    FIELD(np_node_statistics, workers);
    FIELD(np_node_statistics, submitted);
    FIELD(np_node_statistics, local);
    FIELD(np_node_statistics, remote);
    FIELD(np_node_statistics, stolen_by);
    FIELD(np_node_statistics, stolen_from);
    FIELD(np_node_statistics, queue_depth);
    FIELD(np_node_statistics, locality_ratio);
    FIELD(np_node_statistics, reserved);
    SIZE(np_recommendation);
    FIELD(np_recommendation, kind);
    FIELD(np_recommendation, node);
    FIELD(np_recommendation, text);
    SIZE(np_device);
    FIELD(np_device, name);
    FIELD(np_device, address);
    FIELD(np_device, kind);
    FIELD(np_device, node);
    FIELD(np_device, pci_class);
    FIELD(np_device, reserved);
}

static void numbers(void)
{
    NUMBER(NP_OK);
    NUMBER(NP_INVALID_ARGUMENT);
    NUMBER(NP_HARD_MODE_UNAVAILABLE);
    NUMBER(NP_ALLOCATION);
    NUMBER(NP_SYSTEM);
    NUMBER(NP_NOT_AVAILABLE);
    NUMBER(NP_SHUT_DOWN);
    NUMBER(NP_TIMED_OUT);

    NUMBER(NP_SOFT);
    NUMBER(NP_STRICT);
    NUMBER(NP_LEVEL_NONE);
    NUMBER(NP_LEVEL_BEST_EFFORT);
    NUMBER(NP_LEVEL_STRICT);
    NUMBER(NP_CPU_MAX);
    NUMBER(NP_NODE_MAX);
    NUMBER(NP_MISSING_MAX);
    NUMBER(NP_GROUP_CORE);
    NUMBER(NP_GROUP_CACHE);
    NUMBER(NP_GROUP_SOCKET);
    NUMBER(NP_POLICY_LOCAL);
    NUMBER(NP_POLICY_BIND);
    NUMBER(NP_POLICY_PREFERRED);
    NUMBER(NP_POLICY_INTERLEAVE);
    NUMBER(NP_PREFAULT_NONE);
    NUMBER(NP_PREFAULT_TOUCH);
    NUMBER(NP_PREFAULT_PARALLEL_TOUCH);
    NUMBER(NP_HUGE_PAGES_NONE);
    NUMBER(NP_HUGE_PAGES_TRANSPARENT_ON);
    NUMBER(NP_HUGE_PAGES_TRANSPARENT_OFF);
    NUMBER(NP_HUGE_PAGES_2MIB);
    NUMBER(NP_HUGE_PAGES_1GIB);
    NUMBER(NP_FILE_PRIVATE);
    NUMBER(NP_FILE_SHARED);
    NUMBER(NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
    NUMBER(NP_STEAL_LOCAL_ONLY);
    NUMBER(NP_STEAL_ANY);
    NUMBER(NP_LOCALITY_POOR);
    NUMBER(NP_LOCALITY_FAIR);
    NUMBER(NP_LOCALITY_GOOD);
    NUMBER(NP_LOCALITY_EXCELLENT);
    NUMBER(NP_RECOMMEND_MEASURE);
    NUMBER(NP_RECOMMEND_LOCALITY);
    NUMBER(NP_RECOMMEND_BALANCE);
    NUMBER(NP_RECOMMEND_STOLEN_FROM);
    NUMBER(NP_DEVICE_NETWORK);
    NUMBER(NP_DEVICE_BLOCK);
    NUMBER(NP_DEVICE_PCI);
}

int main(void)
{
    structs();
    numbers();
    return 0;
}
