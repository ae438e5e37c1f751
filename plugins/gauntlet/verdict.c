/* Turns a tally into a decision with its reason; it computes no statistics of its own. */
#include "verdict.h"

#include <assert.h>

#include "stats.h"

static const char *const verdict_names[] = {
    [VERDICT_UNDECIDED] = "undecided",   [VERDICT_STRONGER] = "stronger",
    [VERDICT_WEAKER] = "weaker",         [VERDICT_NOT_STRONGER] = "not_stronger",
    [VERDICT_NOT_WEAKER] = "not_weaker",
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
    [REASON_H1] = "sprt_accepted_h1",
    [REASON_H0] = "sprt_accepted_h0",
    [REASON_OUT_OF_GAMES] = "sprt_out_of_games",
    [REASON_SOME_NOT_STRONGER] = "not_stronger_than_some_baseline",
    [REASON_NO_WEAKER] = "not_weaker_than_any_baseline",
};

static struct verdict_result undecided(enum verdict_reason reason)
{
    return (struct verdict_result){VERDICT_UNDECIDED, reason};
}

static bool has_too_many_errors(const struct tally *tally)
{
    return (uint64_t)tally->errors * 100 > (uint64_t)tally_over(tally) * VERDICT_ERRORS_MAX_PERCENT;
}

struct verdict_result verdict_of_sprt(const struct tally *tally, const struct sprt *sprt,
                                      enum sprt_decision decision, bool is_cancelled)
{
    if (is_cancelled)
        return undecided(REASON_CANCELLED);
    if (decision != SPRT_GOES_ON && has_too_many_errors(tally))
        return undecided(REASON_TOO_MANY_ERRORS);
    if (decision == SPRT_H1)
        return (struct verdict_result){sprt->elo0 < 0.0 ? VERDICT_NOT_WEAKER : VERDICT_STRONGER,
                                       REASON_H1};
    if (decision == SPRT_H0)
        return (struct verdict_result){VERDICT_NOT_STRONGER, REASON_H0};
    if (tally->pending)
        return undecided(REASON_RUNNING);
    return undecided(tally_decided(tally) ? REASON_OUT_OF_GAMES : REASON_NO_GAMES);
}

enum promotion verdict_promotion(enum verdict verdict)
{
    static const enum promotion follows[] = {
        [VERDICT_UNDECIDED] = PROMOTION_UNDECIDED, [VERDICT_STRONGER] = PROMOTION_PROMOTE,
        [VERDICT_WEAKER] = PROMOTION_REJECT,       [VERDICT_NOT_STRONGER] = PROMOTION_REJECT,
        [VERDICT_NOT_WEAKER] = PROMOTION_PROMOTE,
    };

    assert((size_t)verdict < sizeof(follows) / sizeof(follows[0]));
    return follows[verdict];
}

const char *verdict_promotion_name(enum promotion promotion)
{
    static const char *const names[] = {
        [PROMOTION_UNDECIDED] = "undecided",
        [PROMOTION_PROMOTE] = "promote",
        [PROMOTION_REJECT] = "reject",
    };

    assert((size_t)promotion < sizeof(names) / sizeof(names[0]));
    return names[promotion];
}

struct verdict_result verdict_of_tally(const struct tally *tally, bool is_cancelled)
{
    struct stats_interval score;

    if (is_cancelled)
        return undecided(REASON_CANCELLED);
    if (tally->pending)
        return undecided(REASON_RUNNING);
    if (tally_decided(tally) == 0)
        return undecided(REASON_NO_GAMES);
    if (has_too_many_errors(tally))
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
    size_t promoted = 0;

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
        if (results[i].verdict == VERDICT_NOT_STRONGER)
            return (struct verdict_result){VERDICT_NOT_STRONGER, REASON_SOME_NOT_STRONGER};
        stronger += results[i].verdict == VERDICT_STRONGER;
        promoted += verdict_promotion(results[i].verdict) == PROMOTION_PROMOTE;
    }
    if (stronger == count)
        return (struct verdict_result){VERDICT_STRONGER, REASON_EVERY_BASELINE};
    if (promoted == count)
        return (struct verdict_result){VERDICT_NOT_WEAKER, REASON_NO_WEAKER};
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
