/* Games that wait for the ratings, a row each in a namespace of their owner: its key is a kind, the
 * id of what the game belongs to, and the game's number. The row is put with the game's result and
 * deleted once the ratings have it; see <ringhost/sdk/rated.h>. All [loop]. */
#ifndef RH_SDK_RATED_ROWS_H
#define RH_SDK_RATED_ROWS_H

#include <ringhost/sdk/rated.h>
#include <ringhost/sdk/store.h>

/* The longest value of a row, bytes. */
#define RH_RATED_VALUE_MAX 64u
/* Ids that are remembered as broken; one more is logged each time that it is met. */
#define RH_RATED_BROKEN_MAX 16u
/* What waits for the ratings is kept beyond keep_max, up to so many times that many things. */
#define RH_RATED_KEEP_FACTOR 2

struct rh_rated_row {
    char id[RH_STORE_ID_SIZE];
    uint32_t number;
    uint32_t value_size;
    char value[RH_RATED_VALUE_MAX];
};

/* The games of one offer, in the order of ids and numbers, and what could not be read of late.
 * Inside the plugin's struct; all-zero is empty. */
struct rh_rated_rows {
    struct rh_rated_row rows[RH_RATED_PAGE_MAX];
    uint32_t count;
    uint32_t broken_count;
    char broken[RH_RATED_BROKEN_MAX][RH_STORE_ID_SIZE];
};

/* What became of a row that was shown. */
enum rh_rated_take {
    RH_RATED_WRITTEN,  /* it is part of the offer */
    RH_RATED_LEFT_OUT, /* it says nothing that can be told; it stays */
    RH_RATED_BROKEN    /* what it belongs to cannot be read: neither it nor others of the id */
};

/* Adds the row of a game to the batch that has its result. value may be empty; RH_ETOOLARGE in the
 * batch beyond RH_RATED_VALUE_MAX. */
void rh_rated_rows_put(struct rh_batch_builder *batch, char kind, struct rh_str id, uint32_t number,
                       struct rh_str value);
/* Deletes it before it was offered. */
void rh_rated_rows_drop(struct rh_batch_builder *batch, char kind, struct rh_str id,
                        uint32_t number);

/* Shows the rows of the kind, from the first on, to `write` until `max` (at most
 * RH_RATED_PAGE_MAX) are written; how many. `write` may read the store. One broken thing does not
 * hold up what comes after it: it is named once in the log (unrated_unreadable) and in health
 * (unrated) for as long as it is broken. what: "gauntlet", for both. */
uint32_t rh_rated_rows_collect(struct rh_rated_rows *rows, const struct rh_store *store, char kind,
                               uint32_t max, const char *what,
                               enum rh_rated_take (*write)(void *user,
                                                           const struct rh_rated_row *row),
                               void *user);

/* Whether any row of an id waits: what it belongs to is not to be forgotten yet. */
bool rh_rated_rows_wait(const struct rh_store *store, char kind, struct rh_str id);

/* Deletes the rows that were written last, which were acknowledged. */
void rh_rated_rows_delete(const struct rh_rated_rows *rows, char kind,
                          struct rh_batch_builder *batch);

/* Commits those deletions, and then offers what is left. `rated` is in the plugin's struct. A
 * commit that fails is logged: the games are offered again. */
void rh_rated_rows_commit(struct rh_batch_builder *batch, const struct rh_services *rh,
                          struct rh_rated_feed *rated);

#endif
