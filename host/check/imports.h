/* What a release plugin may take from outside, by name; it reads no file. */
#ifndef RH_HOST_CHECK_IMPORTS_H
#define RH_HOST_CHECK_IMPORTS_H

#include <stdbool.h>

/* Whether a plugin may import this symbol: functions of libc and libm that touch nothing but their
 * arguments, memory and errno, and what the compiler adds. An allow-list: what is not named is
 * refused. [any] */
bool imports_symbol_is_allowed(const char *name);

/* Whether a plugin may need this library: libc, libm, the loader. [any] */
bool imports_library_is_allowed(const char *name);

/* Whether the symbol comes with a sanitizer or with coverage: such a build is not to be judged.
 * [any] */
bool imports_symbol_is_instrumentation(const char *name);

#endif
