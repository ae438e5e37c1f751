/* The matches of a stored tournament, worked out anew from its items alone. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/tournament/load.h"
#include "plugins/tournament/progress.h"

typedef int32_t take_row(void *tournament, uint32_t number, struct rh_str data);

static int32_t read_rows(struct rh_sim *sim, uint32_t node, struct tournament *t, char kind,
                         take_row *take)
{
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows), .more = 1};
    uint32_t next = 0;
    int32_t rc = RH_OK;

    while (rows.more && rc == RH_OK) {
        struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = TOURNAMENT_NS};
        struct rh_key from;
        struct rh_key to;

        rh_store_range(&from, &to, kind, t->spec.id);
        (void)rh_key_u32(&from, next); /* it fits */
        scan.from = rh_key_view(&from);
        scan.to = rh_key_view(&to);
        rc = rh_sim_scan(sim, node, &scan, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            const struct rh_row *row = rh_store_row(&rows, i);
            uint32_t number = 0;

            rc = rh_store_key_number(row->key, &number);
            if (rc == RH_OK)
                rc = take(t, number, row->data);
            next = number + 1;
        }
    }
    return rc;
}

static int32_t get(struct rh_sim *sim, uint32_t node, char kind, const char *id,
                   struct rh_value *out)
{
    struct rh_key key;

    rh_store_key(&key, kind, rh_str_from(id));
    out->size = (uint32_t)sizeof(*out);
    return rh_sim_get(sim, node, TOURNAMENT_NS, rh_key_view(&key), out);
}

struct tournament *cups_fold_read(struct rh_sim *sim, uint32_t node, const char *id)
{
    struct tournament *t = NULL;
    struct rh_value value;
    int32_t rc;

    if (get(sim, node, KEY_SPEC, id, &value) != RH_OK || !value.found)
        return NULL;
    rc = tournament_new(value.data, &t);
    if (rc == RH_OK)
        rc = get(sim, node, KEY_STATUS, id, &value);
    if (rc == RH_OK)
        rc = value.found ? tournament_status_decode(value.data, &t->status) : RH_EIO;
    if (rc == RH_OK)
        rc = read_rows(sim, node, t, KEY_MATCH, load_match);
    if (rc == RH_OK)
        rc = read_rows(sim, node, t, KEY_EXTRA, load_extra);
    if (rc == RH_OK)
        rc = read_rows(sim, node, t, KEY_RESULT, load_result);
    if (rc == RH_OK) {
        tournament_loaded(t);
        return t;
    }
    rh_sim_fail(sim, "tournament_can_be_read", node, "%s: code %d", id, (int)rc);
    tournament_free(t);
    return NULL;
}

static bool is_final_error(const struct tournament *t, uint32_t item, uint32_t match)
{
    const struct extra_record what = tournament_item(t, item);
    const struct game_record *result = t->results[item];

    return what.match == match && what.generation == t->matches[match].record.generation &&
           result && result->outcome == GAME_NONE &&
           (result->is_last || result->attempt >= (uint64_t)t->spec.order.max_attempts ||
            item >= t->base_items);
}

/* A match that ended by an error has one to show: of the side that forfeited, or, when it is stuck,
 * of nobody. */
static bool has_cause(const struct tournament *t, uint32_t match)
{
    const struct match_record *record = &t->matches[match].record;
    const uint32_t side = record->forfeit == FORFEIT_SECOND;

    for (uint32_t item = 0; item < tournament_items(t); item++) {
        const struct rh_str player =
            rh_str_from(t->results[item] ? t->results[item]->error_player : "");

        if (is_final_error(t, item, match) &&
            (record->is_stuck ||
             rh_str_eq(player, tournament_name(t, t->meetings[match].players[side]))))
            return true;
    }
    return false;
}

static bool ended_by_error(const struct match_record *record)
{
    return record->is_stuck || record->by == BY_FORFEIT;
}

/* Which of several errors ended a match depends on their order: forfeits are taken over as soon as
 * the players are known, and what follows is worked out again. */
static int32_t fold_matches(const struct tournament *stored, struct tournament *t)
{
    bool is_again = true;
    int32_t rc = RH_OK;

    while (is_again && rc == RH_OK) {
        is_again = false;
        rc = progress_advance(t, 1);
        for (uint32_t i = 0; i < t->plan.count && rc == RH_OK; i++) {
            if (t->meetings[i].state != MEETING_READY || stored->matches[i].record.by != BY_FORFEIT)
                continue;
            progress_decide(t, i, &stored->matches[i].record);
            is_again = true;
        }
    }
    return rc;
}

/* Of a match is taken over how often it was begun anew, which came from people, and whether an
 * error ended it. */
static int32_t fold(const struct tournament *stored, struct rh_str record, struct tournament **out)
{
    struct tournament *t = NULL;
    int32_t rc = tournament_new(record, &t);

    for (uint32_t i = 0; rc == RH_OK && i < stored->plan.count; i++) {
        const struct match_record *known = &stored->matches[i].record;
        const struct match_record bare = {.generation = known->generation,
                                          .is_stuck = ended_by_error(known)};

        rc = tournament_load_match(t, i, &bare);
    }
    for (uint32_t i = 0; rc == RH_OK && i < stored->extra_count; i++)
        rc = tournament_load_extra(t, &stored->extras[i]);
    for (uint32_t i = 0; rc == RH_OK && i < tournament_items(stored); i++) {
        if (stored->results[i])
            rc = tournament_load_result(t, i, stored->results[i]);
    }
    if (rc == RH_OK) {
        tournament_loaded(t);
        rc = fold_matches(stored, t);
    }
    if (rc == RH_OK)
        *out = t;
    else
        tournament_free(t);
    return rc;
}

static void compare(struct rh_sim *sim, uint32_t node, const struct tournament *stored,
                    const struct tournament *anew)
{
    for (uint32_t i = 0; i < stored->plan.count; i++) {
        const struct match_record *a = &stored->matches[i].record;
        const struct match_record *b = &anew->matches[i].record;

        if (ended_by_error(a) && !has_cause(stored, i))
            rh_sim_fail(sim, "forfeits_have_a_cause", node, "%.*s match %" PRIu32,
                        RH_STR_ARG(stored->spec.id), i);
        if (a->outcome != b->outcome || a->by != b->by || a->is_stuck != b->is_stuck ||
            memcmp(a->halves, b->halves, sizeof(a->halves)) != 0 ||
            memcmp(&stored->meetings[i], &anew->meetings[i], sizeof(stored->meetings[i])) != 0)
            rh_sim_fail(sim, "bracket_follows_from_results", node,
                        "%.*s match %" PRIu32 ": outcome %d by %d stuck %d, worked out %d by %d "
                        "stuck %d",
                        RH_STR_ARG(stored->spec.id), i, a->outcome, a->by, a->is_stuck, b->outcome,
                        b->by, b->is_stuck);
    }
    if (tournament_items(anew) != tournament_items(stored)) {
        const struct extra_record last = tournament_item(anew, tournament_items(anew) - 1);

        rh_sim_fail(sim, "bracket_follows_from_results", node,
                    "%.*s has %" PRIu32 " items, worked out %" PRIu32
                    ", the last for match %" PRIu32 " game %" PRIu32 " generation %" PRIu32,
                    RH_STR_ARG(stored->spec.id), tournament_items(stored), tournament_items(anew),
                    last.match, last.game, last.generation);
    }
}

void cups_fold_check(struct rh_sim *sim, uint32_t node, const struct tournament *stored)
{
    struct tournament *anew = NULL;
    struct rh_value value;
    char id[TEXT_ID_SIZE];

    if (rh_str_copy(id, sizeof(id), stored->spec.id) != RH_OK ||
        get(sim, node, KEY_SPEC, id, &value) != RH_OK || !value.found)
        return;
    if (fold(stored, value.data, &anew) != RH_OK) {
        rh_sim_fail(sim, "bracket_follows_from_results", node, "%s cannot be worked out", id);
        return;
    }
    if (stored->status.state == TOURNAMENT_RUNNING || stored->status.state == TOURNAMENT_COMPLETED)
        compare(sim, node, stored, anew);
    tournament_free(anew);
}
