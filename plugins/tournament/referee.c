/* What a referee may do to a match. */
#include "referee.h"

#include <assert.h>
#include <string.h>

#include "rated.h"

/* A copy of what a correction would change, to see what it undoes before it does. */
struct trial {
    uint8_t outcomes[PLAN_MATCHES_MAX];
    struct meeting meetings[PLAN_MATCHES_MAX];
};

enum referee_result referee_can_report(const struct tournament *t, uint32_t match)
{
    switch (t->meetings[match].state) {
    case MEETING_WAITING:
        return REFEREE_NOT_READY;
    case MEETING_WALKOVER:
    case MEETING_VOID:
        return REFEREE_NO_MATCH;
    default:
        return REFEREE_DONE;
    }
}

enum referee_result referee_report(struct tournament *t, uint32_t match,
                                   const struct match_record *record, int64_t wall_ms)
{
    const struct match_record *known = &t->matches[match].record;
    struct match_record taken = *record;

    assert(referee_can_report(t, match) == REFEREE_DONE);
    if (t->meetings[match].state == MEETING_DECIDED)
        return report_is_same(known, record) ? REFEREE_SAME : REFEREE_CONTRADICTS;
    taken.generation = known->generation;
    taken.decided_at_ms = wall_ms;
    rated_decide(t, match, known, &taken, false);
    progress_decide(t, match, &taken);
    return REFEREE_DONE;
}

static bool has_finished_game(const struct tournament *t, uint32_t match)
{
    for (uint32_t game = 0; game < t->per_match; game++) {
        const struct game_record *result = tournament_game(t, match, game);

        if (result && result->outcome != GAME_NONE)
            return true;
    }
    return false;
}

static bool is_other(const struct meeting *a, const struct meeting *b)
{
    return a->players[0] != b->players[0] || a->players[1] != b->players[1];
}

/* Marks later matches that would lose something; how many. */
static uint32_t mark_affected(const struct tournament *t, const struct trial *trial, uint32_t match,
                              uint8_t *affected)
{
    uint32_t count = 0;

    memset(affected, 0, t->plan.count);
    for (uint32_t i = match + 1; i < t->plan.count; i++) {
        if (!is_other(&t->meetings[i], &trial->meetings[i]))
            continue;
        affected[i] = t->outcomes[i] != OUTCOME_NONE || has_finished_game(t, i);
        count += affected[i];
    }
    return count;
}

/* Whoever was to meet there before does not count any more. */
static void restart_changed(struct tournament *t, const struct trial *trial, uint32_t match)
{
    for (uint32_t i = match + 1; i < t->plan.count; i++) {
        const uint16_t state = t->meetings[i].state;

        if (is_other(&t->meetings[i], &trial->meetings[i]) &&
            (state == MEETING_READY || state == MEETING_DECIDED))
            tournament_restart_match(t, i);
    }
}

static void try_outcome(const struct tournament *t, uint32_t match, uint8_t outcome,
                        struct trial *trial)
{
    uint8_t undone[PLAN_MATCHES_MAX];

    memcpy(trial->outcomes, t->outcomes, t->plan.count * sizeof(trial->outcomes[0]));
    memcpy(trial->meetings, t->meetings, t->plan.count * sizeof(trial->meetings[0]));
    (void)bracket_change(&t->plan, trial->outcomes, trial->meetings, match, outcome, undone);
}

enum referee_result referee_correct(struct tournament *t, uint32_t match,
                                    const struct match_record *record, bool may_undo,
                                    int64_t wall_ms, uint8_t *affected)
{
    const enum referee_result can = referee_can_report(t, match);
    struct match_record *known = &t->matches[match].record;
    struct trial trial;

    memset(affected, 0, t->plan.count);
    if (can != REFEREE_DONE)
        return can;
    if (t->meetings[match].state != MEETING_DECIDED && (record || !known->is_stuck))
        return REFEREE_NOT_DECIDED;
    if (record && report_is_same(known, record))
        return REFEREE_SAME;
    try_outcome(t, match, record ? record->outcome : OUTCOME_NONE, &trial);
    if (mark_affected(t, &trial, match, affected) && !may_undo)
        return REFEREE_UNDOES;
    restart_changed(t, &trial, match);
    memcpy(t->outcomes, trial.outcomes, t->plan.count * sizeof(t->outcomes[0]));
    memcpy(t->meetings, trial.meetings, t->plan.count * sizeof(t->meetings[0]));
    if (!record) {
        tournament_restart_match(t, match);
        return REFEREE_DONE;
    }
    struct match_record next = *record;

    next.generation = known->generation;
    next.decided_at_ms = wall_ms;
    rated_decide(t, match, known, &next, true);
    *known = next;
    t->matches[match].is_dirty = true;
    return REFEREE_DONE;
}
