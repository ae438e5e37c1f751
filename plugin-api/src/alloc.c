/* The SDK's allocations are the C library's; nothing is counted or cached here. */
#include "alloc.h"

#include <stdlib.h>

void *rh_mem_resize(void *block, size_t size)
{
    return realloc(block, size);
}
