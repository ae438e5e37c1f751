/* How deep a JSON value is nested, for those who keep values of others and put them into documents
 * of their own, which have a limit. [any] */
#ifndef RH_SDK_JSON_DEPTH_H
#define RH_SDK_JSON_DEPTH_H

#include <stdint.h>

#include <ringhost/types.h>

/* Objects and arrays one in the other: 0 for a plain value, 1 for [1]. For sound JSON, as the host
 * hands it over in RH_FIELD_RAW; anything else gives some number. */
uint32_t rh_json_depth(struct rh_str json);

#endif
