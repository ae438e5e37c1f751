/* Work items and counts of the queue as text. */
#include "host/ctl/render.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

/* Longest list of reasons in a table. Bytes. */
#define REASONS_MAX 1024u

int32_t render_work_added(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const cJSON *items = json_get(reply, "items");
    const cJSON *item = items ? items->child : reply;

    (void)env;
    for (; item; item = items ? item->next : NULL) {
        words_put_c(out, json_get_text(item, "work_id"));
        (void)rh_buf_append_byte(out, ' '); /* sticky, as below */
        words_put_c(out, json_get_text(item, "status"));
        if (json_get_bool(item, "duplicate"))
            (void)rh_buf_append_c(out, " (it was there already)");
        (void)rh_buf_append_byte(out, '\n');
    }
    return out->rc;
}

/* The first of the members that is there. */
static const char *either(const cJSON *object, const char *first, const char *second)
{
    const char *text = json_get_text(object, first);

    return text[0] ? text : json_get_text(object, second);
}

static void put_int(struct table *table, const cJSON *object, const char *key)
{
    if (json_get(object, key))
        table_int(table, json_get_int(object, key, 0));
    else
        table_text(table, NULL);
}

int32_t render_work_items(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"ITEM",      "TYPE",      "CONFIG", "*STATE",
                                         ">PRIORITY", ">ATTEMPTS", "NODE",   "GROUP"};
    const double total = json_get_number(reply, "total");
    int64_t count = 0;
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *item = json_get_items(reply, "items"); item; item = item->next) {
        table_text(&table, json_get_text(item, "work_id"));
        table_text(&table, json_get_text(item, "work_type"));
        table_text(&table, json_get_text(item, "config_key"));
        table_text(&table, either(item, "status", "state"));
        put_int(&table, item, "priority");
        put_int(&table, item, json_get(item, "attempts") ? "attempts" : "attempt");
        table_text(&table, json_get_text(item, "node_id"));
        table_text(&table, json_get_text(item, "group"));
        count++;
    }
    rc = count ? table_write(&table, out) : rh_buf_append_c(out, "no items\n");
    table_release(&table);
    const bool has_total = total > (double)count;
    if (rc != RH_OK || (!has_total && !json_get_text(reply, "next")[0]))
        return rc;
    if (has_total) {
        (void)rh_buf_append_c(out, "of ");
        words_number(out, total, 0);
    }
    if (json_get_text(reply, "next")[0]) {
        (void)rh_buf_append_c(out, has_total ? "; go on with --after " : "go on with --after ");
        words_put_c(out, json_get_text(reply, "next"));
    }
    return rh_buf_append_byte(out, '\n');
}

int32_t render_work_item(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const cJSON *item = json_get(reply, "item");

    return render_members(cJSON_IsObject(item) ? item : reply, env, out);
}

int32_t render_work_retried(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const cJSON *retried = json_get(reply, "retried");

    if (!retried)
        return render_members(reply, env, out);
    for (const cJSON *id = retried->child; id; id = id->next) {
        words_put_c(out, id->valuestring ? id->valuestring : "");
        (void)rh_buf_append_byte(out, '\n'); /* sticky, as below */
    }
    words_number(out, json_get_number(reply, "count"), 0);
    (void)rh_buf_append_c(out, " retried");
    if (json_get_number(reply, "skipped") > 0) {
        (void)rh_buf_append_c(out, "; ");
        words_number(out, json_get_number(reply, "skipped"), 0);
        (void)rh_buf_append_c(out, " depend on what is not done");
    }
    if (json_get_text(reply, "next")[0]) {
        (void)rh_buf_append_c(out, "; go on with --after ");
        words_put_c(out, json_get_text(reply, "next"));
    }
    return rh_buf_append_byte(out, '\n');
}

/* "gpu 12, vram 3", or "-". */
static void put_reasons(struct table *table, const cJSON *refused)
{
    struct rh_buf text;

    rh_buf_init(&text, REASONS_MAX);
    for (const cJSON *reason = refused ? refused->child : NULL; reason; reason = reason->next) {
        if (text.n > 0)
            (void)rh_buf_append_c(&text, ", "); /* sticky, as below */
        words_put_c(&text, reason->string);
        (void)rh_buf_append_byte(&text, ' ');
        words_number(&text, cJSON_GetNumberValue(reason), 0);
    }
    (void)rh_buf_append_byte(&text, '\0');
    table_text(table, text.rc == RH_OK && text.n > 1 ? rh_buf_str(&text).p : NULL);
    rh_buf_release(&text);
}

/* Items by type and config, and what kept the pending ones from claims. */
static int32_t write_configs(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"TYPE",     "CONFIG", ">PENDING",  ">LEASED", ">DELAYED",
                                         ">BLOCKED", ">DONE",  ">OLDEST S", "REFUSED"};
    struct table table;
    int32_t rc = RH_OK;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "configs"); row; row = row->next) {
        table_text(&table, json_get_text(row, "work_type"));
        table_text(&table, json_get_text(row, "config_key"));
        put_int(&table, row, "pending");
        put_int(&table, row, "leased");
        put_int(&table, row, "delayed");
        put_int(&table, row, "blocked");
        put_int(&table, row, "done");
        put_int(&table, row, "oldest_pending_s");
        put_reasons(&table, json_get(row, "refused"));
    }
    if (table.cell_count) {
        (void)rh_buf_append_byte(out, '\n'); /* sticky */
        rc = table_write(&table, out);
    }
    table_release(&table);
    return rc;
}

/* Reasons that no claim was refused for say nothing. */
static void drop_zeros(cJSON *refused)
{
    cJSON *reason = refused ? refused->child : NULL;

    while (reason) {
        cJSON *next = reason->next;
        if (cJSON_GetNumberValue(reason) == 0)
            cJSON_Delete(cJSON_DetachItemViaPointer(refused, reason));
        reason = next;
    }
}

int32_t render_work_stats(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    cJSON *counts = cJSON_Duplicate(reply, 1);
    int32_t rc;

    if (!counts)
        return RH_ENOMEM;
    /* Lists are tables of their own, or for programs only. */
    cJSON_DeleteItemFromObjectCaseSensitive(counts, "configs");
    cJSON_DeleteItemFromObjectCaseSensitive(counts, "kinds");
    drop_zeros(cJSON_GetObjectItemCaseSensitive(counts, "refused"));
    rc = render_members(counts, env, out);
    cJSON_Delete(counts);
    return rc == RH_OK ? write_configs(reply, env, out) : rc;
}
