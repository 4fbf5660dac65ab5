/**
 * @file
 * The one list of the API: every function that an implementation exports.
 *
 * The suite fills its table from it, the library's symbol map is tested against it, and a function that is not in it is
 * not part of the contract (ABI-1). Each name stands without its np_ prefix: NP_API_FUNCTIONS(X) expands X(version),
 * X(status_name), ...
 */
#ifndef NUMAPROOF_API_H
#define NUMAPROOF_API_H

/** X(name) for each function of version.h. */
#define NP_API_VERSION(X)                                                                                              \
    X(version)                                                                                                         \
    X(version_string)

/** X(name) for each function of error.h. */
#define NP_API_ERROR(X)                                                                                                \
    X(status_name)                                                                                                     \
    X(level_name)

/** X(name) for each function of set.h. */
#define NP_API_SET(X)                                                                                                  \
    X(cpuset_parse)                                                                                                    \
    X(cpuset_format)                                                                                                   \
    X(cpuset_clear)                                                                                                    \
    X(cpuset_add)                                                                                                      \
    X(cpuset_remove)                                                                                                   \
    X(cpuset_contains)                                                                                                 \
    X(cpuset_count)                                                                                                    \
    X(cpuset_first)                                                                                                    \
    X(cpuset_next)                                                                                                     \
    X(cpuset_union)                                                                                                    \
    X(cpuset_intersection)                                                                                             \
    X(cpuset_difference)                                                                                               \
    X(cpuset_equal)                                                                                                    \
    X(cpuset_subset)                                                                                                   \
    X(nodeset_parse)                                                                                                   \
    X(nodeset_format)                                                                                                  \
    X(nodeset_clear)                                                                                                   \
    X(nodeset_add)                                                                                                     \
    X(nodeset_remove)                                                                                                  \
    X(nodeset_contains)                                                                                                \
    X(nodeset_count)                                                                                                   \
    X(nodeset_first)                                                                                                   \
    X(nodeset_next)                                                                                                    \
    X(nodeset_union)                                                                                                   \
    X(nodeset_intersection)                                                                                            \
    X(nodeset_difference)                                                                                              \
    X(nodeset_equal)                                                                                                   \
    X(nodeset_subset)

/** X(name) for each function of capabilities.h. */
#define NP_API_CAPABILITIES(X)                                                                                         \
    X(capabilities_detect)                                                                                             \
    X(capabilities_supports_hard_mode)                                                                                 \
    X(capabilities_missing)                                                                                            \
    X(capabilities_summary)

/** X(name) for each function of topology.h. */
#define NP_API_TOPOLOGY(X)                                                                                             \
    X(topology_discover)                                                                                               \
    X(topology_from_synthetic)                                                                                         \
    X(topology_from_xml)                                                                                               \
    X(topology_destroy)                                                                                                \
    X(topology_is_this_machine)                                                                                        \
    X(topology_node_count)                                                                                             \
    X(topology_nodes)                                                                                                  \
    X(topology_cpus)                                                                                                   \
    X(topology_usable_cpus)                                                                                            \
    X(topology_usable_nodes)                                                                                           \
    X(topology_node)                                                                                                   \
    X(topology_node_of_cpu)                                                                                            \
    X(topology_cpus_of_node)                                                                                           \
    X(topology_distance)                                                                                               \
    X(topology_group_of_cpu)                                                                                           \
    X(topology_group_count)                                                                                            \
    X(topology_group)                                                                                                  \
    X(topology_performance)

/** X(name) for each function of pin.h. */
#define NP_API_PIN(X)                                                                                                  \
    X(pin_to_cpus)                                                                                                     \
    X(pin_to_cpu)                                                                                                      \
    X(pin_to_node)                                                                                                     \
    X(pin_current)                                                                                                     \
    X(pin_release)                                                                                                     \
    X(pin_cpus)                                                                                                        \
    X(pin_enforcement)                                                                                                 \
    X(pin_verify)

/** X(name) for each function of region.h. */
#define NP_API_REGION(X)                                                                                               \
    X(region_options_init)                                                                                             \
    X(region_create)                                                                                                   \
    X(region_allocate)                                                                                                 \
    X(region_map_file)                                                                                                 \
    X(region_release)                                                                                                  \
    X(region_address)                                                                                                  \
    X(region_bytes)                                                                                                    \
    X(region_enforcement)                                                                                              \
    X(region_verify)

/** X(name) for each function there is. */
/* executor.h */
#define NP_API_EXECUTOR(X)                                                                                             \
    X(executor_options_init)                                                                                           \
    X(executor_create)                                                                                                 \
    X(executor_submit)                                                                                                 \
    X(executor_submit_local)                                                                                           \
    X(executor_wait)                                                                                                   \
    X(executor_shutdown)                                                                                               \
    X(executor_shutdown_timeout)                                                                                       \
    X(executor_destroy)                                                                                                \
    X(executor_enforcement)                                                                                            \
    X(executor_health)                                                                                                 \
    X(executor_repair)

/* sharded.h */
/** X(name) for each function of sharded.h. */
#define NP_API_SHARDED(X)                                                                                              \
    X(sharded_create)                                                                                                  \
    X(sharded_destroy)                                                                                                 \
    X(sharded_local)                                                                                                   \
    X(sharded_at)                                                                                                      \
    X(sharded_update)                                                                                                  \
    X(sharded_visit)                                                                                                   \
    X(sharded_enforcement)                                                                                             \
    X(counter_create)                                                                                                  \
    X(counter_destroy)                                                                                                 \
    X(counter_add)                                                                                                     \
    X(counter_subtract)                                                                                                \
    X(counter_sum)                                                                                                     \
    X(counter_of_node)                                                                                                 \
    X(counter_reset)                                                                                                   \
    X(counter_enforcement)

/* device.h */
/** X(name) for each function of device.h. */
#define NP_API_DEVICE(X)                                                                                               \
    X(devices_discover)                                                                                                \
    X(devices_destroy)                                                                                                 \
    X(devices_count)                                                                                                   \
    X(devices_at)                                                                                                      \
    X(devices_find)

/* statistics.h */
/** X(name) for each function of statistics.h. */
#define NP_API_STATISTICS(X)                                                                                           \
    X(statistics_snapshot)                                                                                             \
    X(statistics_total)                                                                                                \
    X(locality_of_ratio)                                                                                               \
    X(locality_is_acceptable)                                                                                          \
    X(locality_name)                                                                                                   \
    X(statistics_recommend)                                                                                            \
    X(statistics_report)                                                                                               \
    X(statistics_publish)                                                                                              \
    X(statistics_unpublish)

/** X(name) for each function of the API. */
#define NP_API_FUNCTIONS(X)                                                                                            \
    NP_API_VERSION(X)                                                                                                  \
    NP_API_ERROR(X)                                                                                                    \
    NP_API_SET(X)                                                                                                      \
    NP_API_CAPABILITIES(X)                                                                                             \
    NP_API_TOPOLOGY(X)                                                                                                 \
    NP_API_PIN(X)                                                                                                      \
    NP_API_REGION(X)                                                                                                   \
    NP_API_EXECUTOR(X)                                                                                                 \
    NP_API_SHARDED(X)                                                                                                  \
    NP_API_DEVICE(X)                                                                                                   \
    NP_API_STATISTICS(X)

#endif
