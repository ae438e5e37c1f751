/* Words, scores and orders to places and back; see outcome.h. */
#include "outcome.h"

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/str.h>

static const struct {
    const char *word;
    uint8_t places[2];
} words_of_two[] = {{"1-0", {1, 2}}, {"0-1", {2, 1}}, {"1/2-1/2", {1, 1}}};

static void all_level(struct fact *fact)
{
    for (uint32_t i = 0; i < fact->player_count; i++)
        fact->places[i] = 1;
}

enum fact_problem outcome_of_word(struct fact *fact, struct rh_str word)
{
    if (rh_str_eq_c(word, "draw")) {
        all_level(fact);
        return FACT_OK;
    }
    for (uint32_t i = 0; i < fact->player_count; i++) {
        if (!rh_str_eq(word, fact->players[i]))
            continue;
        for (uint32_t k = 0; k < fact->player_count; k++)
            fact->places[k] = k == i ? 1 : 2;
        return FACT_OK;
    }
    for (size_t i = 0; i < sizeof(words_of_two) / sizeof(words_of_two[0]); i++) {
        if (fact->player_count != 2 || !rh_str_eq_c(word, words_of_two[i].word))
            continue;
        memcpy(fact->places, words_of_two[i].places, sizeof(words_of_two[i].places));
        return FACT_OK;
    }
    return FACT_BAD_OUTCOME;
}

enum fact_problem outcome_of_score(struct fact *fact, double score)
{
    if (fact->player_count != 2)
        return FACT_BAD_OUTCOME;
    if (score == 1.0)
        return outcome_of_word(fact, RH_STR_LIT("1-0"));
    if (score == 0.0)
        return outcome_of_word(fact, RH_STR_LIT("0-1"));
    return score == 0.5 ? outcome_of_word(fact, RH_STR_LIT("draw")) : FACT_BAD_OUTCOME;
}

static uint32_t player_of(const struct fact *fact, struct rh_str name)
{
    uint32_t i = 0;

    while (i < fact->player_count && !rh_str_eq(name, fact->players[i]))
        i++;
    return i;
}

enum fact_problem outcome_of_order(struct fact *fact, const struct rh_str *order, uint32_t count)
{
    uint8_t places[FACT_PLAYERS_MAX] = {0};
    uint8_t place = 1;

    if (count != fact->player_count)
        return FACT_BAD_OUTCOME;
    for (uint32_t i = 0; i < count; i++) {
        const bool is_level = i > 0 && order[i].n > 1 && order[i].p[0] == '=';
        const struct rh_str name = {order[i].p + is_level, order[i].n - is_level};
        const uint32_t player = player_of(fact, name);

        if (player == fact->player_count || places[player] != 0)
            return FACT_BAD_OUTCOME;
        if (!is_level)
            place = (uint8_t)(i + 1);
        places[player] = place;
    }
    memcpy(fact->places, places, sizeof(places));
    return FACT_OK;
}

bool outcome_is_word(const struct fact *fact, struct rh_str *word)
{
    uint32_t firsts = 0;
    uint32_t seconds = 0;

    for (uint32_t i = 0; i < fact->player_count; i++) {
        firsts += fact->places[i] == 1;
        seconds += fact->places[i] == 2;
    }
    if (firsts == fact->player_count) {
        *word = RH_STR_LIT("draw");
        return true;
    }
    if (firsts != 1 || seconds + 1 != fact->player_count)
        return false;
    for (uint32_t i = 0; i < fact->player_count; i++) {
        if (fact->places[i] == 1)
            *word = fact->players[i];
    }
    return true;
}

void outcome_order(const struct fact *fact, struct rh_str order[FACT_PLAYERS_MAX],
                   bool shared[FACT_PLAYERS_MAX])
{
    uint32_t count = 0;

    for (uint32_t place = 1; place <= fact->player_count; place++) {
        for (uint32_t i = 0, level = 0; i < fact->player_count; i++) {
            if (fact->places[i] != place)
                continue;
            shared[count] = level > 0;
            order[count++] = fact->players[i];
            level++;
        }
    }
    assert(count == fact->player_count);
}
