/* How often something happens: counts of the last minutes, no history beyond. */
#ifndef RH_PLUGINS_WORK_QUEUE_RATE_H
#define RH_PLUGINS_WORK_QUEUE_RATE_H

#include <stdint.h>

/* The time that a rate looks back on. Minutes. */
#define RATE_MINUTES 15u

/* All zero is "nothing yet". */
struct rate {
    int64_t minute; /* the newest one that is counted, from 1 */
    int64_t first;  /* the oldest one ever */
    uint32_t counts[RATE_MINUTES];
};

/* One more at a time, in ms of any clock that does not go back. [any] */
void rate_count(struct rate *rate, int64_t now_ms);
/* How many there were a minute, over the last RATE_MINUTES or since the first one; with a clock
 * that has gone back, up to the newest. [any] */
double rate_per_minute(const struct rate *rate, int64_t now_ms);

#endif
