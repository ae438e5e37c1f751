/* Walks through the members of a JSON object that is known to be one; it checks nothing. */
#ifndef RH_PLUGINS_CMAES_MEMBERS_H
#define RH_PLUGINS_CMAES_MEMBERS_H

#include <ringhost/types.h>
#include <stdbool.h>
#include <stddef.h>

/* One member, borrowed from the text. */
struct member {
    struct rh_str key;   /* between its quotes, escapes as they are */
    struct rh_str value; /* JSON text without blanks around it */
};

/* The next member of a valid object; *offset begins at 0. False at the end. [any] */
bool members_next(struct rh_str object, size_t *offset, struct member *out);

/* The value at a path of keys parted by dots, "totals.wins", or an empty string when there is none.
 * [any] */
struct rh_str members_at(struct rh_str object, struct rh_str path);

#endif
