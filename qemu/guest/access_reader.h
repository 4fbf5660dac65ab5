/*
 * The access counter as code inside the guest sees it: find it, prove it, arm it, read it.
 *
 * Everything is plain memory: arming is one store, a count is one load. One program at a time may arm it; nothing
 * enforces that. Not thread-safe, except that counts may be read by anyone at any time.
 */
#ifndef NUMAPROOF_ACCESS_READER_H
#define NUMAPROOF_ACCESS_READER_H

#include "access_page.h"
#include <stdbool.h>
#include <stddef.h>

struct access_reader {
    struct access_page *page;
    bool present;    /* There is such a page, whether or not it may be used. */
    uint32_t arming; /* The number of the last arming. */
};

/* Accesses of the CPUs of each node to the memory of each node: [initiator][target][kind]. */
struct access_matrix {
    uint32_t nodes;
    uint64_t all[ACCESS_NODES][ACCESS_NODES + 1][2];
    uint64_t memory[ACCESS_NODES][ACCESS_NODES + 1][2];
};

/*
 * Map the counter's page. False with @why filled where there is none (the usual case: no such device), where it may not be
 * mapped (it takes CAP_SYS_ADMIN or root), or where no plugin answers. End with access_reader_close().
 */
bool access_reader_open(struct access_reader *reader, char *why, size_t size);
void access_reader_close(struct access_reader *reader);

/*
 * Prove the node ranges: touch a page bound to each node that has memory, from each online CPU. Done once after boot;
 * true at once where the proof already holds. False with @why filled: nothing is counted then, ever.
 */
bool access_reader_prove(struct access_reader *reader, char *why, size_t size);

/* Whether the proof holds. */
bool access_reader_is_proved(const struct access_reader *reader);

/*
 * Count the accesses to [start, start + bytes) apart, as window 1 to ACCESS_WINDOWS - 1; no bytes closes the window.
 * Addresses are virtual: programs that run at the same time with the same addresses are counted together.
 */
void access_reader_set_window(struct access_reader *reader, unsigned window, const void *start, size_t bytes);

/* Count from here, to here. The cache model, if there is one, begins empty. */
static inline void access_reader_arm(struct access_reader *reader)
{
    reader->arming = reader->arming == UINT32_MAX ? 1 : reader->arming + 1;
    atomic_store(&reader->page->control.armed, reader->arming);
}

static inline void access_reader_disarm(struct access_reader *reader)
{
    atomic_store(&reader->page->control.armed, 0);
}

/* What has been counted in @window since boot. Subtract two of them. */
void access_reader_read(const struct access_reader *reader, unsigned window, struct access_matrix *matrix);

#endif
