/*
 * The oracle on the inside of nodes: what CPUs share, and what firmware declares of an access.
 */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPU  "/sys/devices/system/cpu/cpu%u/"
#define NODE "/sys/devices/system/node/node%u/"

/* An empty set where the file is not there. */
static struct ids online_of(const char *path)
{
    char text[16384];
    struct ids set, online = oracle_online_cpus();

    if (!oracle_read_file(path, text, sizeof text) || !ids_parse(text, &set))
        return ids_none();
    return ids_and(&set, &online);
}

/* The deepest cache that is no instruction cache. */
static struct ids last_level_cache(unsigned cpu)
{
    struct ids shared = ids_none();
    long deepest = 0;

    for (unsigned index = 0; index < 16; index++) {
        char path[128], level[32], type[32];
        snprintf(path, sizeof path, CPU "cache/index%u/level", cpu, index);
        if (!oracle_read_file(path, level, sizeof level))
            break;
        snprintf(path, sizeof path, CPU "cache/index%u/type", cpu, index);
        if (!oracle_read_file(path, type, sizeof type) || strncmp(type, "Instruction", 11) == 0 ||
            atol(level) < deepest)
            continue;
        deepest = atol(level);
        snprintf(path, sizeof path, CPU "cache/index%u/shared_cpu_list", cpu, index);
        shared = online_of(path);
    }
    return shared;
}

struct ids oracle_sharing(enum oracle_share share, unsigned cpu)
{
    char path[128];

    if (share == ORACLE_CACHE)
        return last_level_cache(cpu);
    snprintf(path, sizeof path, CPU "topology/%s_cpus_list", cpu, share == ORACLE_CORE ? "core" : "package");
    return online_of(path);
}

static uint64_t figure(unsigned target, const char *name)
{
    char path[128], text[32];

    snprintf(path, sizeof path, NODE "access0/initiators/%s", target, name);
    return oracle_read_file(path, text, sizeof text) ? strtoull(text, NULL, 10) : 0;
}

/* The kernel tells of the nearest initiators of each target only: they are links beside the figures. */
bool oracle_declared(unsigned initiator, unsigned target, struct oracle_access *access_figures)
{
    char path[128];

    snprintf(path, sizeof path, NODE "access0/initiators/node%u", target, initiator);
    if (access(path, F_OK) != 0)
        return false;
    access_figures->read_latency = figure(target, "read_latency");
    access_figures->write_latency = figure(target, "write_latency");
    access_figures->read_bandwidth = figure(target, "read_bandwidth");
    access_figures->write_bandwidth = figure(target, "write_bandwidth");
    return access_figures->read_latency != 0 || access_figures->read_bandwidth != 0 ||
           access_figures->write_latency != 0 || access_figures->write_bandwidth != 0;
}

bool oracle_declares_anything(void)
{
    struct ids nodes = oracle_online_nodes();
    struct oracle_access ignored;

    for (int target = ids_first(&nodes); target >= 0; target = ids_next(&nodes, target))
        for (int initiator = ids_first(&nodes); initiator >= 0; initiator = ids_next(&nodes, initiator))
            if (oracle_declared((unsigned)initiator, (unsigned)target, &ignored))
                return true;
    return false;
}
