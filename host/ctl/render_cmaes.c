/* Searches by CMA-ES as text: progress with its curve, figures, tables. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>

#include "host/ctl/json_get.h"
#include "host/ctl/render.h"
#include "host/ctl/sparkline.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

/* Columns of the curve, and generations that it is made of. */
#define CURVE_COLUMNS 40u
#define CURVE_MAX     500u

/* Six significant digits, whatever the size; "-" for what is none. */
static void put_figure(struct rh_buf *out, double value)
{
    char digits[RH_JSON_DOUBLE_SIZE];

    if (!isfinite(value)) {
        (void)rh_buf_append_byte(out, '-'); /* sticky, as everywhere here */
        return;
    }
    /* Rounded as text, and read back: both follow the locale, what is shown does not. */
    (void)snprintf(digits, sizeof(digits), "%.5e", value);
    value = strtod(digits, NULL);
    (void)rh_buf_append(out, digits, rh_json_format_double(digits, value));
}

static void put_cell(struct table *table, double value)
{
    put_figure(table_cell(table), value);
    table_end(table);
}

static void put_curve(struct rh_buf *out, const cJSON *reply)
{
    double values[CURVE_MAX];
    uint32_t count = 0;

    for (const cJSON *row = json_get_items(reply, "history"); row && count < CURVE_MAX;
         row = row->next) {
        const double best = json_get_number(row, "best_so_far");

        if (isfinite(best))
            values[count++] = best;
    }
    if (count < 2)
        return;
    for (uint32_t i = 0; i < count / 2; i++) { /* the newest came first */
        const double kept = values[i];

        values[i] = values[count - 1 - i];
        values[count - 1 - i] = kept;
    }
    (void)rh_buf_append_byte(out, ' ');
    sparkline_put(out, values, count, CURVE_COLUMNS);
}

static void put_head(struct rh_buf *out, const cJSON *reply)
{
    (void)rh_buf_append_c(out, "cmaes ");
    words_put_c(out, json_get_text(reply, "job_id"));
    (void)rh_buf_printf(out, ": generation %" PRId64, json_get_int(reply, "generation", 0));
}

static void put_figures(struct rh_buf *out, const cJSON *reply)
{
    (void)rh_buf_printf(out, ", %" PRId64 " evaluations, best ",
                        json_get_int(reply, "evaluations", 0));
    put_figure(out, json_get_number(json_get(reply, "best"), "fitness"));
    (void)rh_buf_append_c(out, ", sigma ");
    put_figure(out, json_get_number(reply, "sigma"));
}

int32_t render_cmaes_started(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    (void)env;
    (void)rh_buf_append_c(out, "cmaes ");
    words_put_c(out, json_get_text(reply, "job_id"));
    return rh_buf_append_byte(out, '\n');
}

int32_t render_cmaes_progress(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const cJSON *open = json_get(reply, "open");

    (void)env;
    put_head(out, reply);
    if (cJSON_IsObject(open))
        (void)rh_buf_printf(out, " (%" PRId64 "/%" PRId64 ")", json_get_int(open, "answered", 0),
                            json_get_int(open, "candidates", 0));
    put_figures(out, reply);
    put_curve(out, reply);
    if (json_get_text(reply, "problem")[0]) {
        (void)rh_buf_append_c(out, "; ");
        words_put_c(out, json_get_text(reply, "problem"));
    }
    return out->rc;
}

/* NAME value, one a line. */
static int32_t write_parameters(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out)
{
    static const char *const titles[] = {"PARAMETER", ">BEST", ">MEAN"};
    const cJSON *best = json_get(json_get(reply, "best"), "parameters");
    const cJSON *mean = json_get(reply, "mean");
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *value = json_get_items(reply, "mean"); value; value = value->next) {
        table_text(&table, value->string);
        put_cell(&table, json_get_number(best, value->string));
        put_cell(&table, json_get_number(mean, value->string));
    }
    rc = table.cell_count ? table_write(&table, out) : out->rc;
    table_release(&table);
    return rc;
}

int32_t render_cmaes_end(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    put_head(out, reply);
    put_figures(out, reply);
    (void)rh_buf_append_c(out, ", ");
    words_put_c(out, json_get_text(reply, "state"));
    if (json_get_text(reply, "reason")[0]) {
        (void)rh_buf_append_c(out, " (");
        words_put_c(out, json_get_text(reply, "reason"));
        (void)rh_buf_append_byte(out, ')');
    }
    put_curve(out, reply);
    (void)rh_buf_append_byte(out, '\n');
    return write_parameters(reply, env, out);
}

static int32_t write_history(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {">GENERATION", ">RUN",  ">RANKED", ">ERRORS",
                                         ">MISSING",    ">LATE", ">BEST",   ">MEDIAN",
                                         ">SIGMA",      ">COND", "ENDED"};
    static const char *const counts[] = {"generation", "run",     "ranked",
                                         "errors",     "missing", "late"};
    struct table table;
    int32_t rc = out->rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "history"); row; row = row->next) {
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
            table_int(&table, json_get_int(row, counts[i], 0));
        put_cell(&table, json_get_number(row, "best"));
        put_cell(&table, json_get_number(row, "median"));
        put_cell(&table, json_get_number(row, "sigma"));
        put_cell(&table, json_get_number(row, "condition"));
        table_text(&table, json_get_text(row, "ended_run"));
    }
    if (table.cell_count) {
        (void)rh_buf_append_byte(out, '\n');
        rc = table_write(&table, out);
    }
    table_release(&table);
    return rc;
}

int32_t render_cmaes_status(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const bool is_running = strcmp(json_get_text(reply, "state"), "running") == 0;
    int32_t rc;

    if (is_running) {
        (void)render_cmaes_progress(reply, env, out);
        (void)rh_buf_append_byte(out, '\n');
        rc = write_parameters(reply, env, out);
    } else {
        rc = render_cmaes_end(reply, env, out);
    }
    if (json_get_text(reply, "last_error")[0]) {
        (void)rh_buf_append_c(out, "\nlast error: ");
        words_put_c(out, json_get_text(reply, "last_error"));
        (void)rh_buf_append_byte(out, '\n');
    }
    return rc == RH_OK ? write_history(reply, env, out) : rc;
}

int32_t render_cmaes_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"JOB",    "*STATE", "REASON", ">N",     ">GENERATION",
                                         ">EVALS", ">BEST",  ">SIGMA", "CREATED"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *job = json_get_items(reply, "jobs"); job; job = job->next) {
        table_text(&table, json_get_text(job, "job_id"));
        table_text(&table, json_get_text(job, "state"));
        table_text(&table, json_get_text(job, "reason"));
        table_int(&table, json_get_int(job, "dimension", 0));
        table_int(&table, json_get_int(job, "generation", 0));
        table_int(&table, json_get_int(job, "evaluations", 0));
        put_cell(&table, json_get_number(json_get(job, "best"), "fitness"));
        put_cell(&table, json_get_number(job, "sigma"));
        words_instant(table_cell(&table), json_get_int(job, "created_at", 0));
        table_end(&table);
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no jobs\n");
    table_release(&table);
    return rc;
}
