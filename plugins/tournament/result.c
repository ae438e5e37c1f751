/* Reads what the executor or the queue says of one game; it trusts neither. */
#include "result.h"

#include <ringhost/sdk/str.h>
#include <string.h>

static void set_error(struct game_record *out, struct rh_str kind, struct rh_str player,
                      struct rh_str message)
{
    out->outcome = GAME_NONE;
    tournament_cut(out->error_kind, sizeof(out->error_kind), kind);
    tournament_cut(out->error_player, sizeof(out->error_player), player);
    tournament_cut(out->error, sizeof(out->error), message);
    if (out->error[0] == '\0')
        tournament_cut(out->error, sizeof(out->error), RH_STR_LIT("no reason was given"));
}

static void set_bad(struct game_record *out, const char *text)
{
    set_error(out, RH_STR_LIT("bad_result"), (struct rh_str){NULL, 0}, rh_str_from(text));
}

static void read_game(const struct tournament *t, const struct extra_record *what,
                      const struct rh_gtp_game *game, struct game_record *out)
{
    const uint16_t *players = t->meetings[what->match].players;
    const struct rh_str first = tournament_name(t, players[0]);
    const struct rh_str second = tournament_name(t, players[1]);
    const bool is_swapped = what->game % 2 != 0;

    if (game->index != (int64_t)what->game ||
        !rh_str_eq(game->black, is_swapped ? second : first) ||
        !rh_str_eq(game->white, is_swapped ? first : second)) {
        set_bad(out, "the result is of another game or of other players");
        return;
    }
    out->moves = game->moves;
    out->engine_seed = game->seed;
    out->duration_ms = game->duration_ms;
    if (game->error_kind.n) {
        set_error(out, game->error_kind, game->error_player, game->error_message);
        return;
    }
    if (rh_str_eq(game->winner, first))
        out->outcome = GAME_FIRST;
    else if (rh_str_eq(game->winner, second))
        out->outcome = GAME_SECOND;
    else if (rh_str_eq_c(game->winner, "draw"))
        out->outcome = GAME_DRAW;
    else
        set_bad(out, "the winner is neither a player nor \"draw\"");
    tournament_cut(out->score, sizeof(out->score), game->result);
    tournament_cut(out->reason, sizeof(out->reason), game->reason);
}

void result_of_item(const struct tournament *t, const struct rh_work_item *item,
                    const struct rh_gtp_game *game, struct rh_str kind, struct rh_str player,
                    struct rh_str message, struct game_record *out)
{
    const struct extra_record what = tournament_item(t, item->index);

    memset(out, 0, sizeof(*out));
    out->attempt = item->attempt > 0 && item->attempt <= UINT32_MAX ? (uint32_t)item->attempt : 0;
    tournament_cut(out->work_id, sizeof(out->work_id), item->work_id);
    tournament_cut(out->node_id, sizeof(out->node_id), item->node_id);
    switch (item->end) {
    case RH_WORK_DONE:
        if (game)
            read_game(t, &what, game, out);
        else
            set_bad(out, "the result holds no game that can be read");
        break;
    case RH_WORK_DEAD:
        out->is_last = true;
        set_error(out, kind.n ? kind : RH_STR_LIT("dead"), player, kind.n ? message : item->error);
        break;
    case RH_WORK_CANCELLED:
    default:
        out->is_last = true;
        set_error(out, RH_STR_LIT("cancelled"), (struct rh_str){NULL, 0},
                  RH_STR_LIT("the item was cancelled in the queue"));
        break;
    }
}
