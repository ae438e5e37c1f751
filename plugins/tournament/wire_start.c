/* Turns a request for a tournament into its record, or answers why not; it starts nothing. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/players.h>

#include "seeding.h"
#include "wire.h"

#define NAME_BYTES_MAX 100u

/* Why a request is refused. */
struct refusal {
    int32_t rc;
    const char *field; /* NULL = it is fine */
    const char *text;
};

static int32_t refuse(struct plugin *p, rh_req req, const struct refusal *why)
{
    const struct rh_error error = {
        .size = (uint32_t)sizeof(error), .rc = why->rc, .message = why->text, .field = why->field};

    return p->rh.http->reply_error(p->rh.ctx, req, &error);
}

static struct refusal wrong(const char *field, const char *text)
{
    return (struct refusal){RH_EINVAL, field, text};
}

static const struct refusal fine = {RH_OK, NULL, NULL};

/* Players that nobody starts need names alone. */
static enum rh_players_problem check_names(const struct start_req *start, struct rh_str *name)
{
    for (uint32_t i = 0; i < start->players.count; i++) {
        *name = start->players.items[i];
        if (name->n == 0 || name->n > NAME_BYTES_MAX || rh_str_eq_c(*name, "draw"))
            return RH_PLAYERS_RESERVED;
        for (uint32_t k = 0; k < i; k++) {
            if (rh_str_eq(*name, start->players.items[k]))
                return RH_PLAYERS_DUPLICATE;
        }
    }
    return RH_PLAYERS_OK;
}

static int32_t refuse_player(struct plugin *p, rh_req req, enum rh_players_problem problem,
                             struct rh_str name)
{
    struct refusal why = wrong("players", NULL);
    struct rh_buf text;
    int32_t rc;

    rh_buf_init(&text, RH_TEXT_MAX * 4);
    if (name.n == 0 || name.n > NAME_BYTES_MAX)
        (void)rh_buf_append_c(&text, "a name must have 1 to 100 bytes"); /* errors stay in text */
    else
        rh_players_explain(&p->config->players, problem, name, &text);
    why.text = text.rc == RH_OK ? text.p : NULL;
    rc = refuse(p, req, &why);
    rh_buf_release(&text);
    return rc;
}

/* Options that another format has. */
static struct refusal check_format(const struct start_req *start, uint8_t format)
{
    if (start->third_place && format != FORMAT_SINGLE)
        return wrong("third_place", "only a single elimination has a match for the third place");
    if (start->drop_in.count && format != FORMAT_DOUBLE)
        return wrong("drop_in", "only a double elimination has a losers' bracket");
    if (start->has_grand_final_reset && format != FORMAT_DOUBLE)
        return wrong("grand_final_reset", "only a double elimination has a grand final");
    if (start->drop_in.count > dropin_rounds(seeding_size(start->players.count)))
        return wrong("drop_in",
                     "\"drop_in\" names more orders than this many players have drop-in rounds");
    if (start->cycles != 1 && format != FORMAT_ROUND_ROBIN)
        return wrong("cycles", "only a round robin has cycles");
    if (start->has_tie_breaks && format != FORMAT_ROUND_ROBIN)
        return wrong("tie_breaks", "only a round robin has tie-breaks");
    if (start->scoring.n && format != FORMAT_ROUND_ROBIN)
        return wrong("scoring", "only a round robin gives points");
    if (start->komi * 2.0 != floor(start->komi * 2.0))
        return wrong("komi", "\"komi\" must be a multiple of 0.5");
    return fine;
}

static struct refusal read_lists(const struct start_req *start, struct spec *spec)
{
    static const uint8_t usual[] = {TIEBREAK_DIRECT, TIEBREAK_SONNEBORN, TIEBREAK_WINS,
                                    TIEBREAK_KOYA, TIEBREAK_SEED};

    if (!start->has_tie_breaks) {
        memcpy(spec->tiebreaks.items, usual, sizeof(usual));
        spec->tiebreaks.count = TIEBREAK_COUNT;
    }
    for (uint32_t i = 0; i < start->tie_breaks.count; i++) {
        const uint8_t tiebreak = tiebreak_find(start->tie_breaks.items[i]);

        for (uint32_t k = 0; k < spec->tiebreaks.count; k++) {
            if (spec->tiebreaks.items[k] == tiebreak)
                return wrong("tie_breaks", "a tie-break is named twice");
        }
        spec->tiebreaks.items[spec->tiebreaks.count++] = tiebreak;
    }
    for (uint32_t i = 0; i < start->drop_in.count; i++)
        spec->options.drop_in[i] = dropin_find(start->drop_in.items[i]);
    return fine;
}

static struct refusal read_options(const struct start_req *start, struct spec *spec)
{
    const uint8_t format = plan_format_find(start->format);
    const bool is_robin = format == FORMAT_ROUND_ROBIN;
    const struct refusal why = check_format(start, format);

    if (why.field)
        return why;
    spec->options = (struct plan_options){.format = format,
                                          .has_third_place = start->third_place != 0,
                                          .has_reset = start->grand_final_reset != 0,
                                          .is_twice = start->cycles == 2,
                                          .players = start->players.count};
    spec->is_external = start->external != 0;
    spec->scoring = spec->is_external ? SCORING_MATCHES : SCORING_GAMES;
    if (start->scoring.n)
        spec->scoring = rh_str_eq_c(start->scoring, "games") ? SCORING_GAMES : SCORING_MATCHES;
    spec->series =
        (struct series_rules){.games = (uint32_t)start->games_per_match,
                              .play_all = start->has_play_all ? start->play_all != 0 : is_robin,
                              .must_end = !is_robin,
                              .extra_max = is_robin ? 0 : (uint32_t)start->extra_games};
    if (is_robin && spec->scoring == SCORING_GAMES && !spec->series.play_all)
        return wrong("play_all", "where points are given for games, all of them must be played");
    return read_lists(start, spec);
}

static struct refusal check_limits(const struct plugin *p, const struct spec *spec)
{
    if (plan_matches(&spec->options) * series_games_max(&spec->series) > TOURNAMENT_GAMES_MAX)
        return wrong("games_per_match", "a tournament can have at most 50000 games");
    if ((int64_t)p->lives.count >= p->config->live_max)
        return (struct refusal){RH_EBUSY, "format",
                                "as many tournaments as \"live_max\" allows are running"};
    return fine;
}

static void write_list(struct rh_buf *buf, const struct rh_str_list *list)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_str_list(&w, list);
    (void)rh_json_finish(&w); /* the error stays in buf */
}

/* Ids begin with the time, so that their order is that of creation. */
static void make_id(struct plugin *p, char id[TEXT_ID_SIZE])
{
    const uint64_t wall = (uint64_t)p->rh.core->wall_ms(p->rh.ctx);
    const uint64_t random = p->rh.core->random(p->rh.ctx);

    (void)snprintf(id, TEXT_ID_SIZE, "t%011" PRIx64 "-%06" PRIx64, wall, random & 0xffffff);
}

static void fill_numbers(struct plugin *p, const struct start_req *start, struct spec *spec)
{
    spec->seed = start->has_seed ? start->seed : p->rh.core->random(p->rh.ctx);
    spec->board_size = start->board_size;
    spec->komi_halves = (int64_t)(start->komi * 2.0);
    spec->move_time_ms = start->move_time_ms;
    spec->game_time_ms = start->game_time_ms;
    spec->command_time_ms = start->command_time_ms;
    spec->max_moves = start->max_moves;
    spec->max_attempts = start->max_attempts;
    spec->priority = start->priority;
    spec->timeout_s = start->timeout_s;
    spec->max_runtime_s = start->max_runtime_s;
    spec->min_vram_mb = start->min_vram_mb;
    spec->needs_gpu = start->needs_gpu != 0;
    spec->created_at_ms = p->rh.core->wall_ms(p->rh.ctx);
}

/* The record with the commands as they are configured now: games of one tournament all use the
 * same. */
static int32_t encode(struct plugin *p, const struct start_req *start, struct spec *spec,
                      struct rh_buf *record)
{
    struct rh_buf requires;
    struct rh_buf programs;
    char id[TEXT_ID_SIZE];
    char board[TEXT_WORD_SIZE];
    char config_key[TEXT_ID_SIZE];
    int n;

    make_id(p, id);
    (void)snprintf(board, sizeof(board), "go%" PRId64, start->board_size);
    spec->id = rh_str_from(id);
    spec->board_type = start->board_type.n ? start->board_type : rh_str_from(board);
    n = snprintf(config_key, sizeof(config_key), "%.*s_2p", RH_STR_ARG(spec->board_type));
    if (n < 0 || (size_t)n >= sizeof(config_key))
        return RH_EINTERNAL; /* board_type has a limit far below */
    spec->config_key = rh_str_from(config_key);
    spec->ko_rule = start->ko_rule;
    spec->idempotency_key = start->idempotency_key;
    spec->work_type = p->config->work_type;
    fill_numbers(p, start, spec);
    for (uint32_t i = 0; i < start->players.count; i++)
        spec->names[i] = start->players.items[i];
    rh_buf_init(&requires, RECORD_BYTES_MAX);
    rh_buf_init(&programs, RECORD_BYTES_MAX);
    write_list(&requires, &start->requires);
    spec->requires_json = rh_buf_str(&requires);
    if (!spec->is_external)
        rh_players_write(&p->config->players, spec->names, start->players.count, &programs,
                         spec->argv_json, spec->inputs);
    record->rc = requires.rc != RH_OK ? requires.rc : programs.rc;
    if (record->rc == RH_OK)
        tournament_spec_encode(spec, record);
    rh_buf_release(&programs);
    rh_buf_release(&requires);
    return record->rc;
}

int32_t tournament_start_record(struct plugin *p, rh_req req, const struct start_req *start,
                                struct rh_buf *record, bool *is_answered)
{
    struct rh_str name = {NULL, 0};
    struct spec spec = {.seed = 0};
    enum rh_players_problem problem;
    struct refusal why = read_options(start, &spec);

    *is_answered = true;
    problem = start->external ? check_names(start, &name)
                              : rh_players_check(&p->config->players, start->players.items,
                                                 start->players.count, &name);
    if (problem != RH_PLAYERS_OK)
        return refuse_player(p, req, problem, name);
    if (!why.field)
        why = check_limits(p, &spec);
    if (why.field)
        return refuse(p, req, &why);
    *is_answered = false;
    return encode(p, start, &spec, record);
}
