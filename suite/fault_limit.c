/*
 * Resource limits of this process.
 */
#include "fault.h"
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

void fault_limit(int resource, uint64_t value)
{
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value}, now = {0, 0};

    if (setrlimit((__rlimit_resource_t)resource, &limit) != 0)
        case_error("fault: limit %d cannot be set to %llu: %s", resource, (unsigned long long)value, strerror(errno));
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0 || now.rlim_cur != value)
        case_error("fault: limit %d is %llu after it was set to %llu", resource, (unsigned long long)now.rlim_cur,
            (unsigned long long)value);
}

void fault_limit_address_space(uint64_t more)
{
    char status[8192];

    if (!oracle_read_file("/proc/self/status", status, sizeof status))
        case_error("fault: /proc/self/status cannot be read: %s", strerror(errno));
    int64_t mapped = oracle_field(status, "VmSize:");
    if (mapped < 0)
        case_error("fault: /proc/self/status has no VmSize");
    fault_limit(RLIMIT_AS, (uint64_t)mapped + more);
}
