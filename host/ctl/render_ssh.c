/* Runs over SSH as text: what was begun, where a run stands, attempts, outputs. */
#include <inttypes.h>

#include "host/ctl/json_get.h"
#include "host/ctl/render.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

static const char *const states[] = {"pending", "running",     "ok",       "failed",
                                     "lost",    "unreachable", "cancelled"};
#define STATE_COUNT (sizeof(states) / sizeof(states[0]))

/* "3 ok, 1 failed": the counts that are not 0. */
static void put_counts(struct rh_buf *out, const cJSON *counts)
{
    const char *between = "";

    for (size_t i = 0; i < STATE_COUNT; i++) {
        const int64_t count = json_get_int(counts, states[i], 0);

        if (count == 0)
            continue;
        (void)rh_buf_printf(out, "%s%" PRId64 " %s", between, count, states[i]);
        between = ", ";
    }
    if (!between[0])
        (void)rh_buf_append_byte(out, '-');
}

static int32_t finish(struct table *table, struct rh_buf *out)
{
    const int32_t rc = table_write(table, out);

    table_release(table);
    return rc;
}

static void cell_counts(struct table *table, const cJSON *counts)
{
    put_counts(table_cell(table), counts);
    table_end(table);
}

int32_t render_ssh_started(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    if (!json_get_text(reply, "run_id")[0])
        return render_members(reply, env, out); /* a dry run */
    (void)rh_buf_append_c(out, "run ");
    words_put_c(out, json_get_text(reply, "run_id"));
    return rh_buf_printf(out, ": %" PRId64 " matches on %" PRId64 " hosts\n",
                         json_get_int(reply, "matches_total", 0),
                         json_get_int(reply, "hosts_total", 0));
}

static int32_t put_hosts(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"HOST", "ADDRESS", "STATE", ">FAILURES", "LAST MATCHES"};
    struct table table;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *host = json_get_items(reply, "hosts"); host; host = host->next) {
        table_text(&table, json_get_text(host, "host"));
        table_text(&table, json_get_text(host, "address"));
        table_text(&table, json_get_text(host, "state"));
        table_int(&table, json_get_int(host, "failures", 0));
        cell_counts(&table, json_get(host, "counts"));
    }
    return finish(&table, out);
}

static int32_t put_scores(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"PLAYER", ">WINS", ">DRAWS", ">LOSSES"};
    struct table table;

    if (!json_get_items(reply, "scores"))
        return out->rc;
    (void)rh_buf_append_byte(out, '\n');
    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *score = json_get_items(reply, "scores"); score; score = score->next) {
        table_text(&table, json_get_text(score, "player"));
        table_int(&table, json_get_int(score, "wins", 0));
        table_int(&table, json_get_int(score, "draws", 0));
        table_int(&table, json_get_int(score, "losses", 0));
    }
    return finish(&table, out);
}

static void cell_code(struct table *table, const cJSON *row)
{
    if (json_get(row, "exit_code"))
        table_int(table, json_get_int(row, "exit_code", 0));
    else
        table_text(table, "");
}

static int32_t put_matches(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"MATCH", "STATE",  ">TRIES", "HOST",
                                         ">CODE", "WINNER", "REASON"};
    struct table table;

    if (!json_get_items(reply, "matches"))
        return out->rc;
    (void)rh_buf_append_byte(out, '\n');
    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *match = json_get_items(reply, "matches"); match; match = match->next) {
        table_text(&table, json_get_text(match, "match"));
        table_text(&table, json_get_text(match, "state"));
        table_int(&table, json_get_int(match, "attempts", 0));
        table_text(&table, json_get_text(match, "host"));
        cell_code(&table, match);
        table_text(&table, json_get_text(match, "winner"));
        table_text(&table, json_get_text(match, "reason"));
    }
    return finish(&table, out);
}

int32_t render_ssh_status(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    (void)rh_buf_append_c(out, "run ");
    words_put_c(out, json_get_text(reply, "run_id"));
    (void)rh_buf_append_c(out, ": ");
    words_put_c(out, json_get_text(reply, "state"));
    (void)rh_buf_append_c(out, "; ");
    put_counts(out, json_get(reply, "counts"));
    (void)rh_buf_append_c(out, "\n\n");
    (void)put_hosts(reply, env, out); /* errors stay in out */
    (void)put_scores(reply, env, out);
    (void)put_matches(reply, env, out);
    if (json_get_int(reply, "next", 0) > 0)
        (void)rh_buf_printf(out, "more: --after %" PRId64 "\n", json_get_int(reply, "next", 0));
    return out->rc;
}

int32_t render_ssh_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"RUN", "STATE", "CREATED", "MATCHES", "LABEL"};
    struct table table;

    if (!json_get_items(reply, "runs"))
        return rh_buf_append_c(out, "no runs\n");
    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *run = json_get_items(reply, "runs"); run; run = run->next) {
        table_text(&table, json_get_text(run, "run_id"));
        table_text(&table, json_get_text(run, "state"));
        words_instant(table_cell(&table), json_get_int(run, "created_at", 0));
        table_end(&table);
        cell_counts(&table, json_get(run, "counts"));
        table_text(&table, json_get_text(run, "label"));
    }
    return finish(&table, out);
}

/* As it was printed, but for bytes that could do something to a terminal. */
int32_t render_ssh_logs(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    (void)env;
    for (const char *at = json_get_text(reply, "output"); *at; at++) {
        const unsigned char c = (unsigned char)*at;

        if ((c >= ' ' && c != 0x7f) || c == '\n' || c == '\t')
            (void)rh_buf_append_byte(out, *at);
        else
            (void)rh_buf_append_byte(out, '?');
    }
    return out->rc;
}

int32_t render_ssh_joblog(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"MATCH", ">TRY",  "HOST",   "VERDICT",
                                         ">CODE", "BEGUN", ">BYTES", "REASON"};
    struct table table;

    if (!json_get_items(reply, "attempts"))
        return rh_buf_append_c(out, "no attempts\n");
    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "attempts"); row; row = row->next) {
        table_text(&table, json_get_text(row, "match"));
        table_int(&table, json_get_int(row, "attempt", 0));
        table_text(&table, json_get_text(row, "host"));
        table_text(&table, json_get_text(row, "verdict"));
        cell_code(&table, row);
        words_instant(table_cell(&table), json_get_int(row, "begun_at", 0));
        table_end(&table);
        table_int(&table, json_get_int(row, "output_bytes", 0));
        table_text(&table, json_get_text(row, "reason"));
    }
    return finish(&table, out);
}
