/* Writes gauntlets as JSON for people and programs; the figures come from the cores. */
#include <math.h>

#include "stats.h"
#include "wire.h"
#include "workers.h"

/* Infinite figures exist, but not in JSON. */
static void kv_finite(struct rh_json_writer *w, const char *key, double value)
{
    if (isfinite(value))
        rh_json_kv_double(w, key, value);
    else
        rh_json_kv_null(w, key);
}

/* Games that are neither over nor wanted any more are skipped. */
static void write_counts(struct rh_json_writer *w, const struct tally *tally, uint32_t skipped)
{
    rh_json_kv_int(w, "games", tally_scheduled(tally));
    rh_json_kv_int(w, "played", tally_over(tally));
    rh_json_kv_int(w, "pending", tally->pending - skipped);
    rh_json_kv_int(w, "skipped", skipped);
    rh_json_kv_int(w, "wins", tally->wins);
    rh_json_kv_int(w, "losses", tally->losses);
    rh_json_kv_int(w, "draws", tally->draws);
    rh_json_kv_int(w, "errors", tally->errors);
}

static void write_verdict(struct rh_json_writer *w, struct verdict_result verdict)
{
    rh_json_kv_strc(w, "verdict", verdict_name(verdict.verdict));
    rh_json_kv_strc(w, "reason", verdict_reason_name(verdict.reason));
}

static void write_promotion(struct rh_json_writer *w, struct verdict_result verdict)
{
    rh_json_kv_strc(w, "promotion", verdict_promotion_name(verdict_promotion(verdict.verdict)));
}

/* Every figure is null until a game says something. */
static void write_figures(struct rh_json_writer *w, const struct tally *t)
{
    const bool is_known = tally_decided(t) > 0;
    struct stats_interval wilson = {NAN, NAN};
    struct stats_elo elo = {NAN, NAN, NAN, NAN};

    if (is_known) {
        wilson = stats_wilson(t->wins, t->losses, t->draws);
        elo = stats_elo(t->wins, t->losses, t->draws);
    }
    kv_finite(w, "win_rate", is_known ? stats_score(t->wins, t->losses, t->draws) : NAN);
    kv_finite(w, "wilson_low", wilson.low);
    kv_finite(w, "wilson_high", wilson.high);
    kv_finite(w, "elo", elo.elo);
    kv_finite(w, "elo_error", elo.error);
    kv_finite(w, "elo_low", elo.low);
    kv_finite(w, "elo_high", elo.high);
    kv_finite(w, "los", is_known ? stats_los(t->wins, t->losses, t->draws) : NAN);
}

/* By pairs: both games of one have the opening in common. */
static void write_pairs(struct rh_json_writer *w, const struct gauntlet *g, uint32_t baseline,
                        const struct tally *t)
{
    uint32_t pairs[STATS_PAIR_OUTCOMES];
    struct stats_elo nelo = {NAN, NAN, NAN, NAN};
    uint32_t count = 0;

    gauntlet_pairs(g, baseline, pairs);
    rh_json_key(w, "pairs");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < STATS_PAIR_OUTCOMES; i++) {
        rh_json_int(w, pairs[i]);
        count += pairs[i];
    }
    rh_json_end_array(w);
    if (count)
        nelo = stats_nelo_of_pairs(pairs);
    else if (tally_decided(t))
        nelo = stats_nelo(t->wins, t->losses, t->draws);
    kv_finite(w, "elo_of_pairs", count ? stats_elo_of_pairs(pairs).elo : NAN);
    kv_finite(w, "elo_error_of_pairs", count ? stats_elo_of_pairs(pairs).error : NAN);
    kv_finite(w, "los_of_pairs", count ? stats_los_of_pairs(pairs) : NAN);
    kv_finite(w, "normalized_elo", nelo.elo);
    kv_finite(w, "normalized_elo_error", nelo.error);
}

static void write_sprt(struct rh_json_writer *w, const struct gauntlet *g, uint32_t baseline)
{
    const struct sprt *sprt = &g->spec.sprt;

    rh_json_key(w, "sprt");
    if (!g->spec.has_sprt) {
        rh_json_null(w);
        return;
    }
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "state",
                    sprt_decision_name((enum sprt_decision)g->status.decisions[baseline]));
    rh_json_kv_double(w, "llr", gauntlet_llr(g, baseline));
    rh_json_kv_double(w, "lower", sprt_lower(sprt));
    rh_json_kv_double(w, "upper", sprt_upper(sprt));
    rh_json_kv_double(w, "elo0", sprt->elo0);
    rh_json_kv_double(w, "elo1", sprt->elo1);
    rh_json_kv_double(w, "alpha", sprt->alpha);
    rh_json_kv_double(w, "beta", sprt->beta);
    rh_json_kv_strc(w, "model", sprt_model_name(sprt->model));
    rh_json_kv_strc(w, "statistic", g->spec.is_by_games ? "trinomial" : "pentanomial");
    rh_json_end_object(w);
}

static void write_baselines(struct rh_json_writer *w, const struct gauntlet *g)
{
    rh_json_key(w, "baselines");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < g->spec.baseline_count; i++) {
        const struct tally tally = gauntlet_tally(g, i);

        rh_json_begin_object(w);
        rh_json_kv_str(w, "baseline", g->spec.baselines[i]);
        write_counts(w, &tally, gauntlet_skipped(g, i));
        write_figures(w, &tally);
        write_pairs(w, g, i, &tally);
        write_sprt(w, g, i);
        write_verdict(w, gauntlet_verdict(g, i));
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

static void write_nodes(struct rh_json_writer *w, const struct gauntlet *g,
                        const struct tally *total)
{
    struct tally_nodes nodes;

    gauntlet_nodes(g, &nodes);
    rh_json_key(w, "nodes");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < nodes.count; i++) {
        rh_json_begin_object(w);
        const struct tally tally = gauntlet_tally_of_node(g, nodes.nodes[i].node_id);
        const struct worker_test test = workers_test(&tally, total, nodes.count);

        rh_json_kv_str(w, "node_id", nodes.nodes[i].node_id);
        rh_json_kv_int(w, "games", nodes.nodes[i].games);
        rh_json_kv_int(w, "wins", tally.wins);
        rh_json_kv_int(w, "losses", tally.losses);
        rh_json_kv_int(w, "draws", tally.draws);
        rh_json_kv_int(w, "errors", tally.errors);
        kv_finite(w, "chi2", test.is_judged ? test.chi2 : NAN);
        kv_finite(w, "p", test.is_judged ? test.p : NAN);
        kv_finite(w, "p_errors", test.p_errors);
        rh_json_kv_bool(w, "outlier", test.is_outlier);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
    if (nodes.others)
        rh_json_kv_int(w, "other_nodes_games", nodes.others);
}

static const char *outcome_name(uint8_t outcome)
{
    static const char *const names[OUTCOME_COUNT] = {"pending", "win", "loss", "draw", "error"};

    return names[outcome];
}

/* Texts that are not known are null. */
static void kv_text(struct rh_json_writer *w, const char *key, const char *text)
{
    rh_json_kv_strc(w, key, text[0] ? text : NULL);
}

static void write_game(struct rh_json_writer *w, const struct gauntlet *g, uint32_t index)
{
    const struct schedule_game plan = schedule_game(g->spec.seed, g->spec.baseline_count, index);
    const struct game_result *game = &g->games[index];
    const struct rh_str baseline = g->spec.baselines[plan.baseline];

    const bool is_skipped = game->outcome == OUTCOME_PENDING &&
                            (g->status.state != GAUNTLET_RUNNING || !gauntlet_is_wanted(g, index));

    rh_json_begin_object(w);
    rh_json_kv_int(w, "index", index);
    rh_json_kv_str(w, "baseline", baseline);
    rh_json_kv_str(w, "black", plan.model_is_black ? g->spec.model : baseline);
    rh_json_kv_str(w, "white", plan.model_is_black ? baseline : g->spec.model);
    rh_json_kv_u64(w, "seed", plan.seed);
    rh_json_kv_strc(w, "outcome", is_skipped ? "skipped" : outcome_name(game->outcome));
    if (game->outcome != OUTCOME_PENDING) {
        kv_text(w, "result", game->score);
        kv_text(w, "reason", game->reason);
        rh_json_kv_int(w, "moves", game->moves);
        rh_json_kv_int(w, "engine_seed", game->engine_seed);
        rh_json_kv_int(w, "duration_ms", game->duration_ms);
        kv_text(w, "node_id", game->node_id);
        kv_text(w, "work_id", game->work_id);
        rh_json_kv_int(w, "attempt", game->attempt);
    }
    if (game->outcome == OUTCOME_ERROR) {
        rh_json_key(w, "error");
        rh_json_begin_object(w);
        rh_json_kv_strc(w, "kind", game->error_kind);
        kv_text(w, "player", game->error_player);
        rh_json_kv_strc(w, "message", game->error);
        rh_json_end_object(w);
    }
    rh_json_end_object(w);
}

static void write_head(struct rh_json_writer *w, const struct gauntlet *g)
{
    rh_json_kv_str(w, "gauntlet_id", g->spec.id);
    rh_json_kv_strc(w, "state", gauntlet_state_name(g->status.state));
    rh_json_kv_str(w, "type", g->spec.type);
    rh_json_kv_str(w, "model", g->spec.model);
    rh_json_kv_str(w, "config_key", g->spec.order.config_key);
    rh_json_kv_int(w, "created_at", g->spec.created_at_ms);
    if (g->status.finished_at_ms)
        rh_json_kv_int(w, "finished_at", g->status.finished_at_ms);
    else
        rh_json_kv_null(w, "finished_at");
}

static uint32_t skipped_of_all(const struct gauntlet *g)
{
    uint32_t skipped = 0;

    for (uint32_t i = 0; i < g->spec.baseline_count; i++)
        skipped += gauntlet_skipped(g, i);
    return skipped;
}

void gauntlet_reply_summary(struct rh_json_writer *w, const struct gauntlet *g)
{
    const struct tally total = gauntlet_total(g);

    write_head(w, g);
    rh_json_key(w, "baselines");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < g->spec.baseline_count; i++)
        rh_json_string(w, g->spec.baselines[i]);
    rh_json_end_array(w);
    write_counts(w, &total, skipped_of_all(g));
    write_verdict(w, gauntlet_verdict_overall(g));
    write_promotion(w, gauntlet_verdict_overall(g));
}

void gauntlet_reply_results(struct rh_json_writer *w, const struct gauntlet *g, const char *problem,
                            uint32_t after, uint32_t limit)
{
    const struct tally total = gauntlet_total(g);
    uint32_t index = after;

    write_head(w, g);
    rh_json_kv_str(w, "board_type", g->spec.order.board_type);
    rh_json_kv_int(w, "board_size", g->spec.order.rules.board_size);
    rh_json_kv_double(w, "komi", (double)g->spec.order.rules.komi_halves / 2.0);
    rh_json_kv_u64(w, "seed", g->spec.seed);
    write_verdict(w, gauntlet_verdict_overall(g));
    write_promotion(w, gauntlet_verdict_overall(g));
    kv_text(w, "problem", g->status.error[0] ? g->status.error : problem);
    write_baselines(w, g);
    rh_json_key(w, "total");
    rh_json_begin_object(w);
    write_counts(w, &total, skipped_of_all(g));
    kv_finite(w, "win_rate",
              tally_decided(&total) ? stats_score(total.wins, total.losses, total.draws) : NAN);
    rh_json_end_object(w);
    write_nodes(w, g, &total);
    rh_json_key(w, "games");
    rh_json_begin_array(w);
    for (; index < g->game_count && index - after < limit; index++)
        write_game(w, g, index);
    rh_json_end_array(w);
    if (index < g->game_count)
        rh_json_kv_int(w, "next", index);
    else
        rh_json_kv_null(w, "next");
}
