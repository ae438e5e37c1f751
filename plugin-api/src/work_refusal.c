/* What a refusal of the queue means: for good or for now, and how long it is to be left alone. */
#include "work_round.h"

/* From the first refusal to the next try. */
#define WAIT_MIN_MS 5000

/* The statuses by which the queue refuses an item for what it is: bad, in conflict with what is
 * stored, too large. By all others it refuses for the time being, or somebody else does. */
static const uint32_t for_good[] = {400, 409, 413, 422};

bool work_refusal_is_for_good(const struct rh_reply *reply)
{
    for (size_t i = 0; i < sizeof(for_good) / sizeof(for_good[0]); i++) {
        if (reply->rc == RH_OK && reply->status == for_good[i])
            return true;
    }
    return false;
}

int64_t work_refusal_wait_ms(uint32_t refusals, uint32_t asked_s)
{
    const int64_t wait_max_ms = WORK_REFUSAL_WAIT_MAX_S * INT64_C(1000);
    int64_t wait_ms = WAIT_MIN_MS;

    for (uint32_t i = 0; i < refusals && wait_ms < wait_max_ms; i++)
        wait_ms *= 2;
    if (wait_ms < (int64_t)asked_s * 1000)
        wait_ms = (int64_t)asked_s * 1000;
    return wait_ms < wait_max_ms ? wait_ms : wait_max_ms;
}
