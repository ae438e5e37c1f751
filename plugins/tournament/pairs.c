/* What every two players of a round robin made against each other. */
#include "pairs.h"

#include <assert.h>
#include <string.h>

void pairs_fill(struct pairs *pairs, const struct encounter *encounters, uint32_t count)
{
    memset(pairs, 0, sizeof(*pairs));
    pairs->units = 1;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t first = encounters[i].first - 1u;
        const uint32_t second = encounters[i].second - 1u;

        assert(first < PLAN_PLAYERS_MAX);
        assert(second < PLAN_PLAYERS_MAX);
        pairs->halves[first][second] += encounters[i].first_halves;
        pairs->halves[second][first] += encounters[i].second_halves;
        pairs->met[first][second]++;
        pairs->met[second][first]++;
        assert(pairs->met[first][second] <= PAIRS_MET_MAX);
        if (encounters[i].units > pairs->units)
            pairs->units = encounters[i].units;
    }
}

bool pairs_direct(const struct pairs *pairs, const uint16_t *players, uint32_t count,
                  int64_t *quarters, int64_t *most)
{
    bool have_all_met = true;

    assert(count >= 2);
    for (uint32_t i = 0; i < count; i++) {
        quarters[i] = 0;
        most[i] = 0;
        for (uint32_t k = 0; k < count; k++) {
            const uint16_t met = pairs->met[players[i] - 1][players[k] - 1];

            if (k == i)
                continue;
            if (met)
                quarters[i] += (int64_t)pairs->halves[players[i] - 1][players[k] - 1] * 2 / met;
            else
                most[i] += (int64_t)pairs->units * 4;
            have_all_met = have_all_met && met;
        }
        most[i] += quarters[i];
    }
    return have_all_met;
}
