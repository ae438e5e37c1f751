/* How many machines a pool should have. Pure: the rules of Kubernetes' Horizontal Pod Autoscaler
 * (documentation, "Algorithm details" and "Stabilization window"), with machines for pods. */
#ifndef RH_PLUGINS_LOOP_AUTO_SCALING_SCALE_H
#define RH_PLUGINS_LOOP_AUTO_SCALING_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#define SCALE_MACHINES_MAX 512
/* Recommendations and additions that are remembered; when there are more, the lowest or oldest of
 * what is to be kept goes first. */
#define SCALE_KEPT_MAX 64u

struct scale_limits {
    int64_t least;
    int64_t most;       /* at most SCALE_MACHINES_MAX */
    double target;      /* of the metric, for each machine; above 0 */
    double tolerance;   /* a ratio within 1 +- this changes nothing */
    int64_t window_ms;  /* going down takes the greatest recommendation of this long */
    int64_t up_least;   /* going up by at most the greater of this */
    int64_t up_percent; /* and so much of what there was, in up_window_ms */
    int64_t up_window_ms;
};

struct scale_note {
    int64_t at_ms; /* Unix ms: it outlives a leader */
    int64_t count;
};

/* What a pool remembers. Zeroed: nothing. */
struct scale_history {
    struct scale_note wanted[SCALE_KEPT_MAX]; /* recommendations, the oldest first */
    struct scale_note added[SCALE_KEPT_MAX];
    uint32_t wanted_count;
    uint32_t added_count;
};

struct scale_input {
    int64_t now_ms;
    int64_t ready;   /* machines that the metric is of */
    int64_t booting; /* started and not ready: counted, and taken to do nothing yet */
    bool has_total;  /* false: the metric is missing */
    double total;    /* the metric summed over all machines */
};

enum scale_reason {
    SCALE_STEADY,  /* within tolerance, or as it is */
    SCALE_MISSING, /* the metric: nothing goes down, nothing goes up but to the least */
    SCALE_UP,
    SCALE_UP_LIMITED,
    SCALE_DOWN,
    SCALE_DOWN_HELD /* a recommendation of the window is above */
};

struct scale_verdict {
    int64_t desired;
    int64_t recommended; /* before window and limits */
    enum scale_reason reason;
};

/* Static words. [any] */
const char *scale_reason_name(enum scale_reason reason);

/* The rule without memory: ceil(current x metric / target), with the metric as a total, kept
 * between least and most. [any] */
int64_t scale_recommend(const struct scale_limits *limits, int64_t current, double total);

/* The verdict, and what has to be remembered of it. Machines that are then added have to be told by
 * scale_note_added. [any] */
struct scale_verdict scale_decide(struct scale_history *history, const struct scale_limits *limits,
                                  const struct scale_input *input);
void scale_note_added(struct scale_history *history, int64_t at_ms, int64_t count);

#endif
