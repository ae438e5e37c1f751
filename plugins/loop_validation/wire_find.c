/* The first half of a run: trainings that finished and are not known, the model of each, and all of
 * that into the store before anything is started. */
#include <inttypes.h>
#include <stdio.h>

#include "wire.h"

#define PAGE_ITEMS 100

struct history_row {
    struct rh_str work_id;
    int64_t finished_at;
};
struct history {
    struct rh_list items;
    struct rh_str next;
};
static const struct rh_field row_fields[] = {
    RH_STR(struct history_row, work_id, RH_REQUIRED, "the training"),
    RH_INT(struct history_row, finished_at, 0, 0, 0, "Unix ms"),
};
static const struct rh_field history_fields[] = {
    RH_OBJECT_LIST(struct history, items, RH_REQUIRED, PAGE_ITEMS, struct history_row, row_fields,
                   "the newest first"),
    RH_STR(struct history, next, 0, "where the next page begins"),
};
static const struct rh_fields history_table = RH_FIELDS(struct history, history_fields);

struct result_row {
    struct rh_str model;
};
struct item {
    struct rh_str config_key;
    struct rh_str board_type;
    struct result_row result;
};
static const struct rh_field result_fields[] = {
    RH_STR(struct result_row, model, 0, "name of the model"),
};
static const struct rh_field item_fields[] = {
    RH_STR(struct item, config_key, 0, "board and players"),
    RH_STR(struct item, board_type, 0, "board"),
    RH_OBJECT(struct item, result, 0, struct result_row, result_fields, "what was reported"),
};
static const struct rh_fields item_table = RH_FIELDS(struct item, item_fields);

static void look_into_next(struct plugin *p);

int32_t validation_want(struct plugin *p, struct rh_batch_builder *batch, const struct model *model)
{
    struct model known;
    struct rh_key key;
    const int32_t rc = models_get(p, rh_str_from(model->name), &known);

    if (rc != RH_ENOTFOUND)
        return rc;
    rh_store_key(&key, KEY_MODEL, rh_str_from(model->name));
    if (key.rc != RH_OK)
        return key.rc;
    rh_batch_check(batch, rh_key_view(&key), 0); /* it may have come by another way meanwhile */
    models_put(batch, model);
    rh_loop_action(&p->actions, "want", rh_str_from(model->name), "trained by %s",
                   model->work_id[0] ? model->work_id : "somebody");
    return RH_OK;
}

static void on_stored(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;

    (void)user;
    (void)revision;
    if (rc == RH_ECONFLICT)
        p->next_found--; /* the event was quicker: the model is known now, the training not yet */
    if (rc != RH_OK && rc != RH_ECONFLICT)
        validation_finish(p, rc);
    else
        look_into_next(p);
}

/* One training and its model in one commit: it is known from then on. */
static int32_t keep(struct plugin *p, const struct item *item)
{
    const struct found *found = &p->found[p->next_found++];
    struct model model = {.wanted_at_ms = found->finished_at_ms};
    struct rh_batch_builder batch;
    int32_t rc = RH_OK;

    rh_batch_begin(&batch, VALIDATION_NAMESPACE);
    training_put(&batch, rh_str_from(found->work_id), found->finished_at_ms);
    if (item->result.model.n == 0 ||
        rh_str_copy(model.name, sizeof(model.name), item->result.model) != RH_OK) {
        rh_loop_action(&p->actions, "pass", rh_str_from(found->work_id),
                       "its result names no model");
    } else {
        (void)rh_str_copy(model.work_id, sizeof(model.work_id), rh_str_from(found->work_id));
        (void)rh_str_copy(model.config_key, sizeof(model.config_key), item->config_key);
        (void)rh_str_copy(model.board_type, sizeof(model.board_type), item->board_type);
        rc = validation_want(p, &batch, &model);
    }
    if (rc != RH_OK || p->config->dry_run) {
        rh_batch_release(&batch);
        if (rc == RH_OK)
            look_into_next(p);
        return rc;
    }
    return rh_batch_commit(&batch, &p->rh, on_stored, NULL);
}

static void on_item(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    struct item item = {.config_key = {NULL, 0}};
    void *memory = NULL;
    int32_t rc = RH_OK;

    (void)user;
    /* A result of another shape, or an item that is gone, has no model. */
    if (answer->rc == RH_OK && answer->status == 404)
        rc = keep(p, &item);
    else if (answer->rc == RH_OK && answer->status == 200 &&
             p->rh.fields->decode(p->rh.ctx, &item_table, answer->body, &item, &memory, NULL, 0) !=
                 RH_OK)
        rc = keep(p, &(struct item){.config_key = {NULL, 0}});
    else if (answer->rc == RH_OK && answer->status == 200)
        rc = keep(p, &item);
    else
        rc = rh_leader_answer(&p->rh, answer, "/work/item", NULL, NULL, NULL);
    p->rh.fields->release(p->rh.ctx, memory);
    if (rc != RH_OK)
        validation_finish(p, rc);
}

/* One after the other. */
static void look_into_next(struct plugin *p)
{
    char path[64 + MODEL_ID_SIZE];
    int32_t rc;

    if (p->next_found == p->found_count) {
        validation_play(p);
        return;
    }
    (void)snprintf(path, sizeof(path), "/work/item?work_id=%s", p->found[p->next_found].work_id);
    rc = rh_leader_call(&p->rh, "GET", path, NULL, p->epoch, on_item, NULL);
    if (rc != RH_OK)
        validation_finish(p, rc);
}

static int32_t ask_history(struct plugin *p, struct rh_str after);

/* Those that are not known. When there are more than fit, the oldest are kept: they come last. */
static int32_t note_page(struct plugin *p, const struct history *page)
{
    for (uint32_t i = 0; i < page->items.count; i++) {
        const struct history_row *row = (const struct history_row *)page->items.items + i;
        struct found *found;
        bool is_known = false;
        const int32_t rc = training_is_known(p, row->work_id, &is_known);

        if (rc != RH_OK)
            return rc;
        if (row->finished_at > p->newest_ms)
            p->newest_ms = row->finished_at;
        if (is_known)
            continue;
        if (p->found_count == FOUND_MAX) {
            p->is_all = false;
            p->found_count = 0; /* older ones are on their way, and these will be listed again */
        }
        found = &p->found[p->found_count];
        if (rh_str_copy(found->work_id, sizeof(found->work_id), row->work_id) != RH_OK)
            continue;
        found->finished_at_ms = row->finished_at;
        p->found_count++;
    }
    return RH_OK;
}

static void on_history(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    struct history page;
    void *memory = NULL;
    int32_t rc = rh_leader_answer(&p->rh, answer, "/work/history", &history_table, &page, &memory);
    bool is_more = false;

    (void)user;
    if (rc == RH_OK) {
        rc = note_page(p, &page);
        is_more = rc == RH_OK && page.next.n > 0;
        if (is_more)
            rc = ask_history(p, page.next);
        p->rh.fields->release(p->rh.ctx, memory);
    }
    if (rc != RH_OK)
        validation_finish(p, rc);
    else if (!is_more)
        look_into_next(p);
}

static int32_t ask_history(struct plugin *p, struct rh_str after)
{
    char path[256];
    int64_t cursor_ms;
    int32_t rc = cursor_get(p, &cursor_ms);

    if (rc != RH_OK)
        return rc;
    (void)snprintf(path, sizeof(path),
                   "/work/history?work_type=training&status=done&limit=%d&since_at=%" PRId64
                   "%s%.*s",
                   PAGE_ITEMS, cursor_ms > OVERLAP_MS ? cursor_ms - OVERLAP_MS : 0,
                   after.n > 0 ? "&after=" : "", RH_STR_ARG(after)); /* ids are short */
    return rh_leader_call(&p->rh, "GET", path, NULL, p->epoch, on_history, NULL);
}

int32_t validation_find(struct plugin *p)
{
    p->found_count = 0;
    p->next_found = 0;
    p->newest_ms = 0;
    p->is_all = true;
    return ask_history(p, (struct rh_str){NULL, 0});
}
