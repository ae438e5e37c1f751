/* The core's life, its clock and its table; see swim.h. */
#include "swim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "swim_state.h"

static_assert(SPREAD_ITEMS_MAX == MEMBERS_MAX * (1 + VOUCHES_PER_MEMBER_MAX) + 1,
              "everything that can be news has room");
static_assert(SCHEDULE_ITEMS_MAX == MEMBERS_MAX, "every member has its turn");
static_assert(SUSPICION_CONFIRMATIONS_MAX == TIMING_CONFIRMATIONS, "all accusers are remembered");

static int compare_timers(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    const struct member *left = RH_CONTAINER_OF(a, const struct member, timer);
    const struct member *right = RH_CONTAINER_OF(b, const struct member, timer);

    if (left->due_ms != right->due_ms)
        return left->due_ms < right->due_ms ? -1 : 1;
    return strcmp(left->id, right->id);
}

void swim_init(struct swim *swim, const struct swim_config *cfg, uint64_t seed, int64_t now_ms)
{
    assert(cfg->incarnation >= 1);
    assert(cfg->proxies >= 1);
    assert(cfg->proxies <= SWIM_PROXIES_MAX);
    memset(swim, 0, sizeof(*swim));
    swim->cfg = *cfg;
    swim->incarnation = cfg->incarnation;
    swim->now_ms = now_ms;
    swim->rtt_ms = -1;
    swim->health.score_max = cfg->is_plain ? 0 : HEALTH_SCORE_MAX;
    swim->is_own_changed = true;
    rh_rng_seed(&swim->rng, seed);
    members_init(&swim->members, rh_rng_u64(&swim->rng));
    spread_init(&swim->spread);
    rh_heap_init(&swim->timers, compare_timers, MEMBERS_MAX);
    swim->own_news.kind = SPREAD_OWN;
    (void)spread_add(&swim->spread, &swim->own_news,
                     false); /* without memory the first ping tells it */
    swim->round_ms = now_ms + (int64_t)rh_rng_below(&swim->rng, (uint64_t)cfg->timing.interval_ms);
}

void swim_release(struct swim *swim)
{
    for (uint32_t i = 0; i < swim->members.count; i++)
        vouch_clear(swim->members.slots[i], &swim->spread);
    rh_heap_release(&swim->timers);
    spread_release(&swim->spread);
    schedule_release(&swim->schedule);
    members_release(&swim->members);
}

int64_t swim_next_ms(const struct swim *swim)
{
    const struct rh_heap_node *first = rh_heap_peek(&swim->timers);
    int64_t next_ms = swim->round_ms;
    int64_t other_ms = probe_next_ms(swim);

    if (swim->is_leaving)
        return INT64_MAX;
    /* At least once in an interval, however long a round is at bad health: else this node would not
     * notice that it stood still. */
    if (swim->now_ms + swim->cfg.timing.interval_ms < next_ms)
        next_ms = swim->now_ms + swim->cfg.timing.interval_ms;
    if (other_ms < next_ms)
        next_ms = other_ms;
    other_ms = proxy_next_ms(&swim->proxies);
    if (other_ms < next_ms)
        next_ms = other_ms;
    if (first && RH_CONTAINER_OF(first, const struct member, timer)->due_ms < next_ms)
        next_ms = RH_CONTAINER_OF(first, const struct member, timer)->due_ms;
    return next_ms + swim->stall_ms;
}

void swim_enter(struct swim *swim, int64_t now_ms)
{
    const int64_t lag_ms = swim->is_leaving ? 0 : now_ms - swim_next_ms(swim);

    if (lag_ms > SWIM_LAG_MS && !swim->cfg.is_plain) {
        swim->stats.stalls++;
        swim->stall_ms += lag_ms + SWIM_LAG_MS; /* what waits in the sockets is read first */
        health_worsen(&swim->health, 1);
        swim->now_ms = now_ms - swim->stall_ms;
        if (lag_ms >= swim->cfg.timing.interval_ms)
            judge_restart(swim);
    }
    if (now_ms - swim->stall_ms > swim->now_ms)
        swim->now_ms = now_ms - swim->stall_ms;
}

static void answer(struct swim *swim, uint64_t handle, bool is_acked, uint64_t incarnation)
{
    struct swim_action *action = swim_act(swim, SWIM_ANSWER, NULL);

    if (!action)
        return;
    action->handle = handle;
    action->is_acked = is_acked;
    action->incarnation = incarnation;
}

void swim_answer_proxied(struct swim *swim, uint64_t seq, bool is_acked, uint64_t incarnation)
{
    uint64_t handle;

    if (proxy_take(&swim->proxies, seq, &handle))
        answer(swim, handle, is_acked, incarnation);
}

void swim_tick(struct swim *swim, int64_t now_ms)
{
    uint64_t handle;

    swim_enter(swim, now_ms);
    if (swim->is_leaving)
        return;
    while (proxy_take_due(&swim->proxies, swim->now_ms, &handle))
        answer(swim, handle, false, 0);
    probe_due(swim);
    judge_due(swim);
    if (swim->round_ms <= swim->now_ms)
        probe_round(swim);
}

static struct member *make_member(struct swim *swim, const char *id)
{
    struct member *member = members_add(&swim->members, id);

    if (!member)
        return NULL;
    if (schedule_add(&swim->schedule, member, &swim->rng) != RH_OK) {
        members_remove(&swim->members, member);
        return NULL;
    }
    member->news.kind = SPREAD_MEMBER;
    member->background = (uint32_t)rh_rng_below(&swim->rng, swim->members.count);
    member->repeated_ms = INT64_MIN / 2;
    member->heard_ms = INT64_MIN / 2;
    return member;
}

int32_t swim_learn(struct swim *swim, const char *id, const char *address, uint32_t state,
                   uint64_t incarnation, int64_t now_ms)
{
    struct member *member;

    if (strlen(id) > SWIM_ID_MAX || strlen(address) > SWIM_ADDRESS_MAX || !id[0] ||
        strcmp(id, swim->cfg.self) == 0 || state >= SWIM_STATES ||
        incarnation > SWIM_INCARNATION_MAX)
        return RH_EINVAL;
    swim_enter(swim, now_ms);
    member = members_get(&swim->members, id);
    if (member)
        return members_set_address(member, address);
    if (swim->members.count == MEMBERS_MAX)
        return RH_EFULL;
    member = make_member(swim, id);
    if (!member)
        return RH_ENOMEM;
    if (state == SWIM_SUSPECT) /* whoever suspects it now has to say so */
        state = SWIM_ALIVE;
    member->incarnation = incarnation;
    member->said = (uint8_t)state;
    judge_set(swim, member, state, MEMBER_NO_REASON);
    return members_set_address(member, address);
}

void swim_forget(struct swim *swim, const char *id)
{
    struct member *member = members_get(&swim->members, id);

    if (!member)
        return;
    probe_drop(swim, member);
    judge_disarm(swim, member);
    vouch_clear(member, &swim->spread);
    spread_drop(&swim->spread, &member->news);
    schedule_remove(&swim->schedule, member);
    members_remove(&swim->members, member);
}

/* Who comes back is probed at once: perhaps it can only call, and not be called. Such nodes would
 * be accused and refute for ever; whoever hears them answers for them, and tries them each time. */
void swim_on_ping(struct swim *swim, const char *from, uint64_t incarnation, int64_t now_ms)
{
    struct member *member = members_get(&swim->members, from);
    struct update word = {.kind = UPDATE_STATE, .state = SWIM_ALIVE, .incarnation = incarnation};
    bool was_alive;

    swim_enter(swim, now_ms);
    if (!member || rh_str_copy(word.node_id, sizeof(word.node_id), rh_str_from(from)) != RH_OK)
        return;
    was_alive = member->state == SWIM_ALIVE;
    member->heard_ms = swim->now_ms;
    merge_word(swim, &word);
    if (swim->cfg.is_plain || swim->is_leaving)
        return;
    if (member->is_oneway) {
        vouching_ourselves(swim, member);
        (void)probe_retry(swim, member); /* the next ping of it tries again */
    } else if (!was_alive && member->state == SWIM_ALIVE) {
        member->is_returned = true;
        swim->again = member;
    }
}

void swim_on_updates(struct swim *swim, const struct update *updates, uint32_t count,
                     int64_t now_ms)
{
    swim_enter(swim, now_ms);
    for (uint32_t i = 0; i < count; i++)
        merge_word(swim, &updates[i]);
}

int32_t swim_on_indirect_request(struct swim *swim, const char *from, const char *target,
                                 uint64_t handle, int64_t timeout_ms, int64_t now_ms)
{
    const struct member *member = members_get(&swim->members, target);
    struct swim_action *action;
    const uint64_t seq = swim->seq + 1;
    int32_t rc;

    swim_enter(swim, now_ms);
    if (strcmp(target, swim->cfg.self) == 0) {
        answer(swim, handle, true, swim->incarnation);
        return RH_OK;
    }
    if (!member)
        return RH_ENOTFOUND;
    /* Who asks knows what it vouches for itself: a word of its own that it does not know any more
     * is of an earlier life. */
    if (!swim->cfg.is_plain && vouch_heard_ms(member, from) > swim->now_ms) {
        answer(swim, handle, true, member->incarnation);
        return RH_OK;
    }
    rc = proxy_add(&swim->proxies, seq, handle,
                   swim->now_ms + timeout_ms * TIMING_NACK_PERCENT / 100);
    if (rc != RH_OK)
        return rc;
    swim->seq = seq;
    action = swim_act(swim, SWIM_PING, member);
    if (action) {
        action->seq = seq;
        action->timeout_ms = timeout_ms;
    }
    return RH_OK;
}

void swim_on_indirect_gone(struct swim *swim, uint64_t handle)
{
    proxy_drop(&swim->proxies, handle);
}

void swim_leave(struct swim *swim, int64_t now_ms)
{
    struct member *told[SWIM_GOODBYES_MAX];
    uint32_t count = 0;
    uint32_t seen = 0;

    if (swim->is_leaving)
        return;
    swim_enter(swim, now_ms);
    swim->is_leaving = true;
    swim->is_own_changed = true;
    (void)spread_add(&swim->spread, &swim->own_news,
                     true); /* without memory each goodbye still says it */
    for (uint32_t i = 0; i < swim->members.count; i++) {
        struct member *member = swim->members.slots[i];
        const uint64_t place = rh_rng_below(&swim->rng, (uint64_t)seen + 1);

        if (member->state != SWIM_ALIVE)
            continue;
        seen++;
        if (count < SWIM_GOODBYES_MAX)
            told[count++] = member;
        else if (place < SWIM_GOODBYES_MAX)
            told[place] = member;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct swim_action *action = swim_act(swim, SWIM_PING, told[i]);

        if (action)
            action->timeout_ms = swim->cfg.timing.interval_ms;
    }
}

struct swim_action *swim_act(struct swim *swim, uint32_t kind, const struct member *to)
{
    struct swim_action *action;

    if (swim->action_count == SWIM_ACTIONS_MAX) {
        swim->stats.actions_lost++;
        return NULL;
    }
    action = &swim->actions[(swim->action_first + swim->action_count++) % SWIM_ACTIONS_MAX];
    memset(action, 0, sizeof(*action));
    action->kind = kind;
    if (to) {
        memcpy(action->node_id, to->id, strlen(to->id) + 1);
        if (to->address)
            memcpy(action->address, to->address, strlen(to->address) + 1);
    }
    return action;
}

bool swim_next_action(struct swim *swim, struct swim_action *out)
{
    if (swim->action_count == 0)
        return false;
    *out = swim->actions[swim->action_first];
    swim->action_first = (swim->action_first + 1) % SWIM_ACTIONS_MAX;
    swim->action_count--;
    return true;
}

const struct member *swim_next_changed(struct swim *swim)
{
    return members_next_changed(&swim->members);
}

bool swim_own_changed(struct swim *swim)
{
    const bool is_changed = swim->is_own_changed;

    swim->is_own_changed = false;
    return is_changed;
}

uint32_t swim_size(const struct swim *swim)
{
    return members_living(&swim->members) + 1;
}

bool swim_is_vouched(const struct swim *swim, const struct member *member)
{
    return vouch_end_ms(member, NULL) > swim->now_ms;
}
