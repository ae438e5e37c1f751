/* One probe: the ping, the question to proxies, the conclusion; see swim_state.h. */
#include <assert.h>

#include <ringhost/sdk/str.h>

#include "swim_state.h"

#define RTT_WEIGHT 0.125 /* of the newest in the average */
/* Who came back so shortly before the end of a failed probe was alive while it failed. */
#define HEARD_INTERVALS 3

static struct probe *find(struct swim *swim, uint64_t seq)
{
    for (uint32_t i = 0; i < SWIM_PROBES_MAX; i++) {
        if (swim->probes[i].target && swim->probes[i].seq == seq)
            return &swim->probes[i];
    }
    return NULL;
}

static void end(struct probe *probe)
{
    probe->target->is_probed = false;
    probe->target = NULL;
}

static bool start(struct swim *swim, struct member *target, bool is_retry)
{
    const int64_t timeout_ms =
        health_stretch_ms(&swim->health, timing_timeout_ms(&swim->cfg.timing, swim->rtt_ms));
    struct probe *probe = swim->probes;
    struct swim_action *action;

    while (probe < swim->probes + SWIM_PROBES_MAX && probe->target)
        probe++;
    if (probe == swim->probes + SWIM_PROBES_MAX)
        return false;
    *probe = (struct probe){
        .seq = ++swim->seq,
        .target = target,
        .timeout_ms = timeout_ms,
        .due_ms = swim->now_ms + timeout_ms,
        .is_retry = is_retry,
    };
    target->is_probed = true;
    action = swim_act(swim, SWIM_PING, target);
    if (action) {
        action->seq = probe->seq;
        action->timeout_ms = 2 * timeout_ms; /* a late answer counts until the conclusion */
    }
    return true;
}

/* Whom another node vouches for, that node watches. A suspect must hear what it is accused of. */
static bool may_probe(const void *item, void *user)
{
    const struct member *member = item;
    const struct swim *swim = user;

    if (member->is_probed)
        return false;
    return member->state == SWIM_SUSPECT ||
           (member->state == SWIM_ALIVE && vouch_end_ms(member, swim->cfg.self) <= swim->now_ms);
}

/* Whom a hub answers for may answer here too. */
static bool may_try(const void *item, void *user)
{
    const struct member *member = item;

    (void)user;
    return !member->is_probed && member->state == SWIM_ALIVE;
}

/* With hubs for all that are left, nobody would be asked, and nobody would tell this node that it
 * is taken for dead: then those are tried. */
void probe_round(struct swim *swim)
{
    struct member *target = swim->again;

    swim->again = NULL;
    swim->round_ms = swim->now_ms + health_stretch_ms(&swim->health, swim->cfg.timing.interval_ms);
    if (!target || !may_probe(target, swim))
        target = schedule_next(&swim->schedule, &swim->rng, may_probe, swim);
    if (!target)
        target = schedule_next(&swim->schedule, &swim->rng, may_try, swim);
    /* Who is vouched for is only tried: it may be reached again. */
    if (target && start(swim, target, swim_is_vouched(swim, target)))
        swim->stats.probes++;
}

bool probe_retry(struct swim *swim, struct member *member)
{
    uint32_t under_way = 0;

    for (uint32_t i = 0; i < SWIM_PROBES_MAX; i++)
        under_way += swim->probes[i].target && swim->probes[i].is_retry;
    if (under_way >= SWIM_RETRIES_MAX || member->is_probed)
        return false;
    return start(swim, member, true);
}

static void fail_retry(struct swim *swim, struct probe *probe)
{
    struct member *target = probe->target;

    end(probe);
    if (target->state != SWIM_DEAD && target->state != SWIM_UNKNOWN)
        return;
    target->failures++;
    judge_arm(swim, target,
              swim->now_ms +
                  timing_retry_ms(&swim->cfg.timing, target->failures, rh_rng_u64(&swim->rng)));
}

/* Neither it nor a proxy answered for it. When no proxy said anything at all, that may be our own
 * network: it is asked once more, with other proxies, before it is accused. */
static void fail(struct swim *swim, struct probe *probe)
{
    struct member *target = probe->target;
    const bool is_proven =
        probe->asked == 0 || probe->nacked > 0 || target->is_unproven || swim->cfg.is_plain;
    const uint32_t missed = (uint32_t)(probe->asked - probe->nacked);
    const int64_t heard_ms = health_stretch_ms(
        &swim->health, HEARD_INTERVALS * swim->cfg.timing.interval_ms); /* before the probe began */

    swim->stats.probes_failed++;
    end(probe);
    health_worsen(&swim->health, 1 + missed);
    if (target->state != SWIM_ALIVE && target->state != SWIM_SUSPECT)
        return;
    if (target->is_returned && swim->now_ms - target->heard_ms <= heard_ms) {
        target->is_oneway = true;
        vouching_ourselves(swim, target);
    } else if (is_proven) {
        target->is_unproven = false;
        judge_accuse(swim, target, MEMBER_NO_ANSWER);
    } else {
        target->is_unproven = true;
        swim->again = target;
    }
}

/* Reservoir sampling: every choice of proxies is equally likely. */
static uint32_t choose_proxies(struct swim *swim, const struct member *target,
                               struct member **chosen)
{
    uint32_t count = 0;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < swim->members.count; i++) {
        struct member *member = swim->members.slots[i];
        uint64_t place;

        if (member == target || member->state != SWIM_ALIVE || swim_is_vouched(swim, member))
            continue;
        seen++;
        if (count < swim->cfg.proxies) {
            chosen[count++] = member;
            continue;
        }
        place = rh_rng_below(&swim->rng, seen);
        if (place < count)
            chosen[place] = member;
    }
    return count;
}

static void ask_proxies(struct swim *swim, struct probe *probe)
{
    struct member *chosen[SWIM_PROXIES_MAX];
    const uint32_t count = choose_proxies(swim, probe->target, chosen);

    probe->is_indirect = true;
    probe->due_ms = swim->now_ms + probe->timeout_ms;
    for (uint32_t i = 0; i < count; i++) {
        struct swim_action *action = swim_act(swim, SWIM_INDIRECT, chosen[i]);

        if (!action)
            continue;
        probe->asked++;
        action->seq = probe->seq;
        action->timeout_ms = probe->timeout_ms;
        (void)rh_str_copy(action->target, sizeof(action->target),
                          rh_str_from(probe->target->id)); /* ids fit */
    }
    if (probe->asked == 0 && probe->is_direct_over)
        fail(swim, probe);
}

static void give_up_direct(struct swim *swim, struct probe *probe)
{
    if (probe->is_retry)
        fail_retry(swim, probe);
    else if (!probe->is_indirect)
        ask_proxies(swim, probe);
    else if (probe->nacked + probe->silent == probe->asked)
        fail(swim, probe);
}

void probe_due(struct swim *swim)
{
    for (uint32_t i = 0; i < SWIM_PROBES_MAX; i++) {
        struct probe *probe = &swim->probes[i];

        if (!probe->target || probe->due_ms > swim->now_ms)
            continue;
        if (probe->is_retry)
            fail_retry(swim, probe);
        else if (probe->is_indirect)
            fail(swim, probe);
        else
            ask_proxies(swim, probe);
    }
}

int64_t probe_next_ms(const struct swim *swim)
{
    int64_t next_ms = INT64_MAX;

    for (uint32_t i = 0; i < SWIM_PROBES_MAX; i++) {
        if (swim->probes[i].target && swim->probes[i].due_ms < next_ms)
            next_ms = swim->probes[i].due_ms;
    }
    return next_ms;
}

void probe_drop(struct swim *swim, const struct member *member)
{
    for (uint32_t i = 0; i < SWIM_PROBES_MAX; i++) {
        if (swim->probes[i].target == member)
            end(&swim->probes[i]);
    }
    if (swim->again == member)
        swim->again = NULL;
}

static void take_incarnation(struct swim *swim, const struct member *member, uint64_t incarnation)
{
    struct update word = {.kind = UPDATE_STATE, .state = SWIM_ALIVE, .incarnation = incarnation};

    (void)rh_str_copy(word.node_id, sizeof(word.node_id), rh_str_from(member->id)); /* ids fit */
    merge_word(swim, &word);
}

void swim_on_ack(struct swim *swim, uint64_t seq, uint64_t incarnation, int64_t rtt_ms,
                 int64_t now_ms)
{
    struct probe *probe;
    struct member *target;

    swim_enter(swim, now_ms);
    swim_answer_proxied(swim, seq, true, incarnation);
    probe = find(swim, seq);
    if (!probe)
        return;
    target = probe->target;
    if (!probe->is_indirect)
        health_improve(&swim->health);
    if (rtt_ms >= 0)
        swim->rtt_ms = swim->rtt_ms < 0
                           ? (double)rtt_ms
                           : swim->rtt_ms + RTT_WEIGHT * ((double)rtt_ms - swim->rtt_ms);
    target->is_unproven = false;
    target->is_returned = false;
    if (target->is_oneway)
        vouching_no_more(swim, target);
    end(probe);
    take_incarnation(swim, target, incarnation);
    if (target->state == SWIM_DEAD || target->state == SWIM_UNKNOWN)
        judge_arm(swim, target, swim->now_ms + swim->cfg.timing.interval_ms); /* it should refute */
}

void swim_on_mute(struct swim *swim, uint64_t seq, bool has_swim, int64_t now_ms)
{
    struct probe *probe;
    struct member *target;

    swim_enter(swim, now_ms);
    swim_answer_proxied(swim, seq, true, 0);
    probe = find(swim, seq);
    if (!probe)
        return;
    target = probe->target;
    target->is_unproven = false;
    if (has_swim && probe->is_retry) {
        fail_retry(swim, probe); /* it is still starting */
        return;
    }
    end(probe);
    if (!has_swim && target->state != SWIM_ALIVE)
        take_incarnation(swim, target, target->incarnation + 1);
}

void swim_on_no_answer(struct swim *swim, uint64_t seq, int64_t now_ms)
{
    struct probe *probe;

    swim_enter(swim, now_ms);
    swim_answer_proxied(swim, seq, false, 0);
    probe = find(swim, seq);
    if (!probe)
        return;
    probe->is_direct_over = true;
    give_up_direct(swim, probe);
}

void swim_on_indirect(struct swim *swim, uint64_t seq, uint32_t outcome, uint64_t incarnation,
                      int64_t now_ms)
{
    struct probe *probe;
    struct member *target;

    swim_enter(swim, now_ms);
    probe = find(swim, seq);
    if (!probe || !probe->is_indirect)
        return;
    target = probe->target;
    if (outcome == SWIM_ACKED) {
        target->is_unproven = false;
        end(probe);
        if (incarnation)
            take_incarnation(swim, target, incarnation);
        return;
    }
    if (outcome == SWIM_NACKED)
        probe->nacked++;
    else
        probe->silent++;
    if (probe->is_direct_over && probe->nacked + probe->silent >= probe->asked)
        fail(swim, probe);
}
