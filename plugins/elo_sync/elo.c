/* Elo's rule; see elo.h. */
#include "elo.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define POINTS_PER_DECADE 400.0
#define NORMAL_95         1.959963984540054

double elo_expected(double own, double other)
{
    return 1.0 / (1.0 + pow(10.0, (other - own) / POINTS_PER_DECADE));
}

void elo_rate(const struct fact *fact, const struct elo_options *options,
              double ratings[FACT_PLAYERS_MAX], double info[FACT_PLAYERS_MAX])
{
    const double share = 1.0 / (double)(fact->player_count - 1);
    double before[FACT_PLAYERS_MAX];

    assert(fact->player_count >= 2);
    memcpy(before, ratings, sizeof(before[0]) * fact->player_count);
    for (uint32_t i = 0; i < fact->player_count; i++) {
        double surplus = 0.0;

        info[i] = 0.0;
        for (uint32_t k = 0; k < fact->player_count; k++) {
            const double expected = k == i ? 0.0 : elo_expected(before[i], before[k]);

            if (k == i)
                continue;
            surplus += (double)fact_halves(fact, i, k) / 2.0 - expected;
            info[i] += expected * (1.0 - expected) * share;
        }
        ratings[i] = before[i] + options->k * surplus * share;
    }
}

double elo_error_95(double info)
{
    assert(info > 0.0);
    return NORMAL_95 * POINTS_PER_DECADE / log(10.0) / sqrt(info);
}
