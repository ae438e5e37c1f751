/* Who meets whom, given the outcomes of matches so far: a fold over a plan, so the order in which
 * outcomes came does not matter. */
#ifndef RH_PLUGINS_TOURNAMENT_BRACKET_H
#define RH_PLUGINS_TOURNAMENT_BRACKET_H

#include "plan.h"

/* How a match ended. NEITHER: both forfeited, and nobody goes on. */
enum outcome {
    OUTCOME_NONE = 0,
    OUTCOME_FIRST,
    OUTCOME_SECOND,
    OUTCOME_DRAW, /* round robin only */
    OUTCOME_NEITHER,
    OUTCOME_COUNT
};

enum meeting_state {
    MEETING_WAITING = 0, /* somebody is not known yet */
    MEETING_READY,       /* both are known, the outcome is not */
    MEETING_DECIDED,
    MEETING_WALKOVER, /* one is known, the other will never be: a bye, or both forfeited before */
    MEETING_VOID      /* nobody comes, or a reset that is not needed */
};

/* Players by seed, from 1. NOBODY: there is none; UNKNOWN: not known yet. */
#define PLAYER_NOBODY  0u
#define PLAYER_UNKNOWN 0xffffu

/* One match of the plan as it stands. */
struct meeting {
    uint16_t state; /* enum meeting_state; all of one size, so that memcmp compares */
    uint16_t players[2];
    uint16_t winner; /* who goes on as such; also of a walkover */
    uint16_t loser;
};

/* Fills meetings[plan->count] from outcomes[plan->count]. An outcome of a match that is not READY
 * without it counts as NONE. [any] */
void bracket_resolve(const struct plan *plan, const uint8_t *outcomes, struct meeting *meetings);

/* Takes an outcome, or NONE, for a match whose players are known, in place of what it had, and
 * resolves the rest anew. Outcomes of later matches whose players change are undone. Marks in
 * undone[plan->count] (cleared first) those that had an outcome; returns how many. [any] */
uint32_t bracket_change(const struct plan *plan, uint8_t *outcomes, struct meeting *meetings,
                        uint32_t index, uint8_t outcome, uint8_t *undone);

/* Nothing is left to be played. [any] */
bool bracket_is_over(const struct plan *plan, const struct meeting *meetings);

/* Who won an elimination that is over: a seed, or PLAYER_NOBODY after a final that both forfeited.
 * PLAYER_UNKNOWN while it is not. Not for a round robin, whose standings tell. [any] */
uint16_t bracket_champion(const struct plan *plan, const struct meeting *meetings);

const char *meeting_state_name(uint16_t state);

#endif
