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

/* Scores of games, or of pairs of games, each in [0, 1]. */
struct sample {
    double count;
    double mean;
    double variance;
    double games; /* in each */
};

static struct sample sample_of_games(int64_t wins, int64_t losses, int64_t draws)
{
    const double games = games_of(wins, losses, draws);
    const double score = stats_score(wins, losses, draws);
    const double win = 1.0 - score;
    const double draw = 0.5 - score;
    const double sum =
        (double)wins * win * win + (double)draws * draw * draw + (double)losses * score * score;

    return (struct sample){games, score, sum / games, 1.0};
}

static struct sample sample_of_pairs(const uint32_t pairs[STATS_PAIR_OUTCOMES])
{
    struct sample sample = {.games = 2.0};

    for (uint32_t i = 0; i < STATS_PAIR_OUTCOMES; i++) {
        sample.count += (double)pairs[i];
        sample.mean += (double)pairs[i] * (double)i / 4.0;
    }
    assert(sample.count > 0.0);
    sample.mean /= sample.count;
    for (uint32_t i = 0; i < STATS_PAIR_OUTCOMES; i++) {
        const double off = (double)i / 4.0 - sample.mean;

        sample.variance += (double)pairs[i] * off * off / sample.count;
    }
    return sample;
}

/* Standard deviation of the mean. */
static double standard_error(const struct sample *sample)
{
    return sqrt(sample->variance / sample->count);
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

static struct stats_elo elo_between(double low, double middle, double high)
{
    struct stats_elo out = {.elo = middle, .low = low, .high = high};

    out.error = isfinite(low) && isfinite(high) ? (high - low) / 2.0 : INFINITY;
    return out;
}

static struct stats_elo elo_of(struct sample sample)
{
    const double margin = STATS_Z95 * standard_error(&sample);

    /* A few outcomes that are all alike say nothing about how far others may be. */
    if (sample.games > 1.0 && sample.variance <= 0.0)
        return elo_between(-INFINITY, stats_elo_of_score(sample.mean), INFINITY);
    return elo_between(stats_elo_of_score(sample.mean - margin), stats_elo_of_score(sample.mean),
                       stats_elo_of_score(sample.mean + margin));
}

static struct stats_elo nelo_of(struct sample sample)
{
    const double deviation = sqrt(sample.games * sample.variance);
    const double scale = deviation > 0.0 ? 800.0 / log(10.0) / deviation : INFINITY;
    const double lead = sample.mean - 0.5;
    const double margin = STATS_Z95 * standard_error(&sample);

    if (deviation > 0.0)
        return elo_between((lead - margin) * scale, lead * scale, (lead + margin) * scale);
    return elo_between(-INFINITY, lead > 0.0 ? INFINITY : lead < 0.0 ? -INFINITY : 0.0, INFINITY);
}

static double los_of(struct sample sample)
{
    const double lead = sample.mean - 0.5;
    const double error = standard_error(&sample);

    if (error > 0.0)
        return 0.5 * erfc(-lead / (error * sqrt(2.0)));
    return lead > 0.0 ? 1.0 : lead < 0.0 ? 0.0 : 0.5;
}

struct stats_elo stats_elo(int64_t wins, int64_t losses, int64_t draws)
{
    return elo_of(sample_of_games(wins, losses, draws));
}

struct stats_elo stats_elo_of_pairs(const uint32_t pairs[STATS_PAIR_OUTCOMES])
{
    return elo_of(sample_of_pairs(pairs));
}

struct stats_elo stats_nelo(int64_t wins, int64_t losses, int64_t draws)
{
    return nelo_of(sample_of_games(wins, losses, draws));
}

struct stats_elo stats_nelo_of_pairs(const uint32_t pairs[STATS_PAIR_OUTCOMES])
{
    return nelo_of(sample_of_pairs(pairs));
}

double stats_los(int64_t wins, int64_t losses, int64_t draws)
{
    return los_of(sample_of_games(wins, losses, draws));
}

double stats_los_of_pairs(const uint32_t pairs[STATS_PAIR_OUTCOMES])
{
    return los_of(sample_of_pairs(pairs));
}
