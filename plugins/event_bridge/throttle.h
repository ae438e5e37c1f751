/* A limit on how many things may be done a second: a bucket of tokens. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_THROTTLE_H
#define RH_PLUGINS_EVENT_BRIDGE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed is a full bucket at time 0. */
struct throttle {
    int64_t spent;   /* thousandths of a token that are missing */
    int64_t last_ms; /* monotonic */
};

/* Take one token; false: none is left. The bucket holds one second's worth, rate a second. */
bool throttle_take(struct throttle *throttle, int64_t rate, int64_t now_ms);

#endif
