/* When a run of the strategy, or the whole search, is over, and for which named reason.
 *
 * The criteria and their defaults are those of pycma 3 and of Hansen's tutorial (arXiv 1604.00772,
 * appendix B.3). */
#ifndef RH_PLUGINS_CMAES_STOP_H
#define RH_PLUGINS_CMAES_STOP_H

#include "cma.h"
#include "ranking.h"

enum stop_reason {
    STOP_NONE,
    /* of the whole search */
    STOP_TARGET,
    STOP_MAX_EVALUATIONS,
    STOP_MAX_GENERATIONS,
    STOP_NO_FITNESS, /* not one candidate of a generation had a fitness */
    STOP_CANCELLED,
    /* of one run: a restart may follow */
    STOP_TOLFUN,
    STOP_TOLFUNHIST,
    STOP_TOLX,
    STOP_CONDITION,
    STOP_STAGNATION,
    STOP_FLAT_FITNESS,
    STOP_NO_EFFECT_AXIS,
    STOP_NO_EFFECT_COORDINATE,
    STOP_SIGMA_GROWTH,
    STOP_RUN_GENERATIONS,
    STOP_RUN_EVALUATIONS,
    STOP_NUMERIC,
    /* of the whole search again */
    STOP_REFUSED, /* its candidates cannot be evaluated */
    STOP_REASONS
};

/* Generations whose figures are kept for the criteria. */
#define STOP_HISTORY_MAX 1000u

struct stop_rules {
    bool has_target;
    double target;            /* best fitness at or below it ends the search */
    uint64_t evaluations_max; /* 0 = no limit; of the whole search */
    uint64_t generations_max; /* 0 = no limit; of the whole search */
    double tolfun;            /* 1e-11: range of the fitness, in a generation and in the history */
    double tolfunhist;        /* 1e-12: range of the best fitness in the history */
    double tolx;              /* 1e-11: all deviations, in units of the value */
    double condition_max;     /* 1e14: of the covariance */
    double sigma_growth_max;  /* 1e3: of a deviation against the first sigma */
    uint32_t flat_max;        /* 1: generations with a flat fitness beyond it end the run */
};

/* Best and median fitness of the last generations of a run. */
struct stop_track {
    uint32_t flat;  /* generations with a flat fitness, one after the other */
    uint64_t count; /* generations of the run; the last STOP_HISTORY_MAX are in the rings */
    double best[STOP_HISTORY_MAX];
    double median[STOP_HISTORY_MAX];
};

/* One generation that was just learnt from. */
struct stop_view {
    const struct stop_rules *rules;
    const struct cma *cma;
    const double *scales; /* n: units of the value in one of a coordinate; 0 = an integer */
    double sigma_first;   /* largest deviation that the run began with */
    double fitness_range; /* worst minus best of the generation */
    uint64_t run_evaluations;
    uint64_t run_evaluations_max; /* 0 = no limit */
};

/* The values of pycma. [any] */
struct stop_rules stop_rules_default(void);

/* "target", "tolfun" and so on; "" for STOP_NONE; static. [any] */
const char *stop_name(enum stop_reason reason);
/* Whether a restart may follow. [any] */
bool stop_is_of_run(enum stop_reason reason);

/* Remember a generation: order as of ranking_make, ranked_count >= 1. [any] */
void stop_track_add(struct stop_track *track, const struct report *reports, const uint32_t *order,
                    uint32_t ranked_count);

/* The first criterion of a run that is met, or STOP_NONE. [any] */
enum stop_reason stop_check(const struct stop_track *track, const struct stop_view *view);

#endif
