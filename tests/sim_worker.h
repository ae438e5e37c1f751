/* Clients of a simulated cluster that do the work of others: they claim items from any node, and
 * report, now and then twice, late, or under a claim that has run out. For files of checks. */
#ifndef RH_TESTS_SIM_WORKER_H
#define RH_TESTS_SIM_WORKER_H

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define SIM_HELD_MAX    24u
#define SIM_PAYLOAD_MAX 1024u
#define SIM_WORKERS     4u
#define SIM_BODY_MAX    2048u
#define SIM_TIMEOUT_MS  4000

/* A claim that a client holds, or once held. */
struct sim_item {
    char id[32];
    char token[80];
    char worker[8];
    char payload[SIM_PAYLOAD_MAX];
};

struct sim_worker {
    struct sim_item held[SIM_HELD_MAX];
    uint32_t count;
    uint32_t next;
};

typedef void sim_done(void *self, struct rh_sim *sim, void *user,
                      const struct rh_sim_answer *answer);

static inline uint32_t sim_below(struct rh_sim *sim, uint32_t n)
{
    return (uint32_t)(rh_sim_random(sim) % n);
}

/* POST to any node. */
static inline void sim_post(struct rh_sim *sim, const char *target, const char *body,
                            sim_done *done, void *user)
{
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = SIM_TIMEOUT_MS,
        .method = "POST",
        .target = target,
        .body = body,
        .done = done,
        .user = user,
    };
    const int32_t rc = rh_sim_request(sim, sim_below(sim, rh_sim_node_count(sim)), &request);

    assert(rc == RH_OK);
    (void)rc;
}

/* The node that leads and has this plugin active, or RH_SIM_OUTSIDE. */
static inline uint32_t sim_leader(struct rh_sim *sim, const char *plugin)
{
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++) {
        struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

        if (rh_sim_leader(sim, i, &leader) == RH_OK && leader.is_self &&
            rh_sim_is_active(sim, i, plugin))
            return i;
    }
    return RH_SIM_OUTSIDE;
}

/* Asks for work, by a route that claims as /work/claim does; give the answer to sim_claimed, with
 * the same user. */
static inline void sim_claim_by(struct rh_sim *sim, const char *target, sim_done *done)
{
    const uint32_t worker = sim_below(sim, SIM_WORKERS);
    char body[SIM_BODY_MAX];

    (void)snprintf(body, sizeof(body), "{\"node_id\":\"w%" PRIu32 "\",\"max_items\":%" PRIu32 "}",
                   worker, 1 + sim_below(sim, 4)); /* fits */
    sim_post(sim, target, body, done, (void *)(uintptr_t)worker);
}

static inline void sim_claim(struct rh_sim *sim, sim_done *done)
{
    sim_claim_by(sim, "/work/claim", done);
}

struct sim_claim_row {
    struct rh_str work_id;
    struct rh_str claim_token;
    struct rh_str payload;
};
struct sim_claim_rows {
    struct rh_list items;
};

/* Keeps what a claim gave; the oldest are forgotten. Returns how many were kept, the newest last:
 * sim_newest(w, 0) is the last one. */
static inline uint32_t sim_claimed(struct sim_worker *w, struct rh_sim *sim, void *user,
                                   const struct rh_sim_answer *answer)
{
    static const struct rh_field row_fields[] = {
        RH_STR(struct sim_claim_row, work_id, RH_REQUIRED, "the item"),
        RH_STR(struct sim_claim_row, claim_token, RH_REQUIRED, "its token"),
        RH_RAW_OBJECT(struct sim_claim_row, payload, 0, "what to do"),
    };
    static const struct rh_field fields[] = {
        RH_OBJECT_LIST(struct sim_claim_rows, items, 0, 64, struct sim_claim_row, row_fields, "-"),
    };
    static const struct rh_fields table = RH_FIELDS(struct sim_claim_rows, fields);
    struct sim_claim_rows rows;
    void *memory = NULL;
    uint32_t kept = 0;

    if (answer->status != 200 || rh_sim_decode(sim, &table, answer->body, &rows, &memory) != RH_OK)
        return 0;
    for (uint32_t i = 0; i < rows.items.count; i++) {
        const struct sim_claim_row *row = (const struct sim_claim_row *)rows.items.items + i;
        struct sim_item *item = &w->held[w->next % SIM_HELD_MAX];

        if (rh_str_copy(item->id, sizeof(item->id), row->work_id) != RH_OK ||
            rh_str_copy(item->token, sizeof(item->token), row->claim_token) != RH_OK ||
            rh_str_copy(item->payload, sizeof(item->payload), row->payload) != RH_OK)
            continue; /* somebody else may do it */
        (void)snprintf(item->worker, sizeof(item->worker), "w%u",
                       (unsigned)(uintptr_t)user % SIM_WORKERS); /* fits */
        w->next++;
        w->count += w->count < SIM_HELD_MAX;
        kept++;
    }
    rh_sim_release(sim, memory);
    return kept;
}

static inline const struct sim_item *sim_newest(const struct sim_worker *w, uint32_t back)
{
    assert(back < w->count);
    return &w->held[(w->next - 1 - back) % SIM_HELD_MAX];
}

/* A report on an item; `more` is "" or further members with their comma. */
static inline void sim_report(struct rh_sim *sim, const struct sim_item *item, const char *target,
                              const char *more)
{
    char body[SIM_BODY_MAX];

    (void)snprintf(body, sizeof(body),
                   "{\"work_id\":\"%s\",\"node_id\":\"%s\",\"claim_token\":\"%s\"%s}", item->id,
                   item->worker, item->token, more); /* fits: callers write little */
    sim_post(sim, target, body, NULL, NULL);
}

/* One of the items that were held is worked on: `complete` reports its result, most of the time. */
static inline void sim_work(const struct sim_worker *worker, struct rh_sim *sim,
                            void (*complete)(struct rh_sim *sim, const struct sim_item *item))
{
    const struct sim_item *item = sim_newest(worker, sim_below(sim, worker->count));
    const uint32_t draw = sim_below(sim, 20);

    if (draw < 16)
        complete(sim, item);
    else if (draw < 17)
        sim_report(sim, item, "/work/release", "");
    else
        sim_report(sim, item, "/work/fail", ",\"error\":\"it broke\"");
}

struct sim_counts {
    int64_t pending, leased, delayed, blocked;
};
struct sim_group {
    struct sim_counts counts;
};

/* Whether a group has no item alive in the queue of this node; false when it does not answer. A
 * group that the queue does not know has none. */
static inline bool sim_group_is_over(struct rh_sim *sim, uint32_t node, const char *group)
{
    static const struct rh_field count_fields[] = {
        RH_INT(struct sim_counts, pending, 0, 0, INT64_C(9007199254740991), "-"),
        RH_INT(struct sim_counts, leased, 0, 0, INT64_C(9007199254740991), "-"),
        RH_INT(struct sim_counts, delayed, 0, 0, INT64_C(9007199254740991), "-"),
        RH_INT(struct sim_counts, blocked, 0, 0, INT64_C(9007199254740991), "-"),
    };
    static const struct rh_field fields[] = {
        RH_OBJECT(struct sim_group, counts, 0, struct sim_counts, count_fields, "-"),
    };
    static const struct rh_fields table = RH_FIELDS(struct sim_group, fields);
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    struct sim_group out;
    void *memory = NULL;
    char target[192];

    (void)snprintf(target, sizeof(target), "/work/group?limit=1&group=%s", group); /* fits */
    if (rh_sim_ask(sim, node, target, &answer) != RH_OK)
        return false;
    if (answer.status == 404)
        return true;
    if (answer.status != 200 || rh_sim_decode(sim, &table, answer.body, &out, &memory) != RH_OK)
        return false;
    rh_sim_release(sim, memory);
    return out.counts.pending + out.counts.leased + out.counts.delayed + out.counts.blocked == 0;
}

#endif
