/* See validation.h. */
#include "validation.h"

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

#define VERSION      1
#define PUT_OFF_MAX  (INT64_C(24) * 3600 * 1000)
#define ATTEMPTS_MAX 1000000

void model_encode(const struct model *model, struct rh_buf *buf)
{
    rh_record_put(buf, VERSION);
    rh_record_put(buf, model->state);
    rh_record_put_str(buf, rh_str_from(model->work_id));
    rh_record_put_str(buf, rh_str_from(model->config_key));
    rh_record_put_str(buf, rh_str_from(model->board_type));
    rh_record_put_str(buf, rh_str_from(model->gauntlet_id));
    rh_record_put_str(buf, rh_str_from(model->error));
    rh_record_put_i64(buf, model->wanted_at_ms);
    rh_record_put_i64(buf, model->not_before_ms);
    rh_record_put(buf, model->attempts);
}

int32_t model_decode(struct rh_str record, struct model *out)
{
    struct rh_record_reader reader;

    rh_record_reader_init(&reader, record);
    (void)rh_record_get(&reader, VERSION, VERSION);
    out->state = (enum model_state)rh_record_get(&reader, MODEL_WANTED, MODEL_STARTED);
    rh_record_get_text(&reader, out->work_id, sizeof(out->work_id));
    rh_record_get_text(&reader, out->config_key, sizeof(out->config_key));
    rh_record_get_text(&reader, out->board_type, sizeof(out->board_type));
    rh_record_get_text(&reader, out->gauntlet_id, sizeof(out->gauntlet_id));
    rh_record_get_text(&reader, out->error, sizeof(out->error));
    out->wanted_at_ms = rh_record_get_i64(&reader);
    out->not_before_ms = rh_record_get_i64(&reader);
    out->attempts = (uint32_t)rh_record_get(&reader, 0, ATTEMPTS_MAX);
    return rh_record_end(&reader);
}

void model_put_off(struct model *model, struct rh_str error, int64_t base_ms, int64_t now_ms)
{
    int64_t wait_ms = base_ms;

    for (uint32_t i = 0; i < model->attempts && wait_ms < PUT_OFF_MAX; i++)
        wait_ms *= 2;
    if (error.n >= sizeof(model->error))
        error.n = sizeof(model->error) - 1;
    (void)rh_str_copy(model->error, sizeof(model->error), error); /* "" for what holds a NUL */
    model->not_before_ms = now_ms + (wait_ms < PUT_OFF_MAX ? wait_ms : PUT_OFF_MAX);
    if (model->attempts < ATTEMPTS_MAX)
        model->attempts++;
}

void validation_see(struct validation_pick *pick, const struct model *model, int64_t now_ms)
{
    uint32_t at = pick->count;

    assert(pick->max <= VALIDATION_STARTS_MAX);
    if (model->state != MODEL_WANTED || model->not_before_ms > now_ms)
        return;
    while (at > 0 && pick->models[at - 1].wanted_at_ms > model->wanted_at_ms)
        at--;
    if (at == pick->max)
        return;
    if (pick->count < pick->max)
        pick->count++;
    memmove(&pick->models[at + 1], &pick->models[at],
            (pick->count - 1 - at) * sizeof(pick->models[0]));
    pick->models[at] = *model;
}
