/* Whether a host may be tried: after a failure it rests, ever longer, and then one attempt alone
 * may see whether it is back. Jobs that fail by themselves are no failure of the host. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_HEALTH_H
#define RH_PLUGINS_SSH_TOURNAMENT_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

/* The rests: the first, and the longest. */
struct health_rule {
    int64_t least_ms;
    int64_t most_ms;
};

/* All-zero is a host that nothing is held against. */
struct health {
    uint32_t failures; /* in a row */
    bool is_probing;   /* the one attempt after a rest is under way */
    int64_t failed_ms; /* when the last counted failure was seen */
    int64_t retry_ms;  /* end of the rest */
};

enum health_state {
    HEALTH_OPEN = 0, /* as many attempts as there are slots */
    HEALTH_PROBE,    /* one attempt */
    HEALTH_RESTING   /* none */
};

enum health_state health_state(const struct health *health, int64_t now_ms);
/* An attempt begins. The state is not HEALTH_RESTING. */
void health_begin(struct health *health, int64_t now_ms);
/* An attempt reached the host. */
void health_good(struct health *health);
/* An attempt that began at begun_ms could not reach it, or lost it. Attempts that were under way
 * when the last failure was seen tell nothing new. */
void health_bad(struct health *health, const struct health_rule *rule, int64_t begun_ms,
                int64_t now_ms);
/* An attempt ended, and nothing was learned. */
void health_unknown(struct health *health);

#endif
