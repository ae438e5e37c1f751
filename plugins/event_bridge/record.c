/* Records of the bridge; each begins with a version. */
#include "record.h"

#include <ringhost/sdk/record.h>

#define VERSION 1

static void put_letter(struct rh_buf *buf, const struct letter *letter)
{
    const struct rh_str texts[] = {letter->id, letter->type, letter->source, letter->node_id,
                                   letter->payload};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        rh_record_put_str(buf, texts[i]);
    rh_record_put_i64(buf, letter->at_ms);
    rh_record_put_u64(buf, letter->position);
    rh_record_put(buf, letter->is_cluster);
}

static void get_letter(struct rh_record_reader *reader, struct letter *out)
{
    struct rh_str *const texts[] = {&out->id, &out->type, &out->source, &out->node_id,
                                    &out->payload};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = rh_record_get_str(reader);
    out->at_ms = rh_record_get_i64(reader);
    out->position = rh_record_get_u64(reader);
    out->is_cluster = rh_record_get(reader, 0, 1) != 0;
}

static void begin(struct rh_record_reader *reader, struct rh_str bytes)
{
    rh_record_reader_init(reader, bytes);
    (void)rh_record_get(reader, VERSION, VERSION); /* another stays in the reader as its error */
}

void record_put_cursor(struct rh_buf *buf, const struct cursor *cursor)
{
    rh_record_put(buf, VERSION);
    rh_record_put_u64(buf, cursor->position);
    rh_record_put_u64(buf, cursor->delivered);
    rh_record_put_u64(buf, cursor->missed);
    rh_record_put_u64(buf, cursor->buried);
    rh_record_put_u64(buf, cursor->dead);
}

void record_put_letter(struct rh_buf *buf, const struct letter *letter)
{
    rh_record_put(buf, VERSION);
    put_letter(buf, letter);
}

void record_put_dead(struct rh_buf *buf, const struct dead *dead)
{
    rh_record_put(buf, VERSION);
    put_letter(buf, &dead->letter);
    rh_record_put_str(buf, dead->error);
    rh_record_put(buf, dead->attempts);
    rh_record_put_i64(buf, dead->dead_at_ms);
}

int32_t record_get_cursor(struct rh_str bytes, struct cursor *out)
{
    struct rh_record_reader reader;

    begin(&reader, bytes);
    out->position = rh_record_get_u64(&reader);
    out->delivered = rh_record_get_u64(&reader);
    out->missed = rh_record_get_u64(&reader);
    out->buried = rh_record_get_u64(&reader);
    out->dead = rh_record_get_u64(&reader);
    return rh_record_end(&reader);
}

int32_t record_get_letter(struct rh_str bytes, struct letter *out)
{
    struct rh_record_reader reader;

    begin(&reader, bytes);
    get_letter(&reader, out);
    return rh_record_end(&reader);
}

int32_t record_get_dead(struct rh_str bytes, struct dead *out)
{
    struct rh_record_reader reader;

    begin(&reader, bytes);
    get_letter(&reader, &out->letter);
    out->error = rh_record_get_str(&reader);
    out->attempts = rh_record_get(&reader, 0, UINT32_MAX);
    out->dead_at_ms = rh_record_get_i64(&reader);
    return rh_record_end(&reader);
}
