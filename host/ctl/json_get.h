/* Members of a parsed JSON reply, read with tolerance: what is missing or of another type has a
 * stand-in. It parses nothing. */
#ifndef RH_HOST_CTL_JSON_GET_H
#define RH_HOST_CTL_JSON_GET_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* object may be NULL or anything. Texts are borrowed from it. [any] */

/* The text, or "". */
const char *json_get_text(const cJSON *object, const char *key);
/* The integer nearest to the number, or fallback. */
int64_t json_get_int(const cJSON *object, const char *key, int64_t fallback);
/* The number, or NaN. */
double json_get_number(const cJSON *object, const char *key);
bool json_get_bool(const cJSON *object, const char *key);
/* The first item of the array or member of the object, for a loop over ->next; NULL when there is
 * none. */
const cJSON *json_get_items(const cJSON *object, const char *key);
const cJSON *json_get(const cJSON *object, const char *key);

#endif
