/* All that the queue has given to this node and that is not settled yet, said with each claim.
 * There is one poll at a time, and answers to earlier ones are not listened to: so what is not said
 * was lost on its way, or with a program that was killed before it recorded it. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

int32_t worker_held_report(struct worker *w, uint64_t seq, struct rh_str work_id)
{
    char *copy = malloc(work_id.n + 1);
    int32_t rc;

    if (!copy)
        return RH_ENOMEM;
    memcpy(copy, work_id.p, work_id.n);
    copy[work_id.n] = '\0';
    rc = rh_map64_put(&w->reports, seq, copy, NULL);
    if (rc != RH_OK)
        free(copy);
    return rc;
}

void worker_held_forget(struct worker *w, uint64_t seq)
{
    free(rh_map64_remove(&w->reports, seq));
}

void worker_held_drop(struct worker *w)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map64_next(&w->reports, &cursor, NULL, &value))
        free(value);
    rh_map64_release(&w->reports);
}

void worker_held_write(const struct worker *w, struct rh_json_writer *j)
{
    uint32_t cursor = 0;
    void *value = NULL;

    if (rh_map64_count(&w->works) + rh_map64_count(&w->reports) > CLAIM_HELD_MAX)
        return;
    rh_json_key(j, "held");
    rh_json_begin_array(j);
    while (rh_map64_next(&w->works, &cursor, NULL, &value)) {
        const struct work *work = value;

        if (!work->is_given_back)
            rh_json_string_c(j, work->job.work_id);
    }
    cursor = 0;
    while (rh_map64_next(&w->reports, &cursor, NULL, &value))
        rh_json_string_c(j, value);
    rh_json_end_array(j);
}

uint64_t worker_held_poll_base(const struct worker *w)
{
    struct rh_self self = {.size = (uint32_t)sizeof(self)};

    w->rh.core->self(w->rh.ctx, &self);
    return self.start_count % POLL_STARTS << 32;
}
