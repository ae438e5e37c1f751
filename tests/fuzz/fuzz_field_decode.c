/* Any bytes as a body and as a query for a table of every type: no crash, and nothing accepted that
 * is not JSON. */
#include <stdlib.h>

#include "host/core/field_all.h"
#include "host/core/field_decode.h"
#include "host/core/field_query.h"
#include "host/core/json_scan.h"

#define ARENA_MAX 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rh_str text = {(const char *)data, size};
    struct field_error error;
    struct field_arena arena;
    struct all out;
    bool is_json = json_check(text, NULL, 0) == RH_OK;
    int32_t strict;
    int32_t lenient;

    field_arena_init(&arena, ARENA_MAX);
    strict = field_decode(&all_table, text, FIELD_STRICT, 0, &out, &arena, &error);
    field_arena_reset(&arena);
    lenient = field_decode(&all_table, text, 0, 0, &out, &arena, &error);
    if (lenient == RH_OK && !is_json)
        abort();
    if (strict == RH_OK && lenient != RH_OK)
        abort();
    if (lenient == RH_OK && (out.max_items < 1 || out.max_items > 64 || out.boards.count > 256))
        abort();
    if (lenient == RH_OK && out.payload.n > 0 && json_check(out.payload, NULL, 0) != RH_OK)
        abort();
    field_arena_reset(&arena);
    /* A query has no other oracle than the sanitizers. */
    (void)field_decode_query(&all_table, text, FIELD_STRICT, &out, &arena, &error);
    field_arena_release(&arena);
    return 0;
}
