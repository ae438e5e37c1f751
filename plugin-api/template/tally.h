/* Counts by name, in memory; no clock, no storage, no JSON. */
#ifndef YOUR_PLUGIN_TALLY_H
#define YOUR_PLUGIN_TALLY_H

#include <ringhost/sdk/map.h>

#define TALLY_NAMES_MAX 10000u                    /* names that are counted */
#define TALLY_COUNT_MAX INT64_C(9007199254740991) /* the largest integer that JSON keeps exact */

/* Caller's memory; private. */
struct tally {
    struct rh_map counts; /* name -> struct count, owned */
};

/* Empty. seed: any number that outsiders do not know. */
void tally_init(struct tally *tally, uint64_t seed);

/* Frees everything; the tally is then empty and may be used again. */
void tally_release(struct tally *tally);

/* The count of a name; 0 for one that was never counted. */
int64_t tally_get(const struct tally *tally, struct rh_str name);

/* Sets a count as it was stored before. RH_OK; RH_EINVAL outside 0..TALLY_COUNT_MAX; RH_EFULL above
 * TALLY_NAMES_MAX; RH_ENOMEM. On failure nothing changes. */
int32_t tally_set(struct tally *tally, struct rh_str name, int64_t count);

/* Counts a name `times` (at least 1) more often. RH_OK and the new count in *count; RH_EFULL when a
 * limit is reached; RH_EINVAL; RH_ENOMEM. On failure nothing changes. */
int32_t tally_add(struct tally *tally, struct rh_str name, int64_t times, int64_t *count);

#endif
