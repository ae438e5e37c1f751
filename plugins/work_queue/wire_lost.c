/* Claims whose answer was lost on its way: the claimant says what it has, and the rest that it was
 * given goes back to pending at once instead of at the end of the lease. */
#include "wire.h"

#include <inttypes.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

static int compare(const void *a, const void *b, void *ctx)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    (void)ctx;
    return (x > y) - (x < y);
}

/* The numbers of what is held, ascending; what names no item here holds none. */
static uint32_t read_held(const struct rh_str_list *held, uint64_t seqs[CLAIM_HELD_MAX])
{
    uint64_t scratch[CLAIM_HELD_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < held->count; i++)
        count += item_id_parse(held->items[i], &seqs[count]) == RH_OK;
    /* With a scratch it never fails. */
    (void)rh_sort(seqs, count, sizeof(seqs[0]), compare, NULL, scratch);
    return count;
}

/* Ends like a release: no attempt is counted, and the token that nobody has is stale. */
static void give_back(struct work_queue *self, const struct claim_fields *f, struct item *item)
{
    rh_log_info(&self->rh, "claim_lost",
                "work_id=w%" PRIu64 " node_id=%.*s given_to_poll=%" PRIu64 " poll=%" PRId64,
                item->entry.seq, RH_STR_ARG(f->node_id), item->lease->poll, f->poll);
    (void)wire_end_attempt(self, item, ITEM_END_RELEASE, true, (struct rh_str){NULL, 0});
    self->queue.stats.lost++;
}

int32_t wire_take_back(struct work_queue *self, const struct claim_fields *f)
{
    uint64_t held[CLAIM_HELD_MAX];
    struct item *lost[CLAIM_LOST_MAX];
    int32_t rc;

    if (!f->has_held)
        return RH_OK;
    if (f->poll == 0)
        return rh_failf(&self->rh, RH_EINVAL, "\"held\" is of use only with \"poll\"");
    const uint32_t held_count = read_held(&f->held, held);
    const uint32_t count = queue_lost(&self->queue, f->node_id, (uint64_t)f->poll, held, held_count,
                                      lost, CLAIM_LOST_MAX);
    if (count == 0)
        return RH_OK;
    store_begin(self);
    for (uint32_t i = 0; i < count; i++)
        give_back(self, f, lost[i]);
    rc = store_commit(self, false);
    if (rc)
        self->rh.core->reactivate(self->rh.ctx, "lost claims could not be taken back");
    return rc;
}
