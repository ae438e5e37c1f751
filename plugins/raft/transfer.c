/* Handing leadership over (thesis, section 3.10). The leader stops leading before it tells the
 * other to stand, so its lease is over before a vote can be forced. */
#include <assert.h>
#include <string.h>

#include "raft_state.h"

static struct raft_peer *find(struct raft *raft, const char *id)
{
    for (uint32_t i = 0; i < raft->peer_count; i++)
        if (strcmp(raft->peers[i].id, id) == 0)
            return &raft->peers[i];
    return NULL;
}

static bool is_live(const struct raft *raft, const struct raft_peer *peer, int64_t now_ms)
{
    return peer->acked_sent_ms >= 0 &&
           now_ms < peer->acked_sent_ms + RAFT_LEASE_HEARTBEATS * raft->cfg.heartbeat_ms;
}

/* The live voter that has most; NULL = none lives. */
static struct raft_peer *best(struct raft *raft, int64_t now_ms)
{
    struct raft_peer *found = NULL;

    for (uint32_t i = 0; i < raft->peer_count; i++) {
        struct raft_peer *peer = &raft->peers[i];

        if (peer->is_voter && is_live(raft, peer, now_ms) && (!found || peer->match > found->match))
            found = peer;
    }
    return found;
}

static void hand_over(struct raft *raft, const struct raft_peer *peer, int64_t hold_ms,
                      int64_t now_ms)
{
    const struct raft_message m = raft_request(raft, peer, RAFT_MSG_TIMEOUT, now_ms);

    if (raft->hold_ms < now_ms + hold_ms)
        raft->hold_ms = now_ms + hold_ms;
    raft_follow(raft, "", now_ms);
    (void)raft_queue_send(&raft->queue, &m); /* lost: someone stands after a timeout */
}

int32_t raft_transfer(struct raft *raft, const char *to, int64_t now_ms)
{
    struct raft_peer *peer;

    if (raft->role != RAFT_LEADER)
        return RH_ENOTLEADER;
    if (strcmp(to, raft->cfg.self) == 0)
        return RH_OK;
    if (raft->transfer_to[0])
        return RH_EAGAIN;
    peer = to[0] ? find(raft, to) : best(raft, now_ms);
    if (!peer || !peer->is_voter)
        return to[0] ? RH_ENOTFOUND : RH_EUNREACHABLE;
    if (!is_live(raft, peer, now_ms))
        return RH_EUNREACHABLE;
    memcpy(raft->transfer_to, peer->id, sizeof(raft->transfer_to));
    raft->transfer_until_ms = now_ms + raft_timeout_min_ms(raft);
    raft_try_handover(raft, now_ms);
    return RH_OK;
}

void raft_try_handover(struct raft *raft, int64_t now_ms)
{
    const struct raft_peer *peer = raft->transfer_to[0] ? find(raft, raft->transfer_to) : NULL;

    assert(raft->role == RAFT_LEADER);
    if (peer && peer->match == raft->log.last_index)
        hand_over(raft, peer, 0, now_ms);
}

/* A follower that does not catch up in time: this node leads on. */
void raft_transfer_tick(struct raft *raft, int64_t now_ms)
{
    if (raft->transfer_to[0] && now_ms >= raft->transfer_until_ms)
        raft->transfer_to[0] = '\0';
}

void raft_step_down(struct raft *raft, int64_t hold_ms, int64_t now_ms)
{
    const struct raft_peer *peer;

    if (raft->role == RAFT_FAILED)
        return;
    if (raft->hold_ms < now_ms + hold_ms)
        raft->hold_ms = now_ms + hold_ms;
    if (raft->role != RAFT_LEADER) {
        if (raft->role != RAFT_FOLLOWER)
            raft_follow(raft, "", now_ms);
        else if (raft->deadline_ms < raft->hold_ms)
            raft->deadline_ms = raft->hold_ms;
        return;
    }
    peer = best(raft, now_ms);
    if (peer)
        hand_over(raft, peer, hold_ms, now_ms);
    else
        raft_follow(raft, "", now_ms);
}

void raft_forbid_lead(struct raft *raft, bool is_forbidden, int64_t now_ms)
{
    raft->is_forbidden = is_forbidden;
    if (is_forbidden && raft->role != RAFT_FOLLOWER)
        raft_step_down(raft, 0, now_ms);
}

void raft_on_timeout(struct raft *raft, const struct raft_message *m, int64_t now_ms)
{
    const struct raft_message reply = raft_reply_to(raft, m, RAFT_YES);

    raft_send_after(raft, &reply, 0);
    if (raft->role != RAFT_FOLLOWER || !raft_can_stand(raft))
        return;
    raft->is_forced = true;
    raft_stand(raft, false, now_ms);
}
