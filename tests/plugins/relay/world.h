/* Nodes with gossip, swim, election, the queue, a worker and the relay in one net; those behind NAT
 * can call and cannot be called. */
#ifndef RH_TESTS_PLUGINS_RELAY_WORLD_H
#define RH_TESTS_PLUGINS_RELAY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/testhost.h>
#include <stdio.h>
#include <string.h>

#include "caller.h"

const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_gossip(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);
const struct rh_plugin *rh_plugin_entry_v1_relay(void);
const struct rh_plugin *rh_plugin_entry_v1_swim(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

#define WALL_MS       INT64_C(1800000000000)
#define BEAT_MS       1500
#define NODES_MAX     60u
#define POLL_MS       2000
#define RELAY_CONFIG  "\"poll\":\"2s\",\"ttl\":\"6s\""

#define WORKER_CONFIG "{\"slots\":2,\"commands\":{\"echo\":{\"argv\":[\"echo\",\"{work_id}\"]}}}"

struct world {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    char names[NODES_MAX][8];
    uint32_t count, voters;
    int64_t beat_ms; /* 0 = BEAT_MS */
    const char *relay_config;
    const char *token_text;
    struct rh_testhost_reply reply;
};

/* One more node. */
static inline void add(struct world *w, bool is_behind_nat)
{
    static const char *const voters[] = {"n1", "n2", "n3"};
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_admin(), NULL},
        {rh_plugin_entry_v1_gossip(), NULL},
        {rh_plugin_entry_v1_swim(), NULL},
        {rh_plugin_entry_v1_election(), NULL},
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_relay(), w->relay_config},
        {&caller_plugin, NULL},
        {rh_plugin_entry_v1_worker(), WORKER_CONFIG},
    };
    const bool is_voter = w->count < w->voters;
    char why[RH_TESTHOST_WHY_MAX] = "";
    struct rh_testhost_setup setup = {
        .role = is_voter ? "coordinator" : "worker",
        .plugins = plugins,
        .plugin_count = is_voter ? 7 : 8,
        .voters = voters,
        .voter_count = w->voters,
        .beat_ms = w->beat_ms ? w->beat_ms : BEAT_MS,
        .token_text = w->token_text,
    };

    (void)snprintf(w->names[w->count], sizeof(w->names[0]), "n%u", (unsigned)w->count + 1);
    setup.node_id = w->names[w->count];
    if (rh_testhost_new(w->net, &setup, &w->hosts[w->count], why) != RH_OK)
        fail_msg("%s", why);
    rh_testhost_nat(w->hosts[w->count], is_behind_nat);
    w->count++;
}

static inline const char *get(struct world *w, uint32_t node, const char *target)
{
    if (rh_testhost_request(w->hosts[node], "GET", target, NULL, &w->reply) != 200)
        fail_msg("%s of n%u: %u %s", target, node + 1, w->reply.status, w->reply.body);
    return w->reply.body;
}

/* Whether `node` lists `about` in /peers with this text in its row. */
static inline bool lists(struct world *w, uint32_t node, uint32_t about, const char *text)
{
    const char *body = get(w, node, "/peers");
    char name[32];
    const char *row;
    const char *end;
    const char *found;

    (void)snprintf(name, sizeof(name), "{\"node_id\":\"%s\"", w->names[about]);
    row = strstr(body, name);
    if (!row)
        return false;
    end = strstr(row + 1, "{\"node_id\":");
    found = strstr(row, text);
    return found && (!end || found < end);
}

static inline bool all_list(struct world *w, uint32_t about, const char *text)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (rh_testhost_is_up(w->hosts[i]) && !lists(w, i, about, text))
            return false;
    return true;
}

/* How long it took until all list it so; fails after max_ms. */
static inline int64_t await(struct world *w, uint32_t about, const char *text, int64_t max_ms)
{
    const int64_t start_ms = rh_testnet_now_ms(w->net);

    while (!all_list(w, about, text)) {
        if (rh_testnet_now_ms(w->net) - start_ms > max_ms)
            fail_msg("n%u is not \"%s\" everywhere: %s", about + 1, text, w->reply.body);
        rh_testnet_run(w->net, 50);
    }
    return rh_testnet_now_ms(w->net) - start_ms;
}

/* Plugin `caller` of one node calls the other; its answer is in w->reply. */
static inline const char *call(struct world *w, uint32_t from, uint32_t to, const char *more)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"target\":\"%s\"%s}", w->names[to], more);
    if (rh_testhost_request(w->hosts[from], "POST", "/caller/call", body, &w->reply) != 200)
        fail_msg("n%u calls n%u: %u %s", from + 1, to + 1, w->reply.status, w->reply.body);
    return w->reply.body;
}

#define assert_says(text, part)                              \
    do {                                                     \
        if (!strstr((text), (part)))                         \
            fail_msg("\"%s\" is not in %s", (part), (text)); \
    } while (0)

/* Fill in beat, tokens and section of the relay first, where they differ. */
static inline void begin_with(struct world *w, uint32_t voters, uint32_t behind)
{
    w->voters = voters;
    if (!w->relay_config)
        w->relay_config = "{" RELAY_CONFIG "}";
    w->net = rh_testnet_new(7, WALL_MS);
    assert_non_null(w->net);
    for (uint32_t i = 0; i < voters + behind; i++)
        add(w, i >= voters);
    rh_testnet_run(w->net, 5000);
}

static inline void begin(struct world *w, uint32_t voters, uint32_t behind, const char *tokens)
{
    memset(w, 0, sizeof(*w));
    w->token_text = tokens;
    begin_with(w, voters, behind);
}

#endif
