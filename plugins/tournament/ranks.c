/* Places in an elimination.
 *
 * Whoever loses a match from which no way leads on is out, behind all who go out in a later step:
 * his rank is one more than their number. Steps are the rounds of the winners' bracket in a
 * single, of the losers' bracket in a double elimination, then the match for the third place, then
 * the final. */
#include "ranks.h"

#include "seeding.h"
#include "single.h"

/* Steps of one-round parts, behind any round. */
#define STEP_THIRD 0x1000u
#define STEP_FINAL 0x2000u

static uint32_t step_of(const struct plan *plan, const struct plan_match *match)
{
    const uint32_t rounds = single_rounds(seeding_size(plan->options.players));

    switch (match->part) {
    case PART_THIRD:
        return STEP_THIRD;
    case PART_FINAL:
        return STEP_FINAL;
    case PART_WINNERS:
        return match->round == rounds ? STEP_FINAL : match->round;
    default:
        return match->round;
    }
}

/* Players who go out in a step behind this one, the champion included. Known from the plan alone.
 */
static uint32_t count_later(const struct plan *plan, uint32_t step)
{
    uint32_t later = 1;

    for (uint32_t i = 0; i < plan->count; i++) {
        const struct plan_match *match = &plan->matches[i];

        if (!match->is_last || step_of(plan, match) <= step ||
            match->sides[0].source == SOURCE_SAME)
            continue;
        if (match->part == PART_THIRD)
            later += plan_seats(match);
        else
            later += plan_seats(match) == 2;
    }
    return later;
}

/* Nobody is out before his last match is over, and of the final that may be reset only once it is
 * known that it is not. */
static void take_losers(const struct plan *plan, const struct meeting *meetings, uint32_t index,
                        uint16_t *ranks)
{
    const struct plan_match *match = &plan->matches[index];
    const struct meeting *meeting = &meetings[index];
    const uint32_t behind = count_later(plan, step_of(plan, match));

    if (meeting->state != MEETING_DECIDED && meeting->state != MEETING_WALKOVER)
        return;
    for (uint32_t side = 0; side < 2; side++) {
        const uint16_t player = meeting->players[side];

        if (player == PLAYER_NOBODY)
            continue;
        if (match->part == PART_THIRD && meeting->winner != PLAYER_NOBODY)
            ranks[player - 1] = (uint16_t)(behind + (player == meeting->winner ? 1 : 2));
        else if (player != meeting->winner)
            ranks[player - 1] = (uint16_t)(behind + 1);
    }
}

static bool is_before(const struct place *a, const struct place *b)
{
    return a->rank != b->rank ? a->rank < b->rank : a->player < b->player;
}

static void sort(struct place *places, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        const struct place place = places[i];
        uint32_t at = i;

        for (; at > 0 && is_before(&place, &places[at - 1]); at--)
            places[at] = places[at - 1];
        places[at] = place;
    }
}

static void count_match(const struct meeting *meeting, struct place *places)
{
    if (meeting->state != MEETING_DECIDED)
        return;
    for (uint32_t side = 0; side < 2; side++) {
        struct place *place = &places[meeting->players[side] - 1];

        place->wins += place->player == meeting->winner;
        place->losses += place->player != meeting->winner;
    }
}

void ranks_make(const struct plan *plan, const struct meeting *meetings, struct place *places)
{
    const uint32_t players = plan->options.players;
    const uint16_t champion = bracket_champion(plan, meetings);
    uint16_t ranks[PLAN_PLAYERS_MAX] = {0};

    for (uint32_t i = 0; i < players; i++)
        places[i] = (struct place){.player = (uint16_t)(i + 1)};
    for (uint32_t i = 0; i < plan->count; i++) {
        const bool is_reset_open = i + 1 < plan->count &&
                                   plan->matches[i + 1].sides[0].source == SOURCE_SAME &&
                                   meetings[i + 1].state != MEETING_VOID;

        count_match(&meetings[i], places);
        if (plan->matches[i].is_last && !is_reset_open)
            take_losers(plan, meetings, i, ranks);
    }
    if (champion != PLAYER_UNKNOWN && champion != PLAYER_NOBODY)
        ranks[champion - 1] = 1;
    for (uint32_t i = 0; i < players; i++)
        places[i].rank = ranks[i];
    sort(places, players);
}
