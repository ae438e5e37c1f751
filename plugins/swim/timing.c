/* Times from the beat; see timing.h. */
#include "timing.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include <ringhost/errors.h>

/* An answer that takes longer than this share of the interval would meet the next probe. */
#define TIMEOUT_MAX_PERCENT 75
#define RTT_FACTOR          4.0

static int64_t derived_interval_ms(int64_t beat_ms)
{
    const int64_t floor_ms =
        beat_ms < TIMING_INTERVAL_FLOOR_MS ? beat_ms : TIMING_INTERVAL_FLOOR_MS;
    const int64_t interval_ms = beat_ms / TIMING_INTERVALS_A_BEAT;

    return interval_ms > floor_ms ? interval_ms : floor_ms;
}

int32_t timing_derive(struct timing *out, const struct timing_wishes *wishes, int64_t beat_ms,
                      char *why)
{
    const int64_t interval_ms =
        wishes->interval_ms ? wishes->interval_ms : derived_interval_ms(beat_ms);
    const int64_t timeout_max_ms = interval_ms * TIMEOUT_MAX_PERCENT / 100;
    const int64_t factor =
        wishes->suspicion_factor ? wishes->suspicion_factor : TIMING_SUSPICION_FACTOR;

    assert(beat_ms > 0);
    if (interval_ms < TIMING_INTERVAL_MIN_MS || interval_ms > beat_ms) {
        (void)snprintf(why, TIMING_WHY_MAX, /* fits */
                       "interval_in_beat: interval %" PRId64
                       " ms must lie between %d ms and the beat of %" PRId64 " ms",
                       interval_ms, TIMING_INTERVAL_MIN_MS, beat_ms);
        return RH_EINVAL;
    }
    if (wishes->timeout_ms > timeout_max_ms) {
        (void)snprintf(why, TIMING_WHY_MAX, /* fits */
                       "timeout_in_interval: timeout %" PRId64
                       " ms is above %d %% of the interval of %" PRId64 " ms, %" PRId64 " ms",
                       wishes->timeout_ms, TIMEOUT_MAX_PERCENT, interval_ms, timeout_max_ms);
        return RH_EINVAL;
    }
    if (factor < TIMING_SUSPICION_FACTOR_MIN) {
        (void)snprintf(why, TIMING_WHY_MAX, /* fits */
                       "suspicion_outlives_probe: suspicion_factor %" PRId64
                       " is below %d; a probe alone takes up to 1.5 intervals, and a suspect must "
                       "hear of it and be heard",
                       factor, TIMING_SUSPICION_FACTOR_MIN);
        return RH_EINVAL;
    }
    *out = (struct timing){
        .beat_ms = beat_ms,
        .interval_ms = interval_ms,
        .timeout_min_ms = wishes->timeout_ms ? wishes->timeout_ms : interval_ms / 2,
        .timeout_max_ms = timeout_max_ms,
        .suspicion_factor = factor,
    };
    return RH_OK;
}

int64_t timing_timeout_ms(const struct timing *timing, double rtt_ms)
{
    const double wanted_ms = RTT_FACTOR * rtt_ms;

    if (wanted_ms <= (double)timing->timeout_min_ms)
        return timing->timeout_min_ms;
    if (wanted_ms >= (double)timing->timeout_max_ms)
        return timing->timeout_max_ms;
    return (int64_t)wanted_ms;
}

int64_t timing_suspicion_min_ms(const struct timing *timing, uint32_t nodes)
{
    const double scale = nodes > 10 ? log10((double)nodes) : 1.0;
    const int64_t min_ms =
        (int64_t)((double)(timing->suspicion_factor * timing->interval_ms) * scale);

    return min_ms > TIMING_SUSPICION_FLOOR_MS ? min_ms : TIMING_SUSPICION_FLOOR_MS;
}

int64_t timing_suspicion_max_ms(const struct timing *timing, uint32_t nodes)
{
    return TIMING_SUSPICION_MAX_FACTOR * timing_suspicion_min_ms(timing, nodes);
}

uint32_t timing_confirmations(uint32_t nodes)
{
    const uint32_t possible = nodes > 2 ? nodes - 2 : 0;

    return possible < TIMING_CONFIRMATIONS ? possible : TIMING_CONFIRMATIONS;
}

uint32_t timing_transmissions(uint32_t nodes)
{
    return TIMING_RETRANSMIT_FACTOR * (uint32_t)ceil(log10((double)nodes + 1.0));
}

int64_t timing_retry_ms(const struct timing *timing, uint32_t failures, uint64_t random)
{
    const int64_t max_ms = TIMING_RETRY_BEATS_MAX * timing->beat_ms;
    int64_t wait_ms = timing->interval_ms;

    while (failures-- > 0 && wait_ms < max_ms)
        wait_ms *= 2;
    if (wait_ms > max_ms)
        wait_ms = max_ms;
    return wait_ms - (int64_t)(random % ((uint64_t)wait_ms / 4 + 1));
}
