/* One node and its cluster as text: health and leadership. */
#include "host/ctl/render.h"

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/words.h"

/* "node      ", the start of a line; "" goes on below the line before. Errors are sticky in out. */
static void label(struct rh_buf *out, const char *name)
{
    (void)rh_buf_printf(out, "%-10s", name); /* sticky, as everywhere here */
}

static void end_line(struct rh_buf *out)
{
    (void)rh_buf_append_byte(out, '\n');
}

static void text_or(struct rh_buf *out, const char *text, const char *fallback)
{
    words_put_c(out, text[0] ? text : fallback);
}

static void state_word(struct rh_buf *out, const struct render_env *env, const char *word)
{
    const char *colour = env->has_colour ? words_colour(rh_str_from(word)) : NULL;

    if (colour)
        (void)rh_buf_append_c(out, colour);
    text_or(out, word, "-");
    if (colour)
        (void)rh_buf_append_c(out, WORDS_COLOUR_END);
}

static void write_node(const cJSON *reply, struct rh_buf *out)
{
    const int64_t uptime_s = json_get_int(reply, "uptime_s", -1);

    label(out, "node");
    text_or(out, json_get_text(reply, "node_id"), "-");
    if (json_get_text(reply, "role")[0]) {
        (void)rh_buf_append_c(out, ", ");
        words_put_c(out, json_get_text(reply, "role"));
    }
    if (json_get_text(reply, "version")[0]) {
        (void)rh_buf_append_c(out, ", version ");
        words_put_c(out, json_get_text(reply, "version"));
    }
    if (uptime_s >= 0) {
        (void)rh_buf_append_c(out, ", up ");
        words_span(out, uptime_s * 1000);
    }
    end_line(out);
}

/* Where a log decides the state has no home. */
static void write_replicated(const cJSON *replication, struct rh_buf *out)
{
    label(out, "state");
    if (json_get_bool(replication, "member")) {
        (void)rh_buf_append_c(out, "replicated by ");
        text_or(out, json_get_text(replication, "provider"), "?");
        (void)rh_buf_printf(out, ", applied up to %" PRId64,
                            json_get_int(replication, "applied_index", 0));
    } else {
        (void)rh_buf_append_c(out, "replicated elsewhere; this node is no member");
    }
    end_line(out);
}

static void write_leader(const cJSON *reply, struct rh_buf *out)
{
    const char *leader = json_get_text(reply, "leader");
    const char *self = json_get_text(reply, "node_id");
    const char *home = json_get_text(reply, "state_home");

    label(out, "leader");
    text_or(out, leader, "none");
    if (leader[0] && strcmp(leader, self) == 0)
        (void)rh_buf_append_c(out, " (this node)");
    if (json_get(reply, "epoch"))
        (void)rh_buf_printf(out, ", epoch %" PRId64, json_get_int(reply, "epoch", 0));
    end_line(out);
    if (cJSON_IsObject(json_get(reply, "replication"))) {
        write_replicated(json_get(reply, "replication"), out);
        return;
    }
    label(out, "home");
    text_or(out, home, "none yet");
    if (home[0] && strcmp(home, self) == 0)
        (void)rh_buf_append_c(out, " (this node)");
    end_line(out);
}

static void write_checks(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const char *name = "checks";

    for (const cJSON *check = json_get_items(reply, "checks"); check; check = check->next) {
        label(out, name);
        name = "";
        words_put_c(out, json_get_text(check, "name"));
        (void)rh_buf_append_byte(out, ' ');
        state_word(out, env, json_get_text(check, "status"));
        if (json_get_text(check, "reason")[0]) {
            (void)rh_buf_append_c(out, ": ");
            words_put_c(out, json_get_text(check, "reason"));
        }
        end_line(out);
    }
}

static bool is_active(const cJSON *plugin)
{
    return strcmp(json_get_text(plugin, "state"), "active") == 0;
}

static void write_plugins(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const cJSON *first = json_get_items(reply, "plugins");
    uint32_t active = 0;
    uint32_t count = 0;

    for (const cJSON *plugin = first; plugin; plugin = plugin->next) {
        active += is_active(plugin);
        count++;
    }
    label(out, "plugins");
    (void)rh_buf_printf(out, "%" PRIu32 " of %" PRIu32 " active\n", active, count);
    for (const cJSON *plugin = first; plugin; plugin = plugin->next) {
        if (is_active(plugin))
            continue;
        label(out, "");
        words_put_c(out, json_get_text(plugin, "id"));
        (void)rh_buf_append_c(out, " is ");
        state_word(out, env, json_get_text(plugin, "state"));
        if (json_get_text(plugin, "reason")[0]) {
            (void)rh_buf_append_c(out, ": ");
            words_put_c(out, json_get_text(plugin, "reason"));
        }
        end_line(out);
    }
}

int32_t render_status(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    write_node(reply, out);
    label(out, "status");
    state_word(out, env, json_get_text(reply, "status"));
    end_line(out);
    write_leader(reply, out);
    if (json_get_bool(reply, "maintenance")) {
        label(out, "mode");
        (void)rh_buf_append_c(out, "maintenance: takes no new work\n");
    }
    write_checks(reply, env, out);
    write_plugins(reply, env, out);
    return out->rc;
}

static void write_quorum(const cJSON *reply, struct rh_buf *out)
{
    const cJSON *quorum = json_get(reply, "quorum");
    const char *sep = "; voters: ";

    if (!quorum)
        return;
    label(out, "quorum");
    if (cJSON_IsNumber(json_get(quorum, "have")))
        (void)rh_buf_printf(out, "%" PRId64 " of ", json_get_int(quorum, "have", 0));
    (void)rh_buf_printf(out, "%" PRId64 " needed", json_get_int(quorum, "need", 0));
    for (const cJSON *voter = json_get_items(quorum, "voters"); voter; voter = voter->next) {
        (void)rh_buf_append_c(out, sep);
        words_put_c(out, cJSON_IsString(voter) ? voter->valuestring : "?");
        sep = ", ";
    }
    end_line(out);
}

int32_t render_leader(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const int64_t expires_ms = json_get_int(reply, "lease_expires_at", 0);

    label(out, "leader");
    text_or(out, json_get_text(reply, "leader"), "none");
    if (json_get_text(reply, "reason")[0]) {
        (void)rh_buf_append_c(out, ": ");
        words_put_c(out, json_get_text(reply, "reason"));
    }
    end_line(out);
    label(out, "epoch");
    (void)rh_buf_printf(out, "%" PRId64 "\n", json_get_int(reply, "epoch", 0));
    if (expires_ms > 0) {
        label(out, "lease");
        (void)rh_buf_append_c(out, expires_ms > env->now_ms ? "ends " : "ended ");
        words_ago(out, expires_ms, env->now_ms);
        end_line(out);
    }
    write_quorum(reply, out);
    label(out, "source");
    text_or(out, json_get_text(reply, "source"), "-");
    end_line(out);
    if (json_get_text(reply, "home")[0] || strcmp(json_get_text(reply, "source"), "raft") != 0) {
        label(out, "home");
        text_or(out, json_get_text(reply, "home"), "none yet");
        end_line(out);
    }
    return out->rc;
}

static void write_texts(const cJSON *reply, const char *key, const char *name, struct rh_buf *out)
{
    for (const cJSON *item = json_get_items(reply, key); item; item = item->next) {
        (void)rh_buf_printf(out, "%-14s", name);
        words_put_c(out, cJSON_IsString(item) ? item->valuestring : "?");
        end_line(out);
    }
}

int32_t render_reload(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const size_t start = out->n;

    (void)env;
    write_texts(reply, "reconfigured", "reconfigured", out);
    write_texts(reply, "started", "started", out);
    for (const cJSON *item = json_get_items(reply, "refused"); item; item = item->next) {
        (void)rh_buf_printf(out, "%-14s", "refused");
        text_or(out, json_get_text(item, "plugin"), "?");
        (void)rh_buf_append_c(out, ": ");
        text_or(out, json_get_text(item, "reason"), "without a reason");
        end_line(out);
    }
    write_texts(reply, "needs_restart", "needs restart", out);
    if (out->n == start)
        (void)rh_buf_append_c(out, "nothing has changed\n");
    return out->rc;
}
