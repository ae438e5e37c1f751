/* Clients of a simulated work queue: they add, claim and report, to any node, now and then twice or
 * under a claim that has run out. What they were told is noted in struct work. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define WORKERS    5
#define TIMEOUT_MS 4000
#define BODY_MAX   WORK_BODY_MAX

static uint32_t below(struct rh_sim *sim, uint32_t n)
{
    return (uint32_t)(rh_sim_random(sim) % n);
}

static void send(struct rh_sim *sim, const char *target, const char *body,
                 void (*done)(void *self, struct rh_sim *sim, void *user,
                              const struct rh_sim_answer *answer),
                 void *user)
{
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = TIMEOUT_MS,
        .method = "POST",
        .target = target,
        .body = body,
        .done = done,
        .user = user,
    };
    int32_t rc = rh_sim_request(sim, below(sim, rh_sim_node_count(sim)), &request);

    assert(rc == RH_OK);
    (void)rc;
}

/* --- adds --- */

static bool says_conflict(struct rh_str body)
{
    static const char word[] = "idempotency_conflict";
    const size_t n = sizeof(word) - 1;

    for (size_t i = 0; i + n <= body.n; i++) {
        if (memcmp(body.p + i, word, n) == 0)
            return true;
    }
    return false;
}

static void on_added(void *self, struct rh_sim *sim, void *user, const struct rh_sim_answer *answer)
{
    struct work *w = self;
    char key[16];
    struct work_rows rows;
    struct work_item *item;
    struct work_item *before;
    void *memory = NULL;

    if (answer->status == 409 && says_conflict(answer->body))
        rh_sim_fail(sim, "adds_idempotent", answer->node, "key k%u refused its own request: %.*s",
                    (unsigned)(uintptr_t)user, RH_STR_ARG(answer->body));
    if (answer->status / 100 != 2 ||
        rh_sim_decode(sim, &work_rows_table, answer->body, &rows, &memory) != RH_OK)
        return;
    item = work_item(w, rows.work_id);
    if (!item->is_added)
        w->recent[w->recent_count++ % WORK_RECENT] = (uint32_t)(uintptr_t)user;
    item->is_added = true;
    rh_sim_release(sim, memory);
    (void)snprintf(key, sizeof(key), "k%u", (unsigned)(uintptr_t)user); /* fits */
    before = rh_map_get(&w->keys, rh_str_from(key));
    if (before && before != item)
        rh_sim_fail(sim, "adds_idempotent", answer->node, "key %s gave %s, and now gives %s", key,
                    before->id, item->id);
    if (rh_map_put(&w->keys, rh_str_from(key), item, NULL) != RH_OK)
        abort();
}

/* Another request under a key that is taken is refused by name. */
static void on_other(void *self, struct rh_sim *sim, void *user, const struct rh_sim_answer *answer)
{
    (void)self;
    if (answer->status / 100 == 2)
        rh_sim_fail(sim, "adds_idempotent", answer->node,
                    "key k%u was taken by another request: %.*s", (unsigned)(uintptr_t)user,
                    RH_STR_ARG(answer->body));
}

/* Now and then it waits for a time, or for one or two that were added just before. */
static void write_item(struct work *w, struct rh_sim *sim, uint32_t key, char body[BODY_MAX])
{
    static const char *const types[] = {"selfplay", "selfplay", "selfplay", "training"};
    uint32_t delay_s = below(sim, 5) == 0 ? 1 + below(sim, 3) : 0;
    uint32_t depend_count = below(sim, 4) == 0 ? 1 + below(sim, 2) : 0;
    char depends[64] = "";
    char other[16];

    for (uint32_t i = 0, n = 0; i < depend_count; i++) {
        uint32_t before = w->recent[below(sim, WORK_RECENT)];
        (void)snprintf(other, sizeof(other), "k%u", before); /* fits */
        if (before != key && rh_map_get(&w->keys, rh_str_from(other)))
            n += (uint32_t)snprintf(depends + n, sizeof(depends) - n, "%s\"key:%s\"",
                                    n > 0 ? "," : "", other); /* fits */
    }
    (void)snprintf(body, BODY_MAX,
                   "{\"work_type\":\"%s\",\"timeout_s\":%u,\"max_attempts\":%u,"
                   "\"priority\":%u,\"delay_s\":%u,\"depends_on\":[%s],"
                   "\"idempotency_key\":\"k%u\"}",
                   types[below(sim, 4)], 1 + below(sim, 5), 1 + below(sim, 4), below(sim, 100),
                   delay_s, depends, key); /* fits */
}

/* The same under each key, but for a few that are to be refused: once it is known that the key is
 * taken, they ask for a priority that nothing else has. */
static void add(struct work *w, struct rh_sim *sim)
{
    uint32_t key = below(sim, WORK_KEYS);
    char name[16];
    char other[BODY_MAX];

    if (!w->bodies[key][0])
        write_item(w, sim, key, w->bodies[key]);
    (void)snprintf(name, sizeof(name), "k%u", key); /* fits */
    if (below(sim, 8) == 0 && rh_map_get(&w->keys, rh_str_from(name))) {
        (void)snprintf(other, sizeof(other),
                       "{\"work_type\":\"selfplay\",\"priority\":100,\"idempotency_key\":\"%s\"}",
                       name); /* fits */
        send(sim, "/work/add", other, on_other, (void *)(uintptr_t)key);
        return;
    }
    send(sim, "/work/add", w->bodies[key], on_added, (void *)(uintptr_t)key);
}

/* --- claims --- */

static void hold(struct work *w, const struct work_row *row, uint32_t worker)
{
    struct work_held *held = &w->held[w->held_next++ % WORK_HELD_MAX];

    if (rh_str_copy(held->id, sizeof(held->id), row->work_id) != RH_OK ||
        rh_str_copy(held->token, sizeof(held->token), row->claim_token) != RH_OK)
        abort(); /* ids and tokens are short */
    (void)snprintf(held->worker, sizeof(held->worker), "w%u", worker); /* fits */
    if (w->held_count < WORK_HELD_MAX)
        w->held_count++;
}

static void complete(struct rh_sim *sim, const struct work_row *row, uint32_t worker)
{
    char body[BODY_MAX];

    (void)snprintf(body, sizeof(body),
                   "{\"work_id\":\"%.*s\",\"node_id\":\"w%u\",\"claim_token\":\"%.*s\"}",
                   RH_STR_ARG(row->work_id), worker, RH_STR_ARG(row->claim_token)); /* fits */
    send(sim, "/work/complete", body, NULL, NULL);
}

static void on_claimed(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    const uint32_t worker = (uint32_t)(uintptr_t)user;
    struct work_rows rows;
    void *memory = NULL;

    if (answer->status != 200 ||
        rh_sim_decode(sim, &work_rows_table, answer->body, &rows, &memory) != RH_OK)
        return;
    for (uint32_t i = 0; i < rows.items.count; i++) {
        const struct work_row *row = (const struct work_row *)rows.items.items + i;

        if (rh_sim_is_healed(sim))
            complete(sim, row, worker);
        else
            hold(self, row, worker);
    }
    rh_sim_release(sim, memory);
}

static void claim(struct rh_sim *sim)
{
    uint32_t worker = below(sim, WORKERS);
    char body[BODY_MAX];

    (void)snprintf(
        body, sizeof(body), "{\"node_id\":\"w%u\",\"max_items\":%u,\"wait_s\":%u,\"steal\":%s}",
        worker, 1 + below(sim, 3), below(sim, 3), below(sim, 4) == 0 ? "false" : "true"); /* fits */
    send(sim, "/work/claim", body, on_claimed, (void *)(uintptr_t)worker);
}

/* --- reports --- */

static const struct {
    const char *target;
    const char *more; /* fields beside item, worker and token */
    uint32_t weight;
} reports[] = {
    {"/work/complete", ",\"result\":{\"games\":1}", 50},
    {"/work/heartbeat", ",\"progress\":1", 20},
    {"/work/start", "", 10},
    {"/work/fail", ",\"error\":\"it broke\"", 10},
    {"/work/release", "", 7},
};
#define CANCEL_WEIGHT 3u

static void report(struct work *w, struct rh_sim *sim)
{
    const struct work_held *held = &w->held[below(sim, w->held_count)];
    uint32_t draw = below(sim, 100);
    char body[BODY_MAX];

    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        if (draw >= reports[i].weight) {
            draw -= reports[i].weight;
            continue;
        }
        (void)snprintf(body, sizeof(body),
                       "{\"work_id\":\"%s\",\"node_id\":\"%s\",\"claim_token\":\"%s\"%s}", held->id,
                       held->worker, held->token, reports[i].more); /* fits */
        send(sim, reports[i].target, body, NULL, NULL);
        return;
    }
    assert(draw < CANCEL_WEIGHT);
    (void)snprintf(body, sizeof(body), "{\"work_id\":\"%s\"}", held->id); /* fits */
    send(sim, "/work/cancel", body, NULL, NULL);
}

/* --- operators --- */

static void operate(struct rh_sim *sim)
{
    uint32_t draw = below(sim, 6);

    if (draw == 0)
        send(sim, "/work/pause", "{\"work_type\":\"training\"}", NULL, NULL);
    else if (draw < 4)
        send(sim, "/work/resume", "{\"work_type\":\"training\"}", NULL, NULL);
    else
        send(sim, "/work/retry", "{\"all\":true,\"limit\":2}", NULL, NULL);
}

void load_tick(struct work *w, struct rh_sim *sim)
{
    uint32_t draw = below(sim, 20);

    if (rh_sim_is_healed(sim) && draw == 0)
        send(sim, "/work/resume", "{\"work_type\":\"training\"}", NULL, NULL);
    else if (rh_sim_is_healed(sim))
        claim(sim);
    else if (draw < 6)
        add(w, sim);
    else if (draw == 6)
        operate(sim);
    else if (draw < 12 || w->held_count == 0)
        claim(sim);
    else
        report(w, sim);
}
