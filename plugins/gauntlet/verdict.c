/* Turns a tally into a decision with its reason; it computes no statistics of its own. */
#include "verdict.h"

#include <assert.h>

#include "stats.h"

static const char *const verdict_names[] = {
    [VERDICT_UNDECIDED] = "undecided",
    [VERDICT_STRONGER] = "stronger",
    [VERDICT_WEAKER] = "weaker",
};

static const char *const reason_names[] = {
    [REASON_RUNNING] = "running",
    [REASON_CANCELLED] = "cancelled",
    [REASON_NO_GAMES] = "no_games",
    [REASON_TOO_MANY_ERRORS] = "too_many_errors",
    [REASON_INTERVAL_ABOVE_HALF] = "interval_above_half",
    [REASON_INTERVAL_BELOW_HALF] = "interval_below_half",
    [REASON_INTERVAL_CONTAINS_HALF] = "interval_contains_half",
    [REASON_EVERY_BASELINE] = "stronger_than_every_baseline",
    [REASON_SOME_BASELINE] = "weaker_than_some_baseline",
    [REASON_BASELINE_UNDECIDED] = "baseline_undecided",
};

static struct verdict_result undecided(enum verdict_reason reason)
{
    return (struct verdict_result){VERDICT_UNDECIDED, reason};
}

struct verdict_result verdict_of_tally(const struct tally *tally, bool is_cancelled)
{
    const uint64_t over = tally_over(tally);
    struct stats_interval score;

    if (is_cancelled)
        return undecided(REASON_CANCELLED);
    if (tally->pending)
        return undecided(REASON_RUNNING);
    if (tally_decided(tally) == 0)
        return undecided(REASON_NO_GAMES);
    if ((uint64_t)tally->errors * 100 > over * VERDICT_ERRORS_MAX_PERCENT)
        return undecided(REASON_TOO_MANY_ERRORS);
    score = stats_wilson(tally->wins, tally->losses, tally->draws);
    if (score.low > 0.5)
        return (struct verdict_result){VERDICT_STRONGER, REASON_INTERVAL_ABOVE_HALF};
    if (score.high < 0.5)
        return (struct verdict_result){VERDICT_WEAKER, REASON_INTERVAL_BELOW_HALF};
    return undecided(REASON_INTERVAL_CONTAINS_HALF);
}

struct verdict_result verdict_overall(const struct verdict_result *results, size_t count)
{
    size_t stronger = 0;

    assert(count > 0);
    if (count == 1)
        return results[0];
    for (size_t i = 0; i < count; i++) {
        if (results[i].reason == REASON_CANCELLED || results[i].reason == REASON_RUNNING)
            return undecided(results[i].reason);
    }
    for (size_t i = 0; i < count; i++) {
        if (results[i].verdict == VERDICT_WEAKER)
            return (struct verdict_result){VERDICT_WEAKER, REASON_SOME_BASELINE};
        stronger += results[i].verdict == VERDICT_STRONGER;
    }
    if (stronger == count)
        return (struct verdict_result){VERDICT_STRONGER, REASON_EVERY_BASELINE};
    return undecided(REASON_BASELINE_UNDECIDED);
}

const char *verdict_name(enum verdict verdict)
{
    assert((size_t)verdict < sizeof(verdict_names) / sizeof(verdict_names[0]));
    return verdict_names[verdict];
}

const char *verdict_reason_name(enum verdict_reason reason)
{
    assert((size_t)reason < sizeof(reason_names) / sizeof(reason_names[0]));
    return reason_names[reason];
}
