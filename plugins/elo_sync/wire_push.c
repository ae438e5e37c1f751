/* Tells the other nodes what is new here, a moment after it came, so that a burst is one message.
 * What gets lost on the way is found by the next comparison; a peer whose set then differs from
 * ours brings one about. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hex.h>
#include <ringhost/sdk/str.h>

/* More than this at once is left to a comparison. */
#define NEWS_MAX 20000u

/* A difference after a push is mostly news that is still on its way. */
#define DIFFERENCE_DELAY_MS 5000

struct push_reply {
    struct rh_str root;
    uint64_t clock;
};
static const struct rh_field reply_fields[] = {
    RH_TEXT(struct push_reply, root, RH_REQUIRED, 16, "root of the set"),
    RH_UINT64(struct push_reply, clock, 0, "of the peer"),
};
static const struct rh_fields reply_table = RH_FIELDS(struct push_reply, reply_fields);

static void on_reply(void *self, void *user, const struct rh_reply *answer)
{
    struct elo_sync *p = self;
    struct push_reply reply;
    void *memory = NULL;
    char root[17];

    (void)user;
    if (answer->rc == RH_ECANCELLED || (answer->rc == RH_OK && answer->status == 404))
        return; /* we end, or it keeps no ratings */
    if (answer->rc != RH_OK || answer->status != 200 ||
        p->rh.fields->decode(p->rh.ctx, &reply_table, answer->body, &reply, &memory, NULL, 0) !=
            RH_OK) {
        elo_repair_soon(p, DIFFERENCE_DELAY_MS);
        return;
    }
    (void)elo_hear(p, answer->node_id, reply.clock); /* it has said so */
    rh_hex_u64(root, facts_root(&p->facts));
    if (!p->news_count && !rh_str_eq_c(reply.root, root))
        elo_repair_soon(p, DIFFERENCE_DELAY_MS);
    p->rh.fields->release(p->rh.ctx, memory);
}

/* One page to every peer that is there. */
static void send_page(struct elo_sync *p, struct rh_str body)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};
    char target[ELO_NODE_SIZE];
    const struct rh_call call = {.size = (uint32_t)sizeof(call),
                                 .lane = RH_LANE_BULK,
                                 .target = target,
                                 .method = "POST",
                                 .path = "/elo/merge",
                                 .body = body,
                                 .flags = RH_CALL_IDEMPOTENT};

    p->rh.cluster->peers(p->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count; i++) {
        const struct rh_peer *peer =
            (const void *)((const char *)peers.peers + (size_t)i * peers.peer_stride);

        if (peer->is_self || peer->state == RH_PEER_DEAD || peer->state == RH_PEER_LEFT ||
            rh_str_copy(target, sizeof(target), peer->node_id) != RH_OK)
            continue;
        if (p->rh.http->call(p->rh.ctx, &call, on_reply, NULL, NULL) != RH_OK)
            elo_repair_soon(p, DIFFERENCE_DELAY_MS);
    }
}

static void write_page(struct elo_sync *p, struct rh_json_writer *w, uint32_t count)
{
    struct rh_self self = {.size = (uint32_t)sizeof(self)};

    p->rh.core->self(p->rh.ctx, &self);
    rh_json_begin_object(w);
    rh_json_kv_str(w, "from", self.node_id);
    rh_json_kv_u64(w, "clock", clock_stamp(&p->clock, p->rh.core->wall_ms(p->rh.ctx)));
    rh_json_key(w, "results");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++) {
        elo_write_entry(w, p->news[i]);
        p->news[i]->is_pushed = false;
    }
    rh_json_end_array(w);
    rh_json_end_object(w);
}

static void arm(struct elo_sync *p, int64_t delay_ms);

static void on_timer(void *self, void *user)
{
    struct elo_sync *p = self;
    const uint32_t count = p->news_count < ELO_PAGE_MAX ? p->news_count : ELO_PAGE_MAX;
    struct rh_json_writer w;
    struct rh_buf body;

    (void)user;
    p->is_push_armed = false;
    rh_buf_init(&body, ELO_BODY_MAX);
    rh_json_init(&w, &body);
    write_page(p, &w, count);
    memmove(p->news, p->news + count, (p->news_count - count) * sizeof(struct entry *));
    p->news_count -= count;
    if (rh_json_finish(&w) == RH_OK)
        send_page(p, rh_buf_str(&body));
    else
        elo_repair_soon(p, DIFFERENCE_DELAY_MS);
    rh_buf_release(&body);
    if (p->news_count)
        arm(p, 0);
}

static void arm(struct elo_sync *p, int64_t delay_ms)
{
    if (!p->is_push_armed)
        p->is_push_armed = p->rh.core->timer(p->rh.ctx, delay_ms, on_timer, NULL, NULL) == RH_OK;
}

void elo_push(struct elo_sync *p, struct entry *entry)
{
    if (entry->is_pushed)
        return;
    if (p->news_count == p->news_capacity && p->news_count < NEWS_MAX) {
        const uint32_t capacity = p->news_capacity ? p->news_capacity * 2 : 64;
        struct entry **news = realloc(p->news, capacity * sizeof(struct entry *));

        if (news) {
            p->news = news;
            p->news_capacity = capacity;
        }
    }
    if (p->news_count == p->news_capacity) {
        elo_repair_soon(p, p->config->push_delay);
        return;
    }
    p->news[p->news_count++] = entry;
    entry->is_pushed = true;
    arm(p, p->config->push_delay);
}

void elo_push_drop(struct elo_sync *p)
{
    free(p->news);
    p->news = NULL;
    p->news_count = 0;
    p->news_capacity = 0;
    p->is_push_armed = false;
}
