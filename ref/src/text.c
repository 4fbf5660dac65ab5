/*
 * A buffer that is added to. The public functions that write text, and the errors made of several facts, stand on it.
 */
#include "text.h"
#include <stdarg.h>
#include <stdio.h>

struct text text_into(char *buffer, size_t size)
{
    if (buffer == NULL)
        return (struct text){0};
    if (size > 0)
        buffer[0] = '\0';
    return (struct text){.buffer = buffer, .size = size};
}

void text_add(struct text *text, const char *format, ...)
{
    const size_t used = text->length < text->size ? text->length : text->size;
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text->size > 0 ? text->buffer + used : NULL, text->size - used, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length;
}
