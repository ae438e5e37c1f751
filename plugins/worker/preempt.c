/* Three states, and one way through them. */
#include "preempt.h"

#include <string.h>

bool preempt_begin(struct preempt *preempt, struct rh_str why, int64_t grace_ms, int64_t now_ms)
{
    const size_t n = why.n < sizeof(preempt->why) ? why.n : sizeof(preempt->why) - 1;

    if (preempt->state != PREEMPT_NONE) {
        if (preempt->state == PREEMPT_LEAVING && now_ms + grace_ms < preempt->deadline_ms)
            preempt->deadline_ms = now_ms + grace_ms;
        return false;
    }
    preempt->state = PREEMPT_LEAVING;
    preempt->deadline_ms = now_ms + grace_ms;
    for (size_t i = 0; i < n; i++)
        preempt->why[i] = (unsigned char)why.p[i] < 0x20 || why.p[i] == 0x7f ? ' ' : why.p[i];
    preempt->why[n] = '\0';
    return true;
}

bool preempt_end(struct preempt *preempt)
{
    const bool was_on = preempt->state != PREEMPT_NONE;

    memset(preempt, 0, sizeof(*preempt));
    return was_on;
}

bool preempt_tick(struct preempt *preempt, int64_t now_ms)
{
    if (preempt->state != PREEMPT_LEAVING || now_ms < preempt->deadline_ms)
        return false;
    preempt->state = PREEMPT_EMPTY;
    return true;
}

int64_t preempt_wake_ms(const struct preempt *preempt)
{
    return preempt->state == PREEMPT_LEAVING ? preempt->deadline_ms : INT64_MAX;
}
