/* See rated.h. */
#include "rated.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* A report's number: the flag, 16 bits for which, 15 for the match. */
#define REPORT_FLAG 0x80000000u
#define MATCH_BITS  15u
#define REPORTS_MAX 65535u

static_assert(PLAN_MATCHES_MAX <= 1u << MATCH_BITS, "a match fits");

uint32_t rated_report(uint32_t match, uint32_t n)
{
    assert(match < PLAN_MATCHES_MAX);
    assert(n >= 1 && n <= REPORTS_MAX);
    return REPORT_FLAG | n << MATCH_BITS | match;
}

bool rated_name(const struct plan *plan, uint32_t number, char name[RATED_NAME_SIZE])
{
    const uint32_t match = number & ((1u << MATCH_BITS) - 1);
    const uint32_t n = (number & ~REPORT_FLAG) >> MATCH_BITS;
    char id[PLAN_ID_SIZE];

    if (!(number & REPORT_FLAG)) {
        (void)snprintf(name, RATED_NAME_SIZE, "%" PRIu32, number); /* it fits */
        return true;
    }
    if (match >= plan->count || n == 0)
        return false;
    plan_id(&plan->matches[match], id);
    if (n == 1)
        (void)snprintf(name, RATED_NAME_SIZE, "%s", id); /* it fits */
    else
        (void)snprintf(name, RATED_NAME_SIZE, "%s.%" PRIu32, id, n); /* it fits */
    return true;
}

bool rated_is_known(const struct match_record *record)
{
    return record->is_rated || record->by == BY_GAMES || record->by == BY_SEED;
}

static bool is_game(const struct match_record *record)
{
    return record->by == BY_REPORT &&
           (record->outcome == OUTCOME_FIRST || record->outcome == OUTCOME_SECOND ||
            record->outcome == OUTCOME_DRAW);
}

static bool has_played(const struct tournament *t, uint32_t match)
{
    bool has = false;

    for (uint32_t game = 0; game < t->per_match; game++) {
        const struct game_record *result = tournament_game(t, match, game);

        has = has || (result && result->outcome != GAME_NONE);
    }
    return has;
}

void rated_decide(const struct tournament *t, uint32_t match, const struct match_record *known,
                  struct match_record *next, bool is_correction)
{
    next->reports = known->reports;
    next->games_gone = known->games_gone || (is_correction && has_played(t, match));
    next->played_at_ms = known->played_at_ms;
    if (!next->played_at_ms)
        next->played_at_ms = known->decided_at_ms ? known->decided_at_ms : next->decided_at_ms;
    next->is_rated =
        is_game(next) && next->reports < REPORTS_MAX && (next->games_gone || !has_played(t, match));
    if (next->is_rated && !(known->is_rated && known->outcome == next->outcome))
        next->reports++;
}

uint32_t rated_gone(const struct tournament *t, uint32_t match, const struct match_record *before,
                    uint32_t *numbers, uint32_t max)
{
    const struct match_record *now = &t->matches[match].record;
    const bool is_anew = now->generation != before->generation;
    uint32_t count = 0;

    if (before->is_rated && count < max && (!now->is_rated || now->reports != before->reports))
        numbers[count++] = rated_report(match, before->reports);
    if (before->games_gone || !(is_anew || now->games_gone))
        return count;
    for (uint32_t item = 0; item < tournament_items(t) && count < max; item++) {
        const struct extra_record what = tournament_item(t, item);

        if (what.match == match && what.generation == before->generation && t->results[item] &&
            t->results[item]->outcome != GAME_NONE)
            numbers[count++] = item;
    }
    return count;
}

uint32_t rated_new(const struct tournament *t, uint32_t match, const struct match_record *before)
{
    const struct match_record *now = &t->matches[match].record;

    return now->is_rated && now->reports != before->reports ? rated_report(match, now->reports) : 0;
}
