/*
 * Counting by the emulated machine's access counter: one window, around what is being measured.
 *
 * The counter sees every access of user code; what a benchmark wants to know is those to its own buffer. So the buffer is
 * the window, and the counter is armed around the measured loop alone: stack, libraries and the loop's own variables do
 * not blur the count, which is then exact.
 */
#include "access.h"

#include "access_reader.h"

#include <stdio.h>

#define WINDOW 1

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

static uint64_t count_of(unsigned initiator, unsigned target, enum access_kind kind)
{
    struct access_matrix matrix;

    if (counter.page == NULL || initiator >= ACCESS_NODES_MAX || target >= ACCESS_NODES_MAX)
        return 0;
    access_reader_read(&counter, WINDOW, &matrix);
    return matrix.all[initiator][target][kind];
}

uint64_t access_loads(unsigned initiator, unsigned target)
{
    return count_of(initiator, target, ACCESS_LOAD);
}

uint64_t access_stores(unsigned initiator, unsigned target)
{
    return count_of(initiator, target, ACCESS_STORE);
}

void access_arm(const void *start, size_t bytes)
{
    if (counter.page == NULL)
        return;
    access_reader_set_window(&counter, WINDOW, start, bytes);
    access_reader_arm(&counter);
}

void access_disarm(void)
{
    if (counter.page != NULL)
        access_reader_disarm(&counter);
}
