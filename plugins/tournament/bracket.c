/* Resolves a plan match by match; players come from matches before, so one pass does. */
#include "bracket.h"

#include <assert.h>
#include <string.h>

static uint16_t player_from(const struct plan *plan, const struct meeting *meetings,
                            const struct plan_side *side)
{
    switch (side->source) {
    case SOURCE_SEED:
        return side->of <= plan->options.players ? side->of : PLAYER_NOBODY;
    case SOURCE_WINNER:
        return meetings[side->of].winner;
    case SOURCE_LOSER:
        return meetings[side->of].loser;
    default:
        return PLAYER_NOBODY;
    }
}

/* The reset exists if the first final was played and its second side, the winner of the losers'
 * bracket, won it. */
static void resolve_reset(const struct meeting *final, uint8_t outcome, struct meeting *out)
{
    *out = (struct meeting){.state = MEETING_WAITING,
                            .players = {PLAYER_UNKNOWN, PLAYER_UNKNOWN},
                            .winner = PLAYER_UNKNOWN,
                            .loser = PLAYER_UNKNOWN};
    if (final->state == MEETING_WAITING || final->state == MEETING_READY)
        return;
    if (final->state == MEETING_DECIDED && outcome == OUTCOME_SECOND) {
        out->players[0] = final->players[0];
        out->players[1] = final->players[1];
        return;
    }
    out->players[0] = out->players[1] = PLAYER_NOBODY;
}

static void decide(struct meeting *meeting, uint8_t outcome)
{
    meeting->state = outcome == OUTCOME_NONE ? MEETING_READY : MEETING_DECIDED;
    switch (outcome) {
    case OUTCOME_FIRST:
        meeting->winner = meeting->players[0];
        meeting->loser = meeting->players[1];
        break;
    case OUTCOME_SECOND:
        meeting->winner = meeting->players[1];
        meeting->loser = meeting->players[0];
        break;
    case OUTCOME_DRAW:
    case OUTCOME_NEITHER:
        meeting->winner = meeting->loser = PLAYER_NOBODY;
        break;
    default:
        assert(outcome == OUTCOME_NONE);
        break;
    }
}

static void resolve_one(const struct plan *plan, const uint8_t *outcomes, struct meeting *meetings,
                        uint32_t index)
{
    const struct plan_match *match = &plan->matches[index];
    struct meeting *out = &meetings[index];

    if (match->sides[0].source == SOURCE_SAME) {
        const uint16_t final = match->sides[0].of;

        resolve_reset(&meetings[final], outcomes[final], out);
    } else {
        *out = (struct meeting){.state = MEETING_WAITING,
                                .players = {player_from(plan, meetings, &match->sides[0]),
                                            player_from(plan, meetings, &match->sides[1])},
                                .winner = PLAYER_UNKNOWN,
                                .loser = PLAYER_UNKNOWN};
    }
    if (out->players[0] == PLAYER_UNKNOWN || out->players[1] == PLAYER_UNKNOWN)
        return;
    if (out->players[0] != PLAYER_NOBODY && out->players[1] != PLAYER_NOBODY) {
        decide(out, outcomes[index]);
        return;
    }
    out->winner = out->players[0] ? out->players[0] : out->players[1];
    out->loser = PLAYER_NOBODY;
    out->state = out->winner ? MEETING_WALKOVER : MEETING_VOID;
}

void bracket_resolve(const struct plan *plan, const uint8_t *outcomes, struct meeting *meetings)
{
    for (uint32_t i = 0; i < plan->count; i++)
        resolve_one(plan, outcomes, meetings, i);
}

uint32_t bracket_change(const struct plan *plan, uint8_t *outcomes, struct meeting *meetings,
                        uint32_t index, uint8_t outcome, uint8_t *undone)
{
    uint32_t count = 0;

    assert(meetings[index].state == MEETING_READY || meetings[index].state == MEETING_DECIDED);
    assert(outcome < OUTCOME_COUNT);
    memset(undone, 0, plan->count);
    outcomes[index] = outcome;
    for (uint32_t i = index; i < plan->count; i++) {
        const struct meeting before = meetings[i];

        resolve_one(plan, outcomes, meetings, i);
        if (i == index || outcomes[i] == OUTCOME_NONE ||
            (before.players[0] == meetings[i].players[0] &&
             before.players[1] == meetings[i].players[1]))
            continue;
        undone[i] = 1;
        count++;
        outcomes[i] = OUTCOME_NONE;
        resolve_one(plan, outcomes, meetings, i);
    }
    return count;
}

bool bracket_is_over(const struct plan *plan, const struct meeting *meetings)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        if (meetings[i].state == MEETING_WAITING || meetings[i].state == MEETING_READY)
            return false;
    }
    return true;
}

/* The last match that decides: the reset if it was played, else the final. */
static uint32_t deciding_match(const struct plan *plan, const struct meeting *meetings)
{
    uint32_t index = plan->count - 1;

    while (plan->matches[index].part == PART_THIRD ||
           (plan->matches[index].sides[0].source == SOURCE_SAME &&
            meetings[index].state == MEETING_VOID))
        index--;
    return index;
}

uint16_t bracket_champion(const struct plan *plan, const struct meeting *meetings)
{
    assert(plan->options.format != FORMAT_ROUND_ROBIN);
    if (!bracket_is_over(plan, meetings))
        return PLAYER_UNKNOWN;
    return meetings[deciding_match(plan, meetings)].winner;
}

const char *meeting_state_name(uint16_t state)
{
    static const char *const names[] = {"waiting", "ready", "decided", "walkover", "void"};

    assert(state < sizeof(names) / sizeof(names[0]));
    return names[state];
}
