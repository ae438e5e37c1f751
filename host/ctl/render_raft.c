/* The replicated log of a node as text: role, term, log, members. */
#include "host/ctl/render.h"

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

#define COLUMNS(titles) (titles), (uint32_t)(sizeof(titles) / sizeof((titles)[0]))

/* What a state without a log, or an error, asks of the operator. */
static const struct {
    const char *key;
    const char *text;
} advice[] = {
    {"refused", "this node has data and no log: `ringctl raft bootstrap` it, or `ringctl raft "
                "archive` it"},
    {"archiving", "the data of this node is being set aside"},
    {"standby", "this node is no member: `ringctl raft members add` takes it in"},
};

static void label(struct rh_buf *out, const char *name)
{
    (void)rh_buf_printf(out, "%-10s", name); /* sticky, as everywhere here */
}

static void line(struct rh_buf *out, const char *name, const char *text)
{
    label(out, name);
    words_put_c(out, text[0] ? text : "-");
    (void)rh_buf_append_byte(out, '\n');
}

static void place(const cJSON *reply, const char *key, const char *name, struct rh_buf *out)
{
    const cJSON *at = json_get(reply, key);

    if (!at)
        return;
    label(out, name);
    (void)rh_buf_printf(out, "%" PRId64 " of term %" PRId64 "\n", json_get_int(at, "index", 0),
                        json_get_int(at, "term", 0));
}

static void write_role(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const char *state = json_get_text(reply, "state");
    const char *colour = env->has_colour ? words_colour(rh_str_from(state)) : NULL;

    line(out, "node", json_get_text(reply, "node_id"));
    label(out, "role");
    if (colour)
        (void)rh_buf_append_c(out, colour);
    words_put_c(out, state[0] ? state : "-");
    if (colour)
        (void)rh_buf_append_c(out, WORDS_COLOUR_END);
    if (json_get(reply, "term"))
        (void)rh_buf_printf(out, ", term %" PRId64, json_get_int(reply, "term", 0));
    (void)rh_buf_append_byte(out, '\n');
    if (json_get(reply, "leader"))
        line(out, "leader",
             json_get_text(reply, "leader")[0] ? json_get_text(reply, "leader") : "none");
    if (json_get(reply, "votes_need")) {
        label(out, "quorum");
        (void)rh_buf_printf(out, "%" PRId64 " of %" PRId64 " needed\n",
                            json_get_int(reply, "votes_have", 0),
                            json_get_int(reply, "votes_need", 0));
    }
}

static void write_log(const cJSON *reply, struct rh_buf *out)
{
    label(out, "log");
    if (json_get(reply, "commit_index"))
        (void)rh_buf_printf(out, "committed %" PRId64 ", ", json_get_int(reply, "commit_index", 0));
    (void)rh_buf_printf(out, "applied %" PRId64, json_get_int(reply, "last_applied", 0));
    if (json_get(reply, "stable_index"))
        (void)rh_buf_printf(out, ", on disk %" PRId64, json_get_int(reply, "stable_index", 0));
    (void)rh_buf_append_byte(out, '\n');
    place(reply, "last_log", "last", out);
    place(reply, "snapshot", "snapshot", out);
    if (json_get(reply, "lineage"))
        line(out, "lineage", json_get_text(reply, "lineage"));
}

static void write_error(const cJSON *reply, struct rh_buf *out)
{
    const char *state = json_get_text(reply, "state");
    const char *error = json_get_text(reply, "error");

    if (error[0]) {
        label(out, "error");
        words_put_c(out, error);
        if (json_get_text(reply, "other_data_from")[0]) {
            (void)rh_buf_append_c(out, ": node ");
            words_put_c(out, json_get_text(reply, "other_data_from"));
            (void)rh_buf_append_c(out, " is of lineage ");
            words_put_c(out, json_get_text(reply, "other_lineage"));
        }
        (void)rh_buf_append_byte(out, '\n');
    }
    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
        if (strcmp(advice[i].key, state) == 0)
            line(out, "", advice[i].text);
}

static void put_int(struct table *table, const cJSON *object, const char *key)
{
    if (cJSON_IsNumber(json_get(object, key)))
        table_int(table, json_get_int(object, key, 0));
    else
        table_text(table, NULL);
}

static void put_contact(struct table *table, const cJSON *member)
{
    struct rh_buf *cell = table_cell(table);

    if (cJSON_IsNumber(json_get(member, "last_contact_ms"))) {
        words_span(cell, json_get_int(member, "last_contact_ms", 0));
        (void)rh_buf_append_c(cell, " ago"); /* sticky in the table */
    }
    table_end(table);
}

int32_t render_raft_members(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"MEMBER", "VOTES", "*STATE", ">MATCH",
                                         ">NEXT",  "HEARD", "NOTE"};
    const char *self = json_get_text(reply, "node_id");
    const char *leader = json_get_text(reply, "leader");
    struct table table;
    int32_t rc;

    table_init(&table, COLUMNS(titles), env->has_colour);
    for (const cJSON *member = json_get_items(reply, "members"); member; member = member->next) {
        const char *id = json_get_text(member, "id");

        table_text(&table, id);
        table_text(&table, json_get_bool(member, "voter") ? "yes" : "no");
        table_text(&table, leader[0] && strcmp(id, leader) == 0 ? "leader"
                                                                : json_get_text(member, "state"));
        put_int(&table, member, "match");
        put_int(&table, member, "next");
        put_contact(&table, member);
        table_text(&table, json_get_bool(member, "lost_data")
                               ? "has lost its log: remove it, add it"
                           : strcmp(id, self) == 0 ? "this node"
                                                   : NULL);
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no members\n");
    table_release(&table);
    return rc;
}

int32_t render_raft(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    write_role(reply, env, out);
    write_log(reply, out);
    write_error(reply, out);
    if (json_get_items(reply, "members")) {
        (void)rh_buf_append_byte(out, '\n');
        return render_raft_members(reply, env, out);
    }
    return out->rc;
}
