/*
 * The edit distance between two words: how many letters to insert, delete, replace or swap with their neighbour turn one
 * into the other, upper and lower case being the same. Three rows of the usual table are enough.
 */
#include "nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_WORD = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t length = strlen(b);
    size_t *before_last = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= length; j++) {
        last[j] = j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t replaced = last[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = least(replaced, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
                row[j] = least(row[j], before_last[j - 2] + 1);
            }
        }
        size_t *oldest = before_last;
        before_last = last;
        last = row;
        row = oldest;
    }
    return last[length];
}

const char *nearest_word(const char *word, const char *const *known, size_t count)
{
    size_t length = strlen(word);
    size_t best = length / 3 + 1;
    const char *found = NULL;
    for (size_t i = 0; i < count && length <= LONGEST_WORD; i++) {
        size_t distance = strlen(known[i]) <= LONGEST_WORD ? edit_distance(word, known[i]) : best + 1;
        if (distance < best || (distance == best && found == NULL)) {
            best = distance;
            found = known[i];
        }
    }
    return found;
}

const char *nearest_hint(const char *word, const char *const *known, size_t count, char *text, size_t size)
{
    const char *found = nearest_word(word, known, count);
    text[0] = '\0';
    if (found != NULL) {
        snprintf(text, size, "; did you mean '%s'?", found);
    }
    return text;
}
