/* Shuffled round robin; see schedule.h. */
#include "schedule.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

#define CAPACITY_FIRST 16u

void schedule_release(struct schedule *schedule)
{
    free(schedule->items);
    memset(schedule, 0, sizeof(*schedule));
}

static int32_t grow(struct schedule *schedule)
{
    const uint32_t capacity = schedule->capacity ? 2 * schedule->capacity : CAPACITY_FIRST;
    void **items;

    if (schedule->count == SCHEDULE_ITEMS_MAX)
        return RH_EFULL;
    items = realloc(schedule->items, capacity * sizeof(*items));
    if (!items)
        return RH_ENOMEM;
    schedule->items = items;
    schedule->capacity = capacity;
    return RH_OK;
}

int32_t schedule_add(struct schedule *schedule, void *item, struct rh_rng *rng)
{
    uint32_t at;

    if (schedule->count == schedule->capacity) {
        const int32_t rc = grow(schedule);

        if (rc != RH_OK)
            return rc;
    }
    at = (uint32_t)rh_rng_below(rng, (uint64_t)schedule->count + 1);
    memmove(&schedule->items[at + 1], &schedule->items[at],
            (schedule->count - at) * sizeof(schedule->items[0]));
    schedule->items[at] = item;
    schedule->count++;
    if (at < schedule->next)
        schedule->next++;
    return RH_OK;
}

void schedule_remove(struct schedule *schedule, const void *item)
{
    for (uint32_t at = 0; at < schedule->count; at++) {
        if (schedule->items[at] != item)
            continue;
        schedule->count--;
        memmove(&schedule->items[at], &schedule->items[at + 1],
                (schedule->count - at) * sizeof(schedule->items[0]));
        if (at < schedule->next)
            schedule->next--;
        return;
    }
}

void *schedule_next(struct schedule *schedule, struct rh_rng *rng,
                    bool (*may)(const void *item, void *user), void *user)
{
    /* The rest of this round and the whole of the next: nobody is missed. */
    for (uint32_t tried = 0; tried < 2 * schedule->count; tried++) {
        void *item;

        if (schedule->next >= schedule->count) {
            rh_rng_shuffle(rng, schedule->items, schedule->count, sizeof(schedule->items[0]));
            schedule->next = 0;
        }
        item = schedule->items[schedule->next++];
        if (may(item, user))
            return item;
    }
    return NULL;
}
