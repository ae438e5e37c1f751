/* Nodes that share a log; see agree_net.h. */
#include "tests/host/core/agree_net.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>

#include "host/core/core_internal.h"
#include "host/core/state_impl.h"
#include "host/sim/sim.h"

const struct rh_plugin *rh_plugin_entry_v1_admin(void);

static const char *const names[] = {"n1", "n2", "n3", "n4", "n5"};

void agree_net_init(struct agree_net *n, uint32_t count)
{
    memset(n, 0, sizeof *n);
    n->count = count;
    n->all = agree_new();
    n->net = rh_testnet_new(7, LIFE_WALL_MS);
    assert_non_null(n->net);
}

static void node_add(struct agree_net *n, uint32_t i)
{
    struct rh_testhost_plugin plugins[3];
    const struct rh_testhost_setup setup = {
        .node_id = names[i],
        .plugins = plugins,
        .plugin_count = 3,
        .voter_count = n->count,
        .voters = names,
    };
    char why[RH_TESTHOST_WHY_MAX];

    n->scripts[i].trace = &n->traces[i];
    n->scripts[i].done_ms = -1;
    agree_describe(&n->plugins[i], n->all, i, names[i]);
    life_describe(&n->lives[i], "life", NULL, LIFE_REPLICATED | LIFE_ROUTES | LIFE_EVENTS,
                  &n->scripts[i]);
    plugins[0] = (struct rh_testhost_plugin){rh_plugin_entry_v1_admin(), NULL};
    plugins[1] = agree_entry_of(&n->plugins[i]);
    plugins[2] = life_entry(&n->lives[i]);
    if (rh_testhost_new(n->net, &setup, &n->hosts[i], why) != RH_OK)
        fail_msg("%s", why);
}

void agree_net_start(struct agree_net *n)
{
    for (uint32_t i = 0; i < n->count; i++)
        node_add(n, i);
    rh_testnet_run(n->net, 500);
    agree_net_lead(n, 0);
}

void agree_net_end(struct agree_net *n)
{
    rh_testnet_free(n->net);
    agree_free(n->all);
}

void agree_net_run(struct agree_net *n, int64_t ms)
{
    rh_testnet_run(n->net, ms);
}

void agree_net_lead(struct agree_net *n, uint32_t at)
{
    struct rh_testhost_plugin_view view = {0};

    agree_lead(n->all, at);
    for (int64_t ms = 0; ms < 5000; ms += 50) {
        rh_testnet_run(n->net, 50);
        if (rh_testhost_plugin_view(n->hosts[at], "life", &view) && view.is_active)
            return;
    }
    fail_msg("%s does not lead with an active plugin", names[at]);
}

struct core *agree_net_core(struct agree_net *n, uint32_t at)
{
    return n->hosts[at]->core;
}

uint32_t agree_net_put(struct agree_net *n, uint32_t at, const char *key, const char *value)
{
    char body[256];

    (void)snprintf(body, sizeof body, "{\"key\":\"%s\",\"value\":\"%s\"}", key, value); /* short */
    return rh_testhost_request(n->hosts[at], "POST", "/life/put", body, &n->reply);
}

uint32_t agree_net_get(struct agree_net *n, uint32_t at, const char *key)
{
    char target[128];

    (void)snprintf(target, sizeof target, "/life/get?key=%s", key); /* short */
    return rh_testhost_request(n->hosts[at], "GET", target, NULL, &n->reply);
}

void agree_net_says(const struct agree_net *n, const char *text)
{
    if (!n->reply.body || !strstr(n->reply.body, text))
        fail_msg("no '%s' in %u %s", text, n->reply.status, n->reply.body ? n->reply.body : "");
}

uint64_t agree_net_index(struct agree_net *n, uint32_t at)
{
    uint64_t index = 0;
    uint64_t term = 0;

    state_applied(agree_net_core(n, at)->state, &index, &term);
    return index;
}

/* All that is to be equal, in one number. */
static uint64_t digest_of(struct agree_net *n, uint32_t at)
{
    static const char *const queries[] = {
        "SELECT id, name, owner, schema, revision, keys, bytes, run_refused FROM namespace"
        " ORDER BY id",
        "SELECT ns, key, rev, value FROM kv ORDER BY ns, key",
        "SELECT cursor, name, revision, n, type, source, payload, node, at_ms FROM event"
        " ORDER BY cursor",
        "SELECT idx, term, home FROM applied",
    };
    uint64_t digest = RH_HASH_FNV1A_INIT;
    /* The connection that readers use, in their snapshot. */
    sqlite3 *db = agree_net_core(n, at)->state->stores[STATE_REPLICA].reader.db;

    for (size_t q = 0; q < sizeof queries / sizeof queries[0]; q++) {
        sqlite3_stmt *stmt = NULL;

        assert_int_equal(sqlite3_prepare_v2(db, queries[q], -1, &stmt, NULL), SQLITE_OK);
        while (sqlite3_step(stmt) == SQLITE_ROW)
            for (int c = 0; c < sqlite3_column_count(stmt); c++)
                digest = rh_hash_fnv1a(digest, sqlite3_column_text(stmt, c),
                                       (size_t)sqlite3_column_bytes(stmt, c));
        assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    }
    return digest;
}

void agree_net_is_equal(struct agree_net *n)
{
    uint64_t first = 0;
    bool is_first = true;

    for (uint32_t i = 0; i < n->count; i++) {
        if (!rh_testhost_is_up(n->hosts[i]))
            continue;
        if (is_first)
            first = digest_of(n, i);
        else
            assert_int_equal(digest_of(n, i), first);
        is_first = false;
    }
}
