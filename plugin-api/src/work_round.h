/* What the files of the owner's side of work items share; see <ringhost/sdk/work_group.h>. */
#ifndef RH_SDK_WORK_ROUND_H
#define RH_SDK_WORK_ROUND_H

#include <ringhost/sdk/work_group.h>

/* One item of GET /work/group, as it comes. */
struct work_row {
    struct rh_str work_id;
    struct rh_str idempotency_key;
    struct rh_str status;
    struct rh_str node_id;
    struct rh_str error;
    struct rh_str result;
    int64_t attempt;
    int64_t finished_at;
};

struct work_counts {
    int64_t done;
    int64_t dead;
    int64_t cancelled;
};

struct work_page {
    struct rh_list items; /* of struct work_row */
    struct rh_str next;   /* "" = the last page */
    struct work_counts counts;
};

/* RH_OK, and *memory to be given to rh->fields->release when the strings are done with; or what the
 * decoder says, with `why` in words. */
int32_t work_page_decode(const struct rh_services *rh, struct rh_str body, struct work_page *out,
                         void **memory, char *why, uint32_t why_size);

const struct work_row *work_page_row(const struct work_page *page, uint32_t index);

/* Items of the whole group that are over; 0 for a group that the queue does not know. */
int64_t work_page_over(const struct work_page *page);

/* How it ended, or false: it may still be done. */
bool work_row_end(const struct work_row *row, enum rh_work_end *end);

/* The group by serial, or NULL when it is gone. */
struct rh_work_group *work_group_by_serial(const struct rh_work_groups *groups, uint64_t serial);

/* Whether the queue has an item of this index, as far as is known; and that it has one. An index
 * for which there is no memory is taken as not seen: its item is added once more. */
bool work_group_has_seen(const struct rh_work_group *group, uint32_t index);
void work_group_see(struct rh_work_group *group, uint32_t index);
void work_group_forget(struct rh_work_group *group);

/* The next wanted index from `from` on that has no item, or RH_WORK_NONE. */
uint32_t work_group_missing(const struct rh_work_groups *groups, const struct rh_work_group *group,
                            uint32_t from);

/* Writes the body of /work/add for missing items from round.add_from on, at most one call's worth,
 * and their indexes into round.adding. false: none is missing. Errors stay in buf. */
bool work_add_body(struct rh_work_groups *groups, const struct rh_work_group *group,
                   struct rh_buf *buf);

/* work_refusal.c. The longest that a refusal puts a group off. */
#define WORK_REFUSAL_WAIT_MAX_S 60

/* Whether the queue will never take what it refused; a reply that is no refusal is none for good.
 */
bool work_refusal_is_for_good(const struct rh_reply *reply);

/* Milliseconds to the next try, after `refusals` others before, where the queue asked for asked_s
 * seconds (0 = it did not). */
int64_t work_refusal_wait_ms(uint32_t refusals, uint32_t asked_s);

/* Say what is wrong, in the log and to whoever looks at the group; try again later, after wait_s at
 * least. A group that its owner has put on hold meanwhile stays so. is_passing: the queue is only
 * not there. [loop] */
void work_refusal_put_off(struct rh_work_groups *groups, struct rh_work_group *group,
                          const char *text, uint32_t wait_s, bool is_passing);

#endif
