/* Games that wait for the ratings, a row each in a namespace of their owner: its key is a kind, the
 * id of what the game belongs to, and the game's number. The row is put with the game's result and
 * deleted once the ratings have it; see <ringhost/sdk/rated.h>. All [loop]. */
#ifndef RH_SDK_RATED_ROWS_H
#define RH_SDK_RATED_ROWS_H

#include <ringhost/sdk/rated.h>
#include <ringhost/sdk/store.h>

struct rh_rated_row {
    char id[RH_STORE_ID_SIZE];
    uint32_t number;
};

/* The games of one offer, in the order of ids and numbers. */
struct rh_rated_rows {
    struct rh_rated_row rows[RH_RATED_PAGE_MAX];
    uint32_t count;
};

/* Adds the row of a game to the batch that has its result. value may be empty. */
void rh_rated_rows_put(struct rh_batch_builder *batch, char kind, struct rh_str id, uint32_t number,
                       struct rh_str value);

/* Reads the first `max` rows of the kind, at most RH_RATED_PAGE_MAX. `take` (may be NULL) copies
 * what it needs of a row's value, and leaves the row out by returning false. What the store says.
 */
int32_t rh_rated_rows_read(struct rh_rated_rows *rows, const struct rh_store *store, char kind,
                           uint32_t max,
                           bool (*take)(void *user, uint32_t place, struct rh_str value),
                           void *user);

/* Deletes the rows before `count`, which were acknowledged. */
void rh_rated_rows_delete(const struct rh_rated_rows *rows, char kind, uint32_t count,
                          struct rh_batch_builder *batch);

#endif
