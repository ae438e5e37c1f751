/* Progress of a follower; see peer.h. */
#include "peer.h"

#include <assert.h>
#include <string.h>

void raft_peer_reset(struct raft_peer *peer, uint64_t next)
{
    struct raft_peer fresh = {.is_voter = peer->is_voter, .next = next, .acked_sent_ms = -1};

    memcpy(fresh.id, peer->id, sizeof(fresh.id));
    *peer = fresh;
}

static void empty_window(struct raft_peer *peer)
{
    peer->flight_first = 0;
    peer->flight_count = 0;
    peer->flight_bytes = 0;
}

void raft_peer_probe(struct raft_peer *peer)
{
    empty_window(peer);
    peer->state = RAFT_PEER_PROBE;
    peer->is_paused = false;
    peer->is_piece_out = false;
    if (peer->next <= peer->match)
        peer->next = peer->match + 1;
}

bool raft_peer_has_room(const struct raft_peer *peer, uint32_t flights_max, uint64_t bytes_max)
{
    assert(flights_max <= RAFT_INFLIGHT_MAX);
    return peer->flight_count < flights_max && peer->flight_bytes < bytes_max;
}

void raft_peer_take_off(struct raft_peer *peer, const struct raft_flight *flight)
{
    assert(peer->flight_count < RAFT_INFLIGHT_MAX);
    peer->flights[(peer->flight_first + peer->flight_count) % RAFT_INFLIGHT_MAX] = *flight;
    peer->flight_count++;
    peer->flight_bytes += flight->bytes;
}

void raft_peer_land(struct raft_peer *peer, uint64_t index)
{
    while (peer->flight_count > 0 && peer->flights[peer->flight_first].last <= index) {
        peer->flight_bytes -= peer->flights[peer->flight_first].bytes;
        peer->flight_first = (peer->flight_first + 1) % RAFT_INFLIGHT_MAX;
        peer->flight_count--;
    }
    if (peer->flight_count == 0)
        empty_window(peer);
}

bool raft_peer_raise(struct raft_peer *peer, uint64_t index, uint64_t seq)
{
    if (index <= peer->match)
        return false;
    peer->match = index;
    peer->match_seq = seq;
    if (peer->next <= index)
        peer->next = index + 1;
    return true;
}
