/* Files by SHA-256 as text. */
#include "host/ctl/render.h"

#include <inttypes.h>

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"

int32_t render_artifact_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"SHA256", ">BYTES", "KIND", "PINNED"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "artifacts"); row; row = row->next) {
        table_text(&table, json_get_text(row, "sha256"));
        table_int(&table, json_get_int(row, "size", 0));
        table_text(&table, json_get_text(row, "kind"));
        table_text(&table, json_get_bool(row, "pinned") ? "yes" : "no");
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no files\n");
    table_release(&table);
    if (rc != RH_OK)
        return rc;
    return rh_buf_printf(out, "%" PRId64 " files, %" PRId64 " of %" PRId64 " bytes\n",
                         json_get_int(reply, "total", 0), json_get_int(reply, "bytes", 0),
                         json_get_int(reply, "bytes_max", 0));
}

int32_t render_artifact_where(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"NODE", ">BYTES"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "nodes"); row; row = row->next) {
        table_text(&table, json_get_text(row, "node_id"));
        table_int(&table, json_get_int(row, "size", 0));
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no node has it\n");
    table_release(&table);
    if (rc == RH_OK && json_get_int(reply, "not_asked", 0) > 0)
        rc = rh_buf_printf(out, "%" PRId64 " nodes could not be asked\n",
                           json_get_int(reply, "not_asked", 0));
    return rc;
}
