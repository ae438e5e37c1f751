/* The owner's side of work items: a plugin whose work is done by others (games, evaluations) says
 * which items it wants, and is handed each result once. Not for pure cores. All [loop].
 *
 * An item is known by its group and its index: its idempotency key is "<group>/<index>", so adding
 * it again is harmless. Nothing is assumed to be atomic between owner and queue; the two are
 * compared. A round asks the queue for counts alone. Only when more items are over than
 * before are items read, from the first one that was not over on. Once a minute and after each
 * activation everything is compared, and what the owner wants and the queue does not have is added.
 *
 * The order of an owner: record what is intended; in the callback of that commit, wake the group;
 * record what comes back in `taken`. */
#ifndef RH_SDK_WORK_GROUP_H
#define RH_SDK_WORK_GROUP_H

#include <stdbool.h>

#include <ringhost/sdk/plugin.h>
#include <ringhost/sdk/work_item.h>

/* Groups of one owner at once. */
#define RH_WORK_GROUPS_MAX 256u

/* Bytes of the texts that are kept, NUL included; longer ones are cut. */
#define RH_WORK_ID_SIZE      128u
#define RH_WORK_PROBLEM_SIZE 384u

/* No index. */
#define RH_WORK_NONE UINT32_MAX

/* One group; the owner's memory, not to be moved while it is in a set. Read `id` and `problem`;
 * the rest is private. */
struct rh_work_group {
    char id[RH_WORK_GROUP_ID_SIZE];
    char problem[RH_WORK_PROBLEM_SIZE]; /* why the queue could not be asked; "" = all is well */
    uint64_t serial;                    /* names it in callbacks that may come after it is gone */
    int64_t over;       /* items that were over when all were read last; -1 = not read yet */
    uint32_t seen_size; /* bytes of seen */
    uint8_t *seen;      /* 1 for each index whose item the queue has, as far as is known */
    bool is_due;        /* compare everything, not only what is new */
    bool has_more;      /* the owner wants items that it did not want before */
    bool is_cancelled;
    bool is_unadded; /* the queue refused to add something, and has not taken it since */
    int64_t not_before_ms;
    uint32_t refusals;           /* in a row */
    char after[RH_WORK_ID_SIZE]; /* every item up to this work id is over */
};

/* What an owner does. `self` is the plugin instance. */
struct rh_work_owner {
    const char *name; /* of the plugin, for log lines */
    /* The least index from `from` on that has no result and should have an item by now, or
     * RH_WORK_NONE. It is asked about indexes that have one, too; the set leaves those out. */
    uint32_t (*wanted)(void *self, const struct rh_work_group *group, uint32_t from);
    /* Writes the members of the item's object for POST /work/add, all but group and
     * idempotency_key. Errors stay in the writer's buffer. */
    void (*write)(void *self, const struct rh_work_group *group, uint32_t index,
                  struct rh_json_writer *w);
    /* An item is over. Handed over at least once; the owner keeps the first result of an index and
     * leaves alone what it knows already or what is none of its own. */
    void (*take)(void *self, struct rh_work_group *group, const struct rh_work_item *item);
    /* What was taken since the last call is to be recorded; the group may be removed here. Called
     * after each page of items, even when nothing of it was new. */
    void (*taken)(void *self, struct rh_work_group *group);
    /* Whether the item of an index that has no result is wanted no more; it is then cancelled when
     * a comparison meets it alive, and its end is handed over like any other. NULL = never. */
    bool (*unwanted)(void *self, const struct rh_work_group *group, uint32_t index);
    /* A cancelled group has no item alive in the queue any more; it may be removed here. */
    void (*settled)(void *self, struct rh_work_group *group);
    /* The queue will never take an item of the group, with any others of the same call: it is bad,
     * in conflict with what is stored, or too large. `why` is the queue's own text, cut to
     * RH_WORK_PROBLEM_SIZE. The owner ends what the items are for: it cancels or removes the group
     * here. Until then it is called again with each try, about once a minute. Refusals for the time
     * being (overload, no leader, no queue) never come here: they only make the group wait, 5 s at
     * first and twice as long after each, up to a minute. NULL = all refusals are such. */
    void (*refused)(void *self, struct rh_work_group *group, struct rh_str why);
};

/* Items of one page, and so of one round of cancelling. */
#define RH_WORK_PAGE_MAX 100u

/* The groups of one plugin instance, inside its struct. Private. */
struct rh_work_groups {
    const struct rh_services *rh;
    const struct rh_work_owner *owner;
    void *self;
    struct rh_work_group *groups[RH_WORK_GROUPS_MAX]; /* ascending serials */
    uint32_t count;
    uint64_t last_serial;
    int64_t interval_ms;
    /* One group after the other, one call at a time. */
    struct {
        uint64_t current; /* serial of the group under way, or the last one */
        rh_handle timer;
        bool is_calling;
        bool is_again; /* something began while a call was out: go round once more at once */
        bool is_armed;
        bool is_sweep;     /* the pages under way are a comparison of everything */
        bool is_end;       /* ... of a cancelled group, to settle it */
        int64_t over;      /* items that were over when the pages under way began */
        bool is_prefix;    /* every item of the pages so far is over */
        uint32_t add_from; /* next index to add */
        uint32_t add_count;
        uint32_t adding[RH_WORK_PAGE_MAX]; /* indexes of the call that is out */
        uint32_t cancel_count;
        char next[RH_WORK_ID_SIZE]; /* where the next page begins, "" = it was the last */
        char cancel[RH_WORK_PAGE_MAX]
                   [RH_WORK_ID_SIZE]; /* live items of the page that nobody wants */
    } round;
};

/* Empty set; once, in create. `rh` and `self` are those of the plugin instance, `owner` is static.
 * interval_ms: from the end of a round to the next, at least 1; it may be set again any time by
 * rh_work_groups_interval. */
void rh_work_groups_init(struct rh_work_groups *groups, const struct rh_services *rh,
                         const struct rh_work_owner *owner, void *self, int64_t interval_ms);
void rh_work_groups_interval(struct rh_work_groups *groups, int64_t interval_ms);

/* Forgets everything: calls under way end without effect. In deactivate and destroy. */
void rh_work_groups_stop(struct rh_work_groups *groups);

/* Takes a zeroed group into the set. It is not asked about before rh_work_group_wake. RH_EFULL at
 * RH_WORK_GROUPS_MAX, RH_ETOOLARGE for an id that does not fit; RH_EINVAL for one that a query
 * string cannot hold as it is (other characters than letters, digits, '.', '_', '-', '/'). */
int32_t rh_work_group_add(struct rh_work_groups *groups, struct rh_work_group *group,
                          struct rh_str id);

/* Takes it out and releases what the set keeps in it. Nothing happens to one that is in no set. */
void rh_work_group_remove(struct rh_work_groups *groups, struct rh_work_group *group);

/* What is intended is on disk: compare with the queue now, and add what is wanted. */
void rh_work_group_wake(struct rh_work_groups *groups, struct rh_work_group *group);

/* More items are wanted than before, and that is on disk. Cheaper than wake: nothing is read. */
void rh_work_group_more(struct rh_work_groups *groups, struct rh_work_group *group);

/* No item is wanted any more: those that are alive are cancelled once rh_work_group_wake is
 * called, and results that still come are not handed over. */
void rh_work_group_cancel(struct rh_work_groups *groups, struct rh_work_group *group);

/* Compares everything of every group in the next round, which begins now; the plugin's own loop
 * calls it once a minute. */
void rh_work_groups_sweep(struct rh_work_groups *groups);

/* Ends a round's wait: ask about all groups now. */
void rh_work_groups_kick(struct rh_work_groups *groups);

#endif
