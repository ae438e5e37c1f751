/* POST /elo/sync and /elo/retract: games come in, and are taken back. */
#include "wire.h"

#include <inttypes.h>

#include <ringhost/sdk/str.h>

/* What became of one request's games. */
struct outcome_counts {
    uint32_t accepted;
    uint32_t duplicates;
    uint32_t conflicts;
};

/* One game; what is wrong with it, or FACT_OK. A negative *rc ends the request. */
static enum fact_problem take_one(struct elo_sync *p, const struct result_req *result,
                                  struct outcome_counts *counts, int32_t *rc)
{
    struct fact_record record = {.id = result->game_id, .has_fact = true};
    enum fact_problem problem = elo_read_result(p, result, &record.fact);
    const struct entry *entry;
    uint32_t changes = 0;

    if (problem == FACT_OK && clock_is_ahead(result->played_at, p->rh.core->wall_ms(p->rh.ctx)))
        problem = FACT_CLOCK_AHEAD;
    if (problem != FACT_OK)
        return problem;
    *rc = elo_take(p, &record, false, &changes);
    if (*rc == RH_EFULL) {
        *rc = RH_OK;
        return FACT_STORE_FULL;
    }
    if (*rc != RH_OK)
        return FACT_OK;
    counts->conflicts += (changes & FACTS_CONFLICT) != 0;
    if ((changes & FACTS_CONFLICT) && !(changes & FACTS_REPLACED))
        return FACT_CONFLICT;
    entry = facts_find(&p->facts, result->game_id);
    if (entry->retraction.stamp)
        return FACT_RETRACTED;
    if (changes)
        counts->accepted++;
    else
        counts->duplicates++;
    return FACT_OK;
}

/* Games that are to count no more, whether they have come here yet or not. */
static int32_t take_back(struct elo_sync *p, const struct rh_list *list, uint32_t *taken)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < list->count && rc == RH_OK; i++) {
        const struct retract_req *asked =
            (const void *)((const char *)list->items + (size_t)i * list->stride);
        const struct entry *entry = facts_find(&p->facts, asked->game_id);
        struct fact_record record = {.id = asked->game_id, .retraction = {0, asked->reason}};
        uint32_t changes = 0;

        if (entry && entry->retraction.stamp)
            continue;
        record.retraction.stamp = clock_stamp(&p->clock, p->rh.core->wall_ms(p->rh.ctx));
        rc = elo_take(p, &record, false, &changes);
        *taken += rc == RH_OK;
    }
    return rc;
}

/* Who may not take games back one by one may not do it here either. */
static int32_t check_sync(struct elo_sync *p, rh_req req, const struct sync_req *sync)
{
    struct rh_request request = {.size = (uint32_t)sizeof(request)};
    int32_t rc;

    if (!sync->results.count && !sync->retractions.count)
        return rh_failf(&p->rh, RH_EINVAL, "\"results\" must have 1 to %u entries",
                        (unsigned)ELO_RESULTS_MAX);
    if (!sync->retractions.count)
        return RH_OK;
    rc = p->rh.http->request(p->rh.ctx, req, &request);
    if (rc == RH_OK && !(request.scope_mask & 1u << RH_OPERATOR))
        rc = rh_failf(&p->rh, RH_EFORBIDDEN, "\"retractions\" needs the scope operator");
    return rc;
}

int32_t elo_sync_results(struct elo_sync *p, rh_req req, const struct sync_req *sync)
{
    struct outcome_counts counts = {0};
    struct rh_json_reply reply;
    uint32_t retracted = 0;
    int32_t rc = check_sync(p, req, sync);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "rejected");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < sync->results.count && rc == RH_OK; i++) {
        const struct result_req *result =
            (const void *)((const char *)sync->results.items + (size_t)i * sync->results.stride);
        const enum fact_problem problem = take_one(p, result, &counts, &rc);

        if (problem == FACT_OK)
            continue;
        p->rejected++;
        rh_json_begin_object(&reply.w);
        rh_json_kv_str(&reply.w, "game_id", result->game_id);
        rh_json_kv_strc(&reply.w, "reason", fact_problem_word(problem));
        rh_json_end_object(&reply.w);
    }
    rh_json_end_array(&reply.w);
    rh_json_kv_int(&reply.w, "accepted", counts.accepted);
    rh_json_kv_int(&reply.w, "duplicates", counts.duplicates);
    rh_json_kv_int(&reply.w, "conflicts", counts.conflicts);
    if (rc == RH_OK)
        rc = take_back(p, &sync->retractions, &retracted);
    rh_json_kv_int(&reply.w, "retracted", retracted);
    if (rc == RH_OK)
        rc = elo_commit(p);
    if (rc != RH_OK) {
        rh_buf_release(&reply.buf);
        return rc;
    }
    elo_announce(p);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

int32_t elo_retract(struct elo_sync *p, rh_req req, const struct retract_req *retract)
{
    const struct entry *entry = facts_find(&p->facts, retract->game_id);
    struct fact_record record = {.id = retract->game_id, .retraction = {0, retract->reason}};
    const bool is_known = entry && entry->retraction.stamp;
    struct rh_json_reply reply;
    uint32_t changes = 0;
    int32_t rc = RH_OK;

    if (!entry)
        return rh_failf(&p->rh, RH_ENOTFOUND, "no game \"%.*s\"", RH_STR_ARG(retract->game_id));
    record.retraction.stamp = clock_stamp(&p->clock, p->rh.core->wall_ms(p->rh.ctx));
    if (!is_known)
        rc = elo_take(p, &record, false, &changes);
    if (rc == RH_OK)
        rc = elo_commit(p);
    if (rc != RH_OK)
        return rc;
    if (!is_known)
        rh_log_info(&p->rh, "game_retracted", "game=%.*s", RH_STR_ARG(retract->game_id));
    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "game_id", retract->game_id);
    rh_json_kv_bool(&reply.w, "retracted", true);
    rh_json_kv_bool(&reply.w, "duplicate", is_known);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}
