/* rh.fields/1: decode JSON text into a struct by a field table. */
#ifndef RH_SERVICE_FIELDS_H
#define RH_SERVICE_FIELDS_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_FIELDS_ID "rh.fields/1"

struct rh_fields_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Decode the JSON object `json` into `out` (table->struct_size bytes, overwritten). Strings and
     * lists point into memory that lives until *memory is freed through `release`. Unknown fields
     * are ignored. On failure nothing is allocated, `out` is zeroed and `why` (why_size bytes, may
     * be NULL) says field and rule. [loop] Returns RH_OK, RH_EINVAL or RH_ENOMEM. */
    int32_t (*decode)(struct rh_ctx *ctx, const struct rh_fields *table, struct rh_str json,
                      void *out, void **memory, char *why, uint32_t why_size);
    /* Free what decode made. NULL is allowed. [loop] */
    void (*release)(struct rh_ctx *ctx, void *memory);
};

#endif
