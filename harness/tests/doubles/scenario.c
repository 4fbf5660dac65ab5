/* The words of NUMAPROOF_SCENARIO: see scenario.h. */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

bool scenario_has(const char *word)
{
    const char *words = getenv("NUMAPROOF_SCENARIO");
    size_t length = strlen(word);
    while (words != NULL && *words != '\0') {
        size_t next = strcspn(words, " ");
        if (next == length && strncmp(words, word, length) == 0) {
            return true;
        }
        words += next + strspn(words + next, " ");
    }
    return false;
}
