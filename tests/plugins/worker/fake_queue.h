/* A stand-in for the work queue in tests of the worker: hands out what the test puts in, remembers
 * what it is told, answers as scripted. */
#ifndef RH_TESTS_PLUGINS_WORKER_FAKE_QUEUE_H
#define RH_TESTS_PLUGINS_WORKER_FAKE_QUEUE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/plugin.h>

#define FAKE_BODY_SIZE 8192

/* What it was told, by route, and what it answers. Of one test. */
struct fake_queue {
    struct rh_services rh;
    char items[4096]; /* JSON of items for the next claim; emptied when given */
    rh_req parked;    /* the claim that waits; 0 = none */
    uint32_t claims;
    uint32_t most_parked;
    uint32_t starts;
    uint32_t beats;
    uint32_t completes;
    uint32_t fails;
    uint32_t releases;
    uint32_t status;      /* of complete and fail; 0 = 200 */
    uint32_t beat_status; /* of start and heartbeat; 0 = 200 */
    uint32_t claim_status;
    uint32_t is_cancelling; /* 1: heartbeats answer cancel */
    char code[32];
    char last_claim[FAKE_BODY_SIZE];
    char last_complete[FAKE_BODY_SIZE];
    char last_fail[FAKE_BODY_SIZE];
};

static struct fake_queue *the_queue; /* the instance of the test under way */
static struct fake_queue told;       /* survives the instance's restart */

static int32_t fake_error(rh_req req, uint32_t status, const char *code)
{
    const struct rh_error error = {.size = (uint32_t)sizeof(error),
                                   .rc = RH_ECONFLICT,
                                   .status = status,
                                   .code = code,
                                   .message = "as scripted"};

    return the_queue->rh.http->reply_error(the_queue->rh.ctx, req, &error);
}

static int32_t fake_answer(rh_req req, uint32_t status, const char *body)
{
    if (status != 0 && status != 200)
        return fake_error(req, status, told.code);
    return the_queue->rh.http->reply(the_queue->rh.ctx, req, 200,
                                     (struct rh_str){body, strlen(body)});
}

static void fake_keep(char *dst, rh_req req)
{
    struct rh_request facts = {.size = (uint32_t)sizeof(facts)};

    if (the_queue->rh.http->request(the_queue->rh.ctx, req, &facts) == RH_OK)
        (void)snprintf(dst, FAKE_BODY_SIZE, "%.*s", (int)facts.body.n, facts.body.p);
}

static int32_t fake_give(rh_req req)
{
    char body[sizeof(told.items) + 64];

    (void)snprintf(body, sizeof(body), "{\"items\":[%s],\"refused\":{\"no_work\":1}}", told.items);
    told.items[0] = '\0';
    return fake_answer(req, told.claim_status, body);
}

static void fake_gone(void *self, rh_req req, void *user)
{
    (void)self;
    (void)user;
    if (told.parked == req)
        told.parked = 0;
}

static int32_t fake_claim(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)fields;
    told.claims++;
    fake_keep(told.last_claim, req);
    if (told.claim_status || told.items[0])
        return fake_give(req);
    if (told.parked)
        told.most_parked++; /* a second poll at once */
    told.parked = req;
    return the_queue->rh.http->watch(the_queue->rh.ctx, req, fake_gone, NULL);
}

static int32_t fake_start(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)fields;
    told.starts++;
    return fake_answer(req, told.beat_status, "{}");
}

static int32_t fake_beat(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)fields;
    told.beats++;
    return fake_answer(req, told.beat_status, told.is_cancelling ? "{\"cancel\":true}" : "{}");
}

static int32_t fake_complete(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)fields;
    told.completes++;
    fake_keep(told.last_complete, req);
    return fake_answer(req, told.status, "{}");
}

static int32_t fake_fail(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)fields;
    told.fails++;
    fake_keep(told.last_fail, req);
    return fake_answer(req, told.status, "{}");
}

static int32_t fake_release(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)fields;
    told.releases++;
    return fake_answer(req, 0, "{}");
}

struct fake_any {
    struct rh_str work_id;
    struct rh_str node_id;
    struct rh_str claim_token;
    struct rh_str result;
    struct rh_str error;
    int32_t retryable;
    struct rh_str_list work_types;
    struct rh_str_list capabilities;
    struct rh_str_list board_types;
    struct rh_str_list held;
    int64_t poll;
    int64_t max_items;
    int64_t wait_s;
};
static const struct rh_field fake_rows[] = {
    RH_STR(struct fake_any, work_id, 0, "item"),
    RH_STR(struct fake_any, node_id, RH_REQUIRED, "who"),
    RH_STR(struct fake_any, claim_token, 0, "token"),
    RH_RAW_OBJECT(struct fake_any, result, 0, "result"),
    RH_TEXT(struct fake_any, error, 0, 4096, "error"),
    RH_BOOL(struct fake_any, retryable, true, "retry"),
    RH_STR_LIST(struct fake_any, work_types, 0, "types"),
    RH_STR_LIST(struct fake_any, capabilities, 0, "capabilities"),
    RH_STR_LIST(struct fake_any, board_types, 0, "boards"),
    RH_STR_LIST(struct fake_any, held, 0, "what is there"),
    RH_INT(struct fake_any, poll, 0, 0, RH_JSON_INT_MAX, "number"),
    RH_INT(struct fake_any, max_items, 1, 1, 64, "items"),
    RH_INT(struct fake_any, wait_s, 0, 0, 30, "wait"),
};
#define FAKE_ROUTE(path, fn)                                                             \
    RH_ROUTE_WITH("POST", path, RH_WORKER, 0, RH_FIELDS(struct fake_any, fake_rows), fn, \
                  "A fake.", .timeout_ms = 40000)
static const struct rh_route fake_routes[] = {
    FAKE_ROUTE("/work/claim", fake_claim),    FAKE_ROUTE("/work/start", fake_start),
    FAKE_ROUTE("/work/heartbeat", fake_beat), FAKE_ROUTE("/work/complete", fake_complete),
    FAKE_ROUTE("/work/fail", fake_fail),      FAKE_ROUTE("/work/release", fake_release),
};

static int32_t fake_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                           const void *config)
{
    (void)config;
    the_queue = self;
    rh_services_init(&the_queue->rh, ctx, host);
    return RH_OK;
}

static const char *const fake_services[] = {RH_CORE_ID, RH_HTTP_ID};
static const struct rh_plugin fake_queue_entry = {
    .size = (uint32_t)sizeof(struct rh_plugin),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct fake_queue),
    .id = "work_queue",
    .version = "0.0.0",
    .summary = "A stand-in.",
    .license = "Apache-2.0",
    .services = fake_services,
    .service_count = 2,
    .routes = fake_routes,
    .route_count = 6,
    .route_stride = (uint32_t)sizeof(struct rh_route),
    .create = fake_create,
};

#endif
