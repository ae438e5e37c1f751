/* The games of one board type in order, and the Elo ratings that follow from them. Ratings depend
 * on the set of games alone, to the last bit, never on the order in which they came.
 *
 * The fold goes by (played_at, game id). Every BOARD_SNAPSHOT_GAMES games the players are kept as
 * they were, so that a late game costs a fold from the last such place before it. */
#ifndef RH_PLUGINS_ELO_SYNC_BOARD_H
#define RH_PLUGINS_ELO_SYNC_BOARD_H

#include <stdbool.h>

#include <ringhost/sdk/map.h>

#include "elo.h"

#define BOARD_SNAPSHOT_GAMES 1000u
#define BOARD_SNAPSHOTS_MAX  4096u /* later games are folded from the last of them */
#define BOARD_PLAYERS_MAX    100000u

struct board_player {
    char *name;
    double rating;
    double info; /* see elo_rate */
    uint32_t games;
    uint32_t wins;   /* alone in front */
    uint32_t draws;  /* in front with others */
    uint32_t losses; /* behind */
};

struct board_side {
    uint32_t player; /* index into board->players */
    uint32_t place;
    uint32_t games; /* of the player, this one included */
    uint32_t reserved0;
    double before; /* ratings; good after board_settle */
    double after;
};

/* One game in its place. */
struct board_game {
    struct rh_str id; /* borrowed from who put it in */
    int64_t played_at_ms;
    uint32_t side_count;
    bool is_gone;
    struct board_side sides[];
};

struct board_snapshot {
    struct board_player *players;
    uint32_t player_count;
};

/* Read the members, after board_settle. */
struct board {
    struct rh_str type; /* borrowed from name */
    char *name;
    struct elo_options options;
    struct rh_map by_name; /* index + 1 of a player */
    struct board_player *players;
    uint32_t player_count, player_capacity;
    struct board_game **games; /* in order up to sorted, then as they came */
    uint32_t game_count, game_capacity;
    uint32_t sorted;
    uint32_t folded; /* games whose ratings are good */
    uint32_t gone;
    struct board_snapshot *snapshots; /* players after 1000, 2000, ... games */
    uint32_t snapshot_count, snapshot_capacity;
    uint64_t version;      /* grows with every change */
    uint64_t folded_total; /* games folded so far, repeats included */
};

/* An empty board; RH_ENOMEM. seed: of the table, any number. [any] */
int32_t board_new(struct rh_str type, const struct elo_options *options, uint64_t seed,
                  struct board **out);
/* NULL is allowed. */
void board_free(struct board *board);

/* Puts in a game that is not in yet; its id must live as long. RH_OK and *out, the board's own;
 * RH_EFULL at BOARD_PLAYERS_MAX; RH_ENOMEM. [any] */
int32_t board_put(struct board *board, const struct fact *fact, struct board_game **out);
/* Takes it out; the game may not be used any more. [any] */
void board_remove(struct board *board, struct board_game *game);

/* Brings order and ratings up to date. RH_OK or RH_ENOMEM, and then they are not. [any] */
int32_t board_settle(struct board *board);

/* The player of that name, or NULL. [any] */
const struct board_player *board_player(const struct board *board, struct rh_str name);

/* Indexes of the players with at least min_games (and at least one) games, the best first, equal
 * ratings by name; RH_ENOMEM. *out is the caller's to free. The board must be settled. [any] */
int32_t board_ranking(const struct board *board, uint32_t min_games, uint32_t **out,
                      uint32_t *count);

#endif
