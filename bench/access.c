/*
 * Counting by the emulated machine's access counter: windows around what is being measured.
 *
 * The counter sees every access of user code; what a benchmark wants to know is those to its own memory. So its buffers
 * are the windows, and the counter is armed around the measured loop alone: stack, libraries and the loop's own variables
 * do not blur the count, which is then exact.
 *
 * Counts only ever grow, by window. A window therefore belongs to one family for good: the first ones to data, the others
 * to queues.
 */
#include "access.h"

#include "access_reader.h"

#include <stdio.h>

#define FIRST_WINDOW 1 /* Window 0 is all user memory. */

_Static_assert(FIRST_WINDOW + ACCESS_FAMILIES * ACCESS_RANGES_MAX == ACCESS_WINDOWS, "each window has a family");

static struct access_reader counter;

bool access_find(char *why, size_t size)
{
    if (counter.page == NULL && !access_reader_open(&counter, why, size))
        return false;
    if (access_reader_is_proved(&counter))
        return true;
    access_reader_close(&counter);
    snprintf(why, size, "the access counter's node ranges were not proved, so that it counts nothing");
    return false;
}

unsigned access_node_count(void)
{
    return counter.page == NULL ? 0 : counter.page->machine.node_count;
}

bool access_is_delayed(void)
{
    return counter.page != NULL && counter.page->machine.delayed != 0;
}

bool access_has_caches(void)
{
    return counter.page != NULL && counter.page->machine.cache_sets > 0;
}

static unsigned window_of(enum access_family family, unsigned index)
{
    return FIRST_WINDOW + (unsigned)family * ACCESS_RANGES_MAX + index;
}

static uint64_t count_of(enum access_family family, unsigned initiator, unsigned target, enum access_kind kind)
{
    struct access_matrix matrix;
    uint64_t sum = 0;

    if (counter.page == NULL || initiator >= ACCESS_NODES_MAX || target >= ACCESS_NODES_MAX)
        return 0;
    for (unsigned i = 0; i < ACCESS_RANGES_MAX; i++) {
        access_reader_read(&counter, window_of(family, i), &matrix);
        sum += matrix.all[initiator][target][kind];
    }
    return sum;
}

uint64_t access_loads(enum access_family family, unsigned initiator, unsigned target)
{
    return count_of(family, initiator, target, ACCESS_LOAD);
}

uint64_t access_stores(enum access_family family, unsigned initiator, unsigned target)
{
    return count_of(family, initiator, target, ACCESS_STORE);
}

bool access_arm_ranges(const struct access_range *ranges, size_t count)
{
    unsigned used[ACCESS_FAMILIES] = {0};

    if (counter.page == NULL)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (used[ranges[i].family] == ACCESS_RANGES_MAX)
            return false;
        access_reader_set_window(
            &counter, window_of(ranges[i].family, used[ranges[i].family]++), ranges[i].start, ranges[i].bytes);
    }
    for (unsigned family = 0; family < ACCESS_FAMILIES; family++)
        for (unsigned i = used[family]; i < ACCESS_RANGES_MAX; i++)
            access_reader_set_window(&counter, window_of(family, i), NULL, 0);
    access_reader_arm(&counter);
    return true;
}

void access_arm(const void *start, size_t bytes)
{
    access_arm_ranges(&(struct access_range){.start = start, .bytes = bytes, .family = ACCESS_DATA}, 1);
}

void access_disarm(void)
{
    if (counter.page != NULL)
        access_reader_disarm(&counter);
}
