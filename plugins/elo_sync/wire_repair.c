/* The asking side of anti-entropy: compares this node's set with that of one peer after the other
 * until both hold the union. One comparison at a time.
 *
 * With each peer: the roots; where they differ, all sums; then, range by range of the buckets that
 * differ, what each side lacks. What the peer lacks goes along with the next question. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/hex.h>
#include <ringhost/sdk/str.h>

#include "wire.h"

/* Games told in one question, and questions to one peer in one comparison. */
#define RANGE_GAMES     500u
#define ROUNDS_MAX      100000u

#define CALL_TIMEOUT_MS 8000
#define RETRY_MS_MIN    2000
#define RETRY_DOUBLINGS 4u
#define JITTER_MS       250
#define PEERS_DELAY_MS  500

/* A reply of POST /elo/merge. */
struct merge_reply {
    struct rh_str_list missing;
    struct rh_list results;
    struct rh_str root;
    struct rh_str buckets;
    uint64_t clock;
    int32_t more;
};
static const struct rh_field reply_fields[] = {
    RH_FIELD_ROW_(struct merge_reply, missing, RH_FIELD_STRING_LIST, .max = ELO_RANGE_MAX,
                  .doc = "ids"),
    ELO_RESULTS_FIELD(struct merge_reply),
    RH_TEXT(struct merge_reply, root, RH_REQUIRED, 16, "root of the set"),
    RH_TEXT(struct merge_reply, buckets, 0, DIGEST_TEXT_SIZE, "sums, when the roots differ"),
    RH_UINT64(struct merge_reply, clock, 0, "of the peer"),
    RH_BOOL(struct merge_reply, more, false, "the range has more for us"),
};
static const struct rh_fields reply_table = RH_FIELDS(struct merge_reply, reply_fields);

static void next_peer(struct elo_sync *p);
static void ask(struct elo_sync *p);

/* A peer that could not be asked may have what nobody else has: it is asked again before the next
 * regular comparison, ever more rarely. */
static int64_t retry_ms(uint32_t failures)
{
    return (int64_t)RETRY_MS_MIN << (failures < RETRY_DOUBLINGS ? failures : RETRY_DOUBLINGS);
}

static void finish(struct elo_sync *p)
{
    struct elo_repair *repair = &p->repair;
    struct rh_json_reply reply;

    repair->is_running = false;
    repair->failures = repair->failed ? repair->failures + 1 : 0;
    if (repair->failed)
        elo_repair_soon(p, retry_ms(repair->failures));
    if (repair->merged || repair->sent || repair->failed)
        rh_log_info(&p->rh, "ratings_repaired",
                    "peers=%" PRIu32 " failed=%" PRIu32 " merged=%" PRIu64 " sent=%" PRIu64,
                    repair->peers, repair->failed, repair->merged, repair->sent);
    if (p->waiting) {
        rh_json_reply_begin(&reply);
        rh_json_kv_int(&reply.w, "peers", repair->peers);
        rh_json_kv_int(&reply.w, "failed", repair->failed);
        rh_json_kv_int(&reply.w, "merged", (int64_t)repair->merged);
        rh_json_kv_int(&reply.w, "sent", (int64_t)repair->sent);
        rh_json_kv_strc(&reply.w, "problem", repair->problem);
        (void)rh_json_reply_send(&reply, &p->rh, p->waiting, 200); /* the caller may be gone */
    }
    p->waiting = 0;
    if (repair->is_again)
        elo_repair_soon(p, 0);
    repair->is_again = false;
}

static void give_up_peer(struct elo_sync *p, const char *why)
{
    struct elo_repair *repair = &p->repair;

    repair->failed++;
    (void)snprintf(repair->problem, sizeof(repair->problem), "%.60s: %.90s", repair->peer,
                   why); /* cut to fit */
    next_peer(p);
}

/* Remembers that the peer lacks it. */
static int32_t add_missing(struct elo_repair *repair, struct entry *entry)
{
    if (repair->missing_count == repair->missing_capacity) {
        const uint32_t capacity = repair->missing_capacity ? repair->missing_capacity * 2 : 64;
        struct entry **missing = realloc(repair->missing, capacity * sizeof(struct entry *));

        if (!missing)
            return RH_ENOMEM;
        repair->missing = missing;
        repair->missing_capacity = capacity;
    }
    repair->missing[repair->missing_count++] = entry;
    return RH_OK;
}

/* The next range of buckets that differ: neighbours, until they hold enough games. */
static void choose_range(struct elo_sync *p)
{
    struct elo_repair *repair = &p->repair;
    uint32_t games = 0;

    repair->first = repair->differing[repair->at];
    do {
        repair->last = repair->differing[repair->at++];
        for (const struct entry *entry = p->facts.first[repair->last]; entry; entry = entry->next)
            games++;
    } while (repair->at < repair->count && games < RANGE_GAMES &&
             repair->differing[repair->at] == repair->last + 1);
    repair->has_range = true;
}

static void write_range(struct elo_sync *p, struct rh_json_writer *w)
{
    char hash[17];

    rh_json_kv_int(w, "first", p->repair.first);
    rh_json_kv_int(w, "last", p->repair.last);
    rh_json_key(w, "games");
    rh_json_begin_object(w);
    for (uint32_t b = p->repair.first; b <= p->repair.last; b++) {
        for (const struct entry *entry = p->facts.first[b]; entry; entry = entry->next) {
            rh_hex_u64(hash, entry->state_hash);
            rh_json_key_str(w, entry->id);
            rh_json_string_c(w, hash);
        }
    }
    rh_json_end_object(w);
}

/* What the peer lacks, a page of it, and the next question. */
static void write_question(struct elo_sync *p, struct rh_json_writer *w)
{
    struct elo_repair *repair = &p->repair;
    struct rh_self self = {.size = (uint32_t)sizeof(self)};
    char root[17];

    p->rh.core->self(p->rh.ctx, &self);
    rh_hex_u64(root, facts_root(&p->facts));
    rh_json_begin_object(w);
    rh_json_kv_str(w, "from", self.node_id);
    rh_json_kv_u64(w, "clock", clock_stamp(&p->clock, p->rh.core->wall_ms(p->rh.ctx)));
    rh_json_key(w, "digest");
    rh_json_begin_object(w);
    if (repair->has_range)
        write_range(p, w);
    else if (repair->rounds == 1)
        rh_json_kv_strc(w, "root", root);
    rh_json_end_object(w);
    rh_json_key(w, "results");
    rh_json_begin_array(w);
    repair->sending = repair->missing_count < ELO_PAGE_MAX ? repair->missing_count : ELO_PAGE_MAX;
    for (uint32_t i = 0; i < repair->sending; i++)
        elo_write_entry(w, repair->missing[repair->missing_count - 1 - i]);
    rh_json_end_array(w);
    rh_json_end_object(w);
}

/* Takes an answer in; RH_OK, or why the peer is given up. */
static int32_t take_reply(struct elo_sync *p, const struct merge_reply *reply)
{
    struct elo_repair *repair = &p->repair;
    int32_t rc;

    (void)elo_hear(p, rh_str_from(repair->peer), reply->clock); /* it has said so */
    repair->missing_count -= repair->sending;
    repair->sent += repair->sending;
    repair->sending = 0;
    for (uint32_t i = 0; i < reply->missing.count; i++) {
        struct entry *entry = facts_find(&p->facts, reply->missing.items[i]);

        if (entry && add_missing(repair, entry) != RH_OK)
            return RH_ENOMEM;
    }
    rc = elo_take_results(p, &reply->results, &repair->merged);
    if (rc == RH_OK && reply->buckets.n)
        rc = digest_compare(&p->facts, reply->buckets, repair->differing, &repair->count);
    if (!reply->more || !reply->results.count)
        repair->has_range = false;
    return rc;
}

static void on_reply(void *self, void *user, const struct rh_reply *answer)
{
    struct elo_sync *p = self;
    struct elo_repair *repair = &p->repair;
    struct merge_reply reply;
    void *memory = NULL;
    int32_t rc;

    (void)user;
    if (!repair->is_running || answer->rc == RH_ECANCELLED)
        return;
    if (answer->rc == RH_OK && answer->status == 404) {
        repair->peers--; /* it keeps no ratings */
        next_peer(p);
        return;
    }
    if (answer->rc != RH_OK || answer->status != 200) {
        char why[96];

        (void)snprintf(why, sizeof(why), "%.*s", RH_STR_ARG(answer->message)); /* cut to fit */
        give_up_peer(p, why[0] ? why : "no answer");
        return;
    }
    rc = p->rh.fields->decode(p->rh.ctx, &reply_table, answer->body, &reply, &memory, NULL, 0);
    if (rc == RH_OK)
        rc = take_reply(p, &reply);
    p->rh.fields->release(p->rh.ctx, memory);
    if (rc != RH_OK)
        give_up_peer(p, "its answer could not be taken in");
    else
        ask(p);
}

static void call(struct elo_sync *p)
{
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .lane = RH_LANE_BULK,
                           .target = p->repair.peer,
                           .method = "POST",
                           .path = "/elo/merge",
                           .timeout_ms = CALL_TIMEOUT_MS,
                           .flags = RH_CALL_IDEMPOTENT};
    struct rh_json_writer w;
    struct rh_buf body;
    int32_t rc;

    rh_buf_init(&body, ELO_BODY_MAX);
    rh_json_init(&w, &body);
    write_question(p, &w);
    rc = rh_json_finish(&w);
    call.body = rh_buf_str(&body);
    if (rc == RH_OK)
        rc = p->rh.http->call(p->rh.ctx, &call, on_reply, NULL, NULL);
    rh_buf_release(&body);
    if (rc != RH_OK)
        give_up_peer(p, "it could not be called");
}

/* The next question to the peer, or the next peer. */
static void ask(struct elo_sync *p)
{
    struct elo_repair *repair = &p->repair;

    repair->rounds++;
    if (!repair->has_range && repair->at < repair->count)
        choose_range(p);
    if (repair->rounds > 1 && !repair->has_range && !repair->missing_count)
        next_peer(p);
    else if (repair->rounds > ROUNDS_MAX)
        give_up_peer(p, "there is no end to what it tells");
    else
        call(p);
}

/* Peers in the order of their ids; those that come later are met, too. */
static void next_peer(struct elo_sync *p)
{
    struct elo_repair *repair = &p->repair;
    const struct rh_str last = rh_str_from(repair->peer);
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};

    repair->count = 0;
    repair->at = 0;
    repair->rounds = 0;
    repair->has_range = false;
    repair->missing_count = 0;
    repair->sending = 0;
    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *peer =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);

        if (peer->is_self || peer->state == RH_PEER_DEAD || peer->state == RH_PEER_LEFT ||
            rh_str_cmp(peer->node_id, last) <= 0 ||
            rh_str_copy(repair->peer, sizeof(repair->peer), peer->node_id) != RH_OK)
            continue;
        repair->peers++;
        ask(p);
        return;
    }
    finish(p);
}

static void begin(struct elo_sync *p)
{
    struct elo_repair *repair = &p->repair;

    repair->is_running = true;
    repair->peer[0] = '\0';
    repair->peers = 0;
    repair->failed = 0;
    repair->merged = 0;
    repair->sent = 0;
    repair->problem[0] = '\0';
    next_peer(p);
}

static void on_timer(void *self, void *user)
{
    struct elo_sync *p = self;

    (void)user;
    p->repair.is_armed = false;
    if (p->repair.is_running)
        p->repair.is_again = true;
    else
        begin(p);
}

void elo_repair_soon(struct elo_sync *p, int64_t delay_ms)
{
    const int64_t jitter_ms = (int64_t)(p->rh.core->random(p->rh.ctx) % JITTER_MS);

    if (p->repair.is_armed)
        return;
    p->repair.is_armed =
        p->rh.core->timer(p->rh.ctx, delay_ms + jitter_ms, on_timer, NULL, NULL) == RH_OK;
}

void elo_on_peers(struct elo_sync *p)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    uint64_t living = RH_HASH_FNV1A_INIT;

    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *peer =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);

        if (!peer->is_self && peer->state == RH_PEER_ALIVE)
            living = rh_hash_fnv1a_u64(rh_hash_fnv1a(living, peer->node_id.p, peer->node_id.n),
                                       peer->generation);
    }
    if (living != p->repair.living)
        elo_repair_soon(p, PEERS_DELAY_MS);
    p->repair.living = living;
}

static void on_gone(void *self, rh_req req, void *user)
{
    struct elo_sync *p = self;

    (void)user;
    if (p->waiting == req)
        p->waiting = 0;
}

int32_t elo_repair_now(struct elo_sync *p, rh_req req)
{
    if (p->waiting)
        return rh_failf(&p->rh, RH_EAGAIN, "another request waits for the same comparison");
    p->waiting = req;
    (void)p->rh.http->watch(p->rh.ctx, req, on_gone, NULL); /* it was just given to us */
    if (!p->repair.is_running)
        begin(p);
    return RH_OK;
}

void elo_repair_drop(struct elo_sync *p)
{
    free(p->repair.missing);
    p->repair = (struct elo_repair){0};
    p->waiting = 0;
}
