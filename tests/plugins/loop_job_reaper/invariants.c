/* What must hold of the reaper: nobody who works and is in time loses an attempt; who holds an item
 * and does not begin, or does not end, does. Clients of three kinds claim from any node. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define HELD_MAX   6u
#define TIMEOUT_MS 4000
#define TICK_MS    200
/* The scenario's limits are 15 s for who has begun, and leases of 20 s; clocks are off by a tenth
 * at most. Within these, true time, an attempt may not be ended by others. */
#define IN_TIME_US  INT64_C(10000000)
#define RENEWED_US  INT64_C(12000000)
#define RENEW_US    INT64_C(1000000)
#define WORK_MIN_US INT64_C(2000000)

enum kind { KIND_GOOD, KIND_SLEEPY, KIND_STUCK };

/* A claim that a client holds. */
struct held {
    char id[32];
    char token[80];
    enum kind kind;
    int64_t claimed_us;
    int64_t renewed_us; /* when the last request was sent that was answered well */
    int64_t sent_us;    /* when the request under way was sent */
    int64_t done_us;    /* a good one completes then */
    bool is_started;    /* acknowledged */
    bool is_waiting;
    bool is_used;
};

struct reaping {
    struct held held[HELD_MAX];
    bool is_claiming;
};

struct claimed {
    struct rh_str work_id, claim_token;
};
static const struct rh_field claimed_fields[] = {
    RH_STR(struct claimed, work_id, 0, "the item"),
    RH_STR(struct claimed, claim_token, 0, "its token"),
};
static const struct rh_fields claimed_table = RH_FIELDS(struct claimed, claimed_fields);

static void send(struct rh_sim *sim, const char *target, const char *body,
                 void (*done)(void *self, struct rh_sim *sim, void *user,
                              const struct rh_sim_answer *answer),
                 void *user)
{
    const struct rh_sim_request request = {.size = (uint32_t)sizeof(request),
                                           .timeout_ms = TIMEOUT_MS,
                                           .method = "POST",
                                           .target = target,
                                           .body = body,
                                           .done = done,
                                           .user = user};

    if (rh_sim_request(sim, (uint32_t)(rh_sim_random(sim) % rh_sim_node_count(sim)), &request) !=
        RH_OK)
        abort();
}

static void on_claimed(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    struct reaping *r = self;
    struct held *held = user;
    struct claimed claimed;
    void *memory = NULL;
    const uint64_t dice = rh_sim_random(sim) % 10;

    r->is_claiming = false;
    if (answer->status != 200 ||
        rh_sim_decode(sim, &claimed_table, answer->body, &claimed, &memory) != RH_OK)
        return;
    if (claimed.work_id.n > 0) {
        *held = (struct held){.kind = dice < 6   ? KIND_GOOD
                                      : dice < 8 ? KIND_SLEEPY
                                                 : KIND_STUCK,
                              .claimed_us = rh_sim_now_us(sim),
                              .renewed_us = rh_sim_now_us(sim),
                              .is_used = true};
        held->done_us = held->claimed_us + WORK_MIN_US + (int64_t)(rh_sim_random(sim) % 6000000);
        (void)rh_str_copy(held->id, sizeof(held->id), claimed.work_id); /* both are short */
        (void)rh_str_copy(held->token, sizeof(held->token), claimed.claim_token);
    }
    rh_sim_release(sim, memory);
}

static void claim(struct reaping *r, struct rh_sim *sim)
{
    for (uint32_t i = 0; i < HELD_MAX && !r->is_claiming; i++) {
        if (r->held[i].is_used)
            continue;
        r->is_claiming = true;
        send(sim, "/work/claim",
             "{\"node_id\":\"client\",\"work_types\":[\"selfplay\",\"training\"],\"steal\":false}",
             on_claimed, &r->held[i]);
    }
}

/* Someone else has ended the attempt. */
static void on_lost(struct rh_sim *sim, struct held *held, uint32_t node)
{
    const int64_t now_us = rh_sim_now_us(sim);

    if (held->kind == KIND_GOOD && held->is_started && now_us - held->claimed_us < IN_TIME_US &&
        now_us - held->renewed_us < RENEWED_US)
        rh_sim_fail(
            sim, "in_time_is_not_reaped", node,
            "%s was begun, held for %" PRId64 " ms, renewed %" PRId64 " ms ago, and is lost",
            held->id, (now_us - held->claimed_us) / 1000, (now_us - held->renewed_us) / 1000);
    held->is_used = false;
}

static void on_reported(void *self, struct rh_sim *sim, void *user,
                        const struct rh_sim_answer *answer)
{
    struct held *held = user;

    (void)self;
    held->is_waiting = false;
    if (answer->status == 409)
        on_lost(sim, held, answer->node);
    else if (answer->status == 200)
        held->renewed_us = held->sent_us;
}

static void on_started(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    struct held *held = user;

    if (answer->status == 200)
        held->is_started = true;
    on_reported(self, sim, user, answer);
}

static void on_completed(void *self, struct rh_sim *sim, void *user,
                         const struct rh_sim_answer *answer)
{
    struct held *held = user;

    on_reported(self, sim, user, answer);
    if (answer->status == 200)
        held->is_used = false;
}

/* One request of a holder: it begins, renews, or completes. A training leaves one of two models. */
static void report(struct rh_sim *sim, struct held *held)
{
    const int64_t now_us = rh_sim_now_us(sim);
    const char *target = "/work/heartbeat";
    void (*done)(void *, struct rh_sim *, void *, const struct rh_sim_answer *) = on_reported;
    char result[64] = "";
    char body[256];

    if (held->kind != KIND_SLEEPY && !held->is_started) {
        target = "/work/start";
        done = on_started;
    } else if (held->kind == KIND_GOOD && now_us >= held->done_us) {
        target = "/work/complete";
        done = on_completed;
        (void)snprintf(result, sizeof(result), ",\"result\":{\"model\":\"m%d\"}",
                       held->id[strlen(held->id) - 1] % 2); /* fits */
    } else if (now_us - held->sent_us < RENEW_US) {
        return;
    }
    (void)snprintf(body, sizeof(body),
                   "{\"work_id\":\"%s\",\"node_id\":\"client\",\"claim_token\":\"%s\"%s}", held->id,
                   held->token, result); /* fits */
    held->sent_us = now_us;
    held->is_waiting = true;
    send(sim, target, body, done, held);
}

static void on_tick(void *self, struct rh_sim *sim)
{
    struct reaping *r = self;

    for (uint32_t i = 0; i < HELD_MAX; i++)
        if (r->held[i].is_used && !r->held[i].is_waiting)
            report(sim, &r->held[i]);
    if (!rh_sim_is_healed(sim))
        claim(r, sim);
}

/* Nobody holds anything: also those who never begin, or never end, have lost it. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct reaping *r = self;

    (void)sim;
    for (uint32_t i = 0; i < HELD_MAX; i++)
        if (r->held[i].is_used)
            return 0;
    return !r->is_claiming;
}

static void *create(struct rh_sim *sim)
{
    (void)sim;
    return calloc(1, sizeof(struct reaping));
}

static const char *const plugins[] = {"work_queue", "loop_job_reaper"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "loop_job_reaper",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = free,
    .tick = on_tick,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
