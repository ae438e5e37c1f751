/* Checks facts and turns them into canonical bytes and back; see fact.h. */
#include "fact.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

#define BODY_VERSION 1

static const char *const words[] = {
    [FACT_OK] = "ok",
    [FACT_BAD_ID] = "bad_game_id",
    [FACT_BAD_BOARD] = "bad_board_type",
    [FACT_BAD_PLAYER_COUNT] = "bad_player_count",
    [FACT_BAD_PLAYER] = "bad_player",
    [FACT_DUPLICATE_PLAYER] = "duplicate_player",
    [FACT_BAD_OUTCOME] = "bad_outcome",
    [FACT_BAD_TIME] = "bad_played_at",
    [FACT_CLOCK_AHEAD] = "clock_ahead",
    [FACT_RETRACTED] = "retracted",
    [FACT_CONFLICT] = "conflict",
    [FACT_STORE_FULL] = "store_full",
};
_Static_assert(sizeof(words) / sizeof(words[0]) == FACT_PROBLEMS, "one word for each problem");

const char *fact_problem_word(enum fact_problem problem)
{
    assert((uint32_t)problem < FACT_PROBLEMS);
    return words[problem];
}

static bool is_text(struct rh_str text, size_t max)
{
    return text.n >= 1 && text.n <= max && !memchr(text.p, 0, text.n);
}

static enum fact_problem check_players(const struct fact *fact)
{
    if (fact->player_count < 2 || fact->player_count > FACT_PLAYERS_MAX)
        return FACT_BAD_PLAYER_COUNT;
    for (uint32_t i = 0; i < fact->player_count; i++) {
        const struct rh_str name = fact->players[i];

        if (!is_text(name, FACT_PLAYER_MAX) || name.p[0] == '=' || rh_str_eq_c(name, "draw"))
            return FACT_BAD_PLAYER;
        for (uint32_t k = 0; k < i; k++) {
            if (rh_str_eq(name, fact->players[k]))
                return FACT_DUPLICATE_PLAYER;
        }
    }
    return FACT_OK;
}

/* Every place is one more than the number of players before it. */
static bool are_places(const struct fact *fact)
{
    for (uint32_t i = 0; i < fact->player_count; i++) {
        uint32_t before = 0;

        for (uint32_t k = 0; k < fact->player_count; k++)
            before += fact->places[k] < fact->places[i];
        if (fact->places[i] != before + 1)
            return false;
    }
    return true;
}

enum fact_problem fact_check(const struct fact *fact)
{
    enum fact_problem problem;

    if (!is_text(fact->id, FACT_ID_MAX))
        return FACT_BAD_ID;
    if (!is_text(fact->board_type, FACT_BOARD_MAX))
        return FACT_BAD_BOARD;
    problem = check_players(fact);
    if (problem != FACT_OK)
        return problem;
    if (!are_places(fact))
        return FACT_BAD_OUTCOME;
    return fact->played_at_ms > 0 && fact->played_at_ms <= RH_JSON_INT_MAX ? FACT_OK
                                                                           : FACT_BAD_TIME;
}

void fact_encode(const struct fact *fact, struct rh_buf *buf)
{
    rh_record_put(buf, BODY_VERSION);
    rh_record_put_str(buf, fact->board_type);
    rh_record_put(buf, fact->played_at_ms);
    rh_record_put(buf, fact->player_count);
    for (uint32_t i = 0; i < fact->player_count; i++) {
        rh_record_put_str(buf, fact->players[i]);
        rh_record_put(buf, fact->places[i]);
    }
}

int32_t fact_decode(struct rh_str body, struct fact *out)
{
    struct rh_record_reader reader;
    struct fact fact = {.id = RH_STR_INIT("any")};

    rh_record_reader_init(&reader, body);
    (void)rh_record_get(&reader, BODY_VERSION, BODY_VERSION); /* errors stay in the reader */
    fact.board_type = rh_record_get_str(&reader);
    fact.played_at_ms = rh_record_get(&reader, 1, RH_JSON_INT_MAX);
    fact.player_count = (uint32_t)rh_record_get(&reader, 2, FACT_PLAYERS_MAX);
    for (uint32_t i = 0; i < fact.player_count; i++) {
        fact.players[i] = rh_record_get_str(&reader);
        fact.places[i] = (uint8_t)rh_record_get(&reader, 1, FACT_PLAYERS_MAX);
    }
    if (rh_record_end(&reader) != RH_OK || fact_check(&fact) != FACT_OK)
        return RH_EINVAL;
    *out = fact;
    out->id = (struct rh_str){NULL, 0};
    return RH_OK;
}

uint64_t fact_hash(struct rh_str bytes)
{
    return rh_hash_sip13(0, 0, bytes.p, bytes.n);
}

void fact_config_key(const struct fact *fact, char key[FACT_CONFIG_KEY_SIZE])
{
    const int n = snprintf(key, FACT_CONFIG_KEY_SIZE, "%.*s_%" PRIu32 "p",
                           RH_STR_ARG(fact->board_type), fact->player_count);

    assert(n > 0);
    assert((size_t)n < FACT_CONFIG_KEY_SIZE);
}

uint32_t fact_halves(const struct fact *fact, uint32_t a, uint32_t b)
{
    if (fact->places[a] == fact->places[b])
        return 1;
    return fact->places[a] < fact->places[b] ? 2 : 0;
}
