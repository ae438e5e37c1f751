/* GET /events: the bus and the stored cluster events as server-sent events, resumed by
 * Last-Event-ID. The id of a message is "LOCAL.REPLICA.START.SEQ": cursors in both databases, then
 * start count and place on this node's bus. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"

#define READERS_MAX          256u
#define READER_PENDING_MAX   (1024u * 1024u)
#define READER_EVENTS_A_TURN 256u
#define KEEPALIVE_MS         15000
#define RETRY_FULL_MS        50

/* One open stream. */
struct bus_reader {
    struct core *core;
    uint64_t request_id;
    uint64_t exchange;
    uint64_t next_seq;   /* on the bus */
    uint64_t at[4];      /* of the last event replayed, as the id: local, replica, start, seq */
    bool is_replaying;   /* the databases come first */
    uint64_t missed;     /* events that were never on the bus ... */
    uint64_t missed_seq; /* ... in front of this one */
    struct timer timer;
};

static int32_t reader_write(struct bus_reader *reader, struct rh_str text)
{
    uint64_t pending;

    return reader->core->driver.ops->stream_write(reader->core->driver.ctx, reader->exchange, text,
                                                  &pending);
}

static bool reader_is_full(struct bus_reader *reader)
{
    uint64_t pending = 0;

    return reader->core->driver.ops->stream_write(reader->core->driver.ctx, reader->exchange,
                                                  (struct rh_str){"", 0}, &pending) == RH_OK &&
           pending > READER_PENDING_MAX;
}

/* One message: id, event type, data. */
static void reader_send(struct bus_reader *reader, const char *id, const struct rh_event *event)
{
    struct rh_json_writer w;
    struct rh_buf buf;

    rh_buf_init(&buf, 1024u * 1024u);
    (void)rh_buf_printf(&buf, "id: %s\nevent: %.*s\ndata: ", id,
                        RH_STR_ARG(event->type)); /* sticky in buf */
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "id", event->id);
    rh_json_kv_strc(&w, "cursor", id); /* for clients that see only the data */
    rh_json_kv_str(&w, "type", event->type);
    rh_json_kv_str(&w, "source", event->source);
    rh_json_kv_str(&w, "node_id", event->node_id);
    rh_json_kv_int(&w, "at", event->at_ms);
    rh_json_kv_strc(&w, "kind", event->kind == RH_EVENT_CLUSTER ? "cluster" : "local");
    rh_json_kv_raw(&w, "payload", event->payload.n ? event->payload : RH_STR_LIT("{}"));
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK && rh_buf_append_c(&buf, "\n\n") == RH_OK)
        (void)reader_write(reader, rh_buf_str(&buf)); /* gone: core_on_gone comes */
    rh_buf_release(&buf);
}

static void reader_gap(struct bus_reader *reader, uint64_t missed)
{
    char text[96];
    int n = snprintf(text, sizeof text, "event: gap\ndata: {\"missed\":%" PRIu64 "}\n\n", missed);

    (void)reader_write(reader, (struct rh_str){text, (size_t)n}); /* gone: core_on_gone comes */
}

static void reader_feed(struct bus_reader *reader);

static void reader_tick(void *arg)
{
    struct bus_reader *reader = arg;

    if (!reader_is_full(reader))
        (void)reader_write(reader, RH_STR_LIT(": alive\n\n")); /* gone: core_on_gone comes */
    reader_feed(reader);
}

/* Replays stored cluster events to one reader. */
struct replay {
    struct bus_reader *reader;
    uint32_t is_replica;
    uint32_t count;
};

static void replay_one(void *user, const struct state_event *stored)
{
    struct replay *replay = user;
    uint64_t *at = replay->reader->at;
    struct rh_event event = {
        .size = (uint32_t)sizeof event,
        .kind = RH_EVENT_CLUSTER,
        .id = stored->id,
        .type = stored->type,
        .source = stored->source,
        .node_id = stored->node_id,
        .payload = stored->payload,
        .at_ms = stored->at_ms,
    };
    char id[96];

    at[replay->is_replica] = stored->cursor;
    replay->count++;
    /* Of the earlier life: a client lost in the middle of a replay goes on with the replay. */
    text_set(id, sizeof id, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64, at[0], at[1], at[2],
             at[3]);
    reader_send(replay->reader, id, &event);
}

/* Send what is stored, as far as the client takes it. False: there is more. Both stores end in one
 * turn, so that nothing falls between them and the bus. */
static bool reader_replay(struct bus_reader *reader)
{
    struct core *core = reader->core;

    for (uint32_t replica = 0; replica < 2; replica++) {
        struct replay replay = {reader, replica, 0};

        do {
            uint64_t after = reader->at[replica];
            uint64_t oldest = 0;

            if (reader_is_full(reader))
                return false;
            replay.count = 0;
            if (state_events(core->state, replica, after, READER_EVENTS_A_TURN, replay_one, &replay,
                             &oldest) != RH_OK)
                break; /* the gap below says that something is missing */
            if (after + 1 < oldest)
                reader_gap(reader, oldest - after - 1);
            if (reader->at[replica] + 1 < oldest)
                reader->at[replica] = oldest - 1; /* told once */
        } while (replay.count == READER_EVENTS_A_TURN);
    }
    reader_gap(reader, 0); /* local events of the node's earlier life are gone */
    reader->next_seq = core->bus.next;
    reader->is_replaying = false;
    return true;
}

/* Send what is new, as far as the client takes it. */
static void reader_feed(struct bus_reader *reader)
{
    struct core *core = reader->core;
    uint32_t left = READER_EVENTS_A_TURN;
    bool is_more = reader->is_replaying && !reader_replay(reader);
    bool is_full = is_more || reader_is_full(reader);

    while (!is_full && left-- > 0) {
        uint64_t gap;
        const struct bus_entry *entry = bus_at(&core->bus, reader->next_seq, &gap);
        char id[96];

        if (!entry)
            break;
        if (reader->missed > 0 && entry->seq >= reader->missed_seq) {
            gap += reader->missed;
            reader->missed = 0;
        }
        if (gap > 0)
            reader_gap(reader, gap);
        reader->next_seq = entry->seq + 1;
        text_set(id, sizeof id, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64, entry->cursor_local,
                 entry->cursor_replica, core->start_count, entry->seq);
        reader_send(reader, id, &entry->event);
        is_full = reader_is_full(reader);
    }
    (void)timers_start(&core->timers, &reader->timer,
                       core->now_ms + (is_more || reader->next_seq < core->bus.next ? RETRY_FULL_MS
                                                                                    : KEEPALIVE_MS),
                       reader_tick, reader); /* TIMERS_MAX is far */
}

void builtin_events_feed(struct core *core)
{
    uint32_t cursor = 0;
    void *value;

    if (core->reader_count == 0)
        return;
    while (rh_map64_next(&core->requests, &cursor, NULL, &value)) {
        struct request *req = value;

        if (req->reader)
            reader_feed(req->reader);
    }
}

void builtin_events_missed(struct core *core, uint64_t missed)
{
    uint32_t cursor = 0;
    void *value;

    while (core->reader_count > 0 && rh_map64_next(&core->requests, &cursor, NULL, &value)) {
        struct request *req = value;

        if (!req->reader || req->reader->is_replaying) /* a replay finds them, or the gap */
            continue;
        req->reader->missed += missed;
        req->reader->missed_seq = core->bus.next;
    }
}

/* "L.R.S.B" */
static bool parse_event_id(struct rh_str text, uint64_t out[4])
{
    for (uint32_t i = 0; i < 4; i++) {
        const char *dot = text.n ? memchr(text.p, '.', text.n) : NULL;
        struct rh_str part = {text.p, i < 3 ? (dot ? (size_t)(dot - text.p) : 0) : text.n};

        if (rh_parse_u64(part, &out[i]) != RH_OK)
            return false;
        if (i < 3)
            text = (struct rh_str){dot + 1, text.n - part.n - 1};
    }
    return true;
}

/* From where the client left off: within this life of the node on the bus, else from the databases.
 */
static void reader_resume(struct bus_reader *reader, struct rh_str last)
{
    struct core *core = reader->core;
    uint64_t at[4];

    if (!parse_event_id(last, at)) {
        reader_gap(reader, 0);
        return;
    }
    if (at[2] == core->start_count && at[3] < core->bus.next) {
        reader->next_seq = at[3] + 1;
        return;
    }
    memcpy(reader->at, at, sizeof at);
    reader->is_replaying = true;
}

void builtin_events(struct core *core, struct request *req)
{
    struct http_outreply head = {.status = 200,
                                 .content_type = "text/event-stream",
                                 .node_id = rh_str_from(core->setup->node_id),
                                 .request_id = req->request_id};
    struct bus_reader *reader;

    if (req->done || core->reader_count >= READERS_MAX) {
        reply_rc(req, RH_EAGAIN, NULL, "at most %u event streams at once", READERS_MAX);
        return;
    }
    reader = calloc(1, sizeof *reader);
    if (!reader) {
        reply_rc(req, RH_ENOMEM, NULL, "out of memory");
        return;
    }
    *reader = (struct bus_reader){
        .core = core, .request_id = req->id, .exchange = req->exchange, .next_seq = core->bus.next};
    req->state = REQ_STREAMING;
    req->reader = reader;
    core->reader_count++;
    timers_stop(&core->timers, &req->deadline);
    if (core->driver.ops->stream_begin(core->driver.ctx, req->exchange, &head) != RH_OK)
        return;                                               /* gone: core_on_gone comes */
    (void)reader_write(reader, RH_STR_LIT(": ringhost\n\n")); /* likewise */
    if (req->last_event_id.n > 0)
        reader_resume(reader, req->last_event_id);
    reader_feed(reader);
}

void events_reader_free(struct request *req)
{
    timers_stop(&req->core->timers, &req->reader->timer);
    req->core->reader_count--;
    free(req->reader);
    req->reader = NULL;
}
