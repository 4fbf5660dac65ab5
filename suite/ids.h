/*
 * Sets of ids, CPUs or nodes: the suite's own, so that the oracle shares no code with what it judges.
 *
 * A plain value of 8192 bits in the kernel's own layout, which is what the affinity and policy system calls take.
 */
#ifndef NUMAPROOF_SUITE_IDS_H
#define NUMAPROOF_SUITE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDS_MAX 8192

struct ids {
    uint64_t words[IDS_MAX / 64];
};

/* A list for people, in the kernel's syntax; cut short with "..." where it is long. */
struct ids_text {
    char text[128];
};

/* The set of the ids given: ids_of(0, 3). */
#define ids_of(...)                                                                                                    \
    ids_of_array((const unsigned[]){__VA_ARGS__}, sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))
struct ids ids_of_array(const unsigned *ids, size_t count);
struct ids ids_none(void);

void ids_add(struct ids *set, unsigned id);
void ids_remove(struct ids *set, unsigned id);
bool ids_has(const struct ids *set, unsigned id);
unsigned ids_count(const struct ids *set);

/* The lowest id, or the lowest above @after; -1 if there is none. */
int ids_first(const struct ids *set);
int ids_next(const struct ids *set, int after);

struct ids ids_and(const struct ids *a, const struct ids *b);
struct ids ids_or(const struct ids *a, const struct ids *b);
struct ids ids_minus(const struct ids *a, const struct ids *b);
bool ids_equal(const struct ids *a, const struct ids *b);

/* Read a plain kernel list, "0-3,8" with a final newline allowed. False, and @set undefined, for anything else. */
bool ids_parse(const char *list, struct ids *set);

struct ids_text ids_text(const struct ids *set);

#endif
