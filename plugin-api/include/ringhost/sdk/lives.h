/* The things of a plugin that live: what it runs, or waits for others to let go of, kept in memory
 * as a cache of the store. For plugins that have tournaments, jobs or the like in a replicated
 * namespace. Not for pure cores. All [loop].
 *
 * In the store a thing has three rows besides those that only its plugin knows: one of the kind
 * `kept` for as long as it is known at all, in the order of ids, which is that of age; one of the
 * kind `live` for as long as it is to be in memory; and one of the kind `request` when the request
 * that made it had an idempotency key.
 *
 * The order of an owner: rh_lives_load in activate, rh_lives_drop in deactivate and destroy. A
 * change is made in memory first, put into a batch, and committed by rh_lives_commit; what is to
 * follow from it elsewhere waits until rh_lives_recorded gives the thing back. The batch that ends
 * one deletes its row of the kind `live`, and only once that is recorded rh_lives_remove takes it
 * out of memory: from then on the store shows how it ended.
 *
 * One whose records are damaged costs itself alone: it is left out, told in the log and in health
 * (damaged.h), and stays in the store as it is. */
#ifndef RH_SDK_LIVES_H
#define RH_SDK_LIVES_H

#include <ringhost/sdk/damaged.h>
#include <ringhost/sdk/request_key.h>

/* Things in memory at once. */
#define RH_LIVES_MAX 256u
/* Things of the store that one new one may push out. */
#define RH_LIVES_PRUNE_MAX 4u
/* Things of one list. */
#define RH_LIVES_LIST_MAX 200

/* A thing in memory: the first member of what its owner has beside it. */
struct rh_live {
    uint64_t serial; /* grows, never 0; names it in callbacks that may come after it is gone */
    uint64_t asked;  /* digest of the request that made it; 0 = it came from the store */
    void *thing;
    struct rh_str id; /* borrowed from the thing, these two */
    struct rh_str request_key;
    uint32_t unrecorded; /* commits under way: nothing may follow from them yet */
};

/* What a thing is called. request_key "" = its request had none. Borrowed from it. */
struct rh_live_name {
    struct rh_str id;
    struct rh_str request_key;
};

/* What an owner is and does; static. `self` is the plugin instance, `thing` what it runs. */
struct rh_lives_owner {
    const char *name_space;
    const char *one;    /* "tournament", for words */
    const char *many;   /* "tournaments", the member of lists, too */
    size_t live_size;   /* bytes of the struct that begins with a struct rh_live */
    uint32_t count_max; /* in memory; at most RH_LIVES_MAX */
    char kept_kind;     /* kinds of rows, see above */
    char live_kind;
    char request_kind;

    struct rh_live_name (*name)(const void *thing);
    /* Reads one from the store, for the caller to close. Without words: RH_ENOTFOUND: there is
     * none; RH_EINVAL: its records are damaged; any other code says that reading failed. *thing is
     * then not written. */
    int32_t (*open)(void *self, struct rh_str id, void **thing);
    /* The same with no more than `write_row` needs. NULL = open. */
    int32_t (*open_head)(void *self, struct rh_str id, void **thing);
    /* Frees one; NULL does nothing. */
    void (*close)(void *thing);
    /* The members of its object in a list. */
    void (*write_row)(struct rh_json_writer *w, const void *thing);

    /* It comes into memory; all-zero but for the struct rh_live. When it fails, `leave` is not
     * called. NULL = there is nothing to do. */
    int32_t (*enter)(void *self, struct rh_live *live);
    /* It came from the store and goes on from there. NULL = there is nothing to do. */
    int32_t (*resume)(void *self, struct rh_live *live);
    /* It leaves memory; the thing is closed afterwards. NULL = there is nothing to do. */
    void (*leave)(void *self, struct rh_live *live);

    /* Whether one that is not live has to be kept all the same. NULL = none has. */
    bool (*is_needed)(void *self, struct rh_str id);
    /* Deletes all rows that belong to it. */
    void (*forget)(void *self, struct rh_batch_builder *batch, struct rh_str id);
};

/* Inside the plugin's struct. Read `live`, `count` and `kept`; the rest is private. */
struct rh_lives {
    const struct rh_services *rh;
    const struct rh_lives_owner *owner;
    void *self;
    struct rh_live *live[RH_LIVES_MAX]; /* ascending serials */
    uint32_t count;
    uint32_t kept; /* things in the store, with those that are being committed */
    uint64_t last_serial;
    struct rh_damaged damaged; /* met in this activation */
};

/* Once, in create. Needs rh.core/1, rh.http/1 and rh.state/1. */
void rh_lives_init(struct rh_lives *lives, const struct rh_services *rh,
                   const struct rh_lives_owner *owner, void *self);
/* Takes all that are to live from the store. A negative code says why not, in words too, and none
 * is in memory then. */
int32_t rh_lives_load(struct rh_lives *lives);
/* Forgets what is in memory. */
void rh_lives_drop(struct rh_lives *lives);

/* The namespace, for rh_store_... */
struct rh_store rh_lives_store(const struct rh_lives *lives);

/* The one in memory, or NULL. Borrowed. */
struct rh_live *rh_lives_get(const struct rh_lives *lives, struct rh_str id);

/* Takes a thing over, in any case: on failure it is closed. RH_EFULL with words when there are
 * count_max, RH_ENOMEM, or what `enter` says. */
int32_t rh_lives_add(struct rh_lives *lives, void *take_thing, struct rh_live **out);
void rh_lives_remove(struct rh_lives *lives, struct rh_live *live);

/* --- making and changing --- */

/* An id for a new one: the letter, the time, and six digits at random. The order of ids is that of
 * creation. */
#define RH_LIVES_ID_SIZE 20u
void rh_lives_make_id(const struct rh_services *rh, char letter, char id[RH_LIVES_ID_SIZE]);

/* What became of an earlier request with its idempotency key, into id; the codes of
 * rh_request_find. */
int32_t rh_lives_find_request(struct rh_lives *lives, const struct rh_request_key *request,
                              char id[RH_STORE_ID_SIZE]);

/* Takes a new thing over as rh_lives_add does, and begins its batch: room is made for it, so that
 * the store keeps keep_max at the most (the oldest go first, the live ones never), and its rows of
 * the kinds `live` and `request` are put. The caller puts the others and commits. On failure there
 * is no batch. */
int32_t rh_lives_create(struct rh_lives *lives, void *take_thing, uint64_t asked, int64_t keep_max,
                        struct rh_batch_builder *batch, struct rh_live **out);

/* Submits the batch and releases it. live: whose it is, NULL = of none. cb: as in rh.state/1; its
 * user is for rh_lives_recorded. What memory knows and the store could not take is undone by a new
 * activation. */
void rh_lives_commit(struct rh_lives *lives, struct rh_batch_builder *batch, struct rh_live *live,
                     void (*cb)(void *self, void *user, int32_t rc, uint64_t revision));

/* In that cb, whatever its rc: the thing that the batch was of, when no other commit of it is under
 * way. Else NULL, also when it is gone or the batch was of none. */
struct rh_live *rh_lives_recorded(struct rh_lives *lives, void *user);

/* --- looking --- */

/* One from memory or from the store. */
struct rh_found {
    void *thing;
    struct rh_live *live; /* NULL = the thing is the holder's own */
};

/* RH_ENOTFOUND; RH_EIO: its records are damaged; or the code of a read that failed; with words.
 * Release what was found. */
int32_t rh_lives_find(struct rh_lives *lives, struct rh_str id, struct rh_found *out);
/* The same; "" stands for the newest, be it in memory alone. */
int32_t rh_lives_find_or_newest(struct rh_lives *lives, struct rh_str id, struct rh_found *out);
/* The same for going through many: *found, all-zero at first, is released or, if it is of the same
 * id, given again; and one of the store has no more than `write_row` needs. After a failure it is
 * all-zero. */
int32_t rh_lives_find_next(struct rh_lives *lives, struct rh_str id, struct rh_found *found);
/* Takes what is the holder's own into memory, as rh_lives_add does: it is live then, or, on
 * failure, closed and *found all-zero. */
int32_t rh_lives_keep(struct rh_lives *lives, struct rh_found *found);
/* Closes what is the holder's own. An all-zero one may be released, too. */
void rh_lives_release(const struct rh_lives *lives, struct rh_found *found);

/* The fields of a route that lists them. */
struct rh_lives_list {
    struct rh_str before;
    int64_t limit;
};
#define RH_LIVES_LIST_ROWS(id_max)                                                            \
    RH_TEXT(struct rh_lives_list, before, 0, (id_max), "only older ones; `next` of a reply"), \
        RH_INT(struct rh_lives_list, limit, 50, 1, RH_LIVES_LIST_MAX, "how many at most")

/* Answers with those that the store shows, the newest first: {MANY: [...], "next": the id to go on
 * before, or null}. */
int32_t rh_lives_reply_list(struct rh_lives *lives, rh_req req, const struct rh_lives_list *asked);

#endif
