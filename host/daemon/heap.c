/* Freed memory, given back to the system; see heap.h. */
#include "host/daemon/heap.h"

#include <malloc.h>

void heap_give_back(void)
{
    (void)malloc_trim(0); /* says only whether there was any */
}
