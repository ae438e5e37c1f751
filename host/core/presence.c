/* What this node says about itself: its row in the peer table and the facts that plugins advertise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/json_scan.h"

#define FACT_KEYS_MAX 64u
#define SEEDS_MAX     256u

struct fact {
    char *key;
    char *value;
};

/* Rebuild the presence object from the facts. RH_OK, RH_ETOOLARGE, RH_ENOMEM. */
static int32_t presence_rebuild(struct core *core, const struct fact *facts, uint32_t count)
{
    struct peer *self = peers_get(&core->peers, rh_str_from(core->setup->node_id), false);
    struct rh_json_writer w;
    struct rh_buf buf;
    int32_t rc;

    rh_buf_init(&buf, PEER_PRESENCE_MAX);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    for (uint32_t i = 0; i < count; i++)
        rh_json_kv_raw(&w, facts[i].key, rh_str_from(facts[i].value));
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    if (rc == RH_OK && self)
        rc = peer_set(&core->peers, self, &self->presence, rh_buf_str(&buf));
    rh_buf_release(&buf);
    return rc;
}

void presence_changed(struct core *core)
{
    struct peer *self = peers_get(&core->peers, rh_str_from(core->setup->node_id), false);

    if (!self)
        return;
    self->view.version++;
    core->peers.list_stale = true;
    cluster_changed(core, RH_CHANGE_PRESENCE);
}

static void fact_remove(struct core *core, uint32_t at)
{
    free(core->facts[at].key);
    free(core->facts[at].value);
    core->facts[at] = core->facts[--core->fact_count];
}

/* A row for a key that is not there yet, its value NULL. */
static int32_t fact_add(struct core *core, const char *key)
{
    struct fact *facts;

    if (core->fact_count == FACT_KEYS_MAX)
        return RH_ETOOLARGE;
    facts = realloc(core->facts, (core->fact_count + 1) * sizeof *facts);
    if (!facts)
        return RH_ENOMEM;
    core->facts = facts;
    facts[core->fact_count].value = NULL;
    facts[core->fact_count].key = strdup(key);
    if (!facts[core->fact_count].key)
        return RH_ENOMEM;
    core->fact_count++;
    return RH_OK;
}

/* Give row `at` a value; on failure all is as it was. */
static int32_t fact_put(struct core *core, uint32_t at, struct rh_str value)
{
    char *old = core->facts[at].value;
    char *text = strndup(value.p, value.n);
    int32_t rc = text ? RH_OK : RH_ENOMEM;

    if (rc == RH_OK) {
        core->facts[at].value = text;
        rc = presence_rebuild(core, core->facts, core->fact_count);
    }
    if (rc == RH_OK) {
        free(old);
        return RH_OK;
    }
    free(text);
    core->facts[at].value = old;
    return rc;
}

int32_t presence_set(struct core *core, const char *key, struct rh_str value)
{
    uint32_t at = 0;
    bool is_new;
    int32_t rc = RH_OK;

    if (!key || key[0] == '\0' || (value.n > 0 && json_check(value, NULL, 0) != RH_OK))
        return RH_EINVAL;
    while (at < core->fact_count && strcmp(core->facts[at].key, key) != 0)
        at++;
    is_new = at == core->fact_count;
    if (value.n == 0 && is_new)
        return RH_OK;
    if (!is_new && rh_str_eq_c(value, core->facts[at].value))
        return RH_OK;
    if (value.n == 0) {
        fact_remove(core, at);
        rc = presence_rebuild(core, core->facts,
                              core->fact_count); /* smaller: only memory can lack */
    } else {
        if (is_new)
            rc = fact_add(core, key);
        if (rc == RH_OK) {
            rc = fact_put(core, at, value);
            if (rc != RH_OK && is_new)
                fact_remove(core, at);
        }
    }
    if (rc == RH_OK)
        presence_changed(core);
    return rc;
}

void presence_self_state(struct core *core, struct rh_node_state *out)
{
    const struct peer *self = peers_get(&core->peers, rh_str_from(core->setup->node_id), false);

    *out = (struct rh_node_state){
        .size = (uint32_t)sizeof *out,
        .node_id = rh_str_from(core->setup->node_id),
        .instance_id = rh_str_from(core->instance_id),
        .role = rh_str_from(core->setup->role),
        .address = rh_str_from(core->setup->address),
        .presence = self ? self->view.presence : RH_STR_LIT("{}"),
        .cluster_id = rh_str_from(core->cluster_id),
        .generation = core->start_count,
        .version = self ? self->view.version : 0,
        .incarnation = self ? self->view.incarnation : 0,
        .maintenance = core->maintenance,
    };
}

/* Configured seeds and those added by hand, as one list. */
static int32_t seeds_init(struct core *core)
{
    const struct rh_str_list *seeds = &core->setup->seeds;

    core->seeds = calloc(SEEDS_MAX, sizeof *core->seeds);
    if (!core->seeds)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < seeds->count && core->seed_count < SEEDS_MAX; i++) {
        char *text = strndup(seeds->items[i].p, seeds->items[i].n);

        if (!text)
            return RH_ENOMEM;
        core->seeds[core->seed_count++] = rh_str_from(text);
    }
    return RH_OK;
}

/* What the configuration says that this node can do. */
static int32_t advertise_capabilities(struct core *core)
{
    const struct rh_str_list *list = &core->setup->capabilities;
    struct rh_json_writer w;
    struct rh_buf buf;
    int32_t rc;

    if (list->count == 0)
        return RH_OK;
    rh_buf_init(&buf, PEER_PRESENCE_MAX);
    rh_json_init(&w, &buf);
    rh_json_str_list(&w, list);
    rc = rh_json_finish(&w);
    if (rc == RH_OK)
        rc = presence_set(core, "capabilities", rh_buf_str(&buf));
    rh_buf_release(&buf);
    return rc;
}

int32_t presence_init(struct core *core)
{
    const struct core_setup *setup = core->setup;

    if (seeds_init(core) != RH_OK)
        return RH_ENOMEM;
    for (uint32_t i = 0; i <= setup->node_count; i++) {
        bool is_self = i == setup->node_count;
        const char *id = is_self ? setup->node_id : setup->nodes[i].node_id;
        struct peer *peer = peers_get(&core->peers, rh_str_from(id), true);
        int32_t rc;

        if (!peer)
            return RH_ENOMEM;
        rc = peer_set(&core->peers, peer, &peer->address,
                      rh_str_from(is_self ? setup->address : setup->nodes[i].address));
        if (rc == RH_OK)
            rc = peer_set(&core->peers, peer, &peer->role,
                          rh_str_from(is_self ? setup->role : setup->nodes[i].role));
        if (rc == RH_OK && is_self)
            rc = peer_set(&core->peers, peer, &peer->instance_id, rh_str_from(core->instance_id));
        if (rc != RH_OK)
            return rc;
        if (is_self) {
            peer->view.is_self = 1;
            peer->view.state = RH_PEER_ALIVE;
            peer->view.generation = core->start_count;
            peer->view.version = 1;
            peer->view.maintenance = core->maintenance;
            peer->view.rtt_ms = 0;
        }
        peer->view.since_at_ms = core->wall_ms;
        for (uint32_t v = 0; v < setup->voters.count; v++)
            if (rh_str_eq_c(setup->voters.items[v], id))
                peer->view.is_voter = 1;
    }
    return advertise_capabilities(core);
}

int32_t seeds_add(struct core *core, const char *address)
{
    char *text;

    for (uint32_t i = 0; i < core->seed_count; i++)
        if (rh_str_eq_c(core->seeds[i], address))
            return RH_OK;
    if (core->seed_count == SEEDS_MAX)
        return RH_EFULL;
    text = strdup(address);
    if (!text)
        return RH_ENOMEM;
    core->seeds[core->seed_count++] = rh_str_from(text);
    cluster_changed(core, RH_CHANGE_PEERS);
    return RH_OK;
}

void presence_release(struct core *core)
{
    for (uint32_t i = 0; i < core->seed_count; i++)
        free((void *)(uintptr_t)core->seeds[i].p);
    free(core->seeds);
    for (uint32_t i = 0; i < core->fact_count; i++) {
        free(core->facts[i].key);
        free(core->facts[i].value);
    }
    free(core->facts);
    core->facts = NULL;
    core->fact_count = 0;
}

int32_t presence_maintenance(struct rh_ctx *plugin, bool on)
{
    struct core *core = plugin->core;
    struct peer *self = peers_get(&core->peers, rh_str_from(core->setup->node_id), false);

    if (core->maintenance == on)
        return RH_OK;
    core->maintenance = on;
    if (self)
        self->view.maintenance = on;
    presence_changed(core);
    core_log(core, RH_LOG_INFO, NULL, "maintenance", "on=%d", on ? 1 : 0);
    return commits_host_put(plugin, "maintenance", on ? RH_STR_LIT("1") : RH_STR_LIT("0"));
}
