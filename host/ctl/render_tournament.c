/* Tournaments as text: trees, cross-tables, standings, lists. */
#include "host/ctl/render.h"

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/bracket.h"
#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

/* Players of a cross-table; a larger one is no help on a terminal. */
#define CROSS_MAX      32u
#define CROSS_CELL     4u
#define CELL_BYTES_MAX 1024u

int32_t render_tournament_started(const cJSON *reply, const struct render_env *env,
                                  struct rh_buf *out)
{
    (void)env;
    (void)rh_buf_append_c(out, "tournament "); /* sticky, as everywhere here */
    words_put_c(out, json_get_text(reply, "tournament_id"));
    return rh_buf_append_byte(out, '\n');
}

/* "tournament t1: double_elimination, 8/14 matches, running" */
static void put_head(struct rh_buf *out, const cJSON *reply)
{
    (void)rh_buf_append_c(out, "tournament ");
    words_put_c(out, json_get_text(reply, "tournament_id"));
    (void)rh_buf_append_c(out, ": ");
    words_put_c(out, json_get_text(reply, "format"));
    (void)rh_buf_printf(out, ", %" PRId64 "/%" PRId64 " matches, ",
                        json_get_int(reply, "matches_decided", 0),
                        json_get_int(reply, "matches_count", 0));
    words_put_c(out, json_get_text(reply, "state"));
    if (json_get_text(reply, "winner")[0]) {
        (void)rh_buf_append_c(out, ", won by ");
        words_put_c(out, json_get_text(reply, "winner"));
    }
    if (json_get_text(reply, "problem")[0]) {
        (void)rh_buf_append_c(out, "; ");
        words_put_c(out, json_get_text(reply, "problem"));
    }
}

int32_t render_tournament_progress(const cJSON *reply, const struct render_env *env,
                                   struct rh_buf *out)
{
    (void)env;
    put_head(out, reply);
    return out->rc;
}

/* "F1  a 1 - b 0": matches that stand alone. */
static void put_match_line(struct rh_buf *out, const cJSON *match)
{
    const char *sep = "  ";

    words_put_c(out, json_get_text(match, "match_id"));
    for (const cJSON *side = json_get_items(match, "sides"); side; side = side->next) {
        const size_t before = out->n;

        (void)rh_buf_append_c(out, sep);
        bracket_put_side(out, side);
        (void)rh_buf_append_byte(out, ' ');
        bracket_put_score(out, side);
        if (out->rc == RH_OK && out->n > before && out->p[out->n - 1] == ' ')
            out->n--;
        sep = " - ";
    }
    (void)rh_buf_append_byte(out, '\n');
}

static void put_single_matches(struct rh_buf *out, const cJSON *reply, const char *bracket,
                               const char *title)
{
    bool is_first = true;

    for (const cJSON *m = json_get_items(reply, "matches"); m; m = m->next) {
        if (strcmp(json_get_text(m, "bracket"), bracket) != 0)
            continue;
        if (is_first)
            (void)rh_buf_printf(out, "\n%s\n", title);
        is_first = false;
        put_match_line(out, m);
    }
}

/* What keeps matches from going on. */
static void put_notes(struct rh_buf *out, const cJSON *reply)
{
    bool is_first = true;

    for (const cJSON *m = json_get_items(reply, "matches"); m; m = m->next) {
        const char *note = json_get_text(m, "note");

        if (!note[0])
            continue;
        (void)rh_buf_append_c(out, is_first ? "\n" : "");
        is_first = false;
        words_put_c(out, json_get_text(m, "match_id"));
        (void)rh_buf_append_c(out, ": ");
        words_put_c(out, json_get_text(m, "state"));
        (void)rh_buf_append_c(out, ": ");
        words_put_c(out, note);
        (void)rh_buf_append_byte(out, '\n');
    }
}

/* Points of one player against another in all their matches; NaN when none is over. */
static double points_against(const cJSON *reply, const char *player, const char *other)
{
    double points = 0.0;
    bool is_known = false;

    for (const cJSON *m = json_get_items(reply, "matches"); m; m = m->next) {
        const cJSON *first = json_get_items(m, "sides");
        const cJSON *mine = NULL;

        if (!first || !first->next || strcmp(json_get_text(m, "state"), "decided") != 0)
            continue;
        if (!strcmp(json_get_text(first, "player"), player) &&
            !strcmp(json_get_text(first->next, "player"), other))
            mine = first;
        if (!strcmp(json_get_text(first, "player"), other) &&
            !strcmp(json_get_text(first->next, "player"), player))
            mine = first->next;
        if (!mine)
            continue;
        is_known = true;
        if (json_get_number(mine, "score") >= 0.0)
            points += json_get_number(mine, "score");
        else if (json_get_bool(m, "draw"))
            points += 0.5;
        else
            points += strcmp(json_get_text(m, "winner"), player) == 0;
    }
    return is_known ? points : -1.0;
}

static void put_padded(struct rh_buf *out, struct rh_str text, size_t columns, bool is_right)
{
    const size_t width = words_width(text);

    for (size_t i = width; is_right && i < columns; i++)
        (void)rh_buf_append_byte(out, ' ');
    (void)rh_buf_append_str(out, text);
    for (size_t i = width; !is_right && i < columns; i++)
        (void)rh_buf_append_byte(out, ' ');
}

/* A cell of the cross-table. */
static void put_cross(struct rh_buf *out, double points, bool is_self)
{
    struct rh_buf cell;

    rh_buf_init(&cell, CELL_BYTES_MAX);
    if (is_self)
        (void)rh_buf_append_byte(&cell, 'x');
    else if (points < 0.0)
        (void)rh_buf_append_byte(&cell, '.');
    else
        words_number(&cell, points, points == (double)(int64_t)points ? 0 : 1);
    put_padded(out, rh_buf_str(&cell), CROSS_CELL, true);
    rh_buf_release(&cell);
}

static void put_cross_row(struct rh_buf *out, const cJSON *reply, const cJSON *row, size_t number,
                          size_t name_columns)
{
    struct rh_buf cell;

    rh_buf_init(&cell, CELL_BYTES_MAX);
    (void)rh_buf_printf(out, "%3zu ", number);
    words_put_c(&cell, json_get_text(row, "player"));
    put_padded(out, rh_buf_str(&cell), name_columns, false);
    for (const cJSON *other = json_get_items(reply, "standings"); other; other = other->next)
        put_cross(
            out,
            points_against(reply, json_get_text(row, "player"), json_get_text(other, "player")),
            other == row);
    (void)rh_buf_append_byte(out, '\n');
    rh_buf_release(&cell);
}

/* Everybody against everybody, in order of rank. */
static void put_cross_table(struct rh_buf *out, const cJSON *reply)
{
    size_t count = 0;
    size_t name_columns = 0;

    for (const cJSON *row = json_get_items(reply, "standings"); row; row = row->next) {
        const size_t width = words_width(rh_str_from(json_get_text(row, "player")));

        name_columns = width > name_columns ? width : name_columns;
        count++;
    }
    if (count > CROSS_MAX)
        return;
    (void)rh_buf_append_c(out, "\n    ");
    put_padded(out, (struct rh_str){NULL, 0}, name_columns, false);
    for (size_t i = 1; i <= count; i++)
        (void)rh_buf_printf(out, "%4zu", i);
    (void)rh_buf_append_byte(out, '\n');
    count = 0;
    for (const cJSON *row = json_get_items(reply, "standings"); row; row = row->next)
        put_cross_row(out, reply, row, ++count, name_columns);
}

static void put_number(struct table *table, const cJSON *object, const char *key)
{
    const double value = json_get_number(object, key);
    int digits = 0;

    if (value != (double)(int64_t)value)
        digits = 2.0 * value == (double)(int64_t)(2.0 * value) ? 1 : 2;
    words_number(table_cell(table), value, digits);
    table_end(table);
}

/* Titles are the names of the tie-breaks, which live in the reply. */
static int32_t write_points(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    const char *titles[TABLE_COLUMNS_MAX] = {">RANK", "PLAYER", ">POINTS", ">OF", ">WINS"};
    struct table table;
    uint32_t columns = 5;
    int32_t rc;

    for (const cJSON *t = json_get_items(reply, "tie_breaks"); t && columns < TABLE_COLUMNS_MAX;
         t = t->next) {
        if (cJSON_IsString(t))
            titles[columns++] = t->valuestring;
    }
    table_init(&table, titles, columns, env->has_colour);
    for (const cJSON *row = json_get_items(reply, "standings"); row; row = row->next) {
        table_int(&table, json_get_int(row, "rank", 0));
        table_text(&table, json_get_text(row, "player"));
        put_number(&table, row, "points");
        table_int(&table, json_get_int(row, "points_max", 0));
        table_int(&table, json_get_int(row, "wins", 0));
        for (uint32_t i = 5; i < columns; i++)
            put_number(&table, json_get(row, "tie_breaks"), titles[i]);
    }
    rc = table_write(&table, out);
    table_release(&table);
    return rc;
}

static int32_t write_places(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {">RANK", "PLAYER", ">SEED", ">WINS", ">LOSSES"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "standings"); row; row = row->next) {
        put_number(&table, row, "rank");
        table_text(&table, json_get_text(row, "player"));
        table_int(&table, json_get_int(row, "seed", 0));
        table_int(&table, json_get_int(row, "wins", 0));
        table_int(&table, json_get_int(row, "losses", 0));
    }
    rc = table_write(&table, out);
    table_release(&table);
    return rc;
}

int32_t render_tournament_bracket(const cJSON *reply, const struct render_env *env,
                                  struct rh_buf *out)
{
    const char *format = json_get_text(reply, "format");
    const bool is_double = strcmp(format, "double_elimination") == 0;
    int32_t rc = RH_OK;

    put_head(out, reply);
    (void)rh_buf_append_byte(out, '\n');
    if (strcmp(format, "round_robin") == 0) {
        put_cross_table(out, reply);
    } else {
        (void)rh_buf_append_c(out, is_double ? "\nwinners' bracket\n" : "\n");
        rc = bracket_draw(reply, "winners", out);
        if (rc == RH_OK && is_double) {
            (void)rh_buf_append_c(out, "\nlosers' bracket\n");
            rc = bracket_draw(reply, "losers", out);
        }
        put_single_matches(out, reply, "third_place", "third place");
        put_single_matches(out, reply, "final", "grand final");
    }
    if (rc != RH_OK)
        return rc;
    put_notes(out, reply);
    (void)rh_buf_append_byte(out, '\n');
    return strcmp(format, "round_robin") == 0 ? write_points(reply, env, out)
                                              : write_places(reply, env, out);
}

int32_t render_tournament_matches(const cJSON *reply, const struct render_env *env,
                                  struct rh_buf *out)
{
    (void)env;
    if (json_get_bool(reply, "duplicate"))
        (void)rh_buf_append_c(out, "it was so already\n");
    for (const cJSON *m = json_get_items(reply, "matches"); m; m = m->next) {
        words_put_c(out, json_get_text(m, "state"));
        (void)rh_buf_append_c(out, "  ");
        put_match_line(out, m);
    }
    return out->rc;
}

/* "won by ann", "draw", "error: crash", "pending". */
static void put_game_state(struct rh_buf *out, const cJSON *game)
{
    const char *winner = json_get_text(game, "winner");
    const char *kind = json_get_text(json_get(game, "error"), "kind");

    words_put_c(out, winner[0] ? "won by " : json_get_text(game, "outcome"));
    if (!winner[0] && kind[0])
        (void)rh_buf_append_c(out, ": ");
    words_put_c(out, winner[0] ? winner : kind);
}

int32_t render_tournament_games(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out)
{
    static const char *const titles[] = {"MATCH",  ">GAME",    "BLACK", "WHITE", "STATE",
                                         "RESULT", ">ATTEMPT", "NODE",  "WORK"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *m = json_get_items(reply, "matches"); m; m = m->next) {
        for (const cJSON *game = json_get_items(m, "games"); game; game = game->next) {
            table_text(&table, json_get_text(m, "match_id"));
            table_int(&table, json_get_int(game, "game", 0));
            table_text(&table, json_get_text(game, "black"));
            table_text(&table, json_get_text(game, "white"));
            put_game_state(table_cell(&table), game);
            table_end(&table);
            table_text(&table, json_get_text(game, "result"));
            table_int(&table, json_get_int(game, "attempt", 0));
            table_text(&table, json_get_text(game, "node_id"));
            table_text(&table, json_get_text(game, "work_id"));
        }
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no games yet\n");
    table_release(&table);
    return rc;
}

int32_t render_tournament_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"TOURNAMENT", "*STATE", "FORMAT", ">PLAYERS",
                                         ">MATCHES",   ">STUCK", "WINNER", "CREATED"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *t = json_get_items(reply, "tournaments"); t; t = t->next) {
        table_text(&table, json_get_text(t, "tournament_id"));
        table_text(&table, json_get_text(t, "state"));
        table_text(&table, json_get_text(t, "format"));
        table_int(&table, json_get_int(t, "players_count", 0));
        (void)rh_buf_printf(table_cell(&table), "%" PRId64 "/%" PRId64,
                            json_get_int(t, "matches_decided", 0),
                            json_get_int(t, "matches_count", 0));
        table_end(&table);
        table_int(&table, json_get_int(t, "matches_stuck", 0));
        table_text(&table, json_get_text(t, "winner"));
        words_instant(table_cell(&table), json_get_int(t, "created_at", 0));
        table_end(&table);
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no tournaments\n");
    table_release(&table);
    return rc;
}
