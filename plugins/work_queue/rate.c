/* A ring of minutes; those in which nothing was counted are cleared when the next thing is. */
#include "rate.h"

#define MINUTE_MS 60000

void rate_count(struct rate *rate, int64_t now_ms)
{
    int64_t minute = now_ms / MINUTE_MS + 1;

    if (rate->first == 0)
        rate->first = rate->minute = minute;
    for (uint32_t n = 0; n < RATE_MINUTES && rate->minute + n < minute; n++)
        rate->counts[(rate->minute + n + 1) % RATE_MINUTES] = 0;
    if (minute > rate->minute)
        rate->minute = minute;
    rate->counts[rate->minute % RATE_MINUTES]++;
}

double rate_per_minute(const struct rate *rate, int64_t now_ms)
{
    int64_t minute = now_ms / MINUTE_MS + 1;
    int64_t oldest;
    uint64_t sum = 0;

    if (rate->first == 0)
        return 0;
    if (minute < rate->minute)
        minute = rate->minute; /* the clock went back */
    oldest = minute - RATE_MINUTES + 1;
    for (int64_t m = oldest > rate->first ? oldest : rate->first; m <= rate->minute; m++)
        sum += rate->counts[m % RATE_MINUTES];
    int64_t covered = minute - rate->first + 1;
    return (double)sum / (double)(covered < RATE_MINUTES ? covered : RATE_MINUTES);
}
