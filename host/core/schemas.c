/* Schema numbers of namespaces: from descriptors, the state and the peer table to the rule, and
 * from its verdicts to activation; see schemas.h. */
#include "host/core/schemas.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/json_scan.h"
#include "host/core/schema_rule.h"

#define FACT         "schemas"
#define NUMBERS      3u /* of a namespace in the fact */
#define LOOK_DIVISOR 4  /* looked at again so often in a beat */

static struct schema_range range_of(const struct plugin_ns *ns)
{
    return (struct schema_range){ns->def.schema_read_min, ns->def.schema_write_min,
                                 ns->def.schema_write};
}

bool schemas_open(struct plugin_ns *ns, char *why)
{
    struct schema_range range;

    if (ns->def.schema_write_min == 0 || !(ns->def.flags & RH_NS_REPLICATED))
        ns->def.schema_write_min = ns->def.schema_write;
    range = range_of(ns);
    if (ns->def.flags & RH_NS_REPLICATED || ns->schema_stored == 0 ||
        schema_can_read(&range, ns->schema_stored))
        return true;
    text_set(why, CORE_WHY_MAX,
             "plugin %s %s: namespace \"%s\" holds schema %" PRIu32 ", this version reads %" PRIu32
             " to %" PRIu32,
             ns->plugin->id, ns->plugin->desc->version, ns->def.name, ns->schema_stored,
             range.read_min, range.write);
    return false;
}

/* --- what is said among nodes --- */

static void write_range(struct rh_json_writer *w, const struct plugin_ns *ns)
{
    rh_json_key(w, ns->def.name);
    rh_json_begin_array(w);
    rh_json_int(w, ns->def.schema_read_min);
    rh_json_int(w, ns->def.schema_write_min);
    rh_json_int(w, ns->def.schema_write);
    rh_json_end_array(w);
}

void schemas_tell(struct core *core)
{
    struct rh_json_writer w;
    struct rh_buf buf;
    uint32_t count = 0;
    int32_t rc;

    rh_buf_init(&buf, PEER_PRESENCE_MAX);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < core->plugins[p].desc->namespace_count; i++)
            if (core->plugins[p].namespaces[i].def.flags & RH_NS_REPLICATED) {
                write_range(&w, &core->plugins[p].namespaces[i]);
                count++;
            }
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    if (rc == RH_OK && count > 0)
        rc = presence_set(core, FACT, rh_buf_str(&buf));
    if (rc != RH_OK)
        core_log(core, RH_LOG_WARN, NULL, "schemas_not_told", "namespaces=%" PRIu32 " code=%s",
                 count, rh_error_token(rc));
    rh_buf_release(&buf);
}

/* The value of a key of an object. False: there is none, or the text is no object. */
static bool find_key(struct rh_str text, const char *name, struct rh_str *out)
{
    struct json_scan scan;
    struct json_nest nest;
    struct json_string key;
    struct rh_str value;
    bool is_found = false;

    json_scan_init(&scan, text);
    if (json_peek(&scan) == JSON_OBJECT && json_enter(&scan, &nest))
        while (json_next_key(&scan, &nest, &key) && json_skip(&scan, &value))
            if (!key.has_escape && rh_str_eq_c((struct rh_str){key.p, key.n}, name)) {
                *out = value;
                is_found = true;
            }
    json_scan_release(&scan);
    return is_found;
}

static bool read_numbers(struct rh_str text, uint32_t *out)
{
    struct json_scan scan;
    struct json_nest nest;
    struct json_number number;
    uint32_t count = 0;
    bool is_good = false;

    json_scan_init(&scan, text);
    if (json_peek(&scan) == JSON_ARRAY && json_enter(&scan, &nest)) {
        is_good = true;
        while (is_good && json_next_item(&scan, &nest)) {
            uint64_t value = 0;

            is_good = count < NUMBERS && json_peek(&scan) == JSON_NUMBER &&
                      json_number(&scan, &number) && rh_parse_u64(number.text, &value) == RH_OK &&
                      value >= 1 && value <= UINT32_MAX;
            if (is_good)
                out[count++] = (uint32_t)value;
        }
    }
    json_scan_release(&scan);
    return is_good && count == NUMBERS && out[0] <= out[1] && out[1] <= out[2];
}

/* What a node said of a namespace. SCHEMA_ABLE: *out is its range, or it has no such namespace and
 * *out is all zero. SCHEMA_UNKNOWN: it has said nothing. */
static uint32_t told_range(const struct peer *peer, const char *name, struct schema_range *out)
{
    uint32_t numbers[NUMBERS];
    struct rh_str fact;
    struct rh_str value;

    *out = (struct schema_range){0};
    if (!peer || !find_key(peer->view.presence, FACT, &fact) || fact.p[0] != '{')
        return SCHEMA_UNKNOWN;
    if (!find_key(fact, name, &value))
        return SCHEMA_ABLE;
    if (!read_numbers(value, numbers))
        return SCHEMA_UNKNOWN;
    *out = (struct schema_range){numbers[0], numbers[1], numbers[2]};
    return SCHEMA_ABLE;
}

/* --- voters --- */

/* The voter at place `at`: of the log's configuration where a log decides, else of ours. */
static bool voter_at(struct core *core, uint32_t at, struct rh_str *out)
{
    struct rh_ctx *provider = core->repl.provider;
    const struct rh_replication_role_v1 *role = core->repl.role;
    int32_t rc;

    if (!provider || !role || !role->voter) {
        if (at >= core->setup->voters.count)
            return false;
        *out = core->setup->voters.items[at];
        return true;
    }
    plugin_enter(provider, "voter");
    rc = role->voter(provider->self, at, out);
    plugin_leave(provider, "voter");
    return rc == RH_OK;
}

/* Another voter, NULL = it is unknown. False at the end. *at moves on. */
static bool next_other(struct core *core, uint32_t *at, struct rh_str *id, struct peer **out)
{
    while (voter_at(core, (*at)++, id))
        if (!rh_str_eq_c(*id, core->setup->node_id)) {
            *out = peers_get(&core->peers, *id, false);
            return true;
        }
    return false;
}

/* Whether all voters read what this code brings the namespace to, and who does not. A voter that
 * has the plugin not at all has nothing to read with, whatever the schema. */
static uint32_t voters_read(struct core *core, const struct plugin_ns *ns,
                            char who[NODE_ID_MAX + 1])
{
    uint32_t worst = SCHEMA_ABLE;
    uint32_t at = 0;
    struct peer *peer = NULL;
    struct rh_str id;

    who[0] = '\0';
    if (!core->repl.provider || !(ns->def.flags & RH_NS_REPLICATED))
        return SCHEMA_ABLE; /* nobody else has it */
    while (next_other(core, &at, &id, &peer)) {
        struct schema_range range;
        uint32_t voter = told_range(peer, ns->def.name, &range);

        if (voter == SCHEMA_ABLE && range.write != 0 &&
            !schema_can_read(&range, ns->def.schema_write))
            voter = SCHEMA_UNABLE;
        else if (voter == SCHEMA_ABLE && peer->view.state != RH_PEER_ALIVE)
            voter = SCHEMA_UNKNOWN; /* it may come back with other code */
        if (voter <= worst)
            continue;
        worst = voter;
        (void)rh_str_copy(who, NODE_ID_MAX + 1, id); /* ids of nodes fit */
    }
    return worst;
}

/* Whether a node could lead with everything that is stored here. */
static bool can_use_all(struct core *core, const struct peer *peer)
{
    for (uint32_t p = 0; p < core->plugin_count; p++)
        for (uint32_t i = 0; i < core->plugins[p].desc->namespace_count; i++) {
            const struct plugin_ns *ns = &core->plugins[p].namespaces[i];
            struct schema_range range;
            uint32_t stored = 0;

            if (!(ns->def.flags & RH_NS_REPLICATED))
                continue;
            if (state_schema(core->state, ns->ns, &stored) != RH_OK ||
                told_range(peer, ns->def.name, &range) != SCHEMA_ABLE)
                return false;
            if (stored != 0 && !schema_can_use(&range, stored))
                return false;
        }
    return true;
}

static bool another_can(struct core *core)
{
    struct peer *peer = NULL;
    struct rh_str id;
    uint32_t at = 0;

    while (next_other(core, &at, &id, &peer))
        if (peer && peer->view.state == RH_PEER_ALIVE && can_use_all(core, peer))
            return true;
    return false;
}

/* --- activation --- */

static void explain(struct plugin_ns *ns, uint32_t what, uint32_t voters, const char *who)
{
    struct rh_ctx *plugin = ns->plugin;
    const struct schema_range range = range_of(ns);

    if (what == SCHEMA_UNREADABLE)
        text_set(plugin->why, sizeof plugin->why,
                 "namespace \"%s\" holds schema %" PRIu32 ", this version reads %" PRIu32
                 " to %" PRIu32,
                 ns->def.name, ns->schema_stored, range.read_min, range.write);
    else
        text_set(plugin->why, sizeof plugin->why,
                 "namespace \"%s\" holds schema %" PRIu32 ", this version writes %" PRIu32
                 " to %" PRIu32 ", and voter %s %s %" PRIu32,
                 ns->def.name, ns->schema_stored, range.write_min, range.write, who,
                 voters == SCHEMA_UNABLE ? "does not read" : "has not said that it reads",
                 range.write);
}

/* What is to be done with a namespace now. */
static struct schema_verdict judge(struct plugin_ns *ns, uint32_t *voters, char *who)
{
    const struct schema_range range = range_of(ns);

    *voters = voters_read(ns->plugin->core, ns, who);
    return schema_decide(&range, ns->schema_stored, *voters);
}

static bool allow_one(struct plugin_ns *ns)
{
    struct rh_ctx *plugin = ns->plugin;
    char who[NODE_ID_MAX + 1];
    struct schema_verdict verdict;
    uint32_t voters;

    ns->migration = MIGRATION_NONE;
    ns->schema_due = 0;
    if (ns->def.flags & RH_NS_REPLICATED &&
        state_schema(plugin->core->state, ns->ns, &ns->schema_stored) != RH_OK) {
        text_set(plugin->why, sizeof plugin->why, "the schema of namespace \"%s\" cannot be read",
                 ns->def.name);
        return false;
    }
    verdict = judge(ns, &voters, who);
    ns->schema_now = verdict.schema;
    if (verdict.what == SCHEMA_USE || verdict.what == SCHEMA_RAISE)
        return true;
    explain(ns, verdict.what, voters, who);
    return false;
}

bool schemas_allow(struct rh_ctx *plugin)
{
    bool was_refused = plugin->is_schema_refused;

    plugin->is_schema_refused = false;
    for (uint32_t i = 0; i < plugin->desc->namespace_count; i++)
        if (!allow_one(&plugin->namespaces[i])) {
            plugin->is_schema_refused = true;
            break;
        }
    if (plugin->is_schema_refused && !was_refused)
        core_log(plugin->core, RH_LOG_WARN, plugin->id, "schema_refused", "reason=\"%s\"",
                 plugin->why);
    return !plugin->is_schema_refused;
}

static int32_t raise_one(struct plugin_ns *ns)
{
    struct rh_ctx *plugin = ns->plugin;
    int32_t rc = RH_OK;

    core_log(plugin->core, RH_LOG_INFO, plugin->id, "schema_raised",
             "namespace=%s from=%" PRIu32 " to=%" PRIu32, ns->def.name, ns->schema_stored,
             ns->schema_now);
    activation_announce(plugin, "migrating");
    if (plugin->desc->migrate) {
        ns->migration = MIGRATION_CALLED;
        plugin_enter(plugin, "migrate");
        rc = plugin->desc->migrate(plugin->self, ns->def.name, ns->schema_stored);
        plugin_leave(plugin, "migrate");
    }
    if (rc == RH_OK && ns->migration != MIGRATION_SENT)
        rc = commits_schema(ns);
    ns->migration = MIGRATION_NONE;
    return rc == RH_PENDING ? RH_EINVAL : rc;
}

int32_t schemas_migrate(struct rh_ctx *plugin)
{
    bool is_raising = false;

    for (uint32_t i = 0; i < plugin->desc->namespace_count; i++) {
        struct plugin_ns *ns = &plugin->namespaces[i];
        int32_t rc = RH_OK;

        if (ns->schema_stored == ns->schema_now)
            continue;
        ns->schema_due = ns->schema_now;
        if (ns->schema_stored != 0) {
            is_raising = true;
            rc = raise_one(ns);
        } else if (!(ns->def.flags & RH_NS_REPLICATED)) {
            rc = commits_schema(ns);
        } /* an empty replicated one gets its number with its first batch: it has no home yet */
        if (rc != RH_OK)
            return rc;
    }
    return is_raising && plugin->commit_count > 0 ? RH_PENDING : RH_OK;
}

bool schemas_are_raised(const struct rh_ctx *plugin)
{
    for (uint32_t i = 0; i < plugin->desc->namespace_count; i++)
        if (plugin->namespaces[i].schema_stored != 0 &&
            plugin->namespaces[i].schema_stored != plugin->namespaces[i].schema_now)
            return false;
    return true;
}

/* --- as time goes by --- */

/* Whether an active plugin would have to write another schema if it were activated now. */
static bool is_overtaken(struct rh_ctx *plugin)
{
    for (uint32_t i = 0; i < plugin->desc->namespace_count; i++) {
        struct plugin_ns *ns = &plugin->namespaces[i];
        char who[NODE_ID_MAX + 1];
        uint32_t voters;

        if (ns->schema_stored != ns->def.schema_write &&
            judge(ns, &voters, who).schema != ns->schema_now)
            return true;
    }
    return false;
}

void schemas_turn(struct core *core)
{
    const struct rh_ctx *refused = NULL;

    if (!core->lead.is_self || core->phase != CORE_RUNNING ||
        core->now_ms < core->repl.schemas_at_ms)
        return;
    core->repl.schemas_at_ms = core->now_ms + core->setup->beat_ms / LOOK_DIVISOR;
    for (uint32_t i = 0; i < core->plugin_count; i++) {
        struct rh_ctx *plugin = &core->plugins[i];

        if (plugin->state != PLUGIN_STARTED || !plugin->is_replicated)
            continue;
        if (plugin->is_schema_refused) {
            refused = plugin;
            activation_update(plugin);
        } else if (plugin->phase == ACT_ACTIVE && is_overtaken(plugin)) {
            activation_restart(plugin, "voters read other schemas than before");
        }
    }
    if (refused && core->repl.provider && another_can(core))
        replication_step_down(core, refused->why);
}
