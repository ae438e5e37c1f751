/* A match as a number of games: which are to be played, and who won. */
#include "series.h"

#include <assert.h>

uint32_t series_games_max(const struct series_rules *rules)
{
    return rules->games + (rules->must_end ? rules->extra_max : 0);
}

uint32_t series_halves(const struct series *series, uint32_t side)
{
    return 2 * series->wins[side] + series->draws;
}

static void count_games(struct series *series, const uint8_t *games, uint32_t count)
{
    series->over = series->wins[0] = series->wins[1] = series->draws = 0;
    for (uint32_t i = 0; i < series->wanted && i < count; i++) {
        assert(games[i] < GAME_OUTCOMES);
        series->over += games[i] != GAME_NONE;
        series->wins[0] += games[i] == GAME_FIRST;
        series->wins[1] += games[i] == GAME_SECOND;
        series->draws += games[i] == GAME_DRAW;
    }
}

/* The fewest further games after which a side can be out of reach, the better one winning all:
 * lead + k > what is left of the other - k. */
static uint32_t least_further(const struct series_rules *rules, const struct series *series)
{
    const uint32_t first = series_halves(series, 0);
    const uint32_t second = series_halves(series, 1);
    const uint32_t lead = first > second ? first - second : second - first; /* in halves */
    const uint32_t left = 2 * (rules->games - series->wanted);

    /* The smallest k with lead + 2 k > left - 2 k; if there is none, all that are left. */
    const uint32_t further = left < lead ? 0 : (left - lead) / 4 + 1;

    return 2 * further > left ? left / 2 : further;
}

static uint8_t leader(const struct series *series)
{
    if (series->wins[0] == series->wins[1])
        return OUTCOME_DRAW;
    return series->wins[0] > series->wins[1] ? OUTCOME_FIRST : OUTCOME_SECOND;
}

struct series series_of(const struct series_rules *rules, const uint8_t *games, uint32_t count)
{
    struct series series = {0};

    assert(rules->games >= 1);
    assert(rules->games <= SERIES_GAMES_MAX);
    series.wanted = rules->play_all ? rules->games : 0;
    for (;;) {
        count_games(&series, games, count);
        if (series.over < series.wanted)
            return series;
        if (series.wanted < rules->games) {
            const uint32_t further = least_further(rules, &series);

            if (further) {
                series.wanted += further;
                continue;
            }
        }
        series.outcome = leader(&series);
        if (series.outcome != OUTCOME_DRAW || !rules->must_end ||
            series.wanted == series_games_max(rules))
            return series;
        series.outcome = OUTCOME_NONE;
        series.wanted++;
    }
}
