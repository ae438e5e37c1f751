/* Ratings as text. */
#include "host/ctl/render.h"

#include <math.h>
#include <string.h>

#include "host/ctl/json_get.h"
#include "host/ctl/table.h"
#include "host/ctl/words.h"

static void put_number(struct table *table, const cJSON *object, const char *key, int digits)
{
    words_number(table_cell(table), json_get_number(object, key), digits);
    table_end(table);
}

/* Nobody said which board. */
static int32_t write_boards(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"BOARD", ">GAMES"};
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "boards"); row; row = row->next) {
        table_text(&table, json_get_text(row, "board_type"));
        table_int(&table, json_get_int(row, "games", 0));
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no games\n");
    table_release(&table);
    return rc;
}

int32_t render_elo_rankings(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {">RANK",  "PLAYER", ">RATING", ">+-",
                                         ">GAMES", ">WINS",  ">DRAWS",  ">LOSSES"};
    struct table table;
    int32_t rc;

    if (json_get(reply, "boards"))
        return write_boards(reply, env, out);
    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *row = json_get_items(reply, "rankings"); row; row = row->next) {
        table_int(&table, json_get_int(row, "rank", 0));
        table_text(&table, json_get_text(row, "player"));
        put_number(&table, row, "rating", 1);
        put_number(&table, row, "error_95", 1);
        table_int(&table, json_get_int(row, "games", 0));
        table_int(&table, json_get_int(row, "wins", 0));
        table_int(&table, json_get_int(row, "draws", 0));
        table_int(&table, json_get_int(row, "losses", 0));
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no players\n");
    table_release(&table);
    if (rc != RH_OK)
        return rc;
    words_put_c(out, json_get_text(reply, "board_type"));
    (void)rh_buf_append_c(out, ", "); /* sticky, as below */
    words_put_c(out, json_get_text(reply, "system"));
    (void)rh_buf_append_c(out, ", ");
    words_number(out, json_get_number(reply, "games"), 0);
    (void)rh_buf_append_c(out, " games");
    if (json_get_number(reply, "prior") > 0) {
        (void)rh_buf_append_c(out, ", prior of ");
        words_number(out, json_get_number(reply, "prior"), 1);
        (void)rh_buf_append_c(out, " drawn games");
    }
    return rh_buf_append_byte(out, '\n');
}

/* The names of all players but the one whose history it is. */
static void put_opponents(struct table *table, const cJSON *game, const char *player)
{
    struct rh_buf *cell = table_cell(table);
    bool is_first = true;

    for (const cJSON *name = json_get_items(game, "players"); name; name = name->next) {
        if (!cJSON_IsString(name) || strcmp(name->valuestring, player) == 0)
            continue;
        if (!is_first)
            (void)rh_buf_append_c(cell, ", "); /* sticky */
        words_put_c(cell, name->valuestring);
        is_first = false;
    }
    table_end(table);
}

/* "won", "drew", "lost", or the place of several. */
static const char *result_of(const cJSON *game, const char *player)
{
    const char *outcome = json_get_text(game, "outcome");

    if (strcmp(outcome, "draw") == 0)
        return "drew";
    if (strcmp(outcome, player) == 0)
        return "won";
    return json_get_int(game, "place", 0) == 1 ? "shared" : "lost";
}

int32_t render_elo_history(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    static const char *const titles[] = {"GAME",  "ENDED",   "OPPONENT", "RESULT",
                                         ">FROM", ">RATING", ">GAMES"};
    const char *player = json_get_text(reply, "player");
    struct table table;
    int32_t rc;

    table_init(&table, titles, sizeof(titles) / sizeof(titles[0]), env->has_colour);
    for (const cJSON *game = json_get_items(reply, "history"); game; game = game->next) {
        table_text(&table, json_get_text(game, "game_id"));
        words_instant(table_cell(&table), json_get_int(game, "played_at", 0));
        table_end(&table);
        put_opponents(&table, game, player);
        table_text(&table, result_of(game, player));
        put_number(&table, game, "old_elo", 1);
        put_number(&table, game, "new_elo", 1);
        table_int(&table, json_get_int(game, "games_played", 0));
    }
    rc = table.cell_count ? table_write(&table, out) : rh_buf_append_c(out, "no games\n");
    table_release(&table);
    if (rc != RH_OK || json_get_int(reply, "next", 0) <= 0)
        return rc;
    (void)rh_buf_append_c(out, "go on with --before "); /* sticky */
    words_number(out, json_get_number(reply, "next"), 0);
    return rh_buf_append_byte(out, '\n');
}

int32_t render_elo_head_to_head(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out)
{
    (void)env;
    words_put_c(out, json_get_text(reply, "a"));
    (void)rh_buf_append_c(out, " against "); /* sticky, as below */
    words_put_c(out, json_get_text(reply, "b"));
    (void)rh_buf_append_c(out, " on ");
    words_put_c(out, json_get_text(reply, "board_type"));
    (void)rh_buf_append_c(out, ": ");
    words_number(out, json_get_number(reply, "wins"), 0);
    (void)rh_buf_append_c(out, " won, ");
    words_number(out, json_get_number(reply, "draws"), 0);
    (void)rh_buf_append_c(out, " drawn, ");
    words_number(out, json_get_number(reply, "losses"), 0);
    (void)rh_buf_append_c(out, " lost");
    if (!isnan(json_get_number(reply, "score"))) {
        (void)rh_buf_append_c(out, "; score ");
        words_number(out, json_get_number(reply, "score"), 3);
        (void)rh_buf_append_c(out, ", expected ");
        words_number(out, json_get_number(reply, "expected"), 3);
    }
    return rh_buf_append_byte(out, '\n');
}

int32_t render_elo_added(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    (void)env;
    if (json_get_int(reply, "accepted", 0))
        (void)rh_buf_append_c(out, "taken\n"); /* sticky, as below */
    if (json_get_int(reply, "duplicates", 0))
        (void)rh_buf_append_c(out, "it was there already\n");
    for (const cJSON *row = json_get_items(reply, "rejected"); row; row = row->next) {
        words_put_c(out, json_get_text(row, "game_id"));
        (void)rh_buf_append_c(out, " was not taken: ");
        words_put_c(out, json_get_text(row, "reason"));
        (void)rh_buf_append_byte(out, '\n');
    }
    return out->rc;
}
