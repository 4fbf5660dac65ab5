/*
 * Room on the machine's nodes, and the decision whether a prefault may begin.
 *
 * The kernel's own MemAvailable is for the whole machine; a process in a cpuset has only its nodes, and dies of
 * "constraint CPUSET" while others have plenty. So the same estimate (mm/show_mem.c, si_mem_available()) is made here
 * by node, from /proc/zoneinfo: a zone's free pages less its high watermark and what it protects from allocations that
 * could be had from higher zones, and the file pages, of which half, or the low watermark where that is less, is left
 * to who uses them. Slabs are called reclaimable by the kernel and counted in full in MemAvailable, but a machine whose
 * last 9 MiB were slabs killed for want of a page (Linux 6.1): here they count for half, above the high watermark.
 *
 * /proc/zoneinfo is long on a large machine. Where sysinfo(2), which costs under a microsecond, already says that there
 * is plenty, and every node with memory may be used, that is enough.
 */
#include "room.h"
#include "error_internal.h"
#include "linux.h"
#include "memory_linux.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

/* What zoneinfo says of one zone, and, in the first zone of a node, of the node; all in pages. */
struct zone {
    int node;
    unsigned long long free, low, high, protection, file, slab;
};

/* "        protection: (0, 1928, 1928, 1928, 1928)": the highest of them is what counts, as in the kernel's estimate. */
static unsigned long long highest_protection(const char *list)
{
    unsigned long long highest = 0;
    while (*list != '\0' && *list != ')') {
        char *end = NULL;
        unsigned long long value = strtoull(list, &end, 10);
        if (end != list && value > highest)
            highest = value;
        list = end != list ? end : list + 1;
    }
    return highest;
}

/* The rest of a line that begins, after blanks, with @words; NULL if it does not. */
static const char *after(const char *line, const char *words)
{
    line += strspn(line, " ");
    const size_t length = strlen(words);
    return strncmp(line, words, length) == 0 ? line + length : NULL;
}

static void read_zone_line(struct zone *zone, const char *line)
{
    unsigned long long file = 0;
    const struct {
        const char *words;
        unsigned long long *value;
    } wanted[] = {
        {"pages free ", &zone->free},
        {"low ", &zone->low},
        {"high ", &zone->high},
        {"nr_zone_inactive_file ", &file},
        {"nr_zone_active_file ", &file},
        {"nr_slab_reclaimable ", &zone->slab},
    };
    const char *list = after(line, "protection: (");
    if (list != NULL)
        zone->protection = highest_protection(list);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const char *number = after(line, wanted[i].words);
        if (number != NULL)
            *wanted[i].value = strtoull(number, NULL, 10);
    }
    zone->file += file;
}

/* Less what is kept back of it. */
static unsigned long long above(unsigned long long pages, unsigned long long kept)
{
    return pages > kept ? pages - kept : 0;
}

static unsigned long long droppable(unsigned long long pages, unsigned long long low)
{
    return pages - (pages / 2 < low ? pages / 2 : low);
}

static void add_zone(struct room *room, const struct zone *zone, const np_nodeset *nodes)
{
    if (zone->node < 0 || !np_nodeset_contains(nodes, (unsigned)zone->node))
        return;
    uint64_t page = memory_page_bytes();
    uint64_t usable = above(zone->free, zone->high + zone->protection);
    room->free_bytes += zone->free * page;
    room->available_bytes += (usable + droppable(zone->file, zone->low) + above(zone->slab / 2, zone->high)) * page;
}

struct room room_in_zones(char *zoneinfo, const np_nodeset *nodes)
{
    struct room sum = {0};
    struct zone zone = {.node = -1};
    for (char *line = strsep(&zoneinfo, "\n"); line != NULL; line = strsep(&zoneinfo, "\n")) {
        const char *node = after(line, "Node ");
        if (node != NULL) {
            add_zone(&sum, &zone, nodes);
            zone = (struct zone){.node = (int)strtol(node, NULL, 10)};
        } else {
            read_zone_line(&zone, line);
        }
    }
    add_zone(&sum, &zone, nodes);
    return sum;
}

int room_on_nodes(const np_nodeset *nodes, struct room *room)
{
    char *text = NULL;
    const int error = linux_read_long_text(AT_FDCWD, "/proc/zoneinfo", &text);
    if (error != 0)
        return error;
    *room = room_in_zones(text, nodes);
    free(text);
    return 0;
}

/* What pages cost beside themselves: page tables, an eighth of a percent and more, and their like. */
static uint64_t with_overhead(uint64_t bytes)
{
    uint64_t overhead = bytes / 256;
    return bytes + overhead < bytes ? UINT64_MAX : bytes + overhead;
}

/* So much free on the whole machine that no closer look is needed. */
static bool plenty(uint64_t needed, const np_nodeset *allowed)
{
    struct sysinfo machine;
    np_nodeset with_memory;
    if (sysinfo(&machine) != 0)
        return false;
    const uint64_t unit = machine.mem_unit;
    if (above(machine.freeram * unit, machine.totalram * unit / 16) < needed)
        return false;
    return linux_read_nodes(AT_FDCWD, "/sys/devices/system/node/has_memory", &with_memory) == 0 &&
           np_nodeset_subset(&with_memory, allowed);
}

/* @left is what would be left after it: of what there is, where that had to be found out. */
static np_status room_on_machine(uint64_t needed, uint64_t asked, uint64_t *left, np_error *error)
{
    np_nodeset allowed;
    struct room room;
    if (memory_allowed_nodes(&allowed) != 0)
        memset(&allowed, 0xff, sizeof allowed);
    *left = UINT64_MAX;
    if (plenty(needed, &allowed) || room_on_nodes(&allowed, &room) != 0)
        return NP_OK;
    *left = above(room.available_bytes, needed);
    if (needed <= room.available_bytes)
        return NP_OK;
    return fail(error, NP_ALLOCATION, 0, "region",
        "%llu bytes asked to be present at once, and the nodes that this process may use (%s) have %llu available, page"
        " cache that can be dropped counted and swap not: ask for less, or free memory",
        (unsigned long long)asked, nodes_in_words(&allowed).text, (unsigned long long)room.available_bytes);
}

static np_status room_in_cgroups(uint64_t needed, uint64_t asked, uint64_t *left, np_error *error)
{
    const struct cgroup_room cgroup = room_in_cgroup();
    *left = cgroup.limited ? above(cgroup.available_bytes, needed) : UINT64_MAX;
    if (!cgroup.limited || needed <= cgroup.available_bytes)
        return NP_OK;
    return fail(error, NP_ALLOCATION, 0, "region",
        "%llu bytes asked to be present at once, and the memory cgroup %s has %llu available (limit %llu, used %llu, "
        "swap"
        " not counted): ask for less, or raise its limit",
        (unsigned long long)asked, cgroup.name, (unsigned long long)cgroup.available_bytes,
        (unsigned long long)cgroup.limit_bytes, (unsigned long long)cgroup.used_bytes);
}

/*
 * Credit for small regions. The look above reads a file for the nodes, one for the process's cgroup and one more for each
 * level of it, of 4 to 8 us each where this was measured, against 27 us for mapping, binding and touching 64 KiB: a strict
 * region of that size would cost 2.6 times the bare calls instead of 1.5. So whoever has looked, and seen much more than
 * was needed, leaves a little of it to the small requests that follow, for a short while: at most a 64th of what there
 * was, so that all of them together cannot take more than there is.
 *
 * This is the one thing that the library remembers between calls. No call of Linux tells without files how much a cgroup
 * has left, and a page that is charged to a full one is fatal by every way to make it present. A caller who could hand in
 * what was seen before, in an object of its own, would make this word unnecessary; the API has none.
 *
 * The word: KiB in the lowest bits, then the process, since a fork copies the word and must not spend it twice, then
 * the millisecond in which it lapses.
 */
#define SMALL_BYTES      (UINT64_C(256) << 10)
#define CREDIT_BYTES     (UINT64_C(1) << 20)
#define CREDIT_LIFE_MSEC 100
#define KIB_BITS         11
#define PROCESS_BITS     22 /* pid_max is 2^22 at most. */
#define TIME_BITS        31

static atomic_uint_least64_t credit;

static uint64_t low_bits(uint64_t value, unsigned bits)
{
    return value & ((UINT64_C(1) << bits) - 1);
}

static uint64_t milliseconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool take_credit(uint64_t bytes)
{
    const uint64_t kib = (bytes + 1023) / 1024;
    uint64_t had = atomic_load(&credit);
    while (kib <= low_bits(had, KIB_BITS)) {
        const uint64_t life = low_bits((had >> (KIB_BITS + PROCESS_BITS)) - milliseconds(), TIME_BITS);
        if (life == 0 || life > CREDIT_LIFE_MSEC || low_bits(had >> KIB_BITS, PROCESS_BITS) != (uint64_t)getpid())
            return false;
        if (atomic_compare_exchange_weak(&credit, &had, had - kib))
            return true;
    }
    return false;
}

static void leave_credit(uint64_t left)
{
    const uint64_t bytes = left / 64 < CREDIT_BYTES ? left / 64 : CREDIT_BYTES;
    const uint64_t lapses = low_bits(milliseconds() + CREDIT_LIFE_MSEC, TIME_BITS);
    atomic_store(&credit, (lapses << PROCESS_BITS | (uint64_t)getpid()) << KIB_BITS | bytes / 1024);
}

np_status room_for(uint64_t bytes, uint64_t asked, np_error *error)
{
    const uint64_t needed = with_overhead(bytes);
    if (bytes <= SMALL_BYTES && take_credit(needed))
        return NP_OK;
    uint64_t on_machine = 0, in_cgroups = 0;
    np_status status = room_on_machine(needed, asked, &on_machine, error);
    if (status == NP_OK)
        status = room_in_cgroups(needed, asked, &in_cgroups, error);
    if (status == NP_OK)
        leave_credit(on_machine < in_cgroups ? on_machine : in_cgroups);
    return status;
}
