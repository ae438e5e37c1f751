/* What is believed of members, and the clock of each; see swim_state.h. */
#include <assert.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "swim_state.h"

void judge_arm(struct swim *swim, struct member *member, int64_t due_ms)
{
    /* A time in the past would look as if this node had stood still since then. */
    member->due_ms = due_ms > swim->now_ms ? due_ms : swim->now_ms;
    if (rh_heap_contains(&member->timer))
        rh_heap_update(&swim->timers, &member->timer);
    else
        (void)rh_heap_push(&swim->timers, &member->timer); /* without memory the probes go on */
}

void judge_disarm(struct swim *swim, struct member *member)
{
    if (rh_heap_contains(&member->timer))
        rh_heap_remove(&swim->timers, &member->timer);
}

static void begin_suspicion(struct swim *swim, struct member *member, const char *by)
{
    const struct timing *timing = &swim->cfg.timing;
    const uint32_t nodes = swim_size(swim);
    const int64_t min_ms = timing_suspicion_min_ms(timing, nodes);

    suspicion_begin(&member->suspicion, swim->now_ms, min_ms,
                    swim->cfg.is_plain ? min_ms : timing_suspicion_max_ms(timing, nodes),
                    timing_confirmations(nodes), rh_str_from(by));
    swim->stats.suspicions++;
    vouching_hold(swim, member);
}

/* Not while a hub answers for it. */
static void arm_suspicion(struct swim *swim, struct member *member)
{
    const int64_t end_ms = suspicion_end_ms(&member->suspicion);
    const int64_t vouched_ms = vouch_end_ms(member, NULL);

    judge_arm(swim, member, vouched_ms > end_ms ? vouched_ms : end_ms);
}

/* What is said of it stays, and whose word that is. */
static void acquit(struct swim *swim, struct member *member)
{
    const struct member *accuser = member->accuser;
    const bool is_accused_by_us = member->is_accused_by_us;

    judge_set(swim, member, SWIM_ALIVE, MEMBER_VOUCHED);
    member->accuser = accuser;
    member->is_accused_by_us = is_accused_by_us;
}

void judge_vouched(struct swim *swim, struct member *member)
{
    const int64_t min_ms = timing_suspicion_min_ms(&swim->cfg.timing, swim_size(swim));

    /* A hub has heard it since: others cannot reach it anyway, and their silence says nothing. What
     * ends so soon may be the echo of a vouch that has ended. */
    if (member->state == SWIM_SUSPECT && !swim->cfg.is_plain &&
        vouch_heard_ms(member, NULL) > swim->now_ms + min_ms)
        acquit(swim, member);
    if (member->state == SWIM_ALIVE && !swim_is_vouched(swim, member))
        judge_disarm(swim, member);
    else if (member->state == SWIM_ALIVE)
        judge_arm(swim, member, vouch_end_ms(member, NULL));
    else if (member->state == SWIM_SUSPECT)
        arm_suspicion(swim, member);
}

bool judge_is_answered_for(const struct swim *swim, const struct member *member)
{
    return !swim->cfg.is_plain && member->state == SWIM_ALIVE && swim_is_vouched(swim, member);
}

void judge_name_accuser(struct swim *swim, struct member *member, const char *by)
{
    member->is_accused_by_us = strcmp(by, swim->cfg.self) == 0;
    member->accuser = by[0] ? members_get(&swim->members, by) : NULL;
}

void judge_suspect(struct swim *swim, struct member *member, const char *by, uint32_t reason)
{
    members_set_state(&swim->members, member, SWIM_SUSPECT, reason);
    member->is_unproven = false;
    judge_name_accuser(swim, member, by);
    begin_suspicion(swim, member, by);
    arm_suspicion(swim, member);
}

void judge_set(struct swim *swim, struct member *member, uint32_t state, uint32_t reason)
{
    assert(state != SWIM_SUSPECT);
    members_set_state(&swim->members, member, state, reason);
    member->is_unproven = false;
    judge_name_accuser(swim, member, "");
    switch (state) {
    case SWIM_ALIVE:
        member->failures = 0;
        judge_disarm(swim, member);
        if (swim_is_vouched(swim, member))
            judge_arm(swim, member, vouch_end_ms(member, NULL));
        break;
    case SWIM_LEFT:
        judge_disarm(swim, member);
        vouch_clear(member, &swim->spread);
        break;
    default: /* unknown ones are tried at once, dead ones when they may have come back */
        member->failures = state == SWIM_UNKNOWN ? 0 : 1;
        vouch_clear(member, &swim->spread);
        judge_arm(swim, member,
                  state == SWIM_UNKNOWN
                      ? swim->now_ms
                      : swim->now_ms + timing_retry_ms(&swim->cfg.timing, member->failures,
                                                       rh_rng_u64(&swim->rng)));
        break;
    }
}

static void shorten(struct swim *swim, struct member *member)
{
    suspicion_shorten(&member->suspicion);
    arm_suspicion(swim, member);
}

void judge_accuse(struct swim *swim, struct member *member, uint32_t reason)
{
    if (member->state == SWIM_SUSPECT) {
        if (member->said == SWIM_DEAD)
            shorten(swim, member);
        else
            judge_confirm(swim, member, swim->cfg.self);
        return;
    }
    assert(member->state == SWIM_ALIVE);
    if (member->said < SWIM_SUSPECT)
        member->said = SWIM_SUSPECT;
    judge_suspect(swim, member, swim->cfg.self, reason);
    if (member->said == SWIM_DEAD) /* while a hub answered for it */
        shorten(swim, member);
    else
        merge_tell(swim, member, true);
}

void judge_confirm(struct swim *swim, struct member *member, const char *by)
{
    if (!suspicion_confirm(&member->suspicion, rh_str_from(by)))
        return;
    judge_name_accuser(swim, member, by);
    arm_suspicion(swim, member);
    merge_tell(swim, member, true);
}

void judge_said_dead(struct swim *swim, struct member *member)
{
    const uint32_t was = member->state;

    if (was == SWIM_ALIVE && judge_is_answered_for(swim, member))
        return;
    if (was == SWIM_ALIVE)
        judge_suspect(swim, member, "", MEMBER_SAID_DEAD);
    else if (was == SWIM_SUSPECT)
        shorten(swim, member);
    if (swim->cfg.is_plain || (was != SWIM_ALIVE && was != SWIM_SUSPECT) ||
        suspicion_end_ms(&member->suspicion) <= swim->now_ms)
        judge_set(swim, member, SWIM_DEAD, MEMBER_SAID_DEAD);
}

static void declare_dead(struct swim *swim, struct member *member)
{
    const bool is_own_verdict = member->said != SWIM_DEAD;

    member->said = SWIM_DEAD;
    judge_set(swim, member, SWIM_DEAD, is_own_verdict ? MEMBER_TIME_IS_UP : MEMBER_SAID_DEAD);
    if (is_own_verdict) {
        swim->stats.deaths++;
        merge_tell(swim, member, true);
    }
}

static void on_due(struct swim *swim, struct member *member)
{
    switch (member->state) {
    case SWIM_ALIVE: /* its last vouch has ended: it must answer for itself */
        swim->again = member;
        break;
    case SWIM_SUSPECT:
        declare_dead(swim, member);
        break;
    default:
        if (!probe_retry(swim, member))
            judge_arm(swim, member, swim->now_ms + swim->cfg.timing.interval_ms);
        break;
    }
}

void judge_due(struct swim *swim)
{
    struct rh_heap_node *first;

    while ((first = rh_heap_peek(&swim->timers)) != NULL) {
        struct member *member = RH_CONTAINER_OF(first, struct member, timer);

        if (member->due_ms > swim->now_ms)
            return;
        judge_disarm(swim, member);
        on_due(swim, member);
    }
}

void judge_restart(struct swim *swim)
{
    for (uint32_t i = 0; i < swim->members.count; i++) {
        struct member *member = swim->members.slots[i];

        if (member->state != SWIM_SUSPECT)
            continue;
        suspicion_restart(&member->suspicion, swim->now_ms);
        arm_suspicion(swim, member);
    }
}
