/* rh.fields/1 as the host gives it: JSON text into a struct by a field table. */
#include <stdlib.h>
#include <string.h>

#include <ringhost/service/fields.h>

#include "host/core/core_internal.h"
#include "host/core/field_decode.h"

#define DECODE_BYTES_MAX (16u * 1024u * 1024u)

static int32_t fields_decode(struct rh_ctx *plugin, const struct rh_fields *table,
                             struct rh_str json, void *out, void **memory, char *why,
                             uint32_t why_size)
{
    struct field_arena *arena = malloc(sizeof *arena);
    struct field_error error;
    int32_t rc;

    services_check(plugin, "decode");
    *memory = NULL;
    if (!arena)
        return RH_ENOMEM;
    field_arena_init(arena, DECODE_BYTES_MAX);
    rc = field_decode(table, json, 0, DECODE_BYTES_MAX, out, arena, &error);
    if (rc != RH_OK) {
        memset(out, 0, table->struct_size);
        if (why && why_size > 0)
            text_set(why, why_size, "%s", error.message);
        field_arena_release(arena);
        free(arena);
        return rc;
    }
    *memory = arena;
    return RH_OK;
}

static void fields_release(struct rh_ctx *plugin, void *memory)
{
    services_check(plugin, "release");
    if (!memory)
        return;
    field_arena_release(memory);
    free(memory);
}

static const struct rh_fields_v1 fields_service = {
    .size = (uint32_t)sizeof fields_service,
    .decode = fields_decode,
    .release = fields_release,
};

const void *services_fields(void)
{
    return &fields_service;
}
