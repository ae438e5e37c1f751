/* The times of the relay and the rules between them. It reads no clock. [any] */
#ifndef RH_RELAY_TIMING_H
#define RH_RELAY_TIMING_H

#include <stdint.h>

#define TIMING_POLL_ROUTE_MS    60000  /* of POST /relay/poll */
#define TIMING_FORWARD_ROUTE_MS 120000 /* of POST /relay/forward and /relay/carry */
#define TIMING_CALL_MS          8000   /* a call's, where its plugin names none */
#define TIMING_VOUCH_MS         60000  /* the longest that a hub may vouch */
#define TIMING_MARGIN_MS        100    /* for the way back to whoever waits a little longer */
#define TIMING_REST_MS          250    /* after a first failure; doubles */
#define TIMING_REST_MAX_MS      15000
#define TIMING_WHY_MAX          160u

struct timing {
    int64_t poll_ms;    /* how long a hub keeps a poll that has nothing to bring */
    int64_t ttl_ms;     /* how long a registration holds without one */
    int64_t timeout_ms; /* of a forwarded request that names none */
};

/* RH_OK, or RH_EINVAL with the broken rule by name in why[TIMING_WHY_MAX]. Rules:
 * ttl_outlives_polls, poll_in_route, ttl_in_vouch, relay_in_call. */
int32_t timing_check(const struct timing *timing, char *why);
/* What a hub may spend of the time that a caller still has: its answer must be back before the
 * caller gives up. At least 1. */
int64_t timing_at_hub_ms(int64_t left_ms);
/* How long to rest after so many failures in a row (at least one); the last quarter is random. */
int64_t timing_rest_ms(uint32_t failures, uint64_t random);

#endif
