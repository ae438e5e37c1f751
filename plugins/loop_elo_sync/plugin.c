/* The loop_elo_sync plugin: every few minutes the node's games are compared with those of all other
 * nodes. The comparing is elo_sync's own; this is its clock. */
#include <ringhost/sdk/plugin.h>

#include "verdict.h"

/* A comparison with many nodes may take a while. */
#define REPAIR_TIMEOUT_MS 600000

#define INTERVAL_MS       300000

struct loop_config {
    int64_t loop_elo_sync;
};

struct plugin {
    struct rh_services rh;
};

struct repair_reply {
    int64_t peers;
    int64_t failed;
    struct rh_str problem;
};
static const struct rh_field reply_fields[] = {
    RH_INT(struct repair_reply, peers, 0, 0, 1000000, "nodes that were asked"),
    RH_INT(struct repair_reply, failed, 0, 0, 1000000, "of them, those that could not be"),
    RH_TEXT(struct repair_reply, problem, 0, 512, "of the last one"),
};
static const struct rh_fields reply_table = RH_FIELDS(struct repair_reply, reply_fields);

static int32_t judge(struct plugin *p, const struct rh_reply *answer)
{
    struct repair_reply reply;
    void *memory = NULL;
    int32_t rc = RH_OK;

    if (answer->rc != RH_OK)
        return answer->rc;
    if (answer->status != 200)
        return rh_failf(&p->rh, RH_EUNREACHABLE, "/elo/repair answered %u: %.*s",
                        (unsigned)answer->status, (int)answer->message.n, answer->message.p);
    rc = p->rh.fields->decode(p->rh.ctx, &reply_table, answer->body, &reply, &memory, NULL, 0);
    if (rc == RH_OK && !verdict_is_good(reply.peers, reply.failed))
        rc = rh_failf(&p->rh, RH_EUNREACHABLE, "no node could be asked; the last one: %.*s",
                      (int)reply.problem.n, reply.problem.p);
    p->rh.fields->release(p->rh.ctx, memory);
    return rc;
}

static void on_reply(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;

    (void)user;
    if (answer->rc != RH_ECANCELLED)
        p->rh.core->done(p->rh.ctx, judge(p, answer));
}

static int32_t run_elo_sync(void *self)
{
    struct plugin *p = self;
    const struct rh_call call = {.size = (uint32_t)sizeof(call),
                                 .target = "self",
                                 .method = "POST",
                                 .path = "/elo/repair",
                                 .timeout_ms = REPAIR_TIMEOUT_MS};
    const int32_t rc = p->rh.http->call(p->rh.ctx, &call, on_reply, NULL, NULL);

    return rc == RH_OK ? RH_PENDING : rc;
}

static const struct rh_loop loops[] = {
    {.size = (uint32_t)sizeof(struct rh_loop),
     .name = "elo_sync",
     .doc = "Compares this node's games with those of each peer, so that all rate the same games.",
     .interval_ms = INTERVAL_MS,
     .jitter_ms = INTERVAL_MS / 10,
     .run = run_elo_sync},
};

static const struct rh_field config_fields[] = {
    RH_DURATION(struct loop_config, loop_elo_sync, "300s", 0, 86400000,
                "from the end of one run to the next; 0s = the loop does not run"),
};

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    (void)config; /* the host reads it */
    rh_services_init(&p->rh, ctx, host);
    return RH_OK;
}

static const char *const services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID};
static const char *const after[] = {"elo_sync"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "loop_elo_sync", "0.1.0"),
    .summary = "Compares the games of all nodes every few minutes.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct loop_config, config_fields),
    RH_TABLE(loops, loop),
    .create = create,
};

RH_PLUGIN_ENTRY("loop_elo_sync", "0.1.0", descriptor)
