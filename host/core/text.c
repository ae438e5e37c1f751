/* Words for people in fixed room: cut to fit, never an error. */
#include <stdarg.h>
#include <stdio.h>

#include "host/core/core_internal.h"

void text_set(char *dst, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (vsnprintf(dst, size, format, args) < 0)
        dst[0] = '\0';
    va_end(args);
}
