/*
 * The errors of the benchmarks, in the record that the rest of numaproof speaks.
 */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

np_status failure(np_error *error, np_status status, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return status;
    memset(error, 0, sizeof *error);
    error->code = (int32_t)status;
    snprintf(error->operation, sizeof error->operation, "bench");
    va_start(arguments, format);
    vsnprintf(error->reason, sizeof error->reason, format, arguments);
    va_end(arguments);
    return status;
}
