/* Missed rounds; see failure.h. */
#include "failure.h"

#define SPREAD_ROUNDS_MAX 6u /* as many as RH_PEERS_MAX nodes need */

static bool set_state(struct failure *peer, uint32_t state)
{
    if (peer->state == state)
        return false;
    peer->state = state;
    return true;
}

bool failure_round(struct failure_clock *clock, int64_t now_ms, int64_t interval_ms,
                   int64_t beat_ms)
{
    const bool is_late = clock->has_run && now_ms - clock->last_ms > interval_ms + beat_ms;

    clock->last_ms = now_ms;
    clock->has_run = true;
    return !is_late;
}

bool failure_seen(struct failure *peer)
{
    peer->missed = 0;
    peer->was_seen = true;
    return set_state(peer, FAILURE_ALIVE);
}

bool failure_left(struct failure *peer)
{
    return set_state(peer, FAILURE_LEFT);
}

void failure_adopt(struct failure *peer, uint32_t state)
{
    *peer = (struct failure){.state = state, .was_seen = state == FAILURE_ALIVE};
}

bool failure_missed(struct failure *peer, uint32_t nodes)
{
    uint32_t spread = 0;

    if (peer->was_seen) {
        peer->was_seen = false;
        return false;
    }
    if (peer->state != FAILURE_ALIVE && peer->state != FAILURE_SUSPECT)
        return false;
    for (uint32_t reached = 4; reached < nodes && spread < SPREAD_ROUNDS_MAX; reached *= 4)
        spread++;
    peer->missed++;
    if (peer->missed >= FAILURE_DEAD_ROUNDS + spread)
        return set_state(peer, FAILURE_DEAD);
    if (peer->missed >= FAILURE_SUSPECT_ROUNDS + spread)
        return set_state(peer, FAILURE_SUSPECT);
    return false;
}
