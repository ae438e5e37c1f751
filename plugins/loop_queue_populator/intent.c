/* See intent.h. */
#include "intent.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

#define VERSION 1

void intent_encode(const struct intent *intent, struct rh_buf *buf)
{
    rh_record_put(buf, VERSION);
    rh_record_put_u64(buf, intent->number);
    rh_record_put(buf, intent->line_count);
    for (uint32_t i = 0; i < intent->line_count; i++) {
        const struct intent_line *line = &intent->lines[i];

        rh_record_put_str(buf, rh_str_from(line->config_key));
        rh_record_put_str(buf, rh_str_from(line->work_type));
        rh_record_put(buf, line->count);
    }
}

int32_t intent_decode(struct rh_str record, struct intent *out)
{
    struct rh_record_reader reader;

    rh_record_reader_init(&reader, record);
    (void)rh_record_get(&reader, VERSION, VERSION);
    out->number = rh_record_get_u64(&reader);
    out->line_count = (uint32_t)rh_record_get(&reader, 0, INTENT_LINES_MAX);
    for (uint32_t i = 0; i < out->line_count && reader.rc == RH_OK; i++) {
        struct intent_line *line = &out->lines[i];

        rh_record_get_text(&reader, line->config_key, sizeof(line->config_key));
        rh_record_get_text(&reader, line->work_type, sizeof(line->work_type));
        line->count = rh_record_get(&reader, 1, INTENT_ITEMS_MAX);
    }
    if (rh_record_end(&reader) != RH_OK || intent_items(out) > INTENT_ITEMS_MAX)
        return RH_EINVAL;
    return RH_OK;
}

int64_t intent_items(const struct intent *intent)
{
    int64_t items = 0;

    for (uint32_t i = 0; i < intent->line_count; i++)
        items += intent->lines[i].count;
    return items;
}

const struct intent_line *intent_line_of(const struct intent *intent, int64_t index)
{
    const struct intent_line *line = intent->lines;

    assert(index < intent_items(intent));
    while (index >= line->count)
        index -= (line++)->count;
    return line;
}

void intent_key(const struct intent *intent, int64_t index, char key[INTENT_KEY_SIZE])
{
    (void)snprintf(key, INTENT_KEY_SIZE, "populator/%" PRIu64 "/%" PRId64, intent->number,
                   index); /* two numbers fit */
}
