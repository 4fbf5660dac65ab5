/*
 * The algebra of bitmaps, and their text.
 *
 * Text is the kernel's list syntax (lib/bitmap-str.c, since Linux 2.6; strides since 4.11), read more strictly than the
 * kernel does: it forgives empty items, blanks in place of commas and whatever follows a newline, and knows the words
 * "all" and "N", which depend on its own number of bits. What is printed is always what the kernel would print.
 */
#include "bitmap.h"
#include "error_internal.h"
#include "text.h"
#include <assert.h>
#include <string.h>

/* A range of ids, of every @group ids of which the first @used belong to the set. */
struct item {
    uint32_t first;
    uint32_t last;
    uint32_t used;
    uint32_t group;
};

static const char *skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

/* Returns the first character after the number, or NULL where there is none or it is past 32 bits. */
static const char *read_number(const char *text, uint32_t *number)
{
    uint64_t value = 0;
    const char *end = text;
    for (; *end >= '0' && *end <= '9'; end++) {
        value = value * 10 + (uint64_t)(*end - '0');
        if (value > UINT32_MAX)
            return NULL;
    }
    *number = (uint32_t)value;
    return end == text ? NULL : end;
}

/* NUMBER, NUMBER-NUMBER or NUMBER-NUMBER:USED/GROUP. Returns what follows, or NULL and in @problem why. */
static const char *read_item(const char *text, struct item *item, const char **problem)
{
    *problem = "not a number, a range, or a range with a stride, of numbers below 2^32";
    text = read_number(text, &item->first);
    if (text == NULL)
        return NULL;
    item->last = item->first;
    item->used = 1;
    item->group = 1;
    if (*text != '-')
        return text;
    text = read_number(text + 1, &item->last);
    if (text == NULL || *text != ':')
        return text;
    text = read_number(text + 1, &item->used);
    if (text == NULL || *text != '/')
        return NULL;
    return read_number(text + 1, &item->group);
}

static const char *item_problem(const struct item *item, unsigned size)
{
    if (item->first > item->last)
        return "the range runs backwards";
    if (item->group == 0)
        return "the stride's group is empty";
    if (item->used > item->group)
        return "the stride uses more ids than its group has";
    if (item->last >= size)
        return "past the highest id";
    return NULL;
}

static void add_item(uint64_t *words, const struct item *item)
{
    for (uint32_t id = item->first; id <= item->last; id++)
        if ((id - item->first) % item->group < item->used)
            words[id / 64] |= UINT64_C(1) << (id % 64);
}

static np_status bad_item(const char *item, const char *problem, unsigned size, const char *what, np_error *error)
{
    const int length = (int)strcspn(item, ",");
    const int shown = length > 48 ? 48 : length;
    return fail(error, NP_INVALID_ARGUMENT, 0, what, "\"%.*s%s\": %s; ids are 0 to %u, as in 0-3,8-11 or 0-15:2/4",
        shown, item, shown < length ? "..." : "", problem, size - 1);
}

np_status bitmap_parse(const char *list, uint64_t *words, unsigned size, const char *what, np_error *error)
{
    assert(size <= BITMAP_SIZE_MAX && size % 64 == 0);
    if (list == NULL || words == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, what, "the %s is NULL", list == NULL ? "list" : "set");

    uint64_t read[BITMAP_SIZE_MAX / 64] = {0};
    const char *text = skip_blanks(list);
    bool more = *text != '\0' && strcmp(text, "\n") != 0;
    while (more) {
        const char *start = skip_blanks(text);
        struct item item = {0};
        const char *problem = NULL;
        text = read_item(start, &item, &problem);
        if (text != NULL) {
            text = skip_blanks(text);
            more = *text == ',';
            if (more || *text == '\0' || strcmp(text, "\n") == 0)
                problem = item_problem(&item, size);
        }
        if (problem != NULL)
            return bad_item(start, problem, size, what, error);
        add_item(read, &item);
        text++;
    }
    memcpy(words, read, size / 8);
    return NP_OK;
}

size_t bitmap_format(const uint64_t *words, unsigned size, char *buffer, size_t buffer_size)
{
    struct text text = text_into(buffer, buffer_size);
    for (int first = bitmap_next(words, size, -1); first >= 0;) {
        int last = first;
        int next = bitmap_next(words, size, last);
        while (next == last + 1) {
            last = next;
            next = bitmap_next(words, size, last);
        }
        text_add(&text, text.length == 0 ? "%d" : ",%d", first);
        if (last > first)
            text_add(&text, "-%d", last);
        first = next;
    }
    return text.length;
}

np_status bitmap_set(uint64_t *words, unsigned size, unsigned id, bool value, const char *what, np_error *error)
{
    if (words == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, what, "the set is NULL");
    if (id >= size)
        return fail(error, NP_INVALID_ARGUMENT, 0, what, "id %u: the highest is %u", id, size - 1);
    const uint64_t bit = UINT64_C(1) << (id % 64);
    words[id / 64] = value ? words[id / 64] | bit : words[id / 64] & ~bit;
    return NP_OK;
}

bool bitmap_contains(const uint64_t *words, unsigned size, unsigned id)
{
    return words != NULL && id < size && (words[id / 64] >> (id % 64) & 1) != 0;
}

unsigned bitmap_count(const uint64_t *words, unsigned size)
{
    unsigned count = 0;
    for (unsigned i = 0; words != NULL && i < size / 64; i++)
        count += (unsigned)__builtin_popcountll(words[i]);
    return count;
}

int bitmap_next(const uint64_t *words, unsigned size, int after)
{
    const unsigned from = after < 0 ? 0 : (unsigned)after + 1;
    if (words == NULL || from >= size)
        return -1;
    uint64_t word = words[from / 64] & ~UINT64_C(0) << (from % 64);
    for (unsigned i = from / 64;; word = words[i]) {
        if (word != 0)
            return (int)(i * 64) + __builtin_ctzll(word);
        if (++i == size / 64)
            return -1;
    }
}

np_status bitmap_combine(enum bitmap_operation operation, const uint64_t *a, const uint64_t *b, uint64_t *result,
    unsigned size, const char *what, np_error *error)
{
    if (a == NULL || b == NULL || result == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, what, "the %s is NULL",
            a == NULL ? "first set" : (b == NULL ? "second set" : "result"));
    for (unsigned i = 0; i < size / 64; i++) {
        switch (operation) {
        case BITMAP_UNION:
            result[i] = a[i] | b[i];
            break;
        case BITMAP_INTERSECTION:
            result[i] = a[i] & b[i];
            break;
        case BITMAP_DIFFERENCE:
            result[i] = a[i] & ~b[i];
            break;
        }
    }
    return NP_OK;
}

bool bitmap_equal(const uint64_t *a, const uint64_t *b, unsigned size)
{
    if (a == NULL || b == NULL)
        return bitmap_subset(a, b, size) && bitmap_subset(b, a, size);
    return memcmp(a, b, size / 8) == 0;
}

bool bitmap_subset(const uint64_t *a, const uint64_t *b, unsigned size)
{
    uint64_t extra = 0;
    for (unsigned i = 0; a != NULL && i < size / 64; i++)
        extra |= a[i] & ~(b != NULL ? b[i] : 0);
    return extra == 0;
}
