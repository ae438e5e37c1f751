/* Reads what the executor or the queue says of one game; it trusts neither. */
#ifndef RH_PLUGINS_TOURNAMENT_RESULT_H
#define RH_PLUGINS_TOURNAMENT_RESULT_H

#include <ringhost/sdk/gtp_game.h>
#include <ringhost/sdk/work_item.h>

#include "tournament.h"

/* The result of an item that is over. game: what its result says, NULL when there is none to read;
 * it matters for a done item alone. kind, player and message: the fault that a dead item's error
 * quotes, as far as it is known. A result that is not of this game is an error ("bad_result"), one
 * to be tried again; an item that somebody cancelled is an error for good. Fills all of *out but
 * finished_at_ms. [any] */
void result_of_item(const struct tournament *t, const struct rh_work_item *item,
                    const struct rh_gtp_game *game, struct rh_str kind, struct rh_str player,
                    struct rh_str message, struct game_record *out);

#endif
