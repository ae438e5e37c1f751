/* Writes tournaments as JSON for people and programs; the figures come from the cores. */
#include <stdio.h>

#include "rated.h"
#include "wire.h"

/* Room for "winner of W1.1". */
#define FROM_SIZE (PLAN_ID_SIZE + 16u)

/* Texts that are not known are null. */
static void kv_text(struct rh_json_writer *w, const char *key, struct rh_str text)
{
    if (text.n)
        rh_json_kv_str(w, key, text);
    else
        rh_json_kv_null(w, key);
}

static void kv_textc(struct rh_json_writer *w, const char *key, const char *text)
{
    rh_json_kv_strc(w, key, text[0] ? text : NULL);
}

/* What nobody can ever come to is no match, nor is a reset that is not known to be needed. */
static bool is_shown(const struct tournament *t, uint32_t match)
{
    const struct plan_match *plan = &t->plan.matches[match];
    const uint16_t state = t->meetings[match].state;

    if (plan->sides[0].source == SOURCE_SAME)
        return state == MEETING_READY || state == MEETING_DECIDED;
    return plan_seats(plan) > 0;
}

static const char *state_of(const struct tournament *t, uint32_t match)
{
    const uint16_t state = t->meetings[match].state;

    if (state == MEETING_READY && t->matches[match].record.is_stuck)
        return "stuck";
    if (plan_seats(&t->plan.matches[match]) == 1)
        return "bye";
    return meeting_state_name(state);
}

static void write_from(struct rh_json_writer *w, const struct plan *plan,
                       const struct plan_side *side)
{
    char text[FROM_SIZE];
    char id[PLAN_ID_SIZE];

    if (!side->is_taken || (side->source != SOURCE_WINNER && side->source != SOURCE_LOSER)) {
        rh_json_kv_null(w, "from");
        return;
    }
    plan_id(&plan->matches[side->of], id);
    (void)snprintf(text, sizeof(text), "%s of %s",
                   side->source == SOURCE_WINNER ? "winner" : "loser", id); /* it fits */
    rh_json_kv_strc(w, "from", text);
}

static void write_sides(struct rh_json_writer *w, const struct tournament *t, uint32_t match)
{
    const struct match_record *record = &t->matches[match].record;
    const struct meeting *meeting = &t->meetings[match];

    rh_json_key(w, "sides");
    rh_json_begin_array(w);
    for (uint32_t side = 0; side < 2; side++) {
        const uint16_t player = meeting->players[side];

        rh_json_begin_object(w);
        kv_text(w, "player", tournament_name(t, player));
        if (player != PLAYER_NOBODY && player != PLAYER_UNKNOWN)
            rh_json_kv_int(w, "seed", player);
        else
            rh_json_kv_null(w, "seed");
        write_from(w, &t->plan, &t->plan.matches[match].sides[side]);
        if (record->has_scores && record->outcome != OUTCOME_NONE)
            rh_json_kv_double(w, "score", record->halves[side] / 2.0);
        else
            rh_json_kv_null(w, "score");
        rh_json_kv_bool(w, "forfeit",
                        (record->forfeit & (side ? FORFEIT_SECOND : FORFEIT_FIRST)) != 0);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

/* What is known of a game that is over. is_rated: both played it to its end, so it says something
 * about strength, and no correction has overruled it. */
static void write_result(struct rh_json_writer *w, const struct game_record *result, bool is_rated)
{
    kv_textc(w, "result", result->score);
    kv_textc(w, "reason", result->reason);
    rh_json_kv_int(w, "moves", result->moves);
    rh_json_kv_int(w, "engine_seed", result->engine_seed);
    rh_json_kv_int(w, "duration_ms", result->duration_ms);
    rh_json_kv_int(w, "played_at", result->finished_at_ms);
    kv_textc(w, "node_id", result->node_id);
    kv_textc(w, "work_id", result->work_id);
    rh_json_kv_int(w, "attempt", result->attempt);
    rh_json_kv_bool(w, "rated", is_rated);
    if (result->outcome != GAME_NONE)
        return;
    rh_json_key(w, "error");
    rh_json_begin_object(w);
    kv_textc(w, "kind", result->error_kind);
    kv_textc(w, "player", result->error_player);
    kv_textc(w, "message", result->error);
    rh_json_end_object(w);
}

static void write_game(struct rh_json_writer *w, const struct tournament *t, uint32_t match,
                       uint32_t game)
{
    static const char *const outcomes[GAME_OUTCOMES] = {"error", "first", "second", "draw"};
    const uint32_t item = t->current[match * t->per_match + game];
    const struct game_record *result = t->results[item];
    const struct extra_record what = tournament_item(t, item);
    const uint16_t *players = t->meetings[match].players;
    char id[RH_WORK_KEY_SIZE];

    (void)rh_work_key(id, t->spec.id, item); /* ids are made here and short */
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "game_id", id);
    rh_json_kv_int(w, "game", game + 1);
    rh_json_kv_str(w, "black", tournament_name(t, players[game % 2]));
    rh_json_kv_str(w, "white", tournament_name(t, players[1 - game % 2]));
    rh_json_kv_u64(w, "seed", tournament_seed(t, &what));
    rh_json_kv_strc(w, "outcome", result ? outcomes[result->outcome] : "pending");
    kv_text(w, "winner",
            result && (result->outcome == GAME_FIRST || result->outcome == GAME_SECOND)
                ? tournament_name(t, players[result->outcome == GAME_SECOND])
                : (struct rh_str){NULL, 0});
    if (result)
        write_result(w, result,
                     result->outcome != GAME_NONE && !t->matches[match].record.games_gone);
    rh_json_end_object(w);
}

static void write_games(struct rh_json_writer *w, const struct tournament *t, uint32_t match)
{
    const bool has_players =
        t->meetings[match].state == MEETING_READY || t->meetings[match].state == MEETING_DECIDED;

    rh_json_key(w, "games");
    rh_json_begin_array(w);
    for (uint32_t game = 0; game < t->per_match && has_players; game++) {
        const uint32_t item = t->current[match * t->per_match + game];

        if (item != ITEM_NONE && (t->results[item] || tournament_is_wanted(t, item)))
            write_game(w, t, match, game);
    }
    rh_json_end_array(w);
}

void tournament_reply_match(struct rh_json_writer *w, const struct tournament *t, uint32_t match,
                            bool has_games)
{
    const struct plan_match *plan = &t->plan.matches[match];
    const struct match_record *record = &t->matches[match].record;
    const struct meeting *meeting = &t->meetings[match];
    char id[PLAN_ID_SIZE];

    plan_id(plan, id);
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "match_id", id);
    rh_json_kv_strc(w, "bracket", plan_part_name(plan->part));
    rh_json_kv_int(w, "round", plan->round);
    rh_json_kv_int(w, "number", plan->number);
    rh_json_kv_strc(w, "state", state_of(t, match));
    write_sides(w, t, match);
    kv_text(w, "winner", tournament_name(t, meeting->winner));
    kv_text(w, "loser", tournament_name(t, meeting->loser));
    rh_json_kv_bool(w, "draw", record->outcome == OUTCOME_DRAW);
    rh_json_kv_strc(w, "decided_by", record->by ? decided_by_name(record->by) : NULL);
    rh_json_kv_bool(w, "rated", rated_is_known(record));
    if (record->decided_at_ms)
        rh_json_kv_int(w, "decided_at", record->decided_at_ms);
    else
        rh_json_kv_null(w, "decided_at");
    kv_textc(w, "note", record->note);
    if (has_games)
        write_games(w, t, match);
    rh_json_end_object(w);
}

/* Matches of one part and round follow each other in the plan. */
static void write_rounds(struct rh_json_writer *w, const struct tournament *t)
{
    const struct plan_match *open = NULL;

    rh_json_key(w, "rounds");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < t->plan.count; i++) {
        const struct plan_match *match = &t->plan.matches[i];
        char id[PLAN_ID_SIZE];

        if (!is_shown(t, i))
            continue;
        if (!open || open->part != match->part || open->round != match->round) {
            if (open) {
                rh_json_end_array(w);
                rh_json_end_object(w);
            }
            rh_json_begin_object(w);
            rh_json_kv_strc(w, "bracket", plan_part_name(match->part));
            rh_json_kv_int(w, "round", match->round);
            rh_json_key(w, "matches");
            rh_json_begin_array(w);
            open = match;
        }
        plan_id(match, id);
        rh_json_string_c(w, id);
    }
    if (open) {
        rh_json_end_array(w);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

static void write_matches(struct rh_json_writer *w, const struct tournament *t,
                          const struct bracket_page *page)
{
    uint32_t index = page->after;
    uint32_t listed = 0;

    rh_json_key(w, "matches");
    rh_json_begin_array(w);
    for (; index < t->plan.count && listed < page->limit; index++) {
        if (!is_shown(t, index))
            continue;
        tournament_reply_match(w, t, index, page->has_games);
        listed++;
    }
    rh_json_end_array(w);
    if (index < t->plan.count)
        rh_json_kv_int(w, "next", index);
    else
        rh_json_kv_null(w, "next");
}

void tournament_reply_summary(struct rh_json_writer *w, const struct tournament *t)
{
    const bool is_running = t->status.state == TOURNAMENT_RUNNING;
    uint32_t decided = is_running ? 0 : t->status.decided;
    uint32_t stuck = 0;

    for (uint32_t i = 0; i < t->plan.count && is_running; i++) {
        decided += t->meetings[i].state == MEETING_DECIDED;
        stuck += t->meetings[i].state == MEETING_READY && t->matches[i].record.is_stuck;
    }
    rh_json_kv_str(w, "tournament_id", t->spec.id);
    rh_json_kv_strc(w, "state", tournament_state_name(t->status.state));
    rh_json_kv_strc(w, "format", plan_format_name(t->spec.options.format));
    rh_json_kv_int(w, "players_count", t->spec.options.players);
    rh_json_kv_int(w, "matches_count", plan_played(&t->plan));
    rh_json_kv_int(w, "matches_decided", decided);
    rh_json_kv_int(w, "matches_stuck", stuck);
    kv_text(w, "winner", tournament_name(t, t->status.winner));
    rh_json_kv_str(w, "board_type", t->spec.order.board_type);
    rh_json_kv_int(w, "created_at", t->spec.created_at_ms);
    if (t->status.finished_at_ms)
        rh_json_kv_int(w, "finished_at", t->status.finished_at_ms);
    else
        rh_json_kv_null(w, "finished_at");
}

static void write_options(struct rh_json_writer *w, const struct spec *spec)
{
    rh_json_kv_bool(w, "external", spec->is_external);
    rh_json_kv_str(w, "config_key", spec->order.config_key);
    rh_json_kv_int(w, "board_size", spec->order.rules.board_size);
    rh_json_kv_double(w, "komi", (double)spec->order.rules.komi_halves / 2.0);
    rh_json_kv_u64(w, "seed", spec->seed);
    rh_json_kv_int(w, "games_per_match", spec->series.games);
    rh_json_kv_bool(w, "play_all", spec->series.play_all);
    rh_json_kv_int(w, "extra_games", spec->series.extra_max);
    if (spec->options.format != FORMAT_ROUND_ROBIN)
        return;
    rh_json_kv_int(w, "cycles", spec->options.is_twice ? 2 : 1);
    rh_json_kv_strc(w, "scoring", scoring_name(spec->scoring));
    rh_json_key(w, "tie_breaks");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < spec->tiebreaks.count; i++)
        rh_json_string_c(w, tiebreak_name(spec->tiebreaks.items[i]));
    rh_json_end_array(w);
}

int32_t tournament_reply_bracket(struct rh_json_writer *w, const struct tournament *t,
                                 const char *problem, const struct bracket_page *page)
{
    tournament_reply_summary(w, t);
    write_options(w, &t->spec);
    kv_textc(w, "problem", t->status.error[0] ? t->status.error : problem);
    rh_json_key(w, "players");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < t->spec.options.players; i++) {
        rh_json_begin_object(w);
        rh_json_kv_int(w, "seed", i + 1);
        rh_json_kv_str(w, "player", t->spec.names[i]);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
    write_rounds(w, t);
    write_matches(w, t, page);
    return tournament_reply_standings(w, t);
}
