/* Nodes for the core's tests; see life_net.h. */
#include "tests/host/core/life_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AWAIT_MS 120000

const struct rh_plugin *rh_plugin_entry_v1_admin(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);
const struct rh_plugin *rh_plugin_entry_v1_gossip(void);

static const char *const names[] = {"n1", "n2", "n3", "n4", "n5"};

void life_node_init(struct life_node *n)
{
    memset(n, 0, sizeof *n);
    n->script.trace = &n->trace;
    n->script.done_ms = -1;
    n->net = rh_testnet_new(1, LIFE_WALL_MS);
    assert_non_null(n->net);
}

int32_t life_node_begin(struct life_node *n, uint32_t flags)
{
    struct rh_testhost_plugin plugins[2];
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 2};

    life_describe(&n->plugin, "life", NULL, flags, &n->script);
    plugins[0] = life_entry(&n->plugin);
    plugins[1] = (struct rh_testhost_plugin){rh_plugin_entry_v1_admin(), NULL};
    return rh_testhost_new(n->net, &setup, &n->host, n->why);
}

void life_node_start(struct life_node *n, uint32_t flags)
{
    life_node_init(n);
    if (life_node_begin(n, flags) != RH_OK)
        fail_msg("%s", n->why);
    rh_testnet_run(n->net, 2000);
}

void life_node_end(struct life_node *n)
{
    rh_testnet_free(n->net);
}

uint32_t life_node_get(struct life_node *n, const char *target)
{
    return rh_testhost_request(n->host, "GET", target, NULL, &n->reply);
}

uint32_t life_node_post(struct life_node *n, const char *target, const char *body)
{
    return rh_testhost_request(n->host, "POST", target, body, &n->reply);
}

void life_node_says(const struct life_node *n, const char *text)
{
    if (!n->reply.body || !strstr(n->reply.body, text))
        fail_msg("no '%s' in %u %s", text, n->reply.status, n->reply.body ? n->reply.body : "");
}

static void cluster_add(struct life_cluster *c, uint32_t i)
{
    struct rh_testhost_plugin plugins[4];
    const struct rh_testhost_setup setup = {
        .node_id = names[i],
        .plugins = plugins,
        .plugin_count = 4,
        .voter_count = c->count,
        .voters = names,
    };
    char why[RH_TESTHOST_WHY_MAX];

    c->scripts[i].trace = &c->traces[i];
    c->scripts[i].done_ms = -1;
    life_describe(&c->plugins[i], "life", NULL, LIFE_REPLICATED | LIFE_ROUTES | LIFE_EVENTS,
                  &c->scripts[i]);
    plugins[0] = (struct rh_testhost_plugin){rh_plugin_entry_v1_admin(), NULL};
    plugins[1] = (struct rh_testhost_plugin){rh_plugin_entry_v1_election(), NULL};
    plugins[2] = (struct rh_testhost_plugin){rh_plugin_entry_v1_gossip(), NULL};
    plugins[3] = life_entry(&c->plugins[i]);
    if (rh_testhost_new(c->net, &setup, &c->hosts[i], why) != RH_OK)
        fail_msg("%s", why);
}

void life_cluster_start(struct life_cluster *c, uint32_t count, uint64_t seed)
{
    assert_true(count <= LIFE_NODES_MAX);
    memset(c, 0, sizeof *c);
    c->count = count;
    c->net = rh_testnet_new(seed, LIFE_WALL_MS);
    assert_non_null(c->net);
    for (uint32_t i = 0; i < count; i++)
        cluster_add(c, i);
}

void life_cluster_end(struct life_cluster *c)
{
    rh_testnet_free(c->net);
}

/* Whom node i calls its leader: an index, or count. */
static uint32_t leader_seen_by(struct life_cluster *c, uint32_t i)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof leader};
    const struct rh_services *rh = c->scripts[i].rh;

    if (!rh)
        return c->count;
    rh->cluster->leader(rh->ctx, &leader);
    for (uint32_t n = 0; n < c->count; n++)
        if (rh_str_eq_c(leader.node_id, names[n]))
            return n;
    return c->count;
}

uint32_t life_cluster_leader(struct life_cluster *c)
{
    uint32_t found = c->count;

    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t seen;

        if (!rh_testhost_is_up(c->hosts[i]))
            continue;
        seen = leader_seen_by(c, i);
        if (seen == c->count || (found < c->count && seen != found))
            return c->count;
        found = seen;
    }
    return found < c->count && rh_testhost_is_up(c->hosts[found]) ? found : c->count;
}

uint32_t life_cluster_await(struct life_cluster *c, uint32_t not_this)
{
    for (int64_t ms = 0; ms < AWAIT_MS; ms += 100) {
        uint32_t leader = life_cluster_leader(c);

        if (leader < c->count && leader != not_this)
            return leader;
        rh_testnet_run(c->net, 100);
    }
    fail_msg("no leader after %d ms", AWAIT_MS);
    return c->count;
}

void life_cluster_isolate(struct life_cluster *c, uint32_t index, bool is_cut)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (i != index)
            rh_testnet_cut(c->net, names[index], names[i], is_cut);
}

uint32_t life_cluster_post(struct life_cluster *c, uint32_t at, const char *target,
                           const char *body)
{
    return rh_testhost_request(c->hosts[at], "POST", target, body, &c->reply);
}

uint32_t life_cluster_get(struct life_cluster *c, uint32_t at, const char *target)
{
    return rh_testhost_request(c->hosts[at], "GET", target, NULL, &c->reply);
}

void life_cluster_says(const struct life_cluster *c, const char *text)
{
    if (!c->reply.body || !strstr(c->reply.body, text))
        fail_msg("no '%s' in %u %s", text, c->reply.status, c->reply.body ? c->reply.body : "");
}
