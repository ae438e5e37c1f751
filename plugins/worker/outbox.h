/* Which report is sent next and when; the reports themselves are in the store, under their numbers.
 */
#ifndef RH_PLUGINS_WORKER_OUTBOX_H
#define RH_PLUGINS_WORKER_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#define OUTBOX_MAX           4096u
#define OUTBOX_IN_FLIGHT_MAX 4u
#define OUTBOX_CAP_MS        60000 /* longest back-off */

struct outbox_entry {
    uint64_t seq;
    int64_t due_ms;
    uint32_t failures;
    bool is_in_flight;
    bool is_settled; /* acknowledged or refused; its deletion is being committed */
};

/* Ordered by seq. Zero before outbox_init. */
struct outbox {
    struct outbox_entry *entries;
    uint32_t count;
    uint32_t in_flight;
};

/* RH_OK or RH_ENOMEM. */
int32_t outbox_init(struct outbox *outbox);
void outbox_release(struct outbox *outbox);

/* One more, due at once; seq is above all that are in. RH_OK, or RH_EFULL at OUTBOX_MAX. */
int32_t outbox_add(struct outbox *outbox, uint64_t seq);

/* The oldest that is due and not under way, if one more may be; it is under way then. */
bool outbox_next(struct outbox *outbox, int64_t now_ms, uint64_t *seq);

/* It did not arrive: again later. Unknown numbers are ignored, here and below. */
void outbox_again(struct outbox *outbox, uint64_t seq, int64_t now_ms, uint32_t retry_after_s,
                  uint64_t random);

/* It needs no more sending. */
void outbox_settle(struct outbox *outbox, uint64_t seq);

/* It is gone from the store. */
void outbox_remove(struct outbox *outbox, uint64_t seq);

/* There is somebody new to send to: all are due, and failures are forgotten. */
void outbox_hurry(struct outbox *outbox, int64_t now_ms);

/* When outbox_next may have something, monotonic ms; INT64_MAX = not by time alone. */
int64_t outbox_due_ms(const struct outbox *outbox);

#endif
