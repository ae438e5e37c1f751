/* Keys of the namespace "tournament": what is kept under which, and back; no storage. */
#ifndef RH_PLUGINS_TOURNAMENT_KEYS_H
#define RH_PLUGINS_TOURNAMENT_KEYS_H

#include <ringhost/sdk/key.h>

#include "record.h"

/* First byte of a key; then an id, then in MATCH, EXTRA and RESULT a number. */
#define KEY_SPEC    'g'
#define KEY_STATUS  's'
#define KEY_MATCH   'm' /* by match */
#define KEY_EXTRA   'x' /* by number of the extra item, from 0 */
#define KEY_RESULT  'r' /* by item */
#define KEY_LIVE    'l' /* there while it is to be in memory */
#define KEY_REQUEST 'k' /* idempotency key of a request -> id */

/* Errors stay in key->rc. [any] */
void tournament_key(struct rh_key *key, char kind, struct rh_str id);
void tournament_key_numbered(struct rh_key *key, char kind, struct rh_str id, uint32_t number);
/* All keys of a kind and an id, with or without a number: from, and the end behind them. [any] */
void tournament_key_range(struct rh_key *from, struct rh_key *to, char kind, struct rh_str id);

/* The id in a key without a number, and the number in one with it; RH_EINVAL. [any] */
int32_t tournament_key_id(struct rh_str key, char id[TEXT_ID_SIZE]);
int32_t tournament_key_number(struct rh_str key, uint32_t *number);

#endif
