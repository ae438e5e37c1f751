/* A grow-only set of facts and retractions, with union as its merge, in memory. Any order of
 * merging, with repeats, ends in the same set and the same digest. Neither stored nor folded here.
 */
#ifndef RH_PLUGINS_ELO_SYNC_FACTS_H
#define RH_PLUGINS_ELO_SYNC_FACTS_H

#include <stdbool.h>

#include <ringhost/sdk/map.h>

#include "fact.h"

/* Buckets of the digest, by the hash of the id. */
#define FACTS_BUCKETS    1024u

#define FACTS_MAX        4000000u

#define FACTS_REASON_MAX 200u

/* Taking a game back: it stays in the set and out of the ratings. */
struct retraction {
    uint64_t stamp; /* hybrid clock of who did it; 0 = there is none */
    struct rh_str reason;
};

/* What one node knows of one game; a part may be missing: a retraction may come before its game. */
struct fact_record {
    struct rh_str id;
    bool has_fact;
    struct fact fact; /* its id is not read */
    struct retraction retraction;
};

struct board_game;

/* One id. Read the members; `game` and `is_announced` belong to the caller. */
struct entry {
    struct rh_str id;
    struct rh_str body; /* canonical; empty = the game is not known yet */
    struct retraction retraction;
    uint64_t id_hash;
    uint64_t body_hash;
    uint64_t state_hash; /* of all of the above */
    struct entry *next;  /* in its bucket */
    struct entry *later; /* the one that came after it */
    struct board_game *game;
    uint64_t mark; /* of the last comparison that met it */
    bool has_conflict;
    bool is_announced;
    bool is_pushed; /* it waits to be told to other nodes */
};

/* What a merge changed. 0: nothing new. */
#define FACTS_GAME      1u /* a game that was not known */
#define FACTS_REPLACED  2u /* another body won */
#define FACTS_RETRACTED 4u /* the game was taken back, or an earlier retraction won */
#define FACTS_CONFLICT \
    8u /* there are two bodies under this id; the one with the lesser hash counts */

struct facts {
    struct rh_map by_id;
    struct entry *first[FACTS_BUCKETS];
    uint64_t sums[FACTS_BUCKETS];  /* of state hashes */
    struct entry *oldest, *newest; /* in the order in which they came */
    uint32_t conflicts;            /* ids with two bodies, as seen here */
    uint32_t retracted;
    uint32_t games; /* ids with a body that is not retracted */
};

/* Empty, for at most count_max ids (1 to FACTS_MAX). seed: of the table, any number. [any] */
void facts_init(struct facts *facts, uint64_t seed, uint32_t count_max);
void facts_release(struct facts *facts);

/* Takes in what a record tells; strings are copied. *entry is the entry of its id, *changes says
 * what was new (FACTS_...). A fact must have passed fact_check. RH_OK, RH_EFULL or RH_ENOMEM, and
 * then nothing has changed. [any] */
int32_t facts_merge(struct facts *facts, const struct fact_record *record, struct entry **entry,
                    uint32_t *changes);

/* The entry of an id, or NULL. [any] */
struct entry *facts_find(const struct facts *facts, struct rh_str id);
uint32_t facts_count(const struct facts *facts);

/* An entry as a record; strings are borrowed from it. [any] */
void facts_record(const struct entry *entry, struct fact_record *out);

/* One number for all of it. [any] */
uint64_t facts_root(const struct facts *facts);
/* The bucket of an id. [any] */
uint32_t facts_bucket(struct rh_str id);

/* The stored form of an entry without its id, and back; RH_EINVAL for anything else. Errors of
 * encoding stay in buf->rc. [any] */
void facts_encode(const struct entry *entry, struct rh_buf *buf);
int32_t facts_decode(struct rh_str id, struct rh_str bytes, struct fact_record *out,
                     bool *has_conflict);

#endif
