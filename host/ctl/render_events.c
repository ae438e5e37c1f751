/* Sinks of the bridge for events, and their dead letters, as tables. */
#include "host/ctl/render.h"

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

static const char *const sink_titles[] = {"SINK",  ">POSITION", ">BEHIND", ">DELIVERED",
                                          ">DEAD", ">ATTEMPTS", "*STATE",  "LAST ERROR"};
static const char *const dead_titles[] = {"EVENT", "TYPE", "AT", ">ATTEMPTS", "REASON"};

#define COLUMNS(titles) (uint32_t)(sizeof(titles) / sizeof((titles)[0]))

int32_t render_event_sinks(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    struct table table;
    int32_t rc;

    table_init(&table, sink_titles, COLUMNS(sink_titles), env->has_colour);
    for (const cJSON *sink = json_get_items(reply, "sinks"); sink; sink = sink->next) {
        table_text(&table, json_get_text(sink, "sink"));
        table_int(&table, json_get_int(sink, "position", 0));
        table_int(&table, json_get_int(sink, "behind", 0));
        table_int(&table, json_get_int(sink, "delivered", 0));
        table_int(&table, json_get_int(sink, "dead_letters", 0));
        table_int(&table, json_get_int(sink, "attempts", 0));
        table_text(&table, json_get_text(sink, "state"));
        table_text(&table, json_get_text(sink, "last_error"));
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no sinks\n");
    table_release(&table);
    return rc;
}

int32_t render_event_dead(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    struct table table;
    int32_t rc;

    table_init(&table, dead_titles, COLUMNS(dead_titles), env->has_colour);
    for (const cJSON *dead = json_get_items(reply, "dead"); dead; dead = dead->next) {
        table_text(&table, json_get_text(dead, "event_id"));
        table_text(&table, json_get_text(dead, "event_type"));
        words_instant(table_cell(&table), json_get_int(dead, "at", 0));
        table_end(&table);
        table_int(&table, json_get_int(dead, "attempts", 0));
        table_text(&table, json_get_text(dead, "error"));
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no dead letters\n");
    table_release(&table);
    if (rc == RH_OK && json_get_text(reply, "next")[0]) {
        (void)rh_buf_append_c(out, "more: --after "); /* sticky */
        words_put_c(out, json_get_text(reply, "next"));
        rc = rh_buf_append_byte(out, '\n');
    }
    return rc;
}
