/* The items in the text of a claim's answer, one by one, so that one that cannot be read takes none
 * of the others with it. It reads no item. Pure. */
#ifndef RH_PLUGINS_WORKER_ANSWER_H
#define RH_PLUGINS_WORKER_ANSWER_H

#include <stdbool.h>

#include <ringhost/types.h>

/* What follows the "[" of member `items` of the object, or nothing when there is none. Borrowed. */
struct rh_str answer_items(struct rh_str answer);

/* The next of them, from { to }, and *rest moves behind it; false at the end, or where the text is
 * no JSON. However deep it is nested. */
bool answer_next(struct rh_str *rest, struct rh_str *item);

#endif
