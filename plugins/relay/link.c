/* A link as a state machine; see link.h. */
#include "link.h"

#include <assert.h>

#include <ringhost/sdk/edges.h>

static const struct rh_edge edges[] = {
    {LINK_IDLE, LINK_DUE},           {LINK_DUE, LINK_IDLE},
    {LINK_DUE, LINK_REGISTERING},    {LINK_REGISTERING, LINK_READY},
    {LINK_REGISTERING, LINK_DUE},    {LINK_REGISTERING, LINK_RESTING},
    {LINK_REGISTERING, LINK_DIRECT}, {LINK_REGISTERING, LINK_IDLE},
    {LINK_READY, LINK_POLLING},      {LINK_READY, LINK_DUE},
    {LINK_READY, LINK_IDLE},         {LINK_POLLING, LINK_READY},
    {LINK_POLLING, LINK_DUE},        {LINK_POLLING, LINK_RESTING},
    {LINK_POLLING, LINK_IDLE},       {LINK_RESTING, LINK_READY},
    {LINK_RESTING, LINK_DUE},        {LINK_RESTING, LINK_IDLE},
    {LINK_DIRECT, LINK_DUE},         {LINK_DIRECT, LINK_IDLE},
};
static const char *const names[] = {"idle",    "due",     "registering", "ready",
                                    "polling", "resting", "direct"};

static void move(struct link *link, uint8_t to)
{
    rh_state_move(&link->state, edges, sizeof(edges) / sizeof(edges[0]), to);
}

const char *link_state_name(uint8_t state)
{
    assert(state < sizeof(names) / sizeof(names[0]));
    return names[state];
}

static bool is_calling(const struct link *link)
{
    return link->state == LINK_REGISTERING || link->state == LINK_POLLING;
}

void link_want(struct link *link, bool is_wanted)
{
    link->is_wanted = is_wanted;
    if (is_wanted && link->state == LINK_IDLE)
        move(link, LINK_DUE);
    else if (!is_wanted && link->state != LINK_IDLE && !is_calling(link))
        move(link, LINK_IDLE);
    if (link->state == LINK_IDLE)
        link->is_registered = false;
}

uint32_t link_next(struct link *link, uint64_t *epoch, int64_t renew_ms, int64_t now_ms)
{
    if (link->state == LINK_RESTING && now_ms >= link->due_ms)
        move(link, link->is_registered ? LINK_READY : LINK_DUE);
    if (link->state == LINK_DIRECT && now_ms >= link->due_ms)
        move(link, LINK_DUE);
    if (link->state == LINK_READY && now_ms - link->registered_ms >= renew_ms)
        move(link, LINK_DUE);
    if (link->state == LINK_DUE) {
        if (!link->is_registered) {
            link->epoch = ++*epoch;
            link->batch = 0;
        }
        move(link, LINK_REGISTERING);
        return LINK_REGISTER;
    }
    if (link->state == LINK_READY) {
        move(link, LINK_POLLING);
        return LINK_POLL;
    }
    return LINK_NOTHING;
}

static void rest(struct link *link, int64_t until_ms)
{
    link->failures++;
    link->due_ms = until_ms;
    move(link, LINK_RESTING);
}

void link_on_registered(struct link *link, uint32_t outcome, int64_t rest_ms, int64_t again_ms,
                        int64_t now_ms)
{
    assert(link->state == LINK_REGISTERING);
    if (outcome == LINK_OK || outcome == LINK_CALLABLE) {
        link->failures = 0;
        link->heard_ms = link->registered_ms = now_ms;
    }
    link->is_registered = link->is_wanted && outcome == LINK_OK;
    if (!link->is_wanted) {
        move(link, LINK_IDLE);
    } else if (outcome == LINK_OK) {
        move(link, LINK_READY);
    } else if (outcome == LINK_CALLABLE) {
        link->due_ms = now_ms + again_ms;
        move(link, LINK_DIRECT);
    } else {
        rest(link, now_ms + rest_ms);
    }
}

void link_on_polled(struct link *link, uint32_t outcome, uint64_t batch, int64_t rest_ms,
                    int64_t now_ms)
{
    assert(link->state == LINK_POLLING);
    if (outcome == LINK_OK) {
        link->failures = 0;
        link->heard_ms = now_ms;
        link->batch = batch;
    }
    if (outcome == LINK_REFUSED)
        link->is_registered = false;
    if (!link->is_wanted) {
        link->is_registered = false;
        move(link, LINK_IDLE);
    } else if (outcome == LINK_FAILED || (outcome == LINK_REFUSED && link->failures > 0)) {
        rest(link, now_ms + rest_ms);
    } else if (outcome == LINK_REFUSED) {
        link->failures++; /* at once, but not again and again */
        move(link, LINK_DUE);
    } else {
        move(link, LINK_READY);
    }
}

bool link_is_up(const struct link *link)
{
    return link->is_wanted && link->is_registered && link->failures == 0;
}

int64_t link_due_ms(const struct link *link)
{
    switch (link->state) {
    case LINK_DUE:
    case LINK_READY:
        return INT64_MIN;
    case LINK_RESTING:
    case LINK_DIRECT:
        return link->due_ms;
    default:
        return INT64_MAX;
    }
}
