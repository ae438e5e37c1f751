/* What every two players of a round robin made against each other. */
#include "pairs.h"

#include <assert.h>
#include <string.h>

void pairs_fill(struct pairs *pairs, const struct encounter *encounters, uint32_t count)
{
    memset(pairs, 0, sizeof(*pairs));
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t first = encounters[i].first - 1u;
        const uint32_t second = encounters[i].second - 1u;

        assert(first < PLAN_PLAYERS_MAX);
        assert(second < PLAN_PLAYERS_MAX);
        pairs->halves[first][second] += encounters[i].first_halves;
        pairs->halves[second][first] += encounters[i].second_halves;
        pairs->met[first][second]++;
        pairs->met[second][first]++;
    }
}

bool pairs_direct(const struct pairs *pairs, const uint16_t *players, uint32_t count,
                  int64_t *halves)
{
    uint16_t times;

    assert(count >= 2);
    times = pairs->met[players[0] - 1][players[1] - 1];
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (times == 0 || pairs->met[players[i] - 1][players[k] - 1] != times)
                return false;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        halves[i] = 0;
        for (uint32_t k = 0; k < count; k++) {
            if (k != i)
                halves[i] += pairs->halves[players[i] - 1][players[k] - 1];
        }
    }
    return true;
}
