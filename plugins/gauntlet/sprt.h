/* Sequential probability ratio test of two strengths on the results of games or of pairs of games;
 * it knows nothing of gauntlets.
 *
 * The generalised test: under each hypothesis the likeliest distribution of outcomes whose mean (of
 * the logistic model) or whose mean over its deviation (of the normalised one) is as the hypothesis
 * says, and the ratio of the two likelihoods. M. Van den Bergh, "A Practical Introduction to the
 * GSPRT" and "Normalized Elo"; A. Wald, Sequential Analysis, 1947, for the bounds. */
#ifndef RH_PLUGINS_GAUNTLET_SPRT_H
#define RH_PLUGINS_GAUNTLET_SPRT_H

#include <stdint.h>

/* Outcomes of a game (loss, draw, win) and of a pair of games with swapped sides (0, 1/2, 1, 3/2, 2
 * points), ascending. */
#define SPRT_TRINOMIAL   3u
#define SPRT_PENTANOMIAL 5u

/* What elo0 and elo1 mean: Elo by the logistic curve, or normalised Elo, which is the score above
 * one half in units of a game's standard deviation times 800 / ln 10. */
enum sprt_model { SPRT_LOGISTIC = 0, SPRT_NORMALIZED, SPRT_MODELS };

/* H0: the strength is elo0. H1: it is elo1, which is greater. alpha and beta, each in (0, 0.5): the
 * probability that H1 is accepted though H0 holds, and the other way round. */
struct sprt {
    enum sprt_model model;
    double elo0;
    double elo1;
    double alpha;
    double beta;
};

enum sprt_decision { SPRT_GOES_ON = 0, SPRT_H0, SPRT_H1 };

/* Natural logarithm of the likelihood ratio of H1 to H0. counts: how often each of the `count`
 * outcomes (SPRT_TRINOMIAL or SPRT_PENTANOMIAL) was seen; 0 when nothing was. An outcome that was
 * never seen counts as a thousandth of one, so that the figure stays finite. 0 as well when no
 * distribution on these outcomes can have what a hypothesis says. [any] */
double sprt_llr(const struct sprt *sprt, const uint32_t *counts, uint32_t count);

/* The bounds ln(beta / (1 - alpha)) and ln((1 - beta) / alpha). [any] */
double sprt_lower(const struct sprt *sprt);
double sprt_upper(const struct sprt *sprt);

/* What a ratio means: at or beyond a bound a hypothesis is accepted. [any] */
enum sprt_decision sprt_decide(const struct sprt *sprt, double llr);

/* "running", "h0", "h1"; "logistic", "normalized". Static. [any] */
const char *sprt_decision_name(enum sprt_decision decision);
const char *sprt_model_name(enum sprt_model model);

#endif
