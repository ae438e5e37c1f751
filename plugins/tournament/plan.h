/* Which matches a tournament can have and where their players come from; no results. */
#ifndef RH_PLUGINS_TOURNAMENT_PLAN_H
#define RH_PLUGINS_TOURNAMENT_PLAN_H

#include <stdbool.h>

#include "dropin.h"

#define PLAN_PLAYERS_MAX 128u
/* A double round robin of that many. */
#define PLAN_MATCHES_MAX (PLAN_PLAYERS_MAX * (PLAN_PLAYERS_MAX - 1))
/* Room for "L12.64" or "R254.64" and its NUL. */
#define PLAN_ID_SIZE 24u

enum plan_format { FORMAT_SINGLE = 0, FORMAT_DOUBLE, FORMAT_ROUND_ROBIN, FORMAT_COUNT };

/* Where a match belongs. */
enum plan_part {
    PART_WINNERS = 0, /* the only bracket of a single elimination */
    PART_LOSERS,
    PART_THIRD,
    PART_FINAL, /* grand final of a double elimination: 1, and 2 if it is reset */
    PART_ROUND_ROBIN,
    PART_COUNT
};

/* Where a player of a match comes from. */
enum plan_source {
    SOURCE_NOBODY = 0, /* there is none: the other side has a bye */
    SOURCE_SEED,       /* of: the seed, from 1 */
    SOURCE_WINNER,     /* of: index of the match */
    SOURCE_LOSER,
    SOURCE_SAME /* the same player as in match `of`, on the same side: the reset of a final */
};

struct plan_side {
    uint8_t source;
    bool is_taken; /* somebody can come here */
    uint16_t of;
};

/* Matches of a part have rounds and numbers from 1. sides[0] moves first in the first game. */
struct plan_match {
    uint8_t part;
    bool is_last; /* its loser goes nowhere from here: he is out */
    uint16_t round;
    uint16_t number;
    struct plan_side sides[2];
};

struct plan_options {
    uint8_t format;
    bool has_third_place; /* single elimination */
    bool has_reset;       /* double elimination: a lost first grand final is no end yet */
    bool is_twice;        /* round robin: a second cycle with sides swapped */
    uint8_t drop_in[DROPIN_ROUNDS_MAX]; /* double elimination */
    uint32_t players;                   /* 2 .. PLAN_PLAYERS_MAX */
};

/* Matches are ordered so that players come from matches before. */
struct plan {
    struct plan_options options; /* drop_in without DEFAULT */
    struct plan_match *matches;
    uint32_t count;
    uint32_t capacity;
};

/* How many matches a plan has, those that nobody can reach included. The number of players is
 * allowed. [any] */
uint32_t plan_matches(const struct plan_options *options);

/* RH_OK or RH_ENOMEM; asserts that the number of players is allowed. plan_free takes NULL members.
 * [any] */
int32_t plan_init(struct plan *plan, const struct plan_options *options);
void plan_release(struct plan *plan);

/* For the builders: appends a match whose sides come from there, and returns its index. Works out
 * is_taken of its sides and is_last of the matches it takes losers from. There is room. [any] */
uint32_t plan_add(struct plan *plan, uint8_t part, uint32_t round, uint32_t number,
                  struct plan_side first, struct plan_side second);

/* How many can come: 2 a match, 1 a bye, 0 nothing at all. [any] */
uint32_t plan_seats(const struct plan_match *match);

/* Games are played in matches with two seats; the reset is not counted. n - 1 (+ 1) in a single,
 * 2 n - 2 in a double elimination. [any] */
uint32_t plan_played(const struct plan *plan);

/* Writes "W1.4", "L2.1", "T1", "F2" or "R3.1". [any] */
void plan_id(const struct plan_match *match, char id[PLAN_ID_SIZE]);

/* The index of the match with that id, or the number of matches. [any] */
uint32_t plan_find(const struct plan *plan, struct rh_str id);

/* "single_elimination", ...; and back, FORMAT_COUNT when there is none. "winners", ... [any] */
#define PLAN_FORMAT_NAMES "single_elimination double_elimination round_robin"
const char *plan_format_name(uint8_t format);
uint8_t plan_format_find(struct rh_str name);
const char *plan_part_name(uint8_t part);

#endif
