/* The leader's duties while another provider decides; see standby.h. */
#include "standby.h"

#include <assert.h>
#include <string.h>

#include "election_state.h"
#include "rank.h"

static int64_t stable_ms(const struct standby *s)
{
    return ELECTION_STABLE_BEATS * s->cfg.beat_ms;
}

void standby_init(struct standby *s, const struct election_config *cfg, int64_t now_ms)
{
    memset(s, 0, sizeof(*s));
    s->cfg = *cfg;
    for (uint32_t i = 0; i < cfg->voter_count; i++)
        s->fit_since_ms[i] = LEASE_NEVER;
    s->handed_over_ms = now_ms - ELECTION_HANDOVER_BEATS * cfg->beat_ms;
}

void standby_lead(struct standby *s, bool is_leader, uint64_t epoch, int64_t now_ms)
{
    if (is_leader == s->is_leader && epoch == s->epoch)
        return;
    s->is_leader = is_leader;
    s->epoch = epoch;
    s->lead_since_ms = now_ms;
    s->beat_ms = now_ms;
    s->next_look_ms = now_ms + stable_ms(s);
}

void standby_see(struct standby *s, uint32_t voter, int64_t priority, bool is_fit, int64_t now_ms)
{
    assert(voter < s->cfg.voter_count);
    s->priority[voter] = priority;
    if (!is_fit)
        s->fit_since_ms[voter] = LEASE_NEVER;
    else if (s->fit_since_ms[voter] == LEASE_NEVER)
        s->fit_since_ms[voter] = now_ms;
}

/* The home of unreplicated state has no say here: what is replicated is at home on every voter. */
static struct rank rank_of(const struct standby *s, uint32_t voter)
{
    return (struct rank){s->cfg.voters[voter], s->priority[voter], false};
}

uint32_t standby_better(const struct standby *s, uint32_t out[ELECTION_VOTERS_MAX], int64_t now_ms)
{
    const struct rank own = {s->cfg.self, s->cfg.priority, false};
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->cfg.voter_count; i++) {
        const struct rank rank = rank_of(s, i);
        uint32_t place = count;

        if (strcmp(s->cfg.voters[i], s->cfg.self) == 0 || s->fit_since_ms[i] == LEASE_NEVER ||
            now_ms - s->fit_since_ms[i] < stable_ms(s) || !rank_above(&rank, &own))
            continue;
        for (; place > 0; place--) {
            const struct rank before = rank_of(s, out[place - 1]);

            if (rank_above(&before, &rank))
                break;
            out[place] = out[place - 1];
        }
        out[place] = i;
        count++;
    }
    return count;
}

uint32_t standby_tick(struct standby *s, int64_t now_ms)
{
    uint32_t better[ELECTION_VOTERS_MAX];
    uint32_t due = 0;

    if (!s->is_leader)
        return 0;
    if (now_ms >= s->beat_ms) {
        due |= STANDBY_BEAT;
        s->beat_ms = now_ms + s->cfg.beat_ms;
    }
    if (now_ms >= s->next_look_ms) {
        s->next_look_ms = now_ms + s->cfg.beat_ms;
        if (now_ms - s->handed_over_ms >= ELECTION_HANDOVER_BEATS * s->cfg.beat_ms &&
            standby_better(s, better, now_ms) > 0)
            due |= STANDBY_TRANSFER;
    }
    return due;
}

int64_t standby_next_ms(const struct standby *s)
{
    if (!s->is_leader)
        return INT64_MAX;
    return s->beat_ms < s->next_look_ms ? s->beat_ms : s->next_look_ms;
}

void standby_handed_over(struct standby *s, int64_t now_ms)
{
    s->handed_over_ms = now_ms;
}
