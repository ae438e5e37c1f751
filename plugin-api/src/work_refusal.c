/* What a refusal of the queue means: for good or for now, and how long it is to be left alone. */
#include "work_round.h"

#include <stdio.h>
#include <string.h>

/* From the first refusal to the next try. */
#define WAIT_MIN_MS 5000
/* Refusals in a row that are no trouble where the queue is only not there yet, as at a change of
 * leaders: half a minute. */
#define REFUSALS_CALM 4u

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

/* A queue that is not there yet is worth a warning once it stays away; anything else at once. */
static void log_refusal(const struct rh_work_groups *groups, struct rh_work_group *group,
                        const char *text, bool is_passing)
{
    bool is_new;

    if (group->refusals < UINT32_MAX)
        group->refusals++;
    /* What was answered meanwhile has cleared the text. */
    is_new = group->refusals == 1 || (group->problem[0] && strcmp(text, group->problem) != 0);
    if (is_passing ? group->refusals == REFUSALS_CALM : is_new)
        rh_log_warn(groups->rh, "queue_refused", "%s=%s %s", groups->owner->name, group->id, text);
    else if (is_new)
        rh_log_info(groups->rh, "queue_refused", "%s=%s %s", groups->owner->name, group->id, text);
}

void work_refusal_put_off(struct rh_work_groups *groups, struct rh_work_group *group,
                          const char *text, uint32_t wait_s, bool is_passing)
{
    const uint32_t before = group->refusals;

    log_refusal(groups, group, text, is_passing);
    (void)snprintf(group->problem, sizeof(group->problem), "%s", text);
    if (group->not_before_ms != INT64_MAX)
        group->not_before_ms =
            groups->rh->core->now_ms(groups->rh->ctx) + work_refusal_wait_ms(before, wait_s);
}
