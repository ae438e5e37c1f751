/* Kinds of rows in the namespace "tournament"; their keys are those of <ringhost/sdk/store.h>. */
#ifndef RH_PLUGINS_TOURNAMENT_KEYS_H
#define RH_PLUGINS_TOURNAMENT_KEYS_H

#include <ringhost/sdk/store.h>

/* First byte of a key; then an id, then in MATCH, EXTRA, RESULT, UNRATED and GONE a number. */
#define KEY_SPEC    'g'
#define KEY_STATUS  's'
#define KEY_MATCH   'm' /* by match */
#define KEY_EXTRA   'x' /* by number of the extra item, from 0 */
#define KEY_RESULT  'r' /* by item */
#define KEY_UNRATED 'u' /* by rated number: a game that the ratings have not acknowledged */
#define KEY_GONE    'v' /* by rated number: a game that the ratings are to take back */
#define KEY_LIVE    'l' /* there while it is to be in memory */
#define KEY_REQUEST 'k' /* idempotency key of a request -> id and digest of the request */

#endif
