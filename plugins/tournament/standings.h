/* The table of a round robin: points and tie-breaks after FIDE Handbook C.07; not who plays whom.
 *
 * Of forfeited matches points are awarded as usual and they count in every tie-break, as C.07 has
 * it where all pairings are fixed beforehand. A bye counts nowhere. */
#ifndef RH_PLUGINS_TOURNAMENT_STANDINGS_H
#define RH_PLUGINS_TOURNAMENT_STANDINGS_H

#include "pairs.h"

/* Each a value of a player, the larger the better. */
enum tiebreak {
    /* Points against those he is tied with (article 6). Where some of them have not met, it tells
     * who is alone on top whatever the missing matches bring, and who behind him (6.2). Applied
     * again to those whom it leaves tied. */
    TIEBREAK_DIRECT = 0,
    /* Final points of each opponent times the points made against him (9.1). */
    TIEBREAK_SONNEBORN,
    /* Games or matches won, forfeits of the opponent included (7.1). */
    TIEBREAK_WINS,
    /* Points made against opponents with at least half of what they could have (9.2). */
    TIEBREAK_KOYA,
    /* The lowest seed number. */
    TIEBREAK_SEED,
    TIEBREAK_COUNT
};

#define TIEBREAK_NAMES "direct_encounter sonneborn_berger wins koya seed"

#define STANDING_NONE  INT64_MIN

struct standing {
    uint16_t player; /* seed */
    uint16_t rank;   /* from 1; the same for players that nothing tells apart */
    uint32_t halves; /* points times two */
    uint32_t most;   /* that could have been made so far, points */
    uint32_t matches;
    uint32_t wins;
    /* Of each tie-break, in halves of a point (WINS, SEED: whole; DIRECT, SONNEBORN: quarters).
     * DIRECT is STANDING_NONE where it was not applied, and of its first application where it was
     * repeated.
     */
    int64_t values[TIEBREAK_COUNT];
    int64_t key; /* what it is being sorted by */
};

/* Tie-breaks in the order in which they are tried; points come before all of them. */
struct tiebreak_list {
    uint8_t items[TIEBREAK_COUNT];
    uint32_t count;
};

/* Fills standings[players] in order of rank, shared ranks by seed. [any] */
void standings_make(const struct encounter *encounters, uint32_t count, uint32_t players,
                    const struct tiebreak_list *tiebreaks, struct standing *standings);

/* "direct_encounter", ...; and back, TIEBREAK_COUNT when there is none. [any] */
const char *tiebreak_name(uint8_t tiebreak);
uint8_t tiebreak_find(struct rh_str name);
/* By what a value is to be divided to be points (or wins, or a seed). [any] */
uint32_t tiebreak_unit(uint8_t tiebreak);

#endif
