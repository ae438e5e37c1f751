/* Hands finished games over to the ratings (plugin elo_sync): for owners of games, such as
 * gauntlets and tournaments. It keeps nothing: the owner records what was acknowledged. All [loop].
 *
 * The order of an owner: commit a finished game; in the callback of that commit, and once after
 * each activation, kick the feed; it asks `collect` for games that are on disk and not
 * acknowledged, offers them to POST /elo/sync of this node, and calls `acked` once they are on disk
 * there; the owner then records how far it is, and kicks again once that is on disk. A crash
 * anywhere in between repeats an offer, which is harmless as long as a game is told each time in
 * the same words: same id, same time. A game that the ratings refuse for good, say for a player's
 * name, counts as acknowledged, and is logged (game_rejected). Without elo_sync the offers are
 * repeated, ever more rarely.
 */
#ifndef RH_SDK_RATED_H
#define RH_SDK_RATED_H

#include <stdbool.h>

#include <ringhost/sdk/plugin.h>

/* Games of one offer. */
#define RH_RATED_PAGE_MAX 200u

/* A game of two that was played to its end. */
struct rh_rated_game {
    struct rh_str group; /* of its work items; the game's id is "group/index", or "group/name" */
    uint32_t index;
    const char *name; /* NULL = the index */
    struct rh_str board_type;
    struct rh_str players[2]; /* the one who moves first, the other */
    struct rh_str winner;     /* one of them, or "draw" */
    int64_t played_at_ms;     /* Unix ms, as recorded with the game */
};

/* What an owner does. `self` is the plugin instance. */
struct rh_rated_owner {
    const char *name; /* of the plugin, for log lines */
    /* Writes up to `max` games that are on disk and not acknowledged, each by rh_rated_write, and
     * remembers which; how many. 0 = there are none now. */
    uint32_t (*collect)(void *self, struct rh_json_writer *w, uint32_t max);
    /* The same for games that are to be taken back, each by rh_rated_write_gone; collected after
     * `collect`, part of the same offer. NULL = there are none, ever. */
    uint32_t (*collect_gone)(void *self, struct rh_json_writer *w, uint32_t max);
    /* What both collected last is on disk there. */
    void (*acked)(void *self);
};

/* Inside the plugin's struct. Private. */
struct rh_rated_feed {
    const struct rh_services *rh;
    const struct rh_rated_owner *owner;
    void *self;
    uint32_t failures; /* in a row */
    bool is_armed;     /* a timer will offer */
    bool is_calling;
    bool is_unheard; /* the last offer found no ratings at all: nobody rates here */
};

/* Writes one game as the next value of w. */
void rh_rated_write(struct rh_json_writer *w, const struct rh_rated_game *game);

/* Writes one game that is to be taken back, known there or not yet. */
void rh_rated_write_gone(struct rh_json_writer *w, struct rh_str group, const char *name,
                         const char *reason);

/* Once, in create. `owner` is static. Needs rh.core/1, rh.fields/1 and rh.http/1. */
void rh_rated_init(struct rh_rated_feed *feed, const struct rh_services *rh,
                   const struct rh_rated_owner *owner, void *self);
/* There may be games to offer. */
void rh_rated_kick(struct rh_rated_feed *feed);
/* Whether there is no plugin that rates, as far as is known: nothing is lost then that waits. */
bool rh_rated_is_unheard(const struct rh_rated_feed *feed);
/* In deactivate and destroy. */
void rh_rated_stop(struct rh_rated_feed *feed);

#endif
