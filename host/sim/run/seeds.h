/* Which seeds a suite is run with: those that once failed first, then a range. */
#ifndef RH_HOST_SIM_RUN_SEEDS_H
#define RH_HOST_SIM_RUN_SEEDS_H

#include <stdint.h>

#define SEEDS_KEPT_MAX 10000u

/* `list` is owned: free(). The first kept_count are from the file. */
struct seeds {
    uint64_t *list;
    uint32_t count;
    uint32_t kept_count;
};

/* Those in the file at path (one number a line, '#' begins a comment; no file: none), then first to
 * last. path NULL: the range alone. RH_OK, or RH_EINVAL with words in why (size bytes) for a broken
 * file. Aborts without memory. */
int32_t seeds_make(const char *path, uint64_t first, uint64_t last, struct seeds *out, char *why,
                   uint32_t size);

#endif
