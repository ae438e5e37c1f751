/* Writes the payloads of catalogue events and hands them on; that a fact is emitted once is the
 * caller's business. */
#include <ringhost/sdk/emit.h>

#include <assert.h>

struct payload {
    struct rh_buf buf;
    struct rh_json_writer w;
    int32_t rc;
};

static void payload_begin(struct payload *p)
{
    rh_buf_init(&p->buf, RH_VALUE_MAX);
    rh_json_init(&p->w, &p->buf);
    rh_json_begin_object(&p->w);
    p->rc = RH_OK;
}

static void put_required(struct payload *p, const char *key, struct rh_str value)
{
    if (value.n == 0)
        p->rc = RH_EINVAL;
    rh_json_kv_str(&p->w, key, value);
}

static void put_text(struct payload *p, const char *key, struct rh_str value)
{
    if (value.n)
        rh_json_kv_str(&p->w, key, value);
}

static int32_t payload_end(struct payload *p)
{
    int32_t rc;

    rh_json_end_object(&p->w);
    rc = rh_json_finish(&p->w);
    return p->rc == RH_OK ? rc : p->rc;
}

/* A payload that is not whole spoils its batch: a fact without its event would break "exactly one
 * emission". */
static void payload_to_batch(struct payload *p, struct rh_batch_builder *batch, const char *type)
{
    int32_t rc = payload_end(p);

    if (rc == RH_OK)
        rh_batch_event(batch, type, rh_buf_str(&p->buf));
    else if (batch->rc == RH_OK)
        batch->rc = rc;
    rh_buf_release(&p->buf);
}

void rh_emit_work_completed(struct rh_batch_builder *batch, const struct rh_work_completed *e)
{
    const bool is_measurement =
        rh_str_eq_c(e->work_type, "evaluation") || rh_str_eq_c(e->work_type, "gauntlet");
    const char *type = "WORK_COMPLETED";
    struct payload p;

    if (is_measurement && e->group.n)
        return;
    if (rh_str_eq_c(e->work_type, "selfplay"))
        type = "SELFPLAY_COMPLETE";
    else if (rh_str_eq_c(e->work_type, "training"))
        type = "TRAINING_COMPLETED";
    else if (is_measurement)
        type = "EVALUATION_COMPLETED";

    payload_begin(&p);
    put_required(&p, "work_id", e->work_id);
    put_required(&p, "work_type", e->work_type);
    put_text(&p, "config_key", e->config_key);
    if (e->result.n)
        rh_json_kv_raw(&p.w, "result", e->result);
    put_required(&p, "node_id", e->node_id);
    if (e->games_generated >= 0 && rh_str_eq_c(e->work_type, "selfplay"))
        rh_json_kv_int(&p.w, "games_generated", e->games_generated);
    payload_to_batch(&p, batch, type);
}

void rh_emit_work_failed(struct rh_batch_builder *batch, const struct rh_work_failed *e)
{
    const char *type = rh_str_eq_c(e->work_type, "training") ? "TRAINING_FAILED" : "WORK_FAILED";
    struct payload p;

    payload_begin(&p);
    put_required(&p, "work_id", e->work_id);
    put_required(&p, "work_type", e->work_type);
    put_text(&p, "config_key", e->config_key);
    put_required(&p, "error", e->error);
    put_required(&p, "node_id", e->node_id);
    payload_to_batch(&p, batch, type);
}

void rh_emit_gauntlet_completed(struct rh_batch_builder *batch,
                                const struct rh_gauntlet_completed *e)
{
    struct payload p;

    assert(e->baselines || e->baseline_count == 0);
    payload_begin(&p);
    put_required(&p, "gauntlet_id", e->gauntlet_id);
    put_required(&p, "model", e->model);
    rh_json_key(&p.w, "baselines");
    rh_json_begin_array(&p.w);
    for (uint32_t i = 0; i < e->baseline_count; i++)
        rh_json_string(&p.w, e->baselines[i]);
    rh_json_end_array(&p.w);
    put_text(&p, "config_key", e->config_key);
    rh_json_kv_int(&p.w, "wins", e->wins);
    rh_json_kv_int(&p.w, "losses", e->losses);
    rh_json_kv_int(&p.w, "draws", e->draws);
    rh_json_kv_int(&p.w, "total_games", e->total_games);
    rh_json_kv_double(&p.w, "win_rate", e->win_rate);
    put_text(&p, "verdict", e->verdict);
    put_text(&p, "node_id", e->node_id);
    payload_to_batch(&p, batch, "EVALUATION_COMPLETED");
}

void rh_emit_tournament_completed(struct rh_batch_builder *batch,
                                  const struct rh_tournament_completed *e)
{
    struct payload p;

    payload_begin(&p);
    put_required(&p, "tournament_id", e->tournament_id);
    put_text(&p, "winner", e->winner);
    put_text(&p, "format", e->format);
    rh_json_kv_int(&p.w, "matches", e->matches);
    payload_to_batch(&p, batch, "TOURNAMENT_COMPLETED");
}

void rh_emit_elo_updated(struct rh_batch_builder *batch, const struct rh_elo_updated *e)
{
    struct payload p;

    payload_begin(&p);
    put_required(&p, "player", e->player);
    put_required(&p, "board_type", e->board_type);
    put_text(&p, "config_key", e->config_key);
    rh_json_kv_double(&p.w, "old_elo", e->old_elo);
    rh_json_kv_double(&p.w, "new_elo", e->new_elo);
    rh_json_kv_int(&p.w, "games_played", e->games_played);
    payload_to_batch(&p, batch, "ELO_UPDATED");
}

int32_t rh_emit_node_idle(const struct rh_services *rh, struct rh_str node_id, int64_t since_at,
                          const char *source)
{
    struct payload p;
    int32_t rc;

    payload_begin(&p);
    put_required(&p, "node_id", node_id);
    rh_json_kv_int(&p.w, "since_at", since_at);
    put_text(&p, "source", rh_str_from(source));
    rc = payload_end(&p);
    if (rc == RH_OK)
        rc = rh->events->publish(rh->ctx, "NODE_IDLE", rh_buf_str(&p.buf), NULL);
    rh_buf_release(&p.buf);
    return rc;
}
