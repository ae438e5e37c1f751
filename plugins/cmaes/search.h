/* A whole search: parameters, runs of the strategy one after the other, ends and restarts; ask and
 * tell of a generation. No clock, no candidates' whereabouts.
 *
 * A search is a function of its spec and of what it was told: the same fitness gives the same bits,
 * also when it was written down and read back between two generations (snapshot.h). */
#ifndef RH_PLUGINS_CMAES_SEARCH_H
#define RH_PLUGINS_CMAES_SEARCH_H

#include "cma.h"
#include "ranking.h"
#include "restart.h"
#include "space.h"
#include "stop.h"

/* What was asked for; never changes. */
struct search_spec {
    uint32_t dimension;
    struct parameter parameters[DIMENSION_MAX];
    uint32_t population; /* of the first run */
    double sigma;        /* first step size, in coordinates */
    uint64_t seed;
    enum restart_kind restart;
    uint32_t doublings_max; /* restarts with a doubled population */
    struct stop_rules rules;
};

/* What is known. Owns cma. */
struct search {
    const struct search_spec *spec; /* borrowed */
    struct rh_rng rng;
    struct cma *cma; /* of the run under way, or of the last one */
    struct stop_track track;
    struct restart restart;
    double sigma_first; /* largest deviation that this run began with */
    uint64_t run_evaluations;
    uint64_t run_evaluations_max;  /* 0 = no limit */
    uint64_t generations;          /* of all runs */
    uint64_t evaluations;          /* answers of all runs, errors too */
    double factors[DIMENSION_MAX]; /* margins of integers; 1 for others */
    bool has_best;
    double best_fitness;
    uint64_t best_generation;          /* counted from 0 over all runs */
    double best_values[DIMENSION_MAX]; /* of parameters */
    enum stop_reason reason;           /* STOP_NONE while it goes on */
    enum stop_reason run_reason;       /* why the last run ended; STOP_NONE in the first one */
};

/* A search before its first generation. RH_ENOMEM. [any] */
int32_t search_new(const struct search_spec *spec, struct search **out);
void search_free(struct search *s);

/* Candidates of a generation; 0 once it is over. [any] */
uint32_t search_population(const struct search *s);

/* Draws the next generation. Not when it is over. [any] */
void search_sample(struct search *s);

/* Values of a drawn candidate's parameters into values[dimension]. Not when it is over. [any] */
void search_values(const struct search *s, uint32_t index, double *values);
/* Values of the mean, at any time. [any] */
void search_mean(const struct search *s, double *values);

/* Learns from what came back of the drawn generation, reports[population]. Afterwards draw the next
 * one, or reason says why there is none. RH_ENOMEM, and the search is then not to be used. [any] */
int32_t search_tell(struct search *s, const struct report *reports);

/* Whether all its numbers are within the range in which a generation can be drawn and learnt from;
 * a run that leaves it ends as STOP_NUMERIC. [any] */
bool search_is_sound(const struct search *s);

/* Ends it from outside. [any] */
void search_end(struct search *s, enum stop_reason reason);

#endif
