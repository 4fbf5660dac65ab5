/*
 * Sets of ids; see ids.h. Written to be plainly right rather than fast: an oracle is read before it is believed.
 */
#include "ids.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ids ids_none(void)
{
    return (struct ids){.words = {0}};
}

struct ids ids_of_array(const unsigned *ids, size_t count)
{
    struct ids set = ids_none();

    for (size_t i = 0; i < count; i++)
        ids_add(&set, ids[i]);
    return set;
}

void ids_add(struct ids *set, unsigned id)
{
    if (id < IDS_MAX)
        set->words[id / 64] |= UINT64_C(1) << (id % 64);
}

void ids_remove(struct ids *set, unsigned id)
{
    if (id < IDS_MAX)
        set->words[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

bool ids_has(const struct ids *set, unsigned id)
{
    return id < IDS_MAX && (set->words[id / 64] >> (id % 64) & 1) != 0;
}

unsigned ids_count(const struct ids *set)
{
    unsigned count = 0;

    for (int id = ids_first(set); id >= 0; id = ids_next(set, id))
        count++;
    return count;
}

int ids_first(const struct ids *set)
{
    return ids_next(set, -1);
}

/* A word at a time: a set of one id has some hundred empty ones. */
int ids_next(const struct ids *set, int after)
{
    unsigned from = (unsigned)(after + 1);

    for (unsigned word = from / 64; word < IDS_MAX / 64; word++) {
        uint64_t left = word == from / 64 ? set->words[word] >> (from % 64) << (from % 64) : set->words[word];
        if (left != 0)
            return (int)(word * 64) + __builtin_ctzll(left);
    }
    return -1;
}

struct ids ids_and(const struct ids *a, const struct ids *b)
{
    struct ids both = ids_none();

    for (unsigned i = 0; i < IDS_MAX / 64; i++)
        both.words[i] = a->words[i] & b->words[i];
    return both;
}

struct ids ids_or(const struct ids *a, const struct ids *b)
{
    struct ids either = ids_none();

    for (unsigned i = 0; i < IDS_MAX / 64; i++)
        either.words[i] = a->words[i] | b->words[i];
    return either;
}

struct ids ids_minus(const struct ids *a, const struct ids *b)
{
    struct ids rest = ids_none();

    for (unsigned i = 0; i < IDS_MAX / 64; i++)
        rest.words[i] = a->words[i] & ~b->words[i];
    return rest;
}

bool ids_equal(const struct ids *a, const struct ids *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* One id at *@text, which moves behind it. */
static bool parse_id(const char **text, unsigned *id)
{
    char *end;

    if (!isdigit((unsigned char)**text))
        return false;
    unsigned long value = strtoul(*text, &end, 10);
    *text = end;
    *id = (unsigned)value;
    return value < IDS_MAX;
}

bool ids_parse(const char *list, struct ids *set)
{
    *set = ids_none();
    while (*list != '\0' && *list != '\n') {
        unsigned first, last;
        if (!parse_id(&list, &first))
            return false;
        last = first;
        if (*list == '-') {
            list++;
            if (!parse_id(&list, &last))
                return false;
        }
        for (unsigned id = first; id <= last; id++)
            ids_add(set, id);
        if (*list == ',')
            list++;
        else if (*list != '\0' && *list != '\n')
            return false;
    }
    return true;
}

struct ids_text ids_text(const struct ids *set)
{
    struct ids_text list = {.text = "none"};
    size_t used = 0;

    for (int first = ids_first(set); first >= 0;) {
        int last = first;
        while (ids_has(set, (unsigned)last + 1))
            last++;
        if (used > sizeof list.text - 20) {
            snprintf(list.text + used, sizeof list.text - used, ",...");
            break;
        }
        used += (size_t)snprintf(list.text + used, sizeof list.text - used, "%s%d", used > 0 ? "," : "", first);
        if (last > first)
            used += (size_t)snprintf(list.text + used, sizeof list.text - used, "-%d", last);
        first = ids_next(set, last);
    }
    return list;
}
