/* A digest of a JSON value that does not depend on how it is written: not on white space, the order
 * of members, escapes in strings, or the form of a number. Not cryptographic. [any] */
#ifndef RH_SDK_JSON_DIGEST_H
#define RH_SDK_JSON_DIGEST_H

#include <ringhost/types.h>

/* Values nested deeper than this are taken as they are written. */
#define RH_JSON_DIGEST_DEPTH_MAX 64u

/* For sound JSON, as the host hands it over in RH_FIELD_RAW; anything else gives some number.
 * 1, 1.0 and 10e-1 are one number; whole numbers beyond 64 bits are compared by their digits. */
uint64_t rh_json_digest(struct rh_str json);

#endif
