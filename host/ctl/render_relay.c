/* The relay as people see it: nodes behind NAT, hubs, refusals. */
#include "host/ctl/render.h"

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

#define COLUMNS(titles) (titles), (uint32_t)(sizeof(titles) / sizeof((titles)[0]))

static void put_span(struct table *table, const cJSON *row, const char *key)
{
    const int64_t span_ms = json_get_int(row, key, -1);

    if (span_ms >= 0)
        words_span(table_cell(table), span_ms);
    else
        (void)table_cell(table); /* "-" */
    table_end(table);
}

/* Appends the table after a blank line, if it has rows. */
static int32_t finish(struct table *table, struct rh_buf *out)
{
    int32_t rc = RH_OK;

    if (table->cell_count > 0) {
        (void)rh_buf_append_byte(out, '\n'); /* sticky in out */
        rc = table_write(table, out);
    }
    table_release(table);
    return rc;
}

static int32_t put_hubs(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"HUB", "*STATE", ">HEARD", ">FAILURES", ">REPLIES"};
    struct table table;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *hub = json_get_items(reply, "hubs"); hub; hub = hub->next) {
        table_text(&table, json_get_text(hub, "hub"));
        table_text(&table, json_get_text(hub, "state"));
        put_span(&table, hub, "heard_ago_ms");
        table_int(&table, json_get_int(hub, "failures", 0));
        table_int(&table, json_get_int(hub, "replies", 0));
    }
    return finish(&table, out);
}

static int32_t put_nodes(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"NODE",         "WAITING", ">REQUESTS",
                                         ">NOT FETCHED", ">POLLED", ">EXPIRES IN"};
    struct table table;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *node = json_get_items(reply, "nodes"); node; node = node->next) {
        table_text(&table, json_get_text(node, "node_id"));
        table_text(&table, json_get_bool(node, "is_waiting") ? "yes" : "no");
        table_int(&table, json_get_int(node, "requests", 0));
        table_int(&table, json_get_int(node, "not_fetched", 0));
        put_span(&table, node, "polled_ago_ms");
        put_span(&table, node, "expires_in_ms");
    }
    return finish(&table, out);
}

static int32_t put_refused(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"REFUSED", ">COUNT"};
    const cJSON *refused = json_get(reply, "refused");
    struct table table;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *row = refused ? refused->child : NULL; row; row = row->next) {
        table_text(&table, row->string);
        table_int(&table, json_get_int(refused, row->string, 0));
    }
    return finish(&table, out);
}

int32_t render_relay(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const cJSON *counters = json_get(reply, "counters");
    int32_t rc;

    (void)rh_buf_append_c(out, "mode     "); /* all sticky in out */
    words_put_c(out, json_get_text(reply, "mode"));
    (void)rh_buf_append_c(out, "\nreach    ");
    words_put_c(out, json_get_text(reply, "reach"));
    (void)rh_buf_printf(out, "\nas hub   %lld taken, %lld replied\n",
                        (long long)json_get_int(counters, "taken", 0),
                        (long long)json_get_int(counters, "replied", 0));
    (void)rh_buf_printf(out, "as node  %lld carried, %lld run\n",
                        (long long)json_get_int(counters, "carried", 0),
                        (long long)json_get_int(counters, "run", 0));
    rc = put_hubs(reply, env, out);
    if (rc == RH_OK)
        rc = put_nodes(reply, env, out);
    return rc == RH_OK ? put_refused(reply, env, out) : rc;
}
