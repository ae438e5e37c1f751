/* One run: finish what was intended before, look at the queue, store what is to be added, add it,
 * and forget the intention. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

/* Bytes and items of one add: below what the queue takes. */
#define ADD_BYTES_MAX (128u * 1024u)
#define ADD_ITEMS_MAX 500
#define RECORD_MAX    (200u * 1024u)
/* Kinds of work that the queue tells of. */
#define STATS_ROWS_MAX 10000

/* Keys of the namespace: the intent under way, and the number of the last one. */
static const struct rh_str key_intent = RH_STR_INIT("i");
static const struct rh_str key_number = RH_STR_INIT("n");

struct stats_row {
    struct rh_str work_type;
    struct rh_str config_key;
    int64_t pending;
    int64_t leased;
};
struct stats {
    struct rh_list configs;
};
static const struct rh_field row_fields[] = {
    RH_STR(struct stats_row, work_type, RH_REQUIRED, "type"),
    RH_STR(struct stats_row, config_key, 0, "config"),
    RH_INT(struct stats_row, pending, 0, 0, 0, "items"),
    RH_INT(struct stats_row, leased, 0, 0, 0, "items"),
};
static const struct rh_field stats_fields[] = {
    RH_OBJECT_LIST(struct stats, configs, RH_REQUIRED, STATS_ROWS_MAX, struct stats_row, row_fields,
                   "kinds of work"),
};
static const struct rh_fields stats_table = RH_FIELDS(struct stats, stats_fields);

static void add_next(struct plugin *p);
static void look(struct plugin *p);

static void finish(struct plugin *p, int32_t rc)
{
    const bool tells = p->loop_waits && (!p->is_for_node || rc != RH_OK);

    p->is_running = false;
    if (rc == RH_ECANCELLED) { /* the activation has ended, and with it all that was wanted */
        rh_loop_actions_drop(&p->actions);
        return;
    }
    rh_loop_actions_end(&p->actions);
    if (tells) {
        p->loop_waits = false;
        p->wants_all = false;
        p->rh.core->done(p->rh.ctx, rc);
    }
    populator_pump(p);
}

static bool is_for(const struct target_config *target, struct rh_str node_id)
{
    for (uint32_t i = 0; i < target->nodes.count; i++)
        if (rh_glob_match(target->nodes.items[i], node_id))
            return true;
    return target->nodes.count == 0;
}

static bool has_type(const struct target_config *target, struct rh_str work_type)
{
    for (uint32_t i = 0; i < target->work_types.count; i++)
        if (rh_str_eq(target->work_types.items[i], work_type))
            return true;
    return target->work_types.count == 0;
}

static int64_t have_of(const struct stats *stats, struct rh_str config_key, struct rh_str work_type)
{
    for (uint32_t i = 0; i < stats->configs.count; i++) {
        const struct stats_row *row = (const struct stats_row *)stats->configs.items + i;

        if (rh_str_eq(row->config_key, config_key) && rh_str_eq(row->work_type, work_type))
            return row->pending + row->leased;
    }
    return 0;
}

/* What the queue has, in the shape that the core knows. */
static void count(const struct plugin *p, const struct stats *stats, struct mix_config *configs)
{
    for (uint32_t c = 0; c < p->config->configs.count; c++) {
        const struct target_config *target = populator_target(p, c);
        const bool is_wanted = !p->is_for_node || is_for(target, rh_str_from(p->node));

        configs[c] = (struct mix_config){.depth = !is_wanted          ? 0
                                                  : target->depth > 0 ? target->depth
                                                                      : p->config->depth};
        for (uint32_t t = 0; t < p->config->templates.count; t++) {
            const struct template_config *template = populator_template(p, t);

            if (has_type(target, template->work_type))
                configs[c].kinds[t] = (struct mix_kind){
                    .weight = template->weight,
                    .have = have_of(stats, target->config_key, template->work_type)};
        }
    }
}

/* Lines of the intent from the plan; names fit, since the configuration bounds them. */
static void note(struct plugin *p, const struct mix_config *configs)
{
    p->intent.line_count = 0;
    for (uint32_t c = 0; c < p->config->configs.count; c++)
        for (uint32_t t = 0; t < p->config->templates.count; t++) {
            const struct rh_str key = populator_target(p, c)->config_key;
            const struct rh_str type = populator_template(p, t)->work_type;
            struct intent_line *line = &p->intent.lines[p->intent.line_count];

            if (configs[c].kinds[t].add == 0 || p->intent.line_count == INTENT_LINES_MAX)
                continue;
            line->count = configs[c].kinds[t].add;
            (void)rh_str_copy(line->config_key, sizeof(line->config_key), key);
            (void)rh_str_copy(line->work_type, sizeof(line->work_type), type);
            p->intent.line_count++;
            rh_loop_action(&p->actions, "add", key, "%" PRId64 " of %.*s%s%s", line->count,
                           RH_STR_ARG(type), p->is_for_node ? ", for idle node " : "",
                           p->is_for_node ? p->node : "");
        }
}

static void on_intended(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;

    (void)user;
    (void)revision;
    if (rc != RH_OK)
        finish(p, rc);
    else
        add_next(p);
}

/* Stores the intent under a number of its own. Another leader's would have raised it: the check
 * fails then, and nothing is added. */
static int32_t intend(struct plugin *p)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct rh_batch_builder batch;
    uint64_t last = 0;
    struct rh_buf record;
    char text[24];
    int32_t rc = p->rh.state->get(p->rh.ctx, POPULATOR_NAMESPACE, key_number, &value);

    if (rc == RH_OK && value.found)
        rc = rh_parse_u64(value.data, &last);
    if (rc != RH_OK)
        return rc;
    p->intent.number = last + 1;
    p->next_item = 0;
    (void)snprintf(text, sizeof(text), "%" PRIu64, p->intent.number); /* it fits */
    rh_buf_init(&record, RECORD_MAX);
    intent_encode(&p->intent, &record);
    rc = record.rc;
    if (rc == RH_OK) {
        rh_batch_begin(&batch, POPULATOR_NAMESPACE);
        rh_batch_check(&batch, key_number, value.version);
        rh_batch_put(&batch, key_number, rh_str_from(text));
        rh_batch_put(&batch, key_intent, rh_buf_str(&record));
        rc = rh_batch_commit(&batch, &p->rh, on_intended, NULL);
    }
    rh_buf_release(&record);
    return rc;
}

static void on_stats(void *self, void *user, const struct rh_reply *answer)
{
    struct mix_config configs[MIX_CONFIGS_MAX];
    struct plugin *p = self;
    struct stats stats;
    void *memory = NULL;
    int64_t added = 0;
    int32_t rc = rh_leader_answer(&p->rh, answer, "/work/stats", &stats_table, &stats, &memory);

    (void)user;
    if (rc == RH_OK) {
        count(p, &stats, configs);
        added = mix_plan(configs, p->config->configs.count, p->config->templates.count,
                         p->config->added_max);
        p->rh.fields->release(p->rh.ctx, memory);
        note(p, configs);
    }
    if (rc == RH_OK && added > 0 && !p->config->dry_run)
        rc = intend(p);
    if (rc != RH_OK || added == 0 || p->config->dry_run)
        finish(p, rc);
}

static void on_forgotten(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;

    (void)user;
    (void)revision;
    if (rc == RH_OK && p->is_old)
        look(p);
    else
        finish(p, rc);
}

/* Everything intended is in the queue. */
static void forget(struct plugin *p)
{
    struct rh_batch_builder batch;
    int32_t rc;

    rh_batch_begin(&batch, POPULATOR_NAMESPACE);
    rh_batch_delete(&batch, key_intent);
    rc = rh_batch_commit(&batch, &p->rh, on_forgotten, NULL);
    if (rc != RH_OK)
        finish(p, rc);
}

static void on_added(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    int32_t rc;

    (void)user;
    if (answer->rc == RH_OK && answer->status == 429) {
        /* The queue is full. What is missing is not missed: the next run looks again. */
        p->next_item = intent_items(&p->intent);
        p->is_old = false;
        forget(p);
        return;
    }
    rc = rh_leader_answer(&p->rh, answer, "/work/add", NULL, NULL, NULL);
    if (rc != RH_OK) {
        finish(p, rc); /* the intent stays, and is done again */
        return;
    }
    p->next_item += p->sent;
    add_next(p);
}

static const struct template_config *find_template(const struct plugin *p, const char *work_type)
{
    for (uint32_t t = 0; t < p->config->templates.count; t++)
        if (rh_str_eq_c(populator_template(p, t)->work_type, work_type))
            return populator_template(p, t);
    return NULL;
}

static void write_item(const struct plugin *p, const struct template_config *template,
                       const struct intent_line *line, int64_t index, struct rh_json_writer *w)
{
    char key[INTENT_KEY_SIZE];

    intent_key(&p->intent, index, key);
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "work_type", line->work_type);
    rh_json_kv_strc(w, "config_key", line->config_key);
    rh_json_kv_strc(w, "idempotency_key", key);
    rh_json_kv_int(w, "priority", template->priority);
    if (template->payload.n > 0)
        rh_json_kv_raw(w, "payload", template->payload);
    rh_json_kv_str_list(w, "requires", &template->requires);
    rh_json_kv_bool(w, "needs_gpu", template->needs_gpu != 0);
    rh_json_kv_int(w, "min_vram_mb", template->min_vram_mb);
    rh_json_kv_int(w, "timeout_s", template->timeout_s);
    rh_json_kv_int(w, "max_runtime_s", template->max_runtime_s);
    rh_json_kv_int(w, "max_attempts", template->max_attempts);
    rh_json_end_object(w);
}

/* The next items of the intent that fit one call; those of a type that is not configured any more
 * are passed over. */
static void add_next(struct plugin *p)
{
    const int64_t items = intent_items(&p->intent);
    struct rh_json_reply body;
    int64_t written = 0;
    int32_t rc;

    rh_json_reply_begin(&body);
    rh_json_key(&body.w, "items");
    rh_json_begin_array(&body.w);
    p->sent = 0;
    while (p->next_item + p->sent < items && written < ADD_ITEMS_MAX &&
           body.buf.n < ADD_BYTES_MAX) {
        const int64_t index = p->next_item + p->sent++;
        const struct intent_line *line = intent_line_of(&p->intent, index);
        const struct template_config *template = find_template(p, line->work_type);

        if (!template)
            continue;
        write_item(p, template, line, index, &body.w);
        written++;
    }
    rh_json_end_array(&body.w);
    if (written == 0) {
        rh_buf_release(&body.buf);
        forget(p);
        return;
    }
    rc = rh_leader_call(&p->rh, "POST", "/work/add", &body, p->epoch, on_added, NULL);
    if (rc != RH_OK)
        finish(p, rc);
}

static void look(struct plugin *p)
{
    const int32_t rc = rh_leader_call(&p->rh, "GET", "/work/stats", NULL, p->epoch, on_stats, NULL);

    p->is_old = false;
    if (rc != RH_OK)
        finish(p, rc);
}

/* What an earlier run, of whichever leader, has left unfinished comes first. */
static int32_t begin(struct plugin *p)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    int32_t rc;

    p->epoch = rh_leader_epoch(&p->rh);
    if (p->epoch == 0)
        return RH_ENOTLEADER;
    rh_loop_actions_begin(&p->actions, &p->rh, POPULATOR_LOOP, p->config->dry_run != 0);
    rc = p->rh.state->get(p->rh.ctx, POPULATOR_NAMESPACE, key_intent, &value);
    if (rc != RH_OK)
        return rc;
    p->is_old = value.found && !p->config->dry_run;
    if (!p->is_old) {
        look(p);
        return RH_OK;
    }
    rc = intent_decode(value.data, &p->intent);
    if (rc != RH_OK)
        return rh_failf(&p->rh, RH_EIO, "the stored intent cannot be read");
    rh_loop_action(&p->actions, "resume", RH_STR_LIT("intent"),
                   "%" PRId64 " items of intent %" PRIu64, intent_items(&p->intent),
                   p->intent.number);
    p->next_item = 0;
    add_next(p);
    return RH_OK;
}

void populator_pump(struct plugin *p)
{
    int32_t rc;

    if (p->is_running || (!p->wants_all && p->wanted_node[0] == '\0'))
        return;
    p->is_running = true;
    p->is_for_node = !p->wants_all;
    memcpy(p->node, p->wanted_node, sizeof(p->node));
    p->wanted_node[0] = '\0'; /* a run of all serves every node */
    p->wants_all = false;
    rc = begin(p);
    if (rc != RH_OK)
        finish(p, rc == RH_ENOTLEADER ? RH_OK : rc);
}
