/* The second half of a run: at most three gauntlets are started, and what came of each is kept. */
#include <inttypes.h>
#include <stdio.h>

#include "wire.h"

/* The first wait of a model whose gauntlet could not be started. */
#define PUT_OFF_MS (5 * 60 * INT64_C(1000))

struct started {
    struct rh_str gauntlet_id;
};
static const struct rh_field started_fields[] = {
    RH_STR(struct started, gauntlet_id, RH_REQUIRED, "the gauntlet"),
};
static const struct rh_fields started_table = RH_FIELDS(struct started, started_fields);

static void play_next(struct plugin *p);

void validation_finish(struct plugin *p, int32_t rc)
{
    if (rc == RH_ECANCELLED) {
        rh_loop_actions_drop(&p->actions);
        return;
    }
    rh_loop_actions_end(&p->actions);
    p->rh.core->done(p->rh.ctx, rc);
}

static void on_kept(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;

    (void)user;
    (void)revision;
    if (rc != RH_OK)
        validation_finish(p, rc);
    else
        play_next(p);
}

static void keep(struct plugin *p, const struct model *model)
{
    struct rh_batch_builder batch;
    int32_t rc;

    rh_batch_begin(&batch, VALIDATION_NAMESPACE);
    models_put(&batch, model);
    rc = rh_batch_commit(&batch, &p->rh, on_kept, NULL);
    if (rc != RH_OK)
        validation_finish(p, rc);
}

static void put_off(struct plugin *p, struct model *model, struct rh_str why)
{
    rh_loop_action(&p->actions, "put_off", rh_str_from(model->name), "%.*s", RH_STR_ARG(why));
    model_put_off(model, why, PUT_OFF_MS, p->rh.core->wall_ms(p->rh.ctx));
    keep(p, model);
}

static void on_run(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    struct model *model = &p->pick.models[p->next_pick++];
    struct started started;
    void *memory = NULL;
    int32_t rc;

    (void)user;
    /* Refused for what was asked: others may do better. No answer, or an epoch that is over, is no
     * word about the model. */
    if (answer->rc == RH_OK && answer->status >= 400 && answer->status < 500 &&
        answer->status != 412) {
        put_off(p, model, answer->message);
        return;
    }
    rc = rh_leader_answer(&p->rh, answer, "/gauntlet/run", &started_table, &started, &memory);
    if (rc != RH_OK) {
        validation_finish(p, rc);
        return;
    }
    model->state = MODEL_STARTED;
    model->error[0] = '\0';
    if (rh_str_copy(model->gauntlet_id, sizeof(model->gauntlet_id), started.gauntlet_id) != RH_OK)
        model->gauntlet_id[0] = '\0'; /* only shown */
    p->rh.fields->release(p->rh.ctx, memory);
    keep(p, model);
}

static const struct rule_config *rule_of(const struct plugin *p, const struct model *model)
{
    for (uint32_t i = 0; i < p->config->gauntlets.count; i++) {
        const struct rule_config *rule = (const struct rule_config *)p->config->gauntlets.items + i;

        if (rh_glob_match(rule->config_key, rh_str_from(model->config_key)))
            return rule;
    }
    return NULL;
}

static int32_t run_gauntlet(struct plugin *p, const struct model *model,
                            const struct rule_config *rule)
{
    struct rh_json_reply body;
    char key[MODEL_NAME_SIZE + 16];

    (void)snprintf(key, sizeof(key), "validation/%s", model->name); /* it fits */
    rh_json_reply_begin(&body);
    rh_json_kv_strc(&body.w, "model", model->name);
    rh_json_kv_str_list(&body.w, "baselines", &rule->baselines);
    rh_json_kv_strc(&body.w, "type", "thorough");
    if (model->board_type[0])
        rh_json_kv_strc(&body.w, "board_type", model->board_type);
    rh_json_kv_int(&body.w, "board_size", rule->board_size);
    rh_json_kv_double(&body.w, "komi", rule->komi);
    rh_json_kv_int(&body.w, "priority", rule->priority);
    rh_json_kv_str_list(&body.w, "requires", &rule->requires);
    rh_json_kv_bool(&body.w, "needs_gpu", rule->needs_gpu != 0);
    rh_json_kv_strc(&body.w, "idempotency_key", key);
    return rh_leader_call(&p->rh, "POST", "/gauntlet/run", &body, p->epoch, on_run, NULL);
}

static void play_next(struct plugin *p)
{
    while (p->next_pick < p->pick.count) {
        struct model *model = &p->pick.models[p->next_pick];
        const struct rule_config *rule = rule_of(p, model);
        int32_t rc;

        if (!rule) {
            p->next_pick++;
            if (!p->config->dry_run) {
                put_off(p, model, RH_STR_LIT("no entry of `gauntlets` covers its config"));
                return;
            }
            continue;
        }
        rh_loop_action(&p->actions, "run", rh_str_from(model->name), "thorough gauntlet, %s",
                       model->config_key);
        if (p->config->dry_run) {
            p->next_pick++;
            continue;
        }
        rc = run_gauntlet(p, model, rule);
        if (rc != RH_OK)
            validation_finish(p, rc);
        return;
    }
    validation_finish(p, RH_OK);
}

/* What was found is in the store. The cursor goes to the newest training once none is left out. */
void validation_play(struct plugin *p)
{
    struct rh_batch_builder batch;
    int64_t cursor_ms;
    int32_t rc = cursor_get(p, &cursor_ms);

    rh_batch_begin(&batch, VALIDATION_NAMESPACE);
    if (rc == RH_OK && p->is_all && p->newest_ms > cursor_ms) {
        cursor_put(&batch, p->newest_ms);
        rc = trainings_prune(p, &batch, p->newest_ms - OVERLAP_MS);
    }
    if (rc == RH_OK)
        rc = models_pick(p, &batch);
    p->next_pick = 0;
    if (rc != RH_OK || p->config->dry_run || batch.op_count == 0) {
        rh_batch_release(&batch);
        if (rc == RH_OK)
            play_next(p);
    } else {
        rc = rh_batch_commit(&batch, &p->rh, on_kept, NULL);
    }
    if (rc != RH_OK)
        validation_finish(p, rc);
}
