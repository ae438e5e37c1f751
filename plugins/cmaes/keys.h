/* Kinds of rows in the namespace "cmaes"; their keys are those of <ringhost/sdk/store.h>. */
#ifndef RH_PLUGINS_CMAES_KEYS_H
#define RH_PLUGINS_CMAES_KEYS_H

#include <ringhost/sdk/store.h>

/* First byte of a key; then an id, then what is said. */
#define KEY_SPEC     'j'
#define KEY_STATUS   's'
#define KEY_SNAPSHOT 'n' /* the search at the beginning of the open generation */
#define KEY_REPORT   'r' /* u32 index: an answer of the open generation */
#define KEY_ROW      'h' /* u64 generation: what an ended one was */
#define KEY_LIVE     'l' /* there while it runs */
#define KEY_GROUP    'o' /* by group id: an ended generation still has items */
#define KEY_REQUEST  'k' /* idempotency key of a request -> id */

#endif
