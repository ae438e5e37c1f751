/* The answering side of anti-entropy: POST /elo/merge.
 *
 * Three things may be in a request, done in this order: results, which are taken in; the root of
 * the other set, answered by all our sums when it differs from ours; a range of buckets with all
 * games of the other set in it, answered by the games that it lacks and the ids that we lack. */
#include <inttypes.h>

#include <ringhost/sdk/hex.h>
#include <ringhost/sdk/str.h>

#include "wire.h"

/* Refused clocks are logged so often at most. */
#define CLOCK_TELL_MS 60000

const struct rh_field elo_merge_result_fields[7] = {
    RH_TEXT(struct merge_result, game_id, RH_REQUIRED, FACT_ID_MAX, "the game"),
    RH_TEXT(struct merge_result, board_type, 0, FACT_BOARD_MAX, "as in /elo/sync"),
    RH_STR_LIST(struct merge_result, players, 0, "as in /elo/sync; none: only a retraction"),
    RH_RAW(struct merge_result, outcome, 0, "as in /elo/sync"),
    RH_INT(struct merge_result, played_at, 0, 0, RH_JSON_INT_MAX, "as in /elo/sync"),
    RH_UINT64(struct merge_result, retracted, 0, "stamp of the retraction"),
    RH_TEXT(struct merge_result, reason, 0, FACTS_REASON_MAX, "of the retraction"),
};

bool elo_hear(struct elo_sync *p, struct rh_str from, uint64_t clock)
{
    const int64_t now_ms = p->rh.core->now_ms(p->rh.ctx);

    if (clock == 0 || clock_hear(&p->clock, clock, p->rh.core->wall_ms(p->rh.ctx)))
        return true;
    if (p->clock_told_ms && now_ms - p->clock_told_ms < CLOCK_TELL_MS)
        return false;
    p->clock_told_ms = now_ms;
    rh_log_warn(&p->rh, "clock_ahead", "node=%.*s ahead_ms=%" PRId64, RH_STR_ARG(from),
                clock_ms(clock) - p->rh.core->wall_ms(p->rh.ctx));
    return false;
}

/* A game that a peer has is taken whatever its time: the node that let it in has checked that, and
 * a set that is not the same everywhere is worse than a game that comes last. */
static int32_t take_one(struct elo_sync *p, const struct merge_result *result, uint64_t *merged)
{
    const struct result_req game = {result->game_id, result->board_type, result->players,
                                    result->outcome, result->played_at};
    struct fact_record record = {.id = result->game_id,
                                 .has_fact = result->players.count > 0,
                                 .retraction = {result->retracted, result->reason}};
    enum fact_problem problem = FACT_OK;
    uint32_t changes = 0;
    int32_t rc = RH_OK;

    if (record.has_fact)
        problem = elo_read_result(p, &game, &record.fact);
    else if (!result->retracted)
        problem = FACT_BAD_PLAYER_COUNT;
    if (problem == FACT_OK)
        rc = elo_take(p, &record, true, &changes);
    if (rc == RH_EFULL) {
        problem = FACT_STORE_FULL;
        rc = RH_OK;
    }
    if (problem != FACT_OK) {
        p->rejected++;
        rh_log_warn(&p->rh, "game_refused", "game=%.*s reason=%s", RH_STR_ARG(result->game_id),
                    fact_problem_word(problem));
    }
    *merged += (changes & ~FACTS_CONFLICT) != 0;
    return rc;
}

int32_t elo_take_results(struct elo_sync *p, const struct rh_list *results, uint64_t *merged)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < results->count && rc == RH_OK; i++)
        rc = take_one(p, (const void *)((const char *)results->items + (size_t)i * results->stride),
                      merged);
    if (rc == RH_OK)
        rc = elo_commit(p);
    if (rc == RH_OK && results->count)
        elo_announce(p);
    return rc;
}

/* The ids among those told that we lack, or know other things of; ours that are as told carry the
 * mark of this comparison. */
static void write_missing(struct elo_sync *p, const struct merge_digest *digest,
                          struct rh_json_writer *w)
{
    p->last_mark++;
    rh_json_key(w, "missing");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < digest->games.count; i++) {
        const struct rh_pair *pair = &digest->games.items[i];
        struct entry *entry = facts_find(&p->facts, pair->key);
        uint64_t hash = 0;

        if (entry && rh_hex_parse_u64(pair->value, &hash) == RH_OK && hash == entry->state_hash)
            entry->mark = p->last_mark;
        else
            rh_json_string(w, pair->key);
    }
    rh_json_end_array(w);
}

/* What the other one lacks of a range of buckets, as much as one page holds. */
static void write_results(struct elo_sync *p, const struct merge_digest *digest,
                          struct rh_json_writer *w)
{
    uint32_t count = 0;
    bool is_more = false;

    rh_json_key(w, "results");
    rh_json_begin_array(w);
    for (int64_t b = digest->first; b >= 0 && b <= digest->last; b++) {
        for (const struct entry *entry = p->facts.first[b]; entry; entry = entry->next) {
            if (entry->mark == p->last_mark)
                continue;
            is_more = count == ELO_PAGE_MAX;
            if (is_more)
                break;
            elo_write_entry(w, entry);
            count++;
        }
        if (is_more)
            break;
    }
    rh_json_end_array(w);
    rh_json_kv_bool(w, "more", is_more);
}

/* Root and, when the other one differs, all sums. */
static int32_t write_digest(struct elo_sync *p, const struct merge_digest *digest,
                            struct rh_json_writer *w)
{
    struct rh_buf sums;
    char root[17];
    int32_t rc = RH_OK;

    rh_hex_u64(root, facts_root(&p->facts));
    rh_json_kv_strc(w, "root", root);
    rh_json_kv_int(w, "count", facts_count(&p->facts));
    if (!digest->root.n || rh_str_eq_c(digest->root, root))
        return RH_OK;
    rh_buf_init(&sums, DIGEST_TEXT_SIZE);
    digest_write(&p->facts, &sums);
    rc = sums.rc;
    rh_json_kv_str(w, "buckets", rh_buf_str(&sums));
    rh_buf_release(&sums);
    return rc;
}

int32_t elo_merge(struct elo_sync *p, rh_req req, const struct merge_req *merge)
{
    struct rh_json_reply reply;
    uint64_t merged = 0;
    bool is_heard;
    int32_t rc = merge->from.n ? rh_check_speaker(&p->rh, req, merge->from) : RH_OK;

    if (rc == RH_OK && merge->digest.last < merge->digest.first)
        rc = rh_failf(&p->rh, RH_EINVAL, "\"digest.last\" must not be below \"digest.first\"");
    if (rc != RH_OK)
        return rc;
    is_heard = elo_hear(p, merge->from, merge->clock);
    rc = elo_take_results(p, &merge->results, &merged);
    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "merged", (int64_t)merged);
    write_missing(p, &merge->digest, &reply.w);
    write_results(p, &merge->digest, &reply.w);
    rc = write_digest(p, &merge->digest, &reply.w);
    rh_json_kv_u64(&reply.w, "clock", clock_stamp(&p->clock, p->rh.core->wall_ms(p->rh.ctx)));
    rh_json_kv_bool(&reply.w, "clock_refused", !is_heard);
    if (rc == RH_OK)
        return rh_json_reply_send(&reply, &p->rh, req, 200);
    rh_buf_release(&reply.buf);
    return rc;
}
