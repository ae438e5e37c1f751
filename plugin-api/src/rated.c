/* The feed of rated.h: a timer, a call, and patience. */
#include <ringhost/sdk/rated.h>

#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/str.h>

#define GATHER_MS       100 /* a burst of games is one offer */
#define RETRY_MS_MIN    1000
#define RETRY_DOUBLINGS 6u
#define OFFER_BYTES_MAX (1024u * 1024u)
#define ID_SIZE         256u

/* What of the answer matters here. */
struct rejected {
    struct rh_str game_id;
    struct rh_str reason;
};
static const struct rh_field rejected_fields[] = {
    RH_TEXT(struct rejected, game_id, 0, 512, "the game"),
    RH_TEXT(struct rejected, reason, 0, 64, "why it was not taken"),
};
struct answer {
    struct rh_list rejected;
};
static const struct rh_field answer_fields[] = {
    RH_OBJECT_LIST(struct answer, rejected, 0, RH_RATED_PAGE_MAX, struct rejected, rejected_fields,
                   "games that were not taken"),
};
static const struct rh_fields answer_table = RH_FIELDS(struct answer, answer_fields);

/* Reasons that pass: such a game is offered again. */
static const char *const passing[] = {"clock_ahead", "store_full"};

static void write_id(char id[ID_SIZE], struct rh_str group, const char *name)
{
    (void)snprintf(id, ID_SIZE, "%.*s/%s", RH_STR_ARG(group), name); /* groups are shorter */
}

void rh_rated_write_gone(struct rh_json_writer *w, struct rh_str group, const char *name,
                         const char *reason)
{
    char id[ID_SIZE];

    write_id(id, group, name);
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "game_id", id);
    rh_json_kv_strc(w, "reason", reason);
    rh_json_end_object(w);
}

void rh_rated_write(struct rh_json_writer *w, const struct rh_rated_game *game)
{
    char id[ID_SIZE];

    if (game->name)
        write_id(id, game->group, game->name);
    else
        (void)snprintf(id, sizeof(id), "%.*s/%" PRIu32, RH_STR_ARG(game->group),
                       game->index); /* groups are shorter */
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "game_id", id);
    rh_json_kv_str(w, "board_type", game->board_type);
    rh_json_key(w, "players");
    rh_json_begin_array(w);
    rh_json_string(w, game->players[0]);
    rh_json_string(w, game->players[1]);
    rh_json_end_array(w);
    rh_json_kv_str(w, "outcome", game->winner);
    rh_json_kv_int(w, "played_at", game->played_at_ms);
    rh_json_end_object(w);
}

static void arm(struct rh_rated_feed *feed, int64_t delay_ms);

static const struct rejected *rejected_at(const struct answer *answer, uint32_t index)
{
    return (const void *)((const char *)answer->rejected.items +
                          (size_t)index * answer->rejected.stride);
}

static bool is_passing(struct rh_str reason)
{
    bool found = false;

    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
        found = found || rh_str_eq_c(reason, passing[i]);
    return found;
}

/* One line for all games of an offer that the ratings refuse for good; the first stands for them.
 */
static void log_dropped(const struct rh_rated_feed *feed, const struct answer *answer)
{
    const struct rejected *first;

    if (!answer->rejected.count)
        return;
    first = rejected_at(answer, 0);
    rh_log_warn(feed->rh, "game_rejected", "owner=%s game=\"%.*s\" reason=%.*s others=%" PRIu32,
                feed->owner->name, RH_STR_ARG(first->game_id), RH_STR_ARG(first->reason),
                answer->rejected.count - 1);
}

/* Whether every game has been dealt with for good. */
static bool is_settled(struct rh_rated_feed *feed, const struct rh_reply *reply)
{
    struct answer answer;
    void *memory = NULL;
    bool is_good = reply->rc == RH_OK && reply->status == 200 &&
                   feed->rh->fields->decode(feed->rh->ctx, &answer_table, reply->body, &answer,
                                            &memory, NULL, 0) == RH_OK;

    for (uint32_t i = 0; is_good && i < answer.rejected.count; i++)
        is_good = !is_passing(rejected_at(&answer, i)->reason);
    if (is_good)
        log_dropped(feed, &answer);
    feed->rh->fields->release(feed->rh->ctx, memory);
    return is_good;
}

/* The feed is the plugin's own, so `user` is it. */
static void on_reply(void *self, void *user, const struct rh_reply *reply)
{
    struct rh_rated_feed *feed = user;

    (void)self;
    if (!feed->is_calling || reply->rc == RH_ECANCELLED)
        return;
    feed->is_calling = false;
    feed->is_unheard = reply->rc == RH_OK && reply->status == 404;
    if (is_settled(feed, reply)) {
        feed->failures = 0;
        feed->owner->acked(feed->self);
        return;
    }
    if (feed->failures == 0)
        rh_log_warn(feed->rh, "games_not_rated", "owner=%s status=%" PRIu32 " reason=\"%.*s\"",
                    feed->owner->name, reply->status, RH_STR_ARG(reply->message));
    arm(feed, (int64_t)RETRY_MS_MIN
                  << (feed->failures < RETRY_DOUBLINGS ? feed->failures : RETRY_DOUBLINGS));
    feed->failures++;
}

/* The member "retractions", where there are any. */
static uint32_t add_gone(struct rh_rated_feed *feed, struct rh_json_writer *w)
{
    struct rh_json_writer list;
    struct rh_buf buf;
    uint32_t count;

    rh_buf_init(&buf, OFFER_BYTES_MAX);
    rh_json_init(&list, &buf);
    rh_json_begin_array(&list);
    count = feed->owner->collect_gone(feed->self, &list, RH_RATED_PAGE_MAX);
    rh_json_end_array(&list);
    if (rh_json_finish(&list) != RH_OK)
        w->buf->rc = buf.rc; /* the offer is made again */
    else if (count)
        rh_json_kv_raw(w, "retractions", rh_buf_str(&buf));
    rh_buf_release(&buf);
    return count;
}

static void offer(struct rh_rated_feed *feed)
{
    struct rh_call call = {
        .size = (uint32_t)sizeof(call), .target = "self", .method = "POST", .path = "/elo/sync"};
    struct rh_json_writer w;
    struct rh_buf body;
    uint32_t count;
    int32_t rc;

    rh_buf_init(&body, OFFER_BYTES_MAX);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_key(&w, "results");
    rh_json_begin_array(&w);
    count = feed->owner->collect(feed->self, &w, RH_RATED_PAGE_MAX);
    rh_json_end_array(&w);
    if (feed->owner->collect_gone)
        count += add_gone(feed, &w);
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    call.body = rh_buf_str(&body);
    if (rc == RH_OK && count) {
        rc = feed->rh->http->call(feed->rh->ctx, &call, on_reply, feed, NULL);
        feed->is_calling = rc == RH_OK;
    }
    rh_buf_release(&body);
    if (rc != RH_OK)
        arm(feed, RETRY_MS_MIN);
}

static void on_timer(void *self, void *user)
{
    struct rh_rated_feed *feed = user;

    (void)self;
    feed->is_armed = false;
    offer(feed);
}

static void arm(struct rh_rated_feed *feed, int64_t delay_ms)
{
    if (!feed->is_armed && !feed->is_calling)
        feed->is_armed =
            feed->rh->core->timer(feed->rh->ctx, delay_ms, on_timer, feed, NULL) == RH_OK;
}

void rh_rated_init(struct rh_rated_feed *feed, const struct rh_services *rh,
                   const struct rh_rated_owner *owner, void *self)
{
    *feed = (struct rh_rated_feed){.rh = rh, .owner = owner, .self = self};
}

void rh_rated_kick(struct rh_rated_feed *feed)
{
    arm(feed, GATHER_MS);
}

bool rh_rated_is_unheard(const struct rh_rated_feed *feed)
{
    return feed->is_unheard;
}

void rh_rated_stop(struct rh_rated_feed *feed)
{
    feed->failures = 0;
    feed->is_unheard = false;
    feed->is_armed = false;
    feed->is_calling = false;
}
