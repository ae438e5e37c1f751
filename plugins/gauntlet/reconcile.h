/* Compares a gauntlet with the items the queue has for it and says what follows; it changes
 * neither. */
#ifndef RH_PLUGINS_GAUNTLET_RECONCILE_H
#define RH_PLUGINS_GAUNTLET_RECONCILE_H

#include "gauntlet.h"
#include "outcome.h"

/* One row of GET /work/group. Borrowed. */
struct group_item {
    struct rh_str work_id;
    struct rh_str idempotency_key;
    struct rh_str status; /* pending, leased, delayed, blocked, done, dead, cancelled */
    struct rh_str node_id;
    struct rh_str error;
    int64_t attempt;
};

enum item_step {
    ITEM_ALIEN,   /* no game of this gauntlet */
    ITEM_LIVE,    /* will be played, or is being played */
    ITEM_KNOWN,   /* its result is kept already */
    ITEM_RESOLVED /* *out holds its result, which is new */
};

/* What one item means. Marks its game as present. `game` is what its result says, NULL when there
 * is none to read; it matters for a done item alone. A dead item is an error with the item's text,
 * and so is one that somebody cancelled while the gauntlet runs. *index and *out are written for
 * ITEM_RESOLVED, *index for ITEM_LIVE and ITEM_KNOWN too. [any] */
enum item_step reconcile_item(struct gauntlet *g, const struct group_item *item,
                              const struct rh_gtp_game *game, uint32_t *index,
                              struct game_result *out);

/* Whether an item in this status may still be played. [any] */
bool reconcile_is_live(struct rh_str status);

/* Forget what was seen: a comparison of everything begins. [any] */
void reconcile_begin(struct gauntlet *g);

/* After a whole comparison: the next game from *index on, inclusive, that has neither a result nor
 * an item, so that one must be added. false: none. [any] */
bool reconcile_missing(const struct gauntlet *g, uint32_t *index);

/* How many items of a group are over, to be compared with gauntlet.over. [any] */
bool reconcile_has_news(const struct gauntlet *g, int64_t done, int64_t dead, int64_t cancelled);

#endif
