/* Delivery goes on within two polls after a hub has died or come back: every call to a node behind
 * NAT that begins after that, between nodes that live, has an answer. For scenarios without other
 * faults. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define NODES_MAX 64u
#define SETTLE_US INT64_C(4000000)  /* two polls */
#define JOIN_US   INT64_C(10000000) /* after the start: to know each other */
#define CLIENT_MS 9000

struct relay_hub {
    uint32_t count;
    uint32_t ticks;
    uint32_t lives[NODES_MAX];
    int64_t changed_us; /* a node died or started */
    uint64_t answered, judged;
};
struct errand {
    uint32_t pair; /* from * count + to */
    int64_t began_us;
};
struct told {
    int64_t rc, status;
    struct rh_str message;
};
static const struct rh_field told_fields[] = {
    RH_INT(struct told, rc, 0, -100, 100, "how it ended"),
    RH_INT(struct told, status, 0, 0, 999, "of the answer"),
    RH_STR(struct told, message, 0, "why"),
};
static const struct rh_fields told_table = RH_FIELDS(struct told, told_fields);

static void *create(struct rh_sim *sim)
{
    struct relay_hub *h = calloc(1, sizeof(*h));

    if (h)
        h->count = rh_sim_node_count(sim);
    return h;
}

static void on_answer(void *self, struct rh_sim *sim, void *user,
                      const struct rh_sim_answer *answer)
{
    struct relay_hub *h = self;
    const struct errand errand = *(const struct errand *)user;
    struct told told = {.rc = RH_ETIMEOUT};
    void *memory = NULL;

    free(user);
    if (h->changed_us + SETTLE_US > errand.began_us)
        return; /* too early, or something changed while it was under way */
    if (answer->status == 200 &&
        rh_sim_decode(sim, &told_table, answer->body, &told, &memory) == RH_OK)
        h->judged++;
    if (told.rc == RH_OK && told.status == 200)
        h->answered++;
    else
        rh_sim_fail(sim, "delivery_resumes", errand.pair / h->count,
                    "a call to n%u ended with %" PRId64 ", status %" PRId64 ": %.*s",
                    errand.pair % h->count + 1, told.rc, told.status, RH_STR_ARG(told.message));
    rh_sim_release(sim, memory); /* NULL where nothing was decoded */
}

/* From a node that is up to one behind NAT; also at once after a change, to load the hubs. */
static void tick(void *self, struct rh_sim *sim)
{
    struct relay_hub *h = self;
    const uint32_t from = (uint32_t)(rh_sim_random(sim) % h->count);
    const uint32_t to = (uint32_t)(rh_sim_random(sim) % h->count);
    struct rh_sim_node caller;
    struct rh_sim_node target;
    char body[96];
    struct rh_sim_request request = {.size = (uint32_t)sizeof(request),
                                     .timeout_ms = CLIENT_MS,
                                     .method = "POST",
                                     .target = "/errand/call",
                                     .body = body,
                                     .done = on_answer};
    struct errand *errand;

    for (uint32_t i = 0; i < h->count; i++) {
        struct rh_sim_node node;

        rh_sim_node(sim, i, &node);
        if (h->lives[i] != node.life * 2 + node.is_ready)
            h->changed_us = rh_sim_now_us(sim) + (h->ticks < 20 ? JOIN_US : 0);
        h->lives[i] = node.life * 2 + node.is_ready;
    }
    h->ticks++;
    rh_sim_node(sim, from, &caller);
    rh_sim_node(sim, to, &target);
    if (from == to || !caller.is_ready || !target.is_unreachable || !target.is_ready)
        return;
    (void)snprintf(body, sizeof(body), "{\"target\":\"%s\"}", target.node_id);
    errand = malloc(sizeof(*errand));
    if (!errand)
        return;
    *errand = (struct errand){from * h->count + to, rh_sim_now_us(sim)};
    request.user = errand;
    if (rh_sim_request(sim, from, &request) != RH_OK)
        free(errand);
}

static void end(void *self, struct rh_sim *sim)
{
    struct relay_hub *h = self;

    if (h->answered == 0)
        rh_sim_fail(sim, "calls_were_made", RH_SIM_OUTSIDE, "no call was judged");
}

static const char *const plugins[] = {"relay", "errand"};
static const struct rh_sim_invariants table = {
    .size = sizeof(table),
    .name = "relay_hub",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = 100,
    .create = create,
    .destroy = free,
    .tick = tick,
    .end = end,
};

RH_SIM_INVARIANTS(table)
