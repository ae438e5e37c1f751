/* Kinds of rows in the namespace "gauntlet"; their keys are those of <ringhost/sdk/store.h>. */
#ifndef RH_PLUGINS_GAUNTLET_KEYS_H
#define RH_PLUGINS_GAUNTLET_KEYS_H

#include <ringhost/sdk/store.h>

/* First byte of a key; then an id, then in GAME and UNRATED the index of a game. */
#define KEY_SPEC    'g'
#define KEY_STATUS  's'
#define KEY_GAME    'r'
#define KEY_LIVE    'l' /* there while it is to be in memory */
#define KEY_REQUEST 'k' /* idempotency key of a request -> id and digest of the request */
#define KEY_UNRATED 'e' /* a game that the ratings have not acknowledged */

#endif
