/* GET /worker/log: what a running program has printed so far, or one that ended some seconds ago,
 * asked of any node: the one that runs the item is found through the queue. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define STATUS_SIZE 32u

/* A request that waits for other nodes. */
struct log_wait {
    uint64_t id;
    rh_req req;
    int64_t offset;
    int64_t max;
    uint32_t asked;           /* nodes that have not answered yet */
    bool is_over;             /* the queue says that it runs no more */
    char status[STATUS_SIZE]; /* its state in the queue; "" = there is no such item */
    char work_id[JOB_TEXT_SIZE];
};

struct item_place {
    struct rh_str node_id;
    struct rh_str status;
};
static const struct rh_field place_rows[] = {
    RH_STR(struct item_place, node_id, 0, "who has it"),
    RH_STR(struct item_place, status, 0, "its state"),
};
static const struct rh_fields place_table = RH_FIELDS(struct item_place, place_rows);

static struct work *find(const struct worker *w, struct rh_str work_id)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        struct work *work = value;

        if (work->has_process && rh_str_eq_c(work_id, work->job.work_id))
            return work;
    }
    return NULL;
}

/* Without the beginning of a character whose end is still to come. */
static size_t whole_characters(struct rh_str text)
{
    for (size_t back = 1; back <= 3 && back < text.n; back++) {
        unsigned char byte = (unsigned char)text.p[text.n - back];
        size_t wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;

        if ((byte & 0xc0) != 0x80)
            return wanted > back ? text.n - back : text.n;
    }
    return text.n;
}

bool worker_log_is_cut(const struct worker *w, const struct work *work, int64_t bytes)
{
    const struct command *command = worker_command(w, rh_str_from(work->job.work_type));

    return command && bytes >= command->output_max;
}

/* A page of an output. */
struct log_page {
    const char *work_id;
    int64_t attempt;
    struct rh_str text;
    int64_t offset;
    bool has_ended;
    bool is_cut;
};

static int32_t answer(struct worker *w, rh_req req, const struct log_page *page)
{
    const struct rh_str text = {page->text.p, whole_characters(page->text)};
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_strc(&reply.w, "work_id", page->work_id);
    rh_json_kv_str(&reply.w, "node_id", worker_node(w));
    rh_json_kv_int(&reply.w, "attempt", page->attempt);
    rh_json_kv_int(&reply.w, "offset", page->offset);
    rh_json_kv_int(&reply.w, "next", page->offset + (int64_t)text.n);
    rh_json_kv_bool(&reply.w, "truncated", page->is_cut);
    rh_json_kv_bool(&reply.w, "ended", page->has_ended);
    rh_json_kv_str(&reply.w, "text", text);
    return rh_json_reply_send(&reply, &w->rh, req, 200);
}

/* What runs here; RH_ENOTFOUND when that does not. */
static int32_t answer_running(struct worker *w, rh_req req, const struct log_req *f)
{
    const struct work *work = find(w, f->work_id);
    struct log_page page = {.offset = f->offset};
    char key[PROCESS_KEY_SIZE];
    int32_t rc;

    if (!work)
        return RH_ENOTFOUND;
    worker_work_key(work->job.id, key);
    rc = w->rh.process->output(w->rh.ctx, key, page.offset, (uint32_t)f->max, &page.text);
    if (rc != RH_OK)
        return rc;
    page.work_id = work->job.work_id;
    page.attempt = work->job.attempt;
    page.is_cut = worker_log_is_cut(w, work, page.offset + (int64_t)page.text.n);
    return answer(w, req, &page);
}

/* What has ended here of late; RH_ENOTFOUND when nothing has. */
static int32_t answer_ended(struct worker *w, rh_req req, struct rh_str work_id, int64_t offset,
                            int64_t max)
{
    const struct tail *tail = tails_find(&w->tails, work_id, w->rh.core->now_ms(w->rh.ctx));
    struct log_page page = {.offset = offset, .has_ended = true};

    if (!tail)
        return RH_ENOTFOUND;
    page.text = tail_text(tail, &page.offset, max);
    page.work_id = tail->work_id;
    page.attempt = tail->attempt;
    page.is_cut = tail->is_cut;
    return answer(w, req, &page);
}

static struct log_wait *waiting(const struct worker *w, const void *user)
{
    return w->is_active ? rh_map64_get(&w->logs, (uint64_t)(uintptr_t)user) : NULL;
}

/* No other node has it: what has ended here, or the state that the item is in. */
static void give_up(struct worker *w, struct log_wait *wait, int32_t rc, struct rh_str message)
{
    (void)rh_map64_remove(&w->logs, wait->id); /* the wait itself */
    /* A caller who is gone needs no answer, here and below. */
    if (answer_ended(w, wait->req, rh_str_from(wait->work_id), wait->offset, wait->max) == RH_OK) {
        free(wait);
        return;
    }
    if (rc != RH_OK && rc != RH_ENOTFOUND)
        (void)rh_reply_errorf(&w->rh, wait->req, rc, NULL, "who runs it cannot be asked: %.*s",
                              RH_STR_ARG(message));
    else if (!wait->status[0])
        (void)rh_reply_errorf(&w->rh, wait->req, RH_ENOTFOUND, NULL, "no work item \"%s\"",
                              wait->work_id);
    else
        (void)rh_reply_errorf(&w->rh, wait->req, RH_ENOTFOUND, NULL,
                              "no node runs \"%s\" now, nor has of late: it is %s", wait->work_id,
                              wait->status);
    free(wait);
}

/* The answer of the node that has it, as it is; when the last one that was asked has it not either,
 * what is known here. */
static void on_log(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;
    struct log_wait *wait = waiting(w, user);
    const bool is_here = reply->rc == RH_OK && reply->status == 200;

    if (!wait || (--wait->asked > 0 && !is_here))
        return;
    if (!is_here && (reply->rc != RH_OK || reply->status == 404)) {
        give_up(w, wait, wait->is_over ? RH_OK : reply->rc, reply->message);
        return;
    }
    (void)w->rh.http->reply(w->rh.ctx, wait->req, reply->status, reply->body);
    free(rh_map64_remove(&w->logs, wait->id));
}

static int32_t ask_node(struct worker *w, struct log_wait *wait, const char *node_id)
{
    char path[JOB_TEXT_SIZE + 128];
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .target = node_id,
        .method = "GET",
        .path = path,
        .flags = RH_CALL_IDEMPOTENT,
    };
    int32_t rc;

    (void)snprintf(path, sizeof(path),
                   "/worker/log?work_id=%s&offset=%" PRId64 "&max=%" PRId64 "&local=true",
                   wait->work_id, wait->offset, wait->max); /* fits */
    rc = w->rh.http->call(w->rh.ctx, &call, on_log, (void *)(uintptr_t)wait->id, NULL);
    wait->asked += rc == RH_OK;
    return rc;
}

/* An attempt that has ended, the item not taken up again: the queue does not tell where it was. */
static bool ask_all(struct worker *w, struct log_wait *wait)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof(peers)};

    w->rh.cluster->peers(w->rh.ctx, &peers);
    for (uint32_t i = 0; i < peers.count && wait->asked < LOG_ASKED_MAX; i++) {
        const char *at = (const char *)peers.peers + (size_t)i * peers.peer_stride;
        const struct rh_peer *peer = (const struct rh_peer *)(const void *)at;
        char node_id[JOB_TEXT_SIZE];

        if (!peer->is_self && peer->state == RH_PEER_ALIVE &&
            rh_str_copy(node_id, sizeof(node_id), peer->node_id) == RH_OK)
            (void)ask_node(w, wait, node_id); /* one that cannot be asked is as good as absent */
    }
    return wait->asked > 0;
}

static void on_item(void *self, void *user, const struct rh_reply *reply)
{
    struct worker *w = self;
    struct log_wait *wait = waiting(w, user);
    struct item_place place = {.node_id = {NULL, 0}};
    void *memory = NULL;
    char node_id[JOB_TEXT_SIZE] = "";
    bool is_between;
    int32_t rc = reply->rc;

    if (!wait)
        return;
    if (rc == RH_OK && reply->status != 200 && reply->status != 404)
        rc = RH_EAGAIN;
    else if (rc == RH_OK && reply->status == 200)
        rc = w->rh.fields->decode(w->rh.ctx, &place_table, reply->body, &place, &memory, NULL, 0);
    if (rh_str_copy(wait->status, sizeof(wait->status), place.status) != RH_OK)
        wait->status[0] = '\0';
    wait->is_over = !rh_str_eq_c(place.status, "leased");
    is_between = rc == RH_OK && wait->is_over && place.status.n > 0 && place.node_id.n == 0;
    if (rc == RH_OK && !rh_str_eq(place.node_id, worker_node(w)))
        rc = rh_str_copy(node_id, sizeof(node_id), place.node_id);
    w->rh.fields->release(w->rh.ctx, memory);
    if (rc == RH_OK && node_id[0] && ask_node(w, wait, node_id) == RH_OK)
        return;
    if (is_between && ask_all(w, wait))
        return;
    give_up(w, wait, rc, RH_STR_LIT("the queue does not answer"));
}

static int32_t ask_queue(struct worker *w, const struct log_wait *wait)
{
    char path[JOB_TEXT_SIZE + 32];
    const struct rh_call call = {
        .size = (uint32_t)sizeof(call),
        .target = "leader",
        .method = "GET",
        .path = path,
        .flags = RH_CALL_IDEMPOTENT,
    };

    (void)snprintf(path, sizeof(path), "/work/item?work_id=%s", wait->work_id); /* fits */
    return w->rh.http->call(w->rh.ctx, &call, on_item, (void *)(uintptr_t)wait->id, NULL);
}

/* What goes into a query as it is. */
static bool is_plain(struct rh_str text)
{
    return rh_work_file_name_is_good(text);
}

int32_t worker_handle_log(void *self, rh_req req, const void *fields)
{
    struct worker *w = self;
    const struct log_req *f = fields;
    struct log_wait *wait;
    int32_t rc = answer_running(w, req, f);

    if (rc != RH_ENOTFOUND)
        return rc;
    if (f->local || !is_plain(f->work_id)) {
        rc = answer_ended(w, req, f->work_id, f->offset, f->max);
        return rc != RH_ENOTFOUND ? rc
                                  : rh_failf(&w->rh, rc, "this node does not run \"%.*s\"",
                                             RH_STR_ARG(f->work_id));
    }
    wait = calloc(1, sizeof(*wait));
    if (!wait)
        return RH_ENOMEM;
    *wait = (struct log_wait){.id = ++w->log_last, .req = req, .offset = f->offset, .max = f->max};
    rc = rh_str_copy(wait->work_id, sizeof(wait->work_id), f->work_id);
    if (rc == RH_OK)
        rc = rh_map64_put(&w->logs, wait->id, wait, NULL);
    if (rc != RH_OK) {
        free(wait);
        return rc == RH_EFULL ? RH_EAGAIN : rc;
    }
    if (ask_queue(w, wait) != RH_OK)
        give_up(w, wait, RH_EAGAIN, RH_STR_LIT("the queue does not answer"));
    return RH_OK;
}

void worker_logs_drop(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->logs, &cursor, NULL, &value))
        free(value);
    rh_map64_release(&w->logs);
}
