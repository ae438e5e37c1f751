/* Rows of the namespace "validation"; see wire.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

#define RECORD_MAX 4096u
/* Rows that one run deletes of each kind. */
#define PRUNE_MAX 64u

static struct rh_store store_of(const struct plugin *p)
{
    return (struct rh_store){&p->rh, VALIDATION_NAMESPACE};
}

int32_t models_get(struct plugin *p, struct rh_str name, struct model *out)
{
    const struct rh_store store = store_of(p);
    struct rh_value value;
    int32_t rc = rh_store_get_id(&store, KEY_MODEL, name, &value);

    if (rc == RH_OK && !value.found)
        return RH_ENOTFOUND;
    if (rc == RH_OK)
        rc = rh_str_copy(out->name, sizeof(out->name), name);
    return rc == RH_OK && model_decode(value.data, out) != RH_OK ? RH_EIO : rc;
}

void models_put(struct rh_batch_builder *batch, const struct model *model)
{
    struct rh_buf buf;
    struct rh_key key;

    rh_buf_init(&buf, RECORD_MAX);
    model_encode(model, &buf);
    rh_store_key(&key, KEY_MODEL, rh_str_from(model->name));
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

/* Calls fn for each model; fn returns false to end. */
static int32_t each_model(struct plugin *p, struct rh_str after,
                          bool (*fn)(void *user, const struct model *model), void *user)
{
    const struct rh_store store = store_of(p);
    struct rh_rows rows = {.more = 1};
    char last[MODEL_NAME_SIZE] = "";
    struct rh_key from;
    struct rh_key to;

    rh_store_key(&to, KEY_MODEL + 1, (struct rh_str){NULL, 0});
    (void)rh_str_copy(last, sizeof(last), after); /* one that does not fit begins anew */
    while (rows.more) {
        bool is_first = true;
        int32_t rc;

        rh_store_key(&from, KEY_MODEL, rh_str_from(last));
        rc = rh_store_scan(&store, &from, &to, 0, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            const struct rh_row *row = rh_store_row(&rows, i);
            struct model model;

            if (rh_store_key_id(row->key, model.name, sizeof(model.name)) != RH_OK ||
                model_decode(row->data, &model) != RH_OK)
                return RH_EIO;
            if (is_first && strcmp(model.name, last) == 0)
                continue; /* the last of the page before */
            is_first = false;
            memcpy(last, model.name, sizeof(last));
            if (!fn(user, &model))
                return RH_OK;
        }
        if (rc != RH_OK || rows.count == 0)
            return rc;
    }
    return RH_OK;
}

/* What models_pick gathers. */
struct gathering {
    struct plugin *p;
    int64_t now_ms;
    int64_t count;
    struct {
        char name[MODEL_NAME_SIZE];
        int64_t wanted_at_ms;
    } oldest[PRUNE_MAX]; /* started ones, ascending */
    uint32_t oldest_count;
};

static void note_oldest(struct gathering *g, const struct model *model)
{
    uint32_t at = g->oldest_count;

    while (at > 0 && g->oldest[at - 1].wanted_at_ms > model->wanted_at_ms)
        at--;
    if (model->state != MODEL_STARTED || at == PRUNE_MAX)
        return;
    if (g->oldest_count < PRUNE_MAX)
        g->oldest_count++;
    memmove(&g->oldest[at + 1], &g->oldest[at], (g->oldest_count - 1 - at) * sizeof(g->oldest[0]));
    memcpy(g->oldest[at].name, model->name, sizeof(g->oldest[at].name));
    g->oldest[at].wanted_at_ms = model->wanted_at_ms;
}

static bool gather(void *user, const struct model *model)
{
    struct gathering *g = user;

    g->count++;
    validation_see(&g->p->pick, model, g->now_ms);
    note_oldest(g, model);
    return true;
}

int32_t models_pick(struct plugin *p, struct rh_batch_builder *batch)
{
    struct gathering g = {.p = p, .now_ms = p->rh.core->wall_ms(p->rh.ctx)};
    int32_t rc;

    p->pick = (struct validation_pick){.max = (uint32_t)p->config->starts_max};
    rc = each_model(p, (struct rh_str){NULL, 0}, gather, &g);
    for (uint32_t i = 0; rc == RH_OK && i < g.oldest_count && g.count > p->config->keep_max; i++) {
        rh_store_delete_id(batch, KEY_MODEL, rh_str_from(g.oldest[i].name));
        g.count--;
    }
    return rc;
}

struct listing {
    struct rh_json_writer *w;
    uint32_t left;
};

static bool list_one(void *user, const struct model *model)
{
    struct listing *l = user;

    rh_json_begin_object(l->w);
    rh_json_kv_strc(l->w, "model", model->name);
    rh_json_kv_strc(l->w, "state", model->state == MODEL_STARTED ? "started" : "wanted");
    rh_json_kv_strc(l->w, "work_id", model->work_id);
    rh_json_kv_strc(l->w, "config_key", model->config_key);
    rh_json_kv_strc(l->w, "gauntlet_id", model->gauntlet_id);
    rh_json_kv_int(l->w, "wanted_at", model->wanted_at_ms);
    rh_json_kv_int(l->w, "attempts", model->attempts);
    rh_json_kv_int(l->w, "not_before_at", model->not_before_ms);
    rh_json_kv_strc(l->w, "error", model->error);
    rh_json_end_object(l->w);
    return --l->left > 0;
}

int32_t models_list(struct plugin *p, struct rh_str after, uint32_t limit, struct rh_json_writer *w)
{
    struct listing listing = {.w = w, .left = limit};

    return each_model(p, after, list_one, &listing);
}

static struct rh_str number_text(int64_t value, char text[24])
{
    return (struct rh_str){text, (size_t)snprintf(text, 24, "%" PRId64, value)};
}

int32_t cursor_get(struct plugin *p, int64_t *at_ms)
{
    const struct rh_store store = store_of(p);
    struct rh_value value;
    int32_t rc = rh_store_get_id(&store, KEY_CURSOR, (struct rh_str){NULL, 0}, &value);

    *at_ms = 0;
    return rc == RH_OK && value.found ? rh_parse_i64(value.data, at_ms) : rc;
}

void cursor_put(struct rh_batch_builder *batch, int64_t at_ms)
{
    char text[24];

    rh_store_put_id(batch, KEY_CURSOR, (struct rh_str){NULL, 0}, number_text(at_ms, text));
}

int32_t training_is_known(struct plugin *p, struct rh_str work_id, bool *is_known)
{
    const struct rh_store store = store_of(p);
    struct rh_value value;
    const int32_t rc = rh_store_get_id(&store, KEY_TRAINING, work_id, &value);

    *is_known = rc == RH_OK && value.found;
    return rc;
}

void training_put(struct rh_batch_builder *batch, struct rh_str work_id, int64_t finished_at_ms)
{
    char text[24];

    rh_store_put_id(batch, KEY_TRAINING, work_id, number_text(finished_at_ms, text));
}

int32_t trainings_prune(struct plugin *p, struct rh_batch_builder *batch, int64_t before_ms)
{
    const struct rh_store store = store_of(p);
    struct rh_rows rows;
    struct rh_key from;
    struct rh_key to;
    uint32_t left = PRUNE_MAX;
    int32_t rc;

    rh_store_key(&from, KEY_TRAINING, (struct rh_str){NULL, 0});
    rh_store_key(&to, KEY_TRAINING + 1, (struct rh_str){NULL, 0});
    rc = rh_store_scan(&store, &from, &to, 0, 0, &rows);
    for (uint32_t i = 0; i < rows.count && rc == RH_OK && left > 0; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);
        char work_id[MODEL_ID_SIZE];
        int64_t at_ms;

        if (rh_store_key_id(row->key, work_id, sizeof(work_id)) != RH_OK ||
            rh_parse_i64(row->data, &at_ms) != RH_OK)
            return RH_EIO;
        if (at_ms >= before_ms)
            continue;
        rh_store_delete_id(batch, KEY_TRAINING, rh_str_from(work_id));
        left--;
    }
    return rc;
}
