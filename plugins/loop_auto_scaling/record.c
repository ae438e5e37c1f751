/* See record.h. */
#include "record.h"

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

#define VERSION      1 /* of a machine */
#define POOL_VERSION 2 /* 1 had no boots */
#define NUMBER_MAX   INT64_C(9007199254740991)

void machine_encode(const struct fleet_machine *machine, struct rh_buf *buf)
{
    rh_record_put(buf, VERSION);
    rh_record_put(buf, machine->state);
    rh_record_put_str(buf, rh_str_from(machine->pool));
    rh_record_put_str(buf, rh_str_from(machine->handle));
    rh_record_put_str(buf, rh_str_from(machine->error));
    rh_record_put_i64(buf, machine->since_ms);
    rh_record_put_i64(buf, machine->not_before_ms);
    rh_record_put(buf, machine->attempts);
    rh_record_put(buf, machine->is_drained);
}

int32_t machine_decode(struct rh_str record, struct fleet_machine *out)
{
    struct rh_record_reader reader;

    rh_record_reader_init(&reader, record);
    (void)rh_record_get(&reader, VERSION, VERSION);
    out->state = (enum fleet_state)rh_record_get(&reader, 0, FLEET_STATES - 1);
    rh_record_get_text(&reader, out->pool, sizeof(out->pool));
    rh_record_get_text(&reader, out->handle, sizeof(out->handle));
    rh_record_get_text(&reader, out->error, sizeof(out->error));
    out->since_ms = rh_record_get_i64(&reader);
    out->not_before_ms = rh_record_get_i64(&reader);
    out->attempts = (uint32_t)rh_record_get(&reader, 0, UINT32_MAX);
    out->is_drained = rh_record_get(&reader, 0, 1) != 0;
    return rh_record_end(&reader);
}

static void put_notes(struct rh_buf *buf, const struct scale_note *notes, uint32_t count)
{
    rh_record_put(buf, count);
    for (uint32_t i = 0; i < count; i++) {
        rh_record_put_i64(buf, notes[i].at_ms);
        rh_record_put(buf, notes[i].count);
    }
}

static uint32_t get_notes(struct rh_record_reader *reader, struct scale_note *notes)
{
    const uint32_t count = (uint32_t)rh_record_get(reader, 0, SCALE_KEPT_MAX);

    for (uint32_t i = 0; i < count; i++) {
        notes[i].at_ms = rh_record_get_i64(reader);
        notes[i].count = rh_record_get(reader, 0, SCALE_MACHINES_MAX);
    }
    return count;
}

void pool_encode(const struct pool_memory *pool, struct rh_buf *buf)
{
    rh_record_put(buf, POOL_VERSION);
    rh_record_put(buf, pool->last_number);
    put_notes(buf, pool->history.wanted, pool->history.wanted_count);
    put_notes(buf, pool->history.added, pool->history.added_count);
    rh_record_put_i64(buf, pool->boots.not_before_ms);
    rh_record_put(buf, pool->boots.failures);
}

int32_t pool_decode(struct rh_str record, struct pool_memory *out)
{
    struct rh_record_reader reader;
    int64_t version;

    rh_record_reader_init(&reader, record);
    version = rh_record_get(&reader, 1, POOL_VERSION);
    out->last_number = rh_record_get(&reader, 0, NUMBER_MAX);
    out->history.wanted_count = get_notes(&reader, out->history.wanted);
    out->history.added_count = get_notes(&reader, out->history.added);
    out->boots = (struct fleet_boots){.failures = 0};
    if (version >= 2) {
        out->boots.not_before_ms = rh_record_get_i64(&reader);
        out->boots.failures = (uint32_t)rh_record_get(&reader, 0, UINT32_MAX);
    }
    return rh_record_end(&reader);
}
