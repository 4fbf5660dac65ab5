/* The known word that was probably meant by an unknown one. */
#ifndef NUMAPROOF_HARNESS_NEAREST_H
#define NUMAPROOF_HARNESS_NEAREST_H

#include <stddef.h>

/* Of the @count words of @known, the one most like @word, or NULL when none is like enough to be worth a question. */
const char *nearest_word(const char *word, const char *const *known, size_t count);

/* "; did you mean 'X'?" into @text, or nothing when there is no such word. Returns @text. */
const char *nearest_hint(const char *word, const char *const *known, size_t count, char *text, size_t size);

#endif
