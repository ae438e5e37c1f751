/* A stored gauntlet, read with the plugin's own cores, and worked out anew from its games and from
 * what their items came to. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>

/* --- reading --- */

static int32_t get(struct rh_sim *sim, uint32_t node, char kind, const char *id,
                   struct rh_value *out)
{
    struct rh_key key;

    rh_store_key(&key, kind, rh_str_from(id));
    out->size = (uint32_t)sizeof(*out);
    return rh_sim_get(sim, node, GAUNTLET_NS, rh_key_view(&key), out);
}

/* All game rows of one: they are few, and come in one page. */
static int32_t scan_games(struct rh_sim *sim, uint32_t node, const char *id, struct rh_rows *rows)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = GAUNTLET_NS};
    struct rh_key from;
    struct rh_key to;
    int32_t rc;

    *rows = (struct rh_rows){.size = (uint32_t)sizeof(*rows)};
    rh_store_range(&from, &to, KEY_GAME, rh_str_from(id));
    scan.from = rh_key_view(&from);
    scan.to = rh_key_view(&to);
    rc = rh_sim_scan(sim, node, &scan, rows);
    return rc == RH_OK && rows->more ? RH_ETOOLARGE : rc;
}

static int32_t take_games(struct rh_sim *sim, uint32_t node, const char *id, struct race_rows *out)
{
    struct rh_rows rows;
    int32_t rc = scan_games(sim, node, id, &rows);

    for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);
        struct game_result game;
        uint32_t index = 0;

        rc = rh_store_key_number(row->key, &index);
        if (rc == RH_OK && index >= out->gauntlet->game_count)
            rc = RH_EINVAL;
        if (rc == RH_OK)
            rc = gauntlet_game_decode(row->data, &game);
        if (rc != RH_OK)
            return rc;
        (void)gauntlet_put(out->gauntlet, index, &game); /* keys are unique */
        out->version[index] = row->version;
    }
    return rc;
}

bool races_fold_read(struct rh_sim *sim, uint32_t node, const char *id, struct race_rows *out)
{
    struct rh_value value;
    int32_t rc;

    memset(out, 0, sizeof(*out));
    if (get(sim, node, KEY_SPEC, id, &value) != RH_OK || !value.found)
        return false;
    rc = gauntlet_new(value.data, &out->gauntlet);
    if (rc == RH_OK && out->gauntlet->game_count > RACE_GAMES_MAX)
        rc = RH_ETOOLARGE;
    if (rc == RH_OK)
        rc = get(sim, node, KEY_STATUS, id, &value);
    if (rc == RH_OK)
        rc = value.found ? gauntlet_status_decode(value.data, &out->gauntlet->status) : RH_EIO;
    if (rc == RH_OK)
        rc = take_games(sim, node, id, out);
    if (rc == RH_OK)
        return true;
    rh_sim_fail(sim, "gauntlet_can_be_read", node, "%s: code %d", id, (int)rc);
    gauntlet_free(out->gauntlet);
    return false;
}

uint64_t races_fold_digest(struct rh_sim *sim, uint32_t node, const char *id)
{
    uint64_t digest = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, id, strlen(id));
    struct rh_value value;
    struct rh_rows rows;

    if (get(sim, node, KEY_STATUS, id, &value) != RH_OK || !value.found)
        return 0;
    digest = rh_hash_fnv1a(digest, value.data.p, value.data.n);
    if (scan_games(sim, node, id, &rows) != RH_OK)
        return 0;
    for (uint32_t i = 0; i < rows.count; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);

        digest = rh_hash_fnv1a_u64(digest, row->version);
        digest = rh_hash_fnv1a(digest, row->key.p, row->key.n);
        digest = rh_hash_fnv1a(digest, row->data.p, row->data.n);
    }
    return digest;
}

/* --- games --- */

static uint64_t hash_of_game(const struct game_result *game)
{
    struct rh_buf buf;
    uint64_t hash;

    rh_buf_init(&buf, RECORD_BYTES_MAX);
    gauntlet_game_encode(game, &buf);
    if (buf.rc != RH_OK)
        abort(); /* it was decoded from as much */
    hash = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, buf.p, buf.n);
    rh_buf_release(&buf);
    return hash | 1; /* never NULL */
}

static void count_once(struct races *r, struct rh_sim *sim, uint32_t node, uint32_t place,
                       const struct gauntlet *g, uint32_t index)
{
    const uint64_t key =
        rh_hash_fnv1a_u64(rh_hash_fnv1a(RH_HASH_FNV1A_INIT, g->spec.id.p, g->spec.id.n), index);
    const uint64_t hash = hash_of_game(&g->games[index]);
    void *before = NULL;

    if (rh_map64_put(&r->games, key, (void *)(uintptr_t)hash, &before) != RH_OK)
        abort(); /* a run has few */
    if (before && (uintptr_t)before != hash)
        rh_sim_fail(sim, "counted_once", node, "%.*s game %" PRIu32 " is another one, of %s",
                    RH_STR_ARG(g->spec.id), index, g->games[index].work_id);
    r->races[place].counted |= UINT64_C(1) << index;
}

/* Won by the model, which is the first player of every item, and so on; or given up by the queue,
 * which it does not do before the last attempt. */
static bool is_of_item(const struct game_result *game)
{
    static const uint8_t outcomes[] = {
        [SIM_MATCH_BROKEN] = OUTCOME_ERROR,
        [SIM_MATCH_FIRST] = OUTCOME_WIN,
        [SIM_MATCH_SECOND] = OUTCOME_LOSS,
        [SIM_MATCH_DRAW] = OUTCOME_DRAW,
    };

    if (game->outcome == OUTCOME_ERROR && strcmp(game->error_kind, "dead") == 0)
        return game->attempt == RACE_ATTEMPTS;
    return game->work_id[0] &&
           game->outcome == outcomes[sim_match_outcome(rh_str_from(game->work_id))] &&
           (game->outcome != OUTCOME_ERROR || strcmp(game->error_kind, "crash") == 0);
}

static void check_game(struct rh_sim *sim, uint32_t node, const struct gauntlet *g, uint32_t index)
{
    const struct game_result *game = &g->games[index];

    if (!is_of_item(game))
        rh_sim_fail(sim, "no_result_is_made_up", node,
                    "%.*s game %" PRIu32 " is %d after %" PRIu32 " attempts at %s: %s: %s",
                    RH_STR_ARG(g->spec.id), index, game->outcome, game->attempt, game->work_id,
                    game->error_kind, game->error);
    for (uint32_t i = 0; i < index; i++) {
        if (g->games[i].outcome != OUTCOME_PENDING &&
            strcmp(g->games[i].work_id, game->work_id) == 0)
            rh_sim_fail(sim, "counted_once", node, "%.*s games %" PRIu32 " and %" PRIu32 ": %s",
                        RH_STR_ARG(g->spec.id), i, index, game->work_id);
    }
}

void races_fold_games(struct races *r, struct rh_sim *sim, uint32_t node, uint32_t place,
                      const struct race_rows *stored)
{
    const struct gauntlet *g = stored->gauntlet;

    for (uint32_t i = 0; i < g->game_count; i++) {
        if (g->games[i].outcome == OUTCOME_PENDING)
            continue;
        check_game(sim, node, g, i);
        count_once(r, sim, node, place, g, i);
    }
}

/* --- decisions and the end --- */

/* The next version after one that games were stored with; UINT64_MAX = none. */
static uint64_t next_version(const struct race_rows *stored, uint64_t after)
{
    uint64_t next = UINT64_MAX;

    for (uint32_t i = 0; i < stored->gauntlet->game_count; i++) {
        if (stored->version[i] > after && stored->version[i] < next)
            next = stored->version[i];
    }
    return next;
}

/* Games of one batch are one version: tests are looked at after each. */
static void play_again(const struct race_rows *stored, struct gauntlet *anew)
{
    for (uint64_t version = next_version(stored, 0); version != UINT64_MAX;
         version = next_version(stored, version)) {
        for (uint32_t i = 0; i < anew->game_count; i++) {
            if (stored->version[i] == version)
                (void)gauntlet_put(anew, i, &stored->gauntlet->games[i]); /* the first and only */
        }
        (void)gauntlet_decide(anew); /* it is in the status */
    }
}

static void compare_decisions(struct rh_sim *sim, uint32_t node, const struct gauntlet *stored,
                              const struct gauntlet *anew)
{
    for (uint32_t i = 0; i < stored->spec.baseline_count; i++) {
        const uint8_t is = stored->status.decisions[i];
        const uint8_t should = anew->status.decisions[i];

        if (is != should)
            rh_sim_fail(sim, "decided_once", node,
                        "%.*s baseline %" PRIu32 ": %s, and by its games %s",
                        RH_STR_ARG(stored->spec.id), i, sprt_decision_name((enum sprt_decision)is),
                        sprt_decision_name((enum sprt_decision)should));
    }
}

/* One that is over has in its status what its games came to. */
static void compare_end(struct rh_sim *sim, uint32_t node, const struct gauntlet *stored,
                        struct gauntlet *anew)
{
    const bool is_complete = gauntlet_is_complete(anew);
    const struct gauntlet_status *status = &stored->status;

    if (is_complete != (status->state == GAUNTLET_COMPLETED) && status->state <= GAUNTLET_COMPLETED)
        rh_sim_fail(sim, "ends_with_its_last_game", node, "%.*s is %s with %" PRIu32 " of %" PRIu32,
                    RH_STR_ARG(stored->spec.id), gauntlet_state_name(status->state), stored->over,
                    stored->game_count);
    if (status->state == GAUNTLET_RUNNING || (status->state == GAUNTLET_COMPLETED && !is_complete))
        return;
    gauntlet_finish(anew, status->state, status->finished_at_ms);
    if (memcmp(&status->total, &anew->status.total, sizeof(status->total)) != 0 ||
        status->verdict != anew->status.verdict || status->reason != anew->status.reason)
        rh_sim_fail(sim, "totals_follow_from_games", node,
                    "%.*s: %s by %s, worked out %s by %s, %" PRIu32 " of %" PRIu32 " games",
                    RH_STR_ARG(stored->spec.id), verdict_name((enum verdict)status->verdict),
                    verdict_reason_name((enum verdict_reason)status->reason),
                    verdict_name((enum verdict)anew->status.verdict),
                    verdict_reason_name((enum verdict_reason)anew->status.reason),
                    tally_over(&status->total), tally_over(&anew->status.total));
}

void races_fold_check(struct rh_sim *sim, uint32_t node, const struct race_rows *stored)
{
    struct gauntlet *anew = NULL;
    struct rh_buf record;

    rh_buf_init(&record, RECORD_BYTES_MAX);
    gauntlet_spec_encode(&stored->gauntlet->spec, &record);
    if (record.rc != RH_OK || gauntlet_new(rh_buf_str(&record), &anew) != RH_OK) {
        rh_sim_fail(sim, "gauntlet_can_be_read", node, "%.*s: its spec cannot be written again",
                    RH_STR_ARG(stored->gauntlet->spec.id));
    } else {
        play_again(stored, anew);
        compare_decisions(sim, node, stored->gauntlet, anew);
        compare_end(sim, node, stored->gauntlet, anew);
    }
    rh_buf_release(&record);
    gauntlet_free(anew);
}
