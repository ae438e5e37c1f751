/* A report of a candidate that is a work item: the queue knows who holds it and judges the token,
 * so the report goes there; its result then comes back like any other.
 *
 * Three calls at most: the pages of the generation's group until the item is found, then
 * /work/complete or /work/fail in the holder's name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define PATH_SIZE      512u
#define PAGE_ITEMS     1000
#define TOKEN_SIZE     128u
#define CODE_SIZE      64u
#define MESSAGE_SIZE   512u
#define BODY_BYTES_MAX 8192u

/* One report on its way. */
struct relay {
    rh_req req;
    bool is_error;
    double fitness;
    char group[RH_WORK_GROUP_ID_SIZE];
    char key[RH_WORK_KEY_SIZE];
    char job_id[JOB_ID_SIZE];
    char candidate_id[JOB_ID_SIZE];
    char token[TOKEN_SIZE];
    char error[JOB_ERROR_SIZE];
};

struct page_item {
    struct rh_str work_id;
    struct rh_str node_id;
    struct rh_str idempotency_key;
};

struct page {
    struct rh_list items;
    struct rh_str next;
};

static const struct rh_field page_item_fields[] = {
    RH_STR(struct page_item, work_id, RH_REQUIRED, "id"),
    RH_STR(struct page_item, node_id, 0, "who holds it"),
    RH_STR(struct page_item, idempotency_key, 0, "group and index"),
};
static const struct rh_field page_fields[] = {
    RH_OBJECT_LIST(struct page, items, RH_REQUIRED, PAGE_ITEMS, struct page_item, page_item_fields,
                   "the items"),
    RH_STR(struct page, next, 0, "where the next page begins"),
};
static const struct rh_fields page_table = RH_FIELDS(struct page, page_fields);

static void on_page(void *self, void *user, const struct rh_reply *reply);
static void on_told(void *self, void *user, const struct rh_reply *reply);

static void give_up(struct plugin *p, struct relay *relay, int32_t rc, const char *code,
                    const char *text)
{
    (void)rh_reply_errorf(&p->rh, relay->req, rc, code, "%s", text); /* the caller may be gone */
    free(relay);
}

/* The queue's refusal is ours, as it is. */
static void pass(struct plugin *p, struct relay *relay, const struct rh_reply *reply)
{
    char code[CODE_SIZE];
    char message[MESSAGE_SIZE];
    const struct rh_error error = {.size = (uint32_t)sizeof(error),
                                   .rc = reply->rc == RH_OK ? RH_EAGAIN : reply->rc,
                                   .status = reply->rc == RH_OK ? reply->status : 0,
                                   .retry_after_s = reply->retry_after_s,
                                   .code = reply->error_code.n ? code : NULL,
                                   .message = message};

    (void)snprintf(code, sizeof(code), "%.*s", RH_STR_ARG(reply->error_code));
    (void)snprintf(message, sizeof(message), "%.*s", RH_STR_ARG(reply->message));
    (void)p->rh.http->reply_error(p->rh.ctx, relay->req, &error); /* the caller may be gone */
    free(relay);
}

static int32_t ask_page(struct plugin *p, struct relay *relay, struct rh_str after)
{
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = "self",
                           .method = "GET",
                           .flags = RH_CALL_IDEMPOTENT};
    char path[PATH_SIZE];
    const int n = snprintf(path, sizeof(path), "/work/group?group=%s&limit=%d%s%.*s", relay->group,
                           PAGE_ITEMS, after.n ? "&after=" : "", RH_STR_ARG(after));

    if (n < 0 || (size_t)n >= sizeof(path))
        return RH_EINVAL;
    call.path = path;
    return p->rh.http->call(p->rh.ctx, &call, on_page, relay, NULL);
}

static int32_t tell(struct plugin *p, struct relay *relay, const struct page_item *item)
{
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = "self",
                           .method = "POST",
                           .path = relay->is_error ? "/work/fail" : "/work/complete"};
    struct rh_json_writer w;
    struct rh_buf body;
    int32_t rc;

    rh_buf_init(&body, BODY_BYTES_MAX);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "work_id", item->work_id);
    rh_json_kv_str(&w, "node_id", item->node_id);
    rh_json_kv_strc(&w, "claim_token", relay->token);
    if (relay->is_error) {
        rh_json_kv_strc(&w, "error", relay->error);
    } else {
        rh_json_key(&w, "result");
        rh_json_begin_object(&w);
        rh_json_kv_double(&w, "fitness", relay->fitness);
        rh_json_end_object(&w);
    }
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    call.body = rh_buf_str(&body);
    if (rc == RH_OK)
        rc = p->rh.http->call(p->rh.ctx, &call, on_told, relay, NULL);
    rh_buf_release(&body);
    return rc;
}

static void on_told(void *self, void *user, const struct rh_reply *reply)
{
    struct plugin *p = self;
    struct relay *relay = user;
    struct rh_json_reply out;

    if (reply->rc == RH_ECANCELLED) {
        free(relay); /* the host has answered */
        return;
    }
    if (reply->rc != RH_OK || reply->status != 200) {
        pass(p, relay, reply);
        return;
    }
    rh_work_groups_kick(&p->work);
    rh_json_reply_begin(&out);
    rh_json_kv_strc(&out.w, "job_id", relay->job_id);
    rh_json_kv_strc(&out.w, "candidate_id", relay->candidate_id);
    rh_json_kv_bool(&out.w, "accepted", true);
    rh_json_kv_bool(&out.w, "duplicate", false);
    rh_json_kv_bool(&out.w, "late", false);
    (void)rh_json_reply_send(&out, &p->rh, relay->req, 200); /* the caller may be gone */
    free(relay);
}

static const struct page_item *find(const struct page *page, const char *key)
{
    for (uint32_t i = 0; i < page->items.count; i++) {
        const char *at = (const char *)page->items.items + (size_t)i * page->items.stride;
        const struct page_item *item = (const struct page_item *)(const void *)at;

        if (rh_str_eq_c(item->idempotency_key, key))
            return item;
    }
    return NULL;
}

/* What follows from a page: the item's end, the next page, or that there is no such item. */
static int32_t follow(struct plugin *p, struct relay *relay, const struct page *page)
{
    const struct page_item *item = find(page, relay->key);

    if (item && item->node_id.n == 0)
        return RH_ECONFLICT;
    if (item)
        return tell(p, relay, item);
    return page->items.count && page->next.n ? ask_page(p, relay, page->next) : RH_ENOTFOUND;
}

static void on_page(void *self, void *user, const struct rh_reply *reply)
{
    struct plugin *p = self;
    struct relay *relay = user;
    struct page page;
    void *memory = NULL;
    int32_t rc;

    if (reply->rc == RH_ECANCELLED) {
        free(relay); /* the host has answered */
        return;
    }
    if (reply->rc == RH_OK && reply->status == 404) {
        give_up(p, relay, RH_ENOTFOUND, NULL, "the candidate is not in the queue yet");
        return;
    }
    if (reply->rc != RH_OK || reply->status != 200) {
        pass(p, relay, reply);
        return;
    }
    rc = p->rh.fields->decode(p->rh.ctx, &page_table, reply->body, &page, &memory, NULL, 0);
    if (rc == RH_OK)
        rc = follow(p, relay, &page);
    p->rh.fields->release(p->rh.ctx, memory);
    if (rc == RH_OK)
        return;
    if (rc == RH_ECONFLICT)
        give_up(p, relay, rc, "stale_claim", "nobody holds the candidate");
    else
        give_up(p, relay, rc, NULL,
                rc == RH_ENOTFOUND ? "the candidate is not in the queue"
                                   : "the queue could not be asked");
}

int32_t cmaes_relay_report(struct plugin *p, rh_req req, const struct live *live,
                           const struct report_req *report, uint64_t generation, uint32_t index)
{
    const struct rh_error no_token = {.size = (uint32_t)sizeof(no_token),
                                      .rc = RH_EINVAL,
                                      .field = "claim_token",
                                      .message = "the candidate is a work item: \"claim_token\" of "
                                                 "its claim is needed"};
    struct relay *relay;
    int32_t rc;

    if (report->claim_token.n == 0)
        return p->rh.http->reply_error(p->rh.ctx, req, &no_token);
    relay = calloc(1, sizeof(*relay));
    if (!relay)
        return RH_ENOMEM;
    relay->req = req;
    relay->is_error = !report->has_fitness;
    relay->fitness = report->fitness;
    jobs_group_id(live->job, generation, relay->group);
    rc = rh_work_key(relay->key, rh_str_from(relay->group), index);
    (void)snprintf(relay->job_id, sizeof(relay->job_id), "%.*s", RH_STR_ARG(report->job_id));
    (void)snprintf(relay->candidate_id, sizeof(relay->candidate_id), "%.*s",
                   RH_STR_ARG(report->candidate_id));
    (void)snprintf(relay->error, sizeof(relay->error), "%.*s", RH_STR_ARG(report->error));
    if (rc == RH_OK)
        rc = rh_str_copy(relay->token, sizeof(relay->token), report->claim_token);
    if (rc == RH_OK)
        rc = ask_page(p, relay, (struct rh_str){NULL, 0});
    if (rc != RH_OK)
        free(relay);
    return rc;
}
