/* What the leader shows of a gauntlet, and what its queue has of it, against what is stored. */
#include "invariants.h"

#include <string.h>

#include <ringhost/sdk/work_item.h>

/* --- GET /gauntlet/results --- */

struct shown_counts {
    int64_t games, pending, skipped, wins, losses, draws, errors;
};
struct shown_test {
    struct rh_str state;
};
struct shown_baseline {
    struct shown_counts counts; /* first, for its rows */
    struct shown_test sprt;
    struct rh_str verdict;
    struct rh_str reason;
};
struct shown_game {
    struct rh_str baseline;
    struct rh_str black;
    struct rh_str white;
    struct rh_str outcome;
    struct rh_str work_id;
};
struct shown {
    struct rh_str state;
    struct rh_str verdict;
    struct rh_str reason;
    struct rh_str promotion;
    struct shown_counts total;
    struct rh_list baselines;
    struct rh_list games;
};

#define COUNT_ROW(member) RH_INT(struct shown_counts, member, 0, 0, RACE_GAMES_MAX, "-")
#define COUNT_ROWS                                                                                \
    COUNT_ROW(games), COUNT_ROW(pending), COUNT_ROW(skipped), COUNT_ROW(wins), COUNT_ROW(losses), \
        COUNT_ROW(draws), COUNT_ROW(errors)

static const struct rh_field count_fields[] = {COUNT_ROWS};
static const struct rh_field test_fields[] = {
    RH_STR(struct shown_test, state, 0, "-"),
};
static const struct rh_field baseline_fields[] = {
    COUNT_ROWS,
    RH_OBJECT(struct shown_baseline, sprt, 0, struct shown_test, test_fields, "-"),
    RH_STR(struct shown_baseline, verdict, RH_REQUIRED, "-"),
    RH_STR(struct shown_baseline, reason, RH_REQUIRED, "-"),
};
static_assert(offsetof(struct shown_baseline, counts) == 0, "COUNT_ROWS");
static const struct rh_field game_fields[] = {
    RH_STR(struct shown_game, baseline, RH_REQUIRED, "-"),
    RH_STR(struct shown_game, black, RH_REQUIRED, "-"),
    RH_STR(struct shown_game, white, RH_REQUIRED, "-"),
    RH_STR(struct shown_game, outcome, RH_REQUIRED, "-"),
    RH_STR(struct shown_game, work_id, 0, "-"),
};
static const struct rh_field shown_fields[] = {
    RH_STR(struct shown, state, RH_REQUIRED, "-"),
    RH_STR(struct shown, verdict, RH_REQUIRED, "-"),
    RH_STR(struct shown, reason, RH_REQUIRED, "-"),
    RH_STR(struct shown, promotion, RH_REQUIRED, "-"),
    RH_OBJECT(struct shown, total, RH_REQUIRED, struct shown_counts, count_fields, "-"),
    RH_OBJECT_LIST(struct shown, baselines, RH_REQUIRED, 16, struct shown_baseline, baseline_fields,
                   "-"),
    RH_OBJECT_LIST(struct shown, games, RH_REQUIRED, RACE_GAMES_MAX, struct shown_game, game_fields,
                   "-"),
};
static const struct rh_fields shown_table = RH_FIELDS(struct shown, shown_fields);

static bool are_counts(const struct shown_counts *shown, const struct tally *tally,
                       uint32_t skipped)
{
    return shown->games == tally_scheduled(tally) && shown->wins == tally->wins &&
           shown->losses == tally->losses && shown->draws == tally->draws &&
           shown->errors == tally->errors && shown->skipped == skipped &&
           shown->pending + shown->skipped == tally->pending;
}

static bool is_verdict(struct rh_str verdict, struct rh_str reason, struct verdict_result of)
{
    return rh_str_eq_c(verdict, verdict_name(of.verdict)) &&
           rh_str_eq_c(reason, verdict_reason_name(of.reason));
}

static bool is_baseline(const struct shown_baseline *shown, const struct gauntlet *g, uint32_t i)
{
    const struct tally tally = gauntlet_tally(g, i);
    const enum sprt_decision decision = (enum sprt_decision)g->status.decisions[i];

    return are_counts(&shown->counts, &tally, gauntlet_skipped(g, i)) &&
           is_verdict(shown->verdict, shown->reason, gauntlet_verdict(g, i)) &&
           rh_str_eq_c(shown->sprt.state, g->spec.has_sprt ? sprt_decision_name(decision) : "");
}

/* The whole, and what is against each baseline. */
static bool is_summary(const struct shown *shown, const struct gauntlet *g)
{
    const struct verdict_result verdict = gauntlet_verdict_overall(g);
    const struct tally total = gauntlet_total(g);
    uint32_t skipped = 0;

    if (shown->baselines.count != g->spec.baseline_count)
        return false;
    for (uint32_t i = 0; i < g->spec.baseline_count; i++) {
        if (!is_baseline((const struct shown_baseline *)shown->baselines.items + i, g, i))
            return false;
        skipped += gauntlet_skipped(g, i);
    }
    return rh_str_eq_c(shown->state, gauntlet_state_name(g->status.state)) &&
           are_counts(&shown->total, &total, skipped) &&
           is_verdict(shown->verdict, shown->reason, verdict) &&
           rh_str_eq_c(shown->promotion,
                       verdict_promotion_name(verdict_promotion(verdict.verdict)));
}

static bool is_game(const struct shown_game *shown, const struct game_result *game)
{
    static const char *const names[OUTCOME_COUNT] = {"", "win", "loss", "draw", "error"};

    if (game->outcome == OUTCOME_PENDING)
        return rh_str_eq_c(shown->outcome, "pending") || rh_str_eq_c(shown->outcome, "skipped");
    return rh_str_eq_c(shown->outcome, names[game->outcome]) &&
           rh_str_eq_c(shown->work_id, game->work_id);
}

/* Both games of a pair are against the same baseline, one with each colour. */
static bool is_pair(const struct shown_game *first, const struct shown_game *second,
                    const struct gauntlet *g, uint32_t pair)
{
    const struct rh_str baseline = g->spec.baselines[pair % g->spec.baseline_count];

    return rh_str_eq(first->baseline, baseline) && rh_str_eq(second->baseline, baseline) &&
           rh_str_eq(first->black, g->spec.model) && rh_str_eq(first->white, baseline) &&
           rh_str_eq(second->black, baseline) && rh_str_eq(second->white, g->spec.model);
}

static void compare_shown(struct rh_sim *sim, uint32_t node, const struct shown *shown,
                          const struct gauntlet *g)
{
    const struct shown_game *games = shown->games.items;

    if (!is_summary(shown, g) || shown->games.count != g->game_count)
        rh_sim_fail(sim, "shown_is_stored", node,
                    "%.*s is %.*s, %.*s by %.*s, and stored as %s with %" PRIu32 " games over",
                    RH_STR_ARG(g->spec.id), RH_STR_ARG(shown->state), RH_STR_ARG(shown->verdict),
                    RH_STR_ARG(shown->reason), gauntlet_state_name(g->status.state), g->over);
    for (uint32_t i = 0; i < shown->games.count && i < g->game_count; i++) {
        if (!is_game(&games[i], &g->games[i]))
            rh_sim_fail(sim, "shown_is_stored", node, "%.*s game %" PRIu32 ": %.*s, and stored %d",
                        RH_STR_ARG(g->spec.id), i, RH_STR_ARG(games[i].outcome),
                        g->games[i].outcome);
        if (i % 2 && !is_pair(&games[i - 1], &games[i], g, i / 2))
            rh_sim_fail(sim, "sides_are_swapped", node, "%.*s games %" PRIu32 " and %" PRIu32,
                        RH_STR_ARG(g->spec.id), i - 1, i);
    }
}

/* An answer that waits for the disk does not come at once, and is left out. */
void races_shown_check(struct rh_sim *sim, uint32_t leader, const char *id)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    struct race_rows stored;
    struct shown shown;
    void *memory = NULL;
    char target[192];

    (void)snprintf(target, sizeof(target), "/gauntlet/results?gauntlet_id=%s", id); /* fits */
    if (rh_sim_ask(sim, leader, target, &answer) != RH_OK || answer.status != 200)
        return;
    if (rh_sim_decode(sim, &shown_table, answer.body, &shown, &memory) != RH_OK) {
        rh_sim_fail(sim, "shown_is_stored", leader, "%s: %.*s", id, RH_STR_ARG(answer.body));
        return;
    }
    if (races_fold_read(sim, leader, id, &stored)) {
        compare_shown(sim, leader, &shown, stored.gauntlet);
        gauntlet_free(stored.gauntlet);
    } else {
        rh_sim_fail(sim, "shown_is_stored", leader, "%s is not stored", id);
    }
    rh_sim_release(sim, memory);
}

/* --- GET /work/group --- */

struct item_row {
    struct rh_str work_id;
    struct rh_str status;
    struct rh_str idempotency_key;
};
struct item_page {
    struct rh_list items;
};
static const struct rh_field item_row_fields[] = {
    RH_STR(struct item_row, work_id, RH_REQUIRED, "-"),
    RH_STR(struct item_row, status, RH_REQUIRED, "-"),
    RH_STR(struct item_row, idempotency_key, 0, "group and index"),
};
static const struct rh_field item_fields[] = {
    RH_OBJECT_LIST(struct item_page, items, 0, 1000, struct item_row, item_row_fields, "-"),
};
static const struct rh_fields item_table = RH_FIELDS(struct item_page, item_fields);

/* The item of a game that has a result is the one that the result came from, and is over. */
static bool is_source(const struct item_row *row, const struct game_result *game)
{
    const bool is_dead = strcmp(game->error_kind, "dead") == 0;

    return game->outcome == OUTCOME_PENDING ||
           (rh_str_eq_c(row->work_id, game->work_id) &&
            rh_str_eq_c(row->status, is_dead ? "dead" : "done"));
}

/* What the queue has was on disk before: the node that has both cannot be behind. */
static void check_item(struct rh_sim *sim, uint32_t leader, const char *id,
                       const struct gauntlet *g, const struct item_row *row)
{
    uint32_t index = 0;

    if (!g || rh_work_key_index(row->idempotency_key, rh_str_from(id), &index) != RH_OK ||
        index >= g->game_count)
        rh_sim_fail(sim, "items_have_owners", leader, "%.*s: %s", RH_STR_ARG(row->idempotency_key),
                    g ? "no such game" : "no gauntlet");
    else if (!is_source(row, &g->games[index]))
        rh_sim_fail(sim, "games_come_from_their_items", leader,
                    "%.*s is %.*s of %.*s, and the game is of %s %s",
                    RH_STR_ARG(row->idempotency_key), RH_STR_ARG(row->status),
                    RH_STR_ARG(row->work_id), g->games[index].work_id, g->games[index].error_kind);
}

void races_shown_items(struct rh_sim *sim, uint32_t leader, const char *id)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    struct race_rows stored = {.gauntlet = NULL};
    struct item_page page;
    void *memory = NULL;
    char target[192];

    (void)snprintf(target, sizeof(target), "/work/group?limit=1000&group=%s", id); /* fits */
    if (rh_sim_ask(sim, leader, target, &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &item_table, answer.body, &page, &memory) != RH_OK)
        return;
    (void)races_fold_read(sim, leader, id, &stored); /* then it has no gauntlet */
    for (uint32_t i = 0; i < page.items.count; i++)
        check_item(sim, leader, id, stored.gauntlet, (const struct item_row *)page.items.items + i);
    gauntlet_free(stored.gauntlet);
    rh_sim_release(sim, memory);
}
