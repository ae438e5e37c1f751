/* Turns a tally into a decision with its reason; it computes no statistics of its own. */
#ifndef RH_PLUGINS_GAUNTLET_VERDICT_H
#define RH_PLUGINS_GAUNTLET_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "sprt.h"
#include "tally.h"

/* Above this share of errors among the games that are over nothing is decided: an engine that
 * crashes when it is losing would look strong. Percent. */
#define VERDICT_ERRORS_MAX_PERCENT 10u

enum verdict {
    VERDICT_UNDECIDED = 0,
    VERDICT_STRONGER,     /* the whole 95 % Wilson interval of the score lies above one half */
    VERDICT_WEAKER,       /* ... below one half */
    VERDICT_NOT_STRONGER, /* its sequential test accepted H0 */
    VERDICT_NOT_WEAKER    /* it accepted H1, and H0 was a strength below zero: no regression */
};

enum verdict_reason {
    REASON_RUNNING = 0,
    REASON_CANCELLED,
    REASON_NO_GAMES,
    REASON_TOO_MANY_ERRORS,
    REASON_INTERVAL_ABOVE_HALF,
    REASON_INTERVAL_BELOW_HALF,
    REASON_INTERVAL_CONTAINS_HALF,
    REASON_EVERY_BASELINE, /* of a whole gauntlet: stronger than each */
    REASON_SOME_BASELINE,  /* weaker than at least one */
    REASON_BASELINE_UNDECIDED,
    REASON_H1,
    REASON_H0,
    REASON_OUT_OF_GAMES,      /* the test was not over when the games were */
    REASON_SOME_NOT_STRONGER, /* of a whole gauntlet: not stronger than at least one */
    REASON_NO_WEAKER,         /* ... not weaker than any */
    REASON_LAST = REASON_NO_WEAKER
};

struct verdict_result {
    enum verdict verdict;
    enum verdict_reason reason;
};

/* Against one baseline. While games are pending it is undecided, so that looking often decides
 * nothing. [any] */
struct verdict_result verdict_of_tally(const struct tally *tally, bool is_cancelled);

/* Against one baseline by its sequential test, whose decision stands though games are pending.
 * Where elo0 is below zero, H1 says that there is no regression, not that there is progress. [any]
 */
struct verdict_result verdict_of_sprt(const struct tally *tally, const struct sprt *sprt,
                                      enum sprt_decision decision, bool is_cancelled);

/* What follows for a model that is to take the baselines' place: promoted when it is stronger
 * or not weaker, rejected when it is weaker or not stronger, else nothing. */
enum promotion { PROMOTION_UNDECIDED = 0, PROMOTION_PROMOTE, PROMOTION_REJECT };
enum promotion verdict_promotion(enum verdict verdict);
/* "undecided", "promote", "reject". Static. [any] */
const char *verdict_promotion_name(enum promotion promotion);

/* Of the whole: weaker (not stronger) than one is so, stronger than each is stronger. With one
 * baseline it is that one's. Asserts count >= 1. [any] */
struct verdict_result verdict_overall(const struct verdict_result *results, size_t count);

/* "stronger", "weaker", "not_stronger", "not_weaker", "undecided"; "interval_above_half" and so on.
 * Static. [any]
 */
const char *verdict_name(enum verdict verdict);
const char *verdict_reason_name(enum verdict_reason reason);

#endif
