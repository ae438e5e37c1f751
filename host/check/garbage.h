/* Bodies and queries made from a field table: the least that is valid, and much that is not. It
 * sends nothing and judges nothing. */
#ifndef RH_HOST_CHECK_GARBAGE_H
#define RH_HOST_CHECK_GARBAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/rng.h>

#define GARBAGE_SEEN_MAX   64u /* texts of answers that are remembered */
#define GARBAGE_TEXT_MAX   80u /* bytes of one */
#define GARBAGE_RANDOM     40u /* random objects for each table */
#define GARBAGE_LENGTH_MAX 70000

/* Random numbers, and strings that answers held: ids among them lead requests to what exists. */
struct garbage {
    struct rh_rng rng;
    char seen[GARBAGE_SEEN_MAX][GARBAGE_TEXT_MAX + 1];
    uint32_t seen_count;
};

/* [any] */
void garbage_init(struct garbage *garbage, uint64_t seed);
/* Takes up some of the strings of an answer. [any] */
void garbage_learn(struct garbage *garbage, struct rh_str answer);

/* Appends the smallest valid object, or query without '?': each required field with the smallest
 * value it may have. Tables were accepted by field_check. Returns out->rc. [any] */
int32_t garbage_minimal(const struct rh_fields *table, bool is_query, struct rh_buf *out);

/* Appends an object, or query, that is valid in part: errors go to out->rc. [any] */
void garbage_random(struct garbage *garbage, const struct rh_fields *table, bool is_query,
                    struct rh_buf *out);

/* Appends piece `index` of garbage for the table: texts that are no object; each field with each
 * wrong type and just outside its limits; an unknown field; GARBAGE_RANDOM objects that are valid
 * in part. False past the last one. [any] */
bool garbage_piece(struct garbage *garbage, const struct rh_fields *table, bool is_query,
                   uint32_t index, struct rh_buf *out);

#endif
