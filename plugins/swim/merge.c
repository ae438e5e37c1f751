/* What others say: which word holds, and what follows from it; see swim_state.h. */
#include <assert.h>
#include <string.h>

#include <ringhost/errors.h>

#include "swim_state.h"

void merge_tell(struct swim *swim, struct member *member, bool is_urgent)
{
    member->repeated_ms = swim->now_ms;
    (void)spread_add(&swim->spread, &member->news,
                     is_urgent); /* without memory it is told as background */
}

/* A word about this node. Only this node raises its incarnation, and it does so above whatever is
 * said against it; also above what an earlier life of it, whose data is lost, may have said. */
static void merge_own(struct swim *swim, const struct update *update)
{
    const bool is_accusation =
        update->state != SWIM_ALIVE && !(swim->is_leaving && update->state == SWIM_LEFT);
    const bool is_foreign = update->state == SWIM_ALIVE && update->incarnation > swim->incarnation;

    if (update->incarnation >= SWIM_INCARNATION_MAX || update->incarnation < swim->incarnation ||
        (!is_accusation && !is_foreign))
        return;
    swim->incarnation = update->incarnation + 1;
    swim->is_own_changed = true;
    (void)spread_add(&swim->spread, &swim->own_news,
                     true); /* without memory the next accuser hears it */
    if (is_accusation && !swim->is_leaving) {
        swim->stats.refutations++;
        health_worsen(&swim->health, 1);
    }
}

/* Someone believes an older word than we know: the newer one is told again, so that the accused
 * hears of an accusation, and the accuser of a refutation. */
static void repeat(struct swim *swim, struct member *member, const struct update *update)
{
    const bool is_contrary = (update->state == SWIM_ALIVE) != (member->said == SWIM_ALIVE);
    const int64_t spacing_ms = timing_suspicion_min_ms(&swim->cfg.timing, swim_size(swim));

    if (swim->cfg.is_plain || !is_contrary || spread_has(&member->news) ||
        swim->now_ms - member->repeated_ms < spacing_ms)
        return;
    merge_tell(swim, member, true);
}

static void take_word(struct swim *swim, struct member *member, const struct update *update)
{
    /* That someone has joined can wait, that someone is or is not dead cannot. */
    const bool is_urgent = update->state != SWIM_ALIVE || member->said > SWIM_ALIVE;

    member->incarnation = update->incarnation;
    member->said = (uint8_t)update->state;
    switch (update->state) {
    case SWIM_ALIVE:
        judge_set(swim, member, SWIM_ALIVE, MEMBER_SAID_ALIVE);
        break;
    case SWIM_SUSPECT:
        /* Who was never reached cannot be missed, nor who is heard by a hub. */
        if (member->state != SWIM_UNKNOWN && !judge_is_answered_for(swim, member))
            judge_suspect(swim, member, update->by, MEMBER_SAID_SUSPECT);
        else /* passed on in the name of who said it: told by several, it is still one accusation */
            judge_name_accuser(swim, member, update->by);
        break;
    case SWIM_DEAD:
        judge_said_dead(swim, member);
        break;
    default:
        assert(update->state == SWIM_LEFT);
        judge_set(swim, member, SWIM_LEFT, MEMBER_SAID_LEFT);
        break;
    }
    merge_tell(swim, member, is_urgent);
}

/* Where it is at its greatest incarnation. Whether that is another place than we knew. */
static bool take_address(struct member *member, const struct update *update)
{
    const bool is_other = !member->address || strcmp(member->address, update->address) != 0;

    if (!update->address[0] || update->incarnation <= member->address_incarnation ||
        members_set_address(member, update->address) != RH_OK)
        return false;
    member->address_incarnation = update->incarnation;
    return is_other;
}

void merge_word(struct swim *swim, const struct update *update)
{
    struct member *member;

    if (update->incarnation > SWIM_INCARNATION_MAX)
        return;
    if (strcmp(update->node_id, swim->cfg.self) == 0) {
        if (update->kind == UPDATE_STATE)
            merge_own(swim, update);
        return;
    }
    member = members_get(&swim->members, update->node_id);
    if (!member)
        return;
    if (update->kind == UPDATE_VOUCH) {
        vouching_merge(swim, member, update);
        return;
    }
    if (update->state == SWIM_UNKNOWN || update->state >= SWIM_STATES)
        return;
    if (take_address(member, update))
        merge_tell(swim, member, false);
    if (update_overrides(update->incarnation, update->state, member->incarnation, member->said))
        take_word(swim, member, update);
    else if (update->state != member->said || update->incarnation != member->incarnation)
        repeat(swim, member, update);
    else if (update->state == SWIM_SUSPECT && member->state == SWIM_SUSPECT)
        judge_confirm(swim, member, update->by);
}
