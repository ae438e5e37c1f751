/* What a message says: what its receiver must hear about itself, then news, then a few words about
 * members without news, which in time brings everyone to the same table; see swim_state.h. */
#include <assert.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "swim_state.h"

static void copy_id(char *to, const char *id)
{
    (void)rh_str_copy(to, SWIM_ID_MAX + 1, rh_str_from(id)); /* ids fit */
}

static void say_member(const struct swim *swim, const struct member *member, struct update *out)
{
    memset(out, 0, sizeof(*out));
    out->kind = UPDATE_STATE;
    out->state = member->said;
    out->incarnation = member->incarnation;
    copy_id(out->node_id, member->id);
    if (member->said == SWIM_SUSPECT && member->accuser)
        copy_id(out->by, member->accuser->id);
    else if (member->said == SWIM_SUSPECT && member->is_accused_by_us)
        copy_id(out->by, swim->cfg.self);
    if (member->address && member->address_incarnation == member->incarnation)
        (void)rh_str_copy(out->address, sizeof(out->address),
                          rh_str_from(member->address)); /* addresses fit */
}

static void say_own(const struct swim *swim, struct update *out)
{
    memset(out, 0, sizeof(*out));
    out->kind = UPDATE_STATE;
    out->state = swim->is_leaving ? SWIM_LEFT : SWIM_ALIVE;
    out->incarnation = swim->incarnation;
    copy_id(out->node_id, swim->cfg.self);
    memcpy(out->address, swim->cfg.address, sizeof(out->address));
}

static bool say_vouch(const struct swim *swim, const struct vouch *vouch, struct update *out)
{
    memset(out, 0, sizeof(*out));
    out->kind = UPDATE_VOUCH;
    out->expires_in_ms = vouch->expires_ms - swim->now_ms;
    copy_id(out->node_id, vouch->member->id);
    copy_id(out->by, vouch->hub);
    return out->expires_in_ms > 0;
}

static bool say(const struct swim *swim, const struct spread_item *item, struct update *out)
{
    switch (item->kind) {
    case SPREAD_OWN:
        say_own(swim, out);
        return true;
    case SPREAD_MEMBER:
        say_member(swim, RH_CONTAINER_OF(item, const struct member, news), out);
        return out->state != SWIM_UNKNOWN;
    default:
        assert(item->kind == SPREAD_VOUCH);
        return say_vouch(swim, RH_CONTAINER_OF(item, const struct vouch, news), out);
    }
}

static bool is_said(const struct update *out, uint32_t count, const char *id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (out[i].kind == UPDATE_STATE && strcmp(out[i].node_id, id) == 0)
            return true;
    }
    return false;
}

/* Each receiver is told of all in turn, and with each who answers for it: whoever believes that it
 * lives and does not know its hub would ping it in vain. One turn for all receivers together would
 * show a node that asks at regular times the same members again and again, and a node that can only
 * be called through this one hears from few others. Such a node is told what has room. */
static uint32_t say_background(struct swim *swim, struct member *receiver, struct update *out,
                               uint32_t count)
{
    const bool is_ours = receiver && vouch_is_by(receiver, swim->cfg.self);
    const uint32_t most = is_ours ? SWIM_UPDATES_MAX : SWIM_BACKGROUND_MAX;
    const uint32_t max = count + most < SWIM_UPDATES_MAX ? count + most : SWIM_UPDATES_MAX;
    uint32_t *turn = receiver ? &receiver->background : &swim->background;

    for (uint32_t tried = 0; tried < swim->members.count && tried < 2 * most && count < max;
         tried++) {
        const struct member *member;
        const struct vouch *vouch;

        if (*turn >= swim->members.count)
            *turn = 0;
        member = swim->members.slots[(*turn)++];
        if (member->said == SWIM_UNKNOWN || is_said(out, count, member->id))
            continue;
        say_member(swim, member, &out[count++]);
        vouch = vouch_longest(member);
        if (vouch && count < max && say_vouch(swim, vouch, &out[count]))
            count++;
    }
    return count;
}

uint32_t swim_message(struct swim *swim, const char *to, struct update *out)
{
    const uint32_t limit = timing_transmissions(swim_size(swim));
    struct member *receiver = to[0] ? members_get(&swim->members, to) : NULL;
    struct spread_item *items[SWIM_UPDATES_MAX];
    uint32_t count = 0;
    uint32_t taken;

    if (receiver && receiver->said > SWIM_ALIVE && !swim->cfg.is_plain)
        say_member(swim, receiver, &out[count++]);
    if (swim->is_leaving)
        say_own(swim, &out[count++]);
    taken = spread_take(&swim->spread, limit, items, SWIM_UPDATES_MAX - count);
    for (uint32_t i = 0; i < taken; i++) {
        if (say(swim, items[i], &out[count]) &&
            !(out[count].kind == UPDATE_STATE && is_said(out, count, out[count].node_id)))
            count++;
    }
    return swim->cfg.is_plain ? count : say_background(swim, receiver, out, count);
}
