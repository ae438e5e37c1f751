/* What a score is worth: Wilson interval, Elo with error bars, likelihood of superiority; no
 * opinion on what follows. */
#include "stats.h"

#include <assert.h>
#include <math.h>

static double games_of(int64_t wins, int64_t losses, int64_t draws)
{
    assert(wins >= 0);
    assert(losses >= 0);
    assert(draws >= 0);
    assert(wins + losses + draws > 0);
    return (double)(wins + losses + draws);
}

/* Standard deviation of the mean score: the three outcomes 0, 1/2, 1 around it, over the games. */
static double standard_error(int64_t wins, int64_t losses, int64_t draws)
{
    const double games = games_of(wins, losses, draws);
    const double score = stats_score(wins, losses, draws);
    const double win = 1.0 - score;
    const double draw = 0.5 - score;
    const double sum =
        (double)wins * win * win + (double)draws * draw * draw + (double)losses * score * score;

    return sqrt(sum / games / games);
}

double stats_score(int64_t wins, int64_t losses, int64_t draws)
{
    return ((double)wins + 0.5 * (double)draws) / games_of(wins, losses, draws);
}

struct stats_interval stats_wilson(int64_t wins, int64_t losses, int64_t draws)
{
    const double games = games_of(wins, losses, draws);
    const double score = stats_score(wins, losses, draws);
    const double z2 = STATS_Z95 * STATS_Z95;
    const double scale = 1.0 + z2 / games;
    const double middle = (score + z2 / (2.0 * games)) / scale;
    const double spread =
        STATS_Z95 * sqrt(score * (1.0 - score) / games + z2 / (4.0 * games * games)) / scale;

    /* At 0 and 1 the bound is exact; rounding must not push it past. */
    return (struct stats_interval){score > 0.0 ? fmax(0.0, middle - spread) : 0.0,
                                   score < 1.0 ? fmin(1.0, middle + spread) : 1.0};
}

double stats_elo_of_score(double score)
{
    if (score <= 0.0)
        return -INFINITY;
    if (score >= 1.0)
        return INFINITY;
    return -400.0 * log10(1.0 / score - 1.0);
}

struct stats_elo stats_elo(int64_t wins, int64_t losses, int64_t draws)
{
    const double score = stats_score(wins, losses, draws);
    const double margin = STATS_Z95 * standard_error(wins, losses, draws);
    struct stats_elo out;

    out.elo = stats_elo_of_score(score);
    out.low = stats_elo_of_score(score - margin);
    out.high = stats_elo_of_score(score + margin);
    out.error = isfinite(out.low) && isfinite(out.high) ? (out.high - out.low) / 2.0 : INFINITY;
    return out;
}

double stats_los(int64_t wins, int64_t losses, int64_t draws)
{
    const double lead = stats_score(wins, losses, draws) - 0.5;
    const double error = standard_error(wins, losses, draws);

    if (error > 0.0)
        return 0.5 * erfc(-lead / (error * sqrt(2.0)));
    return lead > 0.0 ? 1.0 : lead < 0.0 ? 0.0 : 0.5;
}
