/* The allow-list of imports; see imports.h. A deny-list would miss data symbols such as environ. */
#include "host/check/imports.h"

#include <stddef.h>
#include <string.h>

/* Order does not matter: files are checked once. Left out on purpose: qsort (glibc's allocates; the
 * SDK sorts), lgamma (writes signgam; lgamma_r does not), strtok, strerror, strcoll (hidden state
 * or locale), ctype (locale), every clock, file, thread and environment. */
static const char *const symbols[] = {
    /* memory blocks; compilers emit bcmp and mempcpy by themselves */
    "bcmp", "bzero", "explicit_bzero", "memccpy", "memchr", "memcmp", "memcpy", "memmem", "memmove",
    "mempcpy", "memrchr", "memset", "rawmemchr",
    /* strings; compilers make strcpy and stpcpy of snprintf */
    "stpcpy", "stpncpy", "strcasecmp", "strcasestr", "strcat", "strchr", "strchrnul", "strcmp",
    "strcpy", "strcspn", "strdup", "strlen", "strncasecmp", "strncat", "strncmp", "strncpy",
    "strndup", "strnlen", "strpbrk", "strrchr", "strsep", "strspn", "strstr", "strtok_r",
    /* numbers from text; the isoc23 names come with glibc 2.38 */
    "strtod", "strtof", "strtol", "strtold", "strtoll", "strtoul", "strtoull", "strtoimax",
    "strtoumax", "__isoc23_strtol", "__isoc23_strtoll", "__isoc23_strtoul", "__isoc23_strtoull",
    "__isoc23_strtoimax", "__isoc23_strtoumax",
    /* text from numbers */
    "snprintf", "vsnprintf",
    /* allocation */
    "aligned_alloc", "calloc", "free", "malloc", "posix_memalign", "realloc", "reallocarray",
    /* search, end of a wrong program */
    "abort", "bsearch", "__assert_fail", "__errno_location",
    /* fortified forms and the stack protector */
    "__chk_fail", "__explicit_bzero_chk", "__memcpy_chk", "__memmove_chk", "__mempcpy_chk",
    "__memset_chk", "__snprintf_chk", "__stack_chk_fail", "__stack_chk_guard", "__stpcpy_chk",
    "__stpncpy_chk", "__strcat_chk", "__strcpy_chk", "__strncat_chk", "__strncpy_chk",
    "__vsnprintf_chk"};

/* Functions of doubles; each has a float form with an f at the end. */
static const char *const math[] = {
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos",
    "cosh", "erf", "erfc", "exp", "exp10", "exp2", "expm1", "fabs", "fdim", "floor", "fma", "fmax",
    "fmin", "fmod", "frexp", "hypot", "ilogb", "ldexp", "llrint", "llround", "log", "log10",
    "log1p", "log2", "logb", "lrint", "lround", "modf", "nan", "nearbyint", "nextafter",
    "nexttoward", "pow", "remainder", "remquo", "rint", "round", "roundeven", "scalbln", "scalbn",
    "sin", "sincos", "sinh", "sqrt", "tan", "tanh", "tgamma", "trunc",
    /* no plain f form */
    "lgamma_r", "lgammaf_r"};

static const char *const libraries[] = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2",
                                        "ld-linux-aarch64.so.1"};

static const char *const instruments[] = {
    "__asan_", "__hwasan_",       "__lsan_",      "__msan_",     "__tsan_",        "__ubsan_",
    "__gcov_", "__llvm_profile_", "__sanitizer_", "__llvm_gcov", "__cyg_profile_", "mcount"};

static bool has(const char *const *table, size_t count, const char *name, size_t n)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i]) == n && memcmp(table[i], name, n) == 0)
            return true;
    return false;
}
#define HAS(table, name, n) has((table), sizeof(table) / sizeof((table)[0]), (name), (n))

bool imports_symbol_is_allowed(const char *name)
{
    size_t n = strlen(name);

    return HAS(symbols, name, n) || HAS(math, name, n) ||
           (n > 1 && name[n - 1] == 'f' && HAS(math, name, n - 1));
}

bool imports_library_is_allowed(const char *name)
{
    return HAS(libraries, name, strlen(name));
}

bool imports_symbol_is_instrumentation(const char *name)
{
    for (size_t i = 0; i < sizeof instruments / sizeof instruments[0]; i++)
        if (strncmp(name, instruments[i], strlen(instruments[i])) == 0)
            return true;
    return false;
}
