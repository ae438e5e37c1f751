/* One tournament in memory: its plan, what its matches came to, and the games that are work items;
 * not its storage. */
#ifndef RH_PLUGINS_TOURNAMENT_TOURNAMENT_H
#define RH_PLUGINS_TOURNAMENT_TOURNAMENT_H

#include "record.h"

/* Games that all matches can have together, and items beyond the first one of each. */
#define TOURNAMENT_GAMES_MAX  50000u
#define TOURNAMENT_EXTRAS_MAX 50000u

/* No item. */
#define ITEM_NONE UINT32_MAX

struct match {
    struct match_record record;
    uint32_t wanted; /* games that are certain to be needed */
    bool is_dirty;   /* record is ahead of the store */
};

/* Item `index` below base_items is the first one of game index % per_match of match index /
 * per_match in generation 0; extras[index - base_items] says what a later one is. Read the members;
 * change through the functions here, in progress.h and in referee.h. */
struct tournament {
    struct spec spec; /* borrows from bytes */
    struct status status;
    struct plan plan;
    char *bytes;
    struct match *matches;
    struct meeting *meetings;
    uint8_t *outcomes;            /* of matches[i].record */
    uint32_t *current;            /* item of each game, [match * per_match + game], or ITEM_NONE */
    struct game_record **results; /* by item; NULL = not over */
    struct extra_record *extras;
    uint32_t per_match;
    uint32_t base_items;
    uint32_t extra_count;
    uint32_t extra_capacity;
    uint32_t extras_stored; /* of those, how many the store has */
};

/* A running tournament from its stored spec, which is copied; RH_EINVAL or RH_ENOMEM. [any] */
int32_t tournament_new(struct rh_str record, struct tournament **out);
/* NULL is allowed. */
void tournament_free(struct tournament *t);

/* From the store, in this order: matches, extras by number, results by item; then
 * tournament_loaded. RH_EINVAL for what cannot be, RH_ENOMEM. [any] */
int32_t tournament_load_match(struct tournament *t, uint32_t match,
                              const struct match_record *record);
int32_t tournament_load_extra(struct tournament *t, const struct extra_record *extra);
int32_t tournament_load_result(struct tournament *t, uint32_t item,
                               const struct game_record *result);
void tournament_loaded(struct tournament *t);

/* What an item is; item < tournament_items(). [any] */
struct extra_record tournament_item(const struct tournament *t, uint32_t item);
uint32_t tournament_items(const struct tournament *t);
/* Of the game of an item: the index for the executor is that of the game; each generation of a
 * match has seeds of its own, every try of a game the same one. [any] */
uint64_t tournament_seed(const struct tournament *t, const struct extra_record *item);

/* The least item from `from` on that is to be in the queue and has no result, or ITEM_NONE. [any]
 */
uint32_t tournament_wanted(const struct tournament *t, uint32_t from);
bool tournament_is_wanted(const struct tournament *t, uint32_t item);

/* Keeps the result of an item. false, and nothing changes, when it has one or there is no such
 * item. Asserts nothing about who plays: the caller read it as one of this item. [any] */
bool tournament_take(struct tournament *t, uint32_t item, const struct game_record *result);

/* The result of a game in the present generation of its match, or NULL. [any] */
const struct game_record *tournament_game(const struct tournament *t, uint32_t match,
                                          uint32_t game);

/* A new item for a game; RH_EFULL or RH_ENOMEM. [any] */
int32_t tournament_add_item(struct tournament *t, uint32_t match, uint32_t game);
/* Nothing of a match counts any more: it is to be played anew. [any] */
void tournament_restart_match(struct tournament *t, uint32_t match);

/* The name of a player by seed; "" for nobody. Borrowed. [any] */
struct rh_str tournament_name(const struct tournament *t, uint16_t player);

/* Fills rows[players] of a round robin. RH_ENOMEM. [any] */
int32_t tournament_standings(const struct tournament *t, struct standing *rows);

/* Moves a running one to `state` and fills the rest of its status. RH_ENOMEM. [any] */
int32_t tournament_finish(struct tournament *t, uint8_t state, int64_t wall_ms);
/* A completed one is corrected: it runs again. [any] */
void tournament_reopen(struct tournament *t);
/* Digest of who won and of the standings (places, and the points of a round robin), never 0. For a
 * completed one. RH_ENOMEM. [any] */
int32_t tournament_digest(const struct tournament *t, uint64_t *out);
/* Nothing is left to be played, and nobody has said so yet. [any] */
bool tournament_is_complete(const struct tournament *t);

#endif
