/* How well this node itself keeps up (Lifeguard's local health): from 0, well, to 8. A node that
 * may be at fault itself waits longer before it suspects others. [any] */
#ifndef RH_SWIM_HEALTH_H
#define RH_SWIM_HEALTH_H

#include <stdint.h>

#define HEALTH_SCORE_MAX 8u

/* All zero = well, and bound to stay so. */
struct health {
    uint32_t score;
    uint32_t score_max; /* HEALTH_SCORE_MAX; 0 = switched off */
};

/* A sign of trouble: a failed probe, a nack that did not come, a refutation of our own, a loop that
 * was late. */
void health_worsen(struct health *health, uint32_t by);
/* A clean probe. */
void health_improve(struct health *health);
/* ms times score + 1. */
int64_t health_stretch_ms(const struct health *health, int64_t ms);

#endif
