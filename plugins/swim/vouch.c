/* Vouches of one member; see vouch.h. */
#include "vouch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int64_t end_of(const struct vouch *vouch)
{
    return vouch->held_ms > vouch->expires_ms ? vouch->held_ms : vouch->expires_ms;
}

static void drop(struct vouch **link, struct spread *spread)
{
    struct vouch *vouch = *link;

    *link = vouch->next;
    spread_drop(spread, &vouch->news);
    free(vouch);
}

/* A place for one more vouch that ends at end_ms. */
static bool make_room(struct member *member, struct spread *spread, int64_t end_ms)
{
    struct vouch **first = NULL;
    uint32_t count = 0;

    for (struct vouch **link = &member->vouches; *link; link = &(*link)->next) {
        count++;
        if (!first || end_of(*link) < end_of(*first))
            first = link;
    }
    if (count < VOUCHES_PER_MEMBER_MAX)
        return true;
    if (end_of(*first) >= end_ms)
        return false;
    drop(first, spread);
    return true;
}

int32_t vouch_take(struct member *member, struct spread *spread, const char *hub,
                   int64_t expires_ms, struct vouch **out)
{
    struct vouch *vouch = member->vouches;

    assert(hub[0]);
    assert(strlen(hub) <= SWIM_ID_MAX);
    while (vouch && strcmp(vouch->hub, hub) != 0)
        vouch = vouch->next;
    if (vouch) {
        if (expires_ms <= vouch->expires_ms)
            return 0;
        vouch->expires_ms = expires_ms;
        *out = vouch;
        return 1;
    }
    if (!make_room(member, spread, expires_ms))
        return RH_EFULL;
    vouch = calloc(1, sizeof(*vouch));
    if (!vouch)
        return RH_ENOMEM;
    vouch->member = member;
    vouch->expires_ms = expires_ms;
    memcpy(vouch->hub, hub, strlen(hub) + 1);
    vouch->next = member->vouches;
    member->vouches = vouch;
    *out = vouch;
    return 1;
}

int64_t vouch_end_ms(const struct member *member, const char *but)
{
    int64_t end_ms = 0;

    for (const struct vouch *vouch = member->vouches; vouch; vouch = vouch->next) {
        if (end_of(vouch) > end_ms && (!but || strcmp(vouch->hub, but) != 0))
            end_ms = end_of(vouch);
    }
    return end_ms;
}

const struct vouch *vouch_longest(const struct member *member)
{
    const struct vouch *longest = member->vouches;

    for (const struct vouch *vouch = longest; vouch; vouch = vouch->next)
        if (vouch->expires_ms > longest->expires_ms)
            longest = vouch;
    return longest;
}

int64_t vouch_heard_ms(const struct member *member, const char *but)
{
    int64_t end_ms = 0;

    for (const struct vouch *vouch = member->vouches; vouch; vouch = vouch->next)
        if (vouch->expires_ms > end_ms && (!but || strcmp(vouch->hub, but) != 0))
            end_ms = vouch->expires_ms;
    return end_ms;
}

bool vouch_is_by(const struct member *member, const char *hub)
{
    const struct vouch *vouch = member->vouches;

    while (vouch && strcmp(vouch->hub, hub) != 0)
        vouch = vouch->next;
    return vouch != NULL;
}

void vouch_drop(struct member *member, struct spread *spread, const char *hub)
{
    for (struct vouch **link = &member->vouches; *link; link = &(*link)->next) {
        if (strcmp((*link)->hub, hub) != 0)
            continue;
        drop(link, spread);
        return;
    }
}

bool vouch_hold(struct member *member, const char *hub, int64_t until_ms)
{
    for (struct vouch *vouch = member->vouches; vouch; vouch = vouch->next) {
        if (strcmp(vouch->hub, hub) != 0)
            continue;
        if (until_ms > vouch->held_ms)
            vouch->held_ms = until_ms;
        return true;
    }
    return false;
}

void vouch_clear(struct member *member, struct spread *spread)
{
    while (member->vouches)
        drop(&member->vouches, spread);
}
