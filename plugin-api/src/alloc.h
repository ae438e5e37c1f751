/* The only door to malloc for the SDK; private, so that tests can link another one that fails. */
#ifndef RH_PLUGIN_API_SRC_ALLOC_H
#define RH_PLUGIN_API_SRC_ALLOC_H

#include <stddef.h>

/* As realloc: block may be NULL, size is at least 1. NULL if out of memory, block is then
 * unchanged. Blocks end in free(), by whoever owns them. [any] */
void *rh_mem_resize(void *block, size_t size);

#endif
