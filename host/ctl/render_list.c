/* What a node lists as tables: peers, plugins, routes, loops, configuration. */
#include "host/ctl/render.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

#define COLUMNS(titles) (titles), (uint32_t)(sizeof(titles) / sizeof((titles)[0]))

/* The value of a member that may be text or a list of texts. */
static void put_texts(struct table *table, const cJSON *value)
{
    struct rh_buf *cell = table_cell(table);

    if (cJSON_IsString(value))
        words_put_c(cell, value->valuestring);
    for (const cJSON *item = cJSON_IsArray(value) ? value->child : NULL; item; item = item->next) {
        if (item != value->child)
            (void)rh_buf_append_byte(cell, ','); /* sticky in the table */
        words_put_c(cell, cJSON_IsString(item) ? item->valuestring : "?");
    }
    table_end(table);
}

static void put_span(struct table *table, double span_ms)
{
    struct rh_buf *cell = table_cell(table);

    if (span_ms >= 0 && span_ms < 1e15)
        words_span(cell, (int64_t)span_ms);
    table_end(table);
}

static void put_ago(struct table *table, const cJSON *object, const char *key, int64_t now_ms)
{
    words_ago(table_cell(table), json_get_int(object, key, 0), now_ms);
    table_end(table);
}

static void put_int(struct table *table, const cJSON *object, const char *key)
{
    if (json_get(object, key))
        table_int(table, json_get_int(object, key, 0));
    else
        table_text(table, NULL);
}

static void put_yes(struct table *table, const cJSON *object, const char *key)
{
    table_text(table, json_get_bool(object, key) ? "yes" : NULL);
}

static int32_t finish(struct table *table, const char *empty, struct rh_buf *out)
{
    int32_t rc = table->cell_count ? table_write(table, out) : rh_buf_append_c(out, empty);

    table_release(table);
    return rc;
}

int32_t render_peers(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"NODE",  "*STATE", "ROLE", "ADDRESS",
                                         "REACH", ">RTT",   "SEEN", "MODE"};
    struct table table;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *peer = json_get_items(reply, "peers"); peer; peer = peer->next) {
        const cJSON *addresses = json_get(peer, "addresses");
        const bool is_self = json_get_bool(peer, "is_self") || json_get_bool(peer, "self");

        table_text(&table, json_get_text(peer, "node_id"));
        table_text(&table, json_get_text(peer, "state"));
        table_text(&table, json_get_text(peer, "role"));
        put_texts(&table, addresses ? addresses : json_get(peer, "address"));
        put_texts(&table, json_get(peer, "reach"));
        put_span(&table, json_get_number(peer, "rtt_ms"));
        if (is_self)
            table_text(&table, "this node");
        else
            put_ago(&table, peer, "last_seen_at", env->now_ms);
        table_text(&table, json_get_bool(peer, "maintenance") ? "maintenance" : NULL);
    }
    return finish(&table, "no peers\n", out);
}

int32_t render_plugins(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"PLUGIN",    "VERSION", "*STATE", ">ROUTES",
                                         ">REQUESTS", ">SLOW",   ">LATE",  "WHY"};
    struct table table;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *plugin = json_get_items(reply, "plugins"); plugin; plugin = plugin->next) {
        table_text(&table, json_get_text(plugin, "id"));
        table_text(&table, json_get_text(plugin, "version"));
        table_text(&table, json_get_text(plugin, "state"));
        put_int(&table, plugin, "routes");
        put_int(&table, plugin, "requests");
        put_int(&table, plugin, "slow_callbacks");
        put_int(&table, plugin, "late_replies");
        table_text(&table, json_get_text(plugin, "reason"));
    }
    return finish(&table, "no plugins\n", out);
}

int32_t render_routes(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"METHOD", "PATH",  "PLUGIN", "SCOPE",
                                         "LEADER", ">HITS", "SUMMARY"};
    struct table table;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *route = json_get_items(reply, "routes"); route; route = route->next) {
        table_text(&table, json_get_text(route, "method"));
        table_text(&table, json_get_text(route, "path"));
        table_text(&table, json_get_text(route, "plugin"));
        table_text(&table, json_get_text(route, "scope"));
        put_yes(&table, route, "leader");
        put_int(&table, route, "hits");
        table_text(&table, json_get_text(route, "summary"));
    }
    return finish(&table, "no routes\n", out);
}

static void put_act(struct table *table, const cJSON *act)
{
    struct rh_buf *cell = table_cell(table);

    if (json_get_bool(act, "dry_run"))
        words_put_c(cell, "(dry) ");
    words_put_c(cell, json_get_text(act, "action"));
    table_end(table);
}

/* What the last runs did, a line for each act. */
static int32_t render_actions(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"LOOP", "ACT", "ON", "WHY"};
    struct table table;
    bool has_any = false;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *loop = json_get_items(reply, "loops"); loop; loop = loop->next)
        for (const cJSON *act = json_get_items(loop, "last_actions"); act; act = act->next) {
            has_any = true;
            table_text(&table, json_get_text(loop, "name"));
            put_act(&table, act);
            table_text(&table, json_get_text(act, "subject"));
            table_text(&table, json_get_text(act, "why"));
        }
    if (has_any)
        (void)rh_buf_append_c(out, "\n"); /* sticky in out */
    return finish(&table, "", out);
}

int32_t render_loops(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"LOOP",  "PLUGIN", ">EVERY",    "LEADER",
                                         ">RUNS", "LAST",   ">FAILURES", "LAST ERROR"};
    struct table table;

    if (cJSON_IsFalse(json_get(reply, "enabled")))
        (void)rh_buf_append_c(out, "loops are switched off on this node\n"); /* sticky in out */
    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *loop = json_get_items(reply, "loops"); loop; loop = loop->next) {
        table_text(&table, json_get_text(loop, "name"));
        table_text(&table, json_get_text(loop, "plugin"));
        put_span(&table, json_get_number(loop, "interval_ms"));
        put_yes(&table, loop, "leader_only");
        put_int(&table, loop, "runs");
        if (json_get_bool(loop, "running"))
            table_text(&table, "now");
        else
            put_ago(&table, loop, "last_at", env->now_ms);
        put_int(&table, loop, "failures");
        table_text(&table, json_get_text(loop, "last_error"));
    }
    const int32_t rc = finish(&table, "no loops\n", out);

    return rc == RH_OK ? render_actions(reply, env, out) : rc;
}

int32_t render_config(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"KEY", "FROM", "VALUE"}; /* values may be long */
    struct table table;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "values"); row; row = row->next) {
        char *value = cJSON_PrintUnformatted(json_get(row, "value"));

        table_text(&table, json_get_text(row, "key"));
        table_text(&table, json_get_text(row, "origin"));
        table_text(&table, value);
        cJSON_free(value);
    }
    return finish(&table, "no values\n", out);
}
