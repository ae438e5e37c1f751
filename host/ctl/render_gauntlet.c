/* Gauntlets as text: progress, the lines that scripts read, tables of figures. */
#include "host/ctl/render.h"

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

int32_t render_gauntlet_started(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out)
{
    (void)env;
    (void)rh_buf_append_c(out, "gauntlet "); /* sticky, as everywhere here */
    words_put_c(out, json_get_text(reply, "gauntlet_id"));
    return rh_buf_append_byte(out, '\n');
}

/* "14-6", or "14-5-1" when there were draws: wins, losses, draws of the model. */
static void put_score(struct rh_buf *out, const cJSON *counts)
{
    const int64_t draws = json_get_int(counts, "draws", 0);

    (void)rh_buf_printf(out, "%" PRId64 "-%" PRId64, json_get_int(counts, "wins", 0),
                        json_get_int(counts, "losses", 0));
    if (draws > 0)
        (void)rh_buf_printf(out, "-%" PRId64, draws);
}

/* "gauntlet g1: 12/20 games, 0 errors" */
static void put_head(struct rh_buf *out, const cJSON *reply, const cJSON *counts)
{
    (void)rh_buf_append_c(out, "gauntlet ");
    words_put_c(out, json_get_text(reply, "gauntlet_id"));
    (void)rh_buf_printf(out, ": %" PRId64 "/%" PRId64 " games, %" PRId64 " errors",
                        json_get_int(counts, "played", 0), json_get_int(counts, "games", 0),
                        json_get_int(counts, "errors", 0));
}

/* ", A 14-6 B" */
static void put_match(struct rh_buf *out, const cJSON *reply, const cJSON *counts,
                      const char *against)
{
    (void)rh_buf_append_c(out, ", ");
    words_put_c(out, json_get_text(reply, "model"));
    (void)rh_buf_append_byte(out, ' ');
    put_score(out, counts);
    (void)rh_buf_append_byte(out, ' ');
    words_put_c(out, against);
}

/* ", 70.0 %" */
static void put_rate(struct rh_buf *out, const cJSON *counts)
{
    (void)rh_buf_append_c(out, ", ");
    words_number(out, json_get_number(counts, "win_rate") * 100.0, 1);
    (void)rh_buf_append_c(out, " %");
}

/* " [48.1, 85.5]" */
static void put_interval(struct rh_buf *out, const cJSON *counts)
{
    (void)rh_buf_append_c(out, " [");
    words_number(out, json_get_number(counts, "wilson_low") * 100.0, 1);
    (void)rh_buf_append_c(out, ", ");
    words_number(out, json_get_number(counts, "wilson_high") * 100.0, 1);
    (void)rh_buf_append_byte(out, ']');
}

/* ", LLR 1.23 [-2.94, 2.94] running", of a sequential test */
static void put_sprt(struct rh_buf *out, const cJSON *baseline)
{
    const cJSON *sprt = json_get(baseline, "sprt");

    if (!cJSON_IsObject(sprt))
        return;
    (void)rh_buf_append_c(out, ", LLR ");
    words_number(out, json_get_number(sprt, "llr"), 2);
    (void)rh_buf_append_c(out, " [");
    words_number(out, json_get_number(sprt, "lower"), 2);
    (void)rh_buf_append_c(out, ", ");
    words_number(out, json_get_number(sprt, "upper"), 2);
    (void)rh_buf_append_c(out, "] ");
    words_put_c(out, json_get_text(sprt, "state"));
}

/* ", outlier n3", for each node whose games differ too much from the others'. */
static void put_outliers(struct rh_buf *out, const cJSON *reply)
{
    for (const cJSON *node = json_get_items(reply, "nodes"); node; node = node->next) {
        if (!cJSON_IsTrue(json_get(node, "outlier")))
            continue;
        (void)rh_buf_append_c(out, ", outlier ");
        words_put_c(out, json_get_text(node, "node_id"));
    }
}

/* ", played n1:7 n2:7 n3:6" */
static void put_nodes(struct rh_buf *out, const cJSON *reply)
{
    const cJSON *node = json_get_items(reply, "nodes");
    const int64_t others = json_get_int(reply, "other_nodes_games", 0);

    if (!node)
        return;
    (void)rh_buf_append_c(out, ", played");
    for (; node; node = node->next) {
        (void)rh_buf_append_byte(out, ' ');
        words_put_c(out, json_get_text(node, "node_id"));
        (void)rh_buf_printf(out, ":%" PRId64, json_get_int(node, "games", 0));
    }
    if (others > 0)
        (void)rh_buf_printf(out, " others:%" PRId64, others);
    put_outliers(out, reply);
}

/* How it ended before its games did. */
static void put_early_end(struct rh_buf *out, const cJSON *reply)
{
    const char *state = json_get_text(reply, "state");

    if (strcmp(state, "cancelled") == 0)
        (void)rh_buf_append_c(out, ", cancelled");
    if (strcmp(state, "failed") != 0)
        return;
    (void)rh_buf_append_c(out, ", failed: ");
    words_put_c(out, json_get_text(reply, "problem"));
}

/* Against one baseline; is_only when no line of the whole follows. */
static void put_baseline_line(struct rh_buf *out, const cJSON *reply, const cJSON *baseline,
                              bool is_only)
{
    put_head(out, reply, baseline);
    put_match(out, reply, baseline, json_get_text(baseline, "baseline"));
    put_rate(out, baseline);
    put_interval(out, baseline);
    put_sprt(out, baseline);
    if (is_only)
        put_nodes(out, reply);
    if (is_only)
        put_early_end(out, reply);
    (void)rh_buf_append_byte(out, '\n');
}

int32_t render_gauntlet_end(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const cJSON *first = json_get_items(reply, "baselines");
    const cJSON *total = json_get(reply, "total");
    const bool is_only = first && !first->next;

    (void)env;
    for (const cJSON *baseline = first; baseline; baseline = baseline->next)
        put_baseline_line(out, reply, baseline, is_only);
    if (is_only)
        return out->rc;
    put_head(out, reply, total);
    put_match(out, reply, total, "all");
    put_rate(out, total);
    put_nodes(out, reply);
    put_early_end(out, reply);
    return rh_buf_append_byte(out, '\n');
}

int32_t render_gauntlet_progress(const cJSON *reply, const struct render_env *env,
                                 struct rh_buf *out)
{
    const cJSON *first = json_get_items(reply, "baselines");
    const cJSON *total = json_get(reply, "total");

    (void)env;
    put_head(out, reply, total);
    put_match(out, reply, total, first && !first->next ? json_get_text(first, "baseline") : "all");
    put_nodes(out, reply);
    if (json_get_text(reply, "problem")[0]) {
        (void)rh_buf_append_c(out, "; ");
        words_put_c(out, json_get_text(reply, "problem"));
    }
    return out->rc;
}

static void put_baselines_text(struct table *table, const cJSON *gauntlet)
{
    struct rh_buf *cell = table_cell(table);
    const char *sep = "";

    for (const cJSON *item = json_get_items(gauntlet, "baselines"); item; item = item->next) {
        (void)rh_buf_append_c(cell, sep);
        words_put_c(cell,
                    cJSON_IsString(item) ? item->valuestring : json_get_text(item, "baseline"));
        sep = ",";
    }
    table_end(table);
}

int32_t render_gauntlet_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"GAUNTLET", "*STATE",  "MODEL",    "BASELINES", ">PLAYED",
                                         "SCORE",    ">ERRORS", "*VERDICT", "CREATED"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *g = json_get_items(reply, "gauntlets"); g; g = g->next) {
        const cJSON *total = json_get(g, "total");
        const cJSON *counts = total ? total : g;

        table_text(&table, json_get_text(g, "gauntlet_id"));
        table_text(&table, json_get_text(g, "state"));
        table_text(&table, json_get_text(g, "model"));
        put_baselines_text(&table, g);
        (void)rh_buf_printf(table_cell(&table), "%" PRId64 "/%" PRId64,
                            json_get_int(counts, "played", 0), json_get_int(counts, "games", 0));
        table_end(&table);
        put_score(table_cell(&table), counts);
        table_end(&table);
        table_int(&table, json_get_int(counts, "errors", 0));
        table_text(&table, json_get_text(g, "verdict"));
        words_instant(table_cell(&table), json_get_int(g, "created_at", 0));
        table_end(&table);
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no gauntlets\n");
    table_release(&table);
    return rc;
}

static void put_percent(struct table *table, const cJSON *object, const char *key)
{
    words_number(table_cell(table), json_get_number(object, key) * 100.0, 1);
    table_end(table);
}

static void put_figure(struct table *table, const cJSON *object, const char *key)
{
    words_number(table_cell(table), json_get_number(object, key), 0);
    table_end(table);
}

static int32_t write_figures(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"BASELINE", ">PLAYED", ">WINS",  ">LOSSES",
                                         ">DRAWS",   ">ERRORS", ">WIN %", ">LOW",
                                         ">HIGH",    ">ELO",    ">+-",    "*VERDICT"};
    static const char *const counts[] = {"played", "wins", "losses", "draws", "errors"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "baselines"); row; row = row->next) {
        table_text(&table, json_get_text(row, "baseline"));
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
            table_int(&table, json_get_int(row, counts[i], 0));
        put_percent(&table, row, "win_rate");
        put_percent(&table, row, "wilson_low");
        put_percent(&table, row, "wilson_high");
        put_figure(&table, row, "elo");
        put_figure(&table, row, "elo_error");
        table_text(&table, json_get_text(row, "verdict"));
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no baselines\n");
    table_release(&table);
    return rc;
}

/* Games that are over, one a line. */
static int32_t write_games(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {">GAME",  "BLACK", "WHITE", "*OUTCOME", "RESULT",
                                         ">MOVES", ">TIME", "NODE",  "WHY"};
    struct table table;
    int32_t rc = RH_OK;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *game = json_get_items(reply, "games"); game; game = game->next) {
        if (strcmp(json_get_text(game, "outcome"), "pending") == 0)
            continue;
        table_int(&table, json_get_int(game, "index", 0));
        table_text(&table, json_get_text(game, "black"));
        table_text(&table, json_get_text(game, "white"));
        table_text(&table, json_get_text(game, "outcome"));
        table_text(&table, json_get_text(game, "result"));
        table_int(&table, json_get_int(game, "moves", 0));
        words_span(table_cell(&table), json_get_int(game, "duration_ms", 0));
        table_end(&table);
        table_text(&table, json_get_text(game, "node_id"));
        table_text(&table, json_get_text(json_get(game, "error"), "message"));
    }
    if (table.cell_count) {
        (void)rh_buf_append_byte(out, '\n');
        rc = table_write(&table, out);
    }
    table_release(&table);
    return rc;
}

int32_t render_gauntlet_results(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out)
{
    int32_t rc;

    (void)render_gauntlet_progress(reply, env, out);
    (void)rh_buf_append_c(out, ", ");
    words_put_c(out, json_get_text(reply, "state"));
    if (json_get_text(reply, "verdict")[0]) {
        (void)rh_buf_append_c(out, ", ");
        words_put_c(out, json_get_text(reply, "verdict"));
        (void)rh_buf_append_c(out, " (");
        words_put_c(out, json_get_text(reply, "reason"));
        (void)rh_buf_append_byte(out, ')');
    }
    (void)rh_buf_append_byte(out, '\n');
    rc = write_figures(reply, env, out);
    return rc == RH_OK ? write_games(reply, env, out) : rc;
}
