/* The plain types both sides of the ABI share; no functions, no structs that carry a size. */
#ifndef RH_TYPES_H
#define RH_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes, usually UTF-8 text. Not NUL-terminated. p may be NULL when n is 0. */
struct rh_str {
    const char *p;
    size_t n;
};

/* Borrowed array of strings. items may be NULL when count is 0. reserved is 0. */
struct rh_str_list {
    const struct rh_str *items;
    uint32_t count;
    uint32_t reserved;
};

/* Names one thing on the host's side (a timer, a process, a call). 0 is never a valid handle; a
 * stale handle is refused with RH_ENOTFOUND. */
typedef uint64_t rh_handle;

/* The struct that embeds the member which pointer points to. */
#define RH_CONTAINER_OF(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
