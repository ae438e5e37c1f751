/* Whom to probe next: each item once in a round, in an order that is shuffled anew each round, so
 * that the time until an item's turn is bounded and not guessable. Items are borrowed pointers; it
 * does not look into them. One thread at a time per schedule. [any]
 *
 * SWIM, section 4.3. */
#ifndef RH_SWIM_SCHEDULE_H
#define RH_SWIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/rng.h>

#define SCHEDULE_ITEMS_MAX 4096u

struct schedule {
    void **items;
    uint32_t count;
    uint32_t capacity;
    uint32_t next; /* items before it had their turn in this round */
};

/* All zero is empty. Frees the list, not the items. */
void schedule_release(struct schedule *schedule);
/* Puts an item that is not in it at a random place; it may have its turn in this round already.
 * RH_OK, RH_EFULL, RH_ENOMEM. */
int32_t schedule_add(struct schedule *schedule, void *item, struct rh_rng *rng);
void schedule_remove(struct schedule *schedule, const void *item);
/* The next item that `may` allows; the others forgo their turn. NULL when none does. */
void *schedule_next(struct schedule *schedule, struct rh_rng *rng,
                    bool (*may)(const void *item, void *user), void *user);

#endif
