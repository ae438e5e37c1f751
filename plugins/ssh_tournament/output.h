/* What is taken from a job's output: the line that may tell a result, and a tail that fits a reply;
 * it does not read JSON. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_OUTPUT_H
#define RH_PLUGINS_SSH_TOURNAMENT_OUTPUT_H

#include <ringhost/types.h>

/* The last line that looks like a JSON object, without blanks around it; "" = there is none. [any]
 */
struct rh_str output_object(struct rh_str output);

/* At most the last `most` bytes, from the beginning of a UTF-8 character on. [any] */
struct rh_str output_tail(struct rh_str output, size_t most);

/* The text without a UTF-8 character that is cut off at its end. Bytes that belong to none stay.
 * [any] */
struct rh_str output_whole(struct rh_str text);

#endif
