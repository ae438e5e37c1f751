/* POST /gauntlet/claim: asks the queue for gauntlet items in the claimant's name, and hands on the
 * answer. */
#include "wire.h"

/* Longer than the longest wait, shorter than the route's own limit. */
#define CLAIM_CALL_MS 35000

static void write_claim(struct rh_json_writer *w, const struct claim_req *claim)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "node_id", claim->node_id);
    rh_json_key(w, "work_types");
    rh_json_begin_array(w);
    rh_json_string_c(w, GAUNTLET_WORK_TYPE);
    rh_json_end_array(w);
    rh_json_kv_str_list(w, "capabilities", &claim->capabilities);
    if (claim->board_types.count)
        rh_json_kv_str_list(w, "board_types", &claim->board_types);
    if (claim->gpu.n > sizeof("{}") - 1)
        rh_json_kv_raw(w, "gpu", claim->gpu);
    rh_json_kv_int(w, "max_items", claim->max_items);
    rh_json_kv_int(w, "wait_s", claim->wait_s);
    if (claim->poll > 0)
        rh_json_kv_int(w, "poll", claim->poll);
    if (claim->has_held)
        rh_json_kv_str_list(w, "held", &claim->held);
    rh_json_end_object(w);
}

/* A refusal with Retry-After cannot go through reply(), which sets no header. */
static void pass_refusal(struct plugin *p, rh_req req, const struct rh_reply *reply)
{
    char code[GAME_WORD_SIZE];
    char message[GAME_ERROR_SIZE];
    const struct rh_error error = {.size = (uint32_t)sizeof(error),
                                   .rc = RH_EAGAIN,
                                   .status = reply->status,
                                   .retry_after_s = reply->retry_after_s,
                                   .code = code,
                                   .message = message};

    game_text_cut(code, sizeof(code), reply->error_code);
    game_text_cut(message, sizeof(message), reply->message);
    (void)p->rh.http->reply_error(p->rh.ctx, req, &error); /* the caller may be gone */
}

/* The queue's answer is ours, as it is. */
static void on_claimed(void *self, void *user, const struct rh_reply *reply)
{
    struct plugin *p = self;
    const rh_req req = (rh_req)(uintptr_t)user;

    if (reply->rc == RH_ECANCELLED)
        return; /* the caller is gone, or the host has answered */
    if (reply->rc != RH_OK)
        (void)rh_reply_errorf(&p->rh, req, reply->rc, NULL, "%.*s", RH_STR_ARG(reply->message));
    else if (reply->retry_after_s)
        pass_refusal(p, req, reply);
    else
        (void)p->rh.http->reply(p->rh.ctx, req, reply->status, reply->body);
}

/* Nobody waits any more: what would be claimed would only wait for its lease to run out. */
static void on_claimant_gone(void *self, rh_req req, void *user)
{
    struct plugin *p = self;

    (void)req;
    (void)p->rh.http->cancel(p->rh.ctx, (rh_handle)(uintptr_t)user); /* it may have ended already */
}

int32_t gauntlet_claim(struct plugin *p, rh_req req, const struct claim_req *claim)
{
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = "self",
                           .method = "POST",
                           .path = "/work/claim",
                           .timeout_ms = CLAIM_CALL_MS};
    struct rh_json_writer w;
    struct rh_buf body;
    rh_handle id = 0;
    bool is_asked = claim->work_types.count == 0;
    int32_t rc;

    for (uint32_t i = 0; i < claim->work_types.count; i++)
        is_asked = is_asked || rh_str_eq_c(claim->work_types.items[i], GAUNTLET_WORK_TYPE);
    if (!is_asked)
        return rh_failf(&p->rh, RH_EINVAL,
                        "\"work_types\" must name \"" GAUNTLET_WORK_TYPE "\" or be left out");
    rh_buf_init(&body, RH_BATCH_BYTES_MAX);
    rh_json_init(&w, &body);
    write_claim(&w, claim);
    rc = rh_json_finish(&w);
    call.body = rh_buf_str(&body);
    if (rc == RH_OK)
        rc = p->rh.http->call(p->rh.ctx, &call, on_claimed, (void *)(uintptr_t)req, &id);
    rh_buf_release(&body);
    if (rc == RH_OK)
        (void)p->rh.http->watch(
            p->rh.ctx, req, on_claimant_gone,
            (void *)(uintptr_t)id); /* without it the claim only waits in vain */
    return rc;
}
