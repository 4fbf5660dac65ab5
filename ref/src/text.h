/*
 * Text written piece by piece into a buffer of the caller's, under snprintf's contract: what does not fit is cut, the
 * NUL always fits, and the length counts as if everything had fitted.
 */
#ifndef NUMAPROOF_TEXT_H
#define NUMAPROOF_TEXT_H

#include <stddef.h>

struct text {
    char *buffer; /* NULL: only the length is wanted. */
    size_t size;
    size_t length;
};

struct text text_into(char *buffer, size_t size);
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
