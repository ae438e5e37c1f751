/* Reads what the executor or the queue says of one game as an outcome; it trusts neither. */
#ifndef RH_PLUGINS_GAUNTLET_OUTCOME_H
#define RH_PLUGINS_GAUNTLET_OUTCOME_H

#include <ringhost/sdk/gtp_game.h>
#include <ringhost/sdk/work_item.h>

#include "record.h"

/* Outcome of game `index` from the one game that its item should have played. A crashed or
 * otherwise failed game is OUTCOME_ERROR with its kind; so is a result that is not of this game
 * ("bad_result"). game NULL: there was none to read. Fills everything of *out but work_id, node_id
 * and attempt. [any] */
void outcome_of_match(const struct gauntlet_spec *spec, uint32_t index,
                      const struct rh_gtp_game *game, struct game_result *out);

/* Outcome of a game from its item that is over, `game` being what its result says, NULL when there
 * is none to read; it matters for a done item alone. A dead item is an error with the item's text,
 * and so is one that somebody cancelled while the gauntlet runs. Fills all of *out. [any] */
void outcome_of_item(const struct gauntlet_spec *spec, const struct rh_work_item *item,
                     const struct rh_gtp_game *game, struct game_result *out);

/* OUTCOME_ERROR with a kind and a text; the text is never left empty. The rest as above. [any] */
void outcome_error(struct game_result *out, const char *kind, struct rh_str text);

#endif
