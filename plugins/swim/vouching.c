/* Nodes that only hubs hear from: who answers for them, and for how long; see swim_state.h. */
#include <string.h>

#include <ringhost/errors.h>

#include "swim_state.h"

static int32_t take(struct swim *swim, struct member *member, const char *hub,
                    int64_t expires_in_ms)
{
    struct vouch *vouch = NULL;
    int32_t rc;

    if (member->state == SWIM_DEAD || member->state == SWIM_LEFT)
        return RH_OK; /* its own next word brings it back, and the next vouch holds it */
    rc = vouch_take(member, &swim->spread, hub, swim->now_ms + expires_in_ms, &vouch);
    if (rc <= 0)
        return rc;
    vouch->news.kind = SPREAD_VOUCH;
    rc = spread_add(&swim->spread, &vouch->news, false);
    if (member->state == SWIM_UNKNOWN) /* the hub hears it, and no ping of ours may ever reach it */
        judge_set(swim, member, SWIM_ALIVE, MEMBER_VOUCHED);
    judge_vouched(swim, member);
    return rc;
}

void vouching_merge(struct swim *swim, struct member *member, const struct update *update)
{
    const int64_t ttl_ms =
        update->expires_in_ms < VOUCH_TTL_MS ? update->expires_in_ms : VOUCH_TTL_MS;

    /* What this node itself once vouched for comes back from others after it has taken it back. */
    if (ttl_ms <= 0 || !update->by[0] || strcmp(update->by, swim->cfg.self) == 0)
        return;
    (void)take(swim, member, update->by, ttl_ms); /* one without room is told again with the poll */
}

void vouching_ourselves(struct swim *swim, struct member *member)
{
    (void)take(swim, member, swim->cfg.self, VOUCH_TTL_MS); /* its next ping tries again */
}

void vouching_no_more(struct swim *swim, struct member *member)
{
    member->is_oneway = false;
    vouch_drop(member, &swim->spread, swim->cfg.self);
    judge_vouched(swim, member);
}

int32_t swim_vouch(struct swim *swim, const char *hub, const char *id, int64_t expires_in_ms,
                   int64_t now_ms)
{
    struct member *member = members_get(&swim->members, id);

    swim_enter(swim, now_ms);
    if (expires_in_ms <= 0 || expires_in_ms > VOUCH_TTL_MS || !hub[0] || strlen(hub) > SWIM_ID_MAX)
        return RH_EINVAL;
    return member ? take(swim, member, hub, expires_in_ms) : RH_ENOTFOUND;
}

void vouching_hold(struct swim *swim, const struct member *hub)
{
    const int64_t until_ms = swim->now_ms + VOUCH_TTL_MS;

    for (uint32_t i = 0; i < swim->members.count; i++) {
        struct member *member = swim->members.slots[i];

        if (member->vouches && vouch_hold(member, hub->id, until_ms))
            judge_vouched(swim, member);
    }
}
