/*
 * What the fuzzers share: the input as a string, and the promise of every parser (LAW-6, LAW-8): whatever it reads, it
 * returns a status, fills the record if that is an error, and touches its result if and only if it is none.
 */
#ifndef NUMAPROOF_FUZZ_H
#define NUMAPROOF_FUZZ_H

#include <numaproof/error.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy that ends in a NUL, so that AddressSanitizer sees a read past the end. The caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* Stop, as a finding, where @condition does not hold. */
#define FUZZ_REQUIRE(condition) ((condition) ? (void)0 : abort())

static inline void fuzz_check_error(np_status status, const np_error *error)
{
    FUZZ_REQUIRE(status == NP_OK || error->code == (int32_t)status);
    FUZZ_REQUIRE(status == NP_OK || (error->reason[0] != '\0' && strchr(error->reason, '\n') == NULL));
}

#endif
