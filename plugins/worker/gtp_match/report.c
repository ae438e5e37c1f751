/* Writes down what was played: the JSON result, the record of a game, a line of progress; no file.
 */
#include "report.h"

#include <inttypes.h>
#include <ringhost/sdk/json_writer.h>

static const char *name_of(const struct match_spec *spec, int player)
{
    return spec->players[player].name;
}

/* NULL, which JSON shows as null, when there is no winner. */
static const char *winner_text(const struct match_spec *spec, enum plan_winner winner)
{
    switch (winner) {
    case PLAN_FIRST_WON:
        return name_of(spec, 0);
    case PLAN_SECOND_WON:
        return name_of(spec, 1);
    case PLAN_DRAW:
        return "draw";
    case PLAN_NO_RESULT:
        break;
    }
    return NULL;
}

static const char *reason_text(enum plan_reason reason)
{
    switch (reason) {
    case PLAN_BY_SCORE:
        return "score";
    case PLAN_BY_RESIGNATION:
        return "resign";
    case PLAN_BY_NOTHING:
        break;
    }
    return NULL;
}

static void write_error(struct rh_json_writer *w, const struct match_spec *spec,
                        const struct plan_outcome *outcome)
{
    rh_json_key(w, "error");
    if (outcome->error == PLAN_ERROR_NONE) {
        rh_json_null(w);
        return;
    }
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "kind", plan_error_text(outcome->error));
    rh_json_kv_strc(w, "player",
                    outcome->error_player == PLAN_NO_PLAYER ? NULL
                                                            : name_of(spec, outcome->error_player));
    rh_json_kv_strc(w, "message", outcome->message);
    rh_json_end_object(w);
}

static void write_game(struct rh_json_writer *w, const struct match_spec *spec,
                       const struct plan_outcome *outcome)
{
    rh_json_begin_object(w);
    rh_json_kv_int(w, "index", outcome->game.index);
    rh_json_kv_strc(w, "black", name_of(spec, outcome->game.black));
    rh_json_kv_strc(w, "white", name_of(spec, 1 - outcome->game.black));
    rh_json_kv_strc(w, "winner", winner_text(spec, outcome->winner));
    rh_json_kv_strc(w, "result", outcome->result[0] ? outcome->result : NULL);
    rh_json_kv_strc(w, "reason", reason_text(outcome->reason));
    rh_json_kv_int(w, "moves", outcome->moves);
    rh_json_kv_int(w, "seed", outcome->game.seed);
    write_error(w, spec, outcome);
    rh_json_kv_int(w, "duration_ms", outcome->duration_ms);
    rh_json_end_object(w);
}

static void write_totals(struct rh_json_writer *w, const struct plan_outcome *outcomes,
                         size_t count)
{
    struct plan_totals totals = {0, 0, 0, 0};
    for (size_t i = 0; i < count; i++)
        plan_count(&totals, &outcomes[i]);
    rh_json_key(w, "totals");
    rh_json_begin_object(w);
    rh_json_key(w, "first");
    rh_json_begin_object(w);
    rh_json_kv_int(w, "wins", totals.wins);
    rh_json_kv_int(w, "losses", totals.losses);
    rh_json_kv_int(w, "draws", totals.draws);
    rh_json_end_object(w);
    rh_json_kv_int(w, "errors", totals.errors);
    rh_json_end_object(w);
}

int32_t report_json(struct rh_buf *out, const struct match_spec *spec,
                    const struct plan_outcome *outcomes, size_t count,
                    const struct game_identity *identities)
{
    struct rh_json_writer w;
    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_key(&w, "games");
    rh_json_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        write_game(&w, spec, &outcomes[i]);
    rh_json_end_array(&w);
    write_totals(&w, outcomes, count);
    rh_json_key(&w, "players");
    rh_json_begin_array(&w);
    for (int i = 0; i < SPEC_PLAYERS; i++) {
        rh_json_begin_object(&w);
        rh_json_kv_strc(&w, "name", name_of(spec, i));
        rh_json_kv_strc(&w, "engine", identities[i].name[0] ? identities[i].name : NULL);
        rh_json_kv_strc(&w, "version", identities[i].version[0] ? identities[i].version : NULL);
        rh_json_end_object(&w);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

/* SimpleText: a backslash before what would end the value. */
static void append_sgf_text(struct rh_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == ']' || *text == '\\')
            (void)rh_buf_append_byte(out, '\\'); /* the error stays in out */
        (void)rh_buf_append_byte(out, *text);
    }
}

static void append_sgf_player(struct rh_buf *out, const char *property, const char *name)
{
    (void)rh_buf_printf(out, "%s[", property);
    append_sgf_text(out, name);
    (void)rh_buf_append_c(out, "]");
}

int32_t report_sgf(struct rh_buf *out, const struct match_spec *spec,
                   const struct plan_outcome *outcome, const struct game_record *record)
{
    int size = (int)spec->board_size;
    int64_t komi = spec->komi_half < 0 ? -spec->komi_half : spec->komi_half;
    const char *result = outcome->winner == PLAN_DRAW ? "0" : outcome->result;
    (void)rh_buf_printf(out, "(;FF[4]CA[UTF-8]GM[1]AP[ringhost-gtp-match]SZ[%d]", size);
    (void)rh_buf_printf(out, "KM[%s%" PRId64 "%s]", spec->komi_half < 0 ? "-" : "", komi / 2,
                        komi % 2 ? ".5" : "");
    (void)rh_buf_printf(out, "GN[game %" PRId64 "]RE[%s]", outcome->game.index,
                        outcome->error == PLAN_ERROR_NONE ? result : "Void");
    append_sgf_player(out, "PB", name_of(spec, outcome->game.black));
    append_sgf_player(out, "PW", name_of(spec, 1 - outcome->game.black));
    if (outcome->error != PLAN_ERROR_NONE)
        append_sgf_player(out, "C", outcome->message);
    for (size_t i = 0; i < record->count; i++) {
        const struct gtp_move *move = &record->moves[i];
        char colour = i % 2 == 0 ? 'B' : 'W';
        if (move->kind == GTP_MOVE_PASS)
            (void)rh_buf_printf(out, "\n;%c[]", colour);
        else
            (void)rh_buf_printf(out, "\n;%c[%c%c]", colour, 'a' + move->point % size,
                                'a' + (size - 1 - move->point / size));
    }
    return rh_buf_append_c(out, ")\n");
}

int32_t report_line(struct rh_buf *out, const struct match_spec *spec,
                    const struct plan_outcome *outcome)
{
    (void)rh_buf_printf(out, "game %" PRId64 ": %s (black) - %s (white): ", outcome->game.index,
                        name_of(spec, outcome->game.black), name_of(spec, 1 - outcome->game.black));
    if (outcome->error != PLAN_ERROR_NONE) {
        const char *player =
            outcome->error_player == PLAN_NO_PLAYER ? "both" : name_of(spec, outcome->error_player);
        (void)rh_buf_printf(out, "error %s (%s): %s", plan_error_text(outcome->error), player,
                            outcome->message);
    } else {
        (void)rh_buf_append_c(out, outcome->result);
    }
    return rh_buf_printf(out, ", %" PRId64 " moves, %" PRId64 " ms\n", outcome->moves,
                         outcome->duration_ms);
}
