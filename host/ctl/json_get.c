/* Members of a parsed JSON reply, read with tolerance: what is missing or of another type has a
 * stand-in. It parses nothing. */
#include "host/ctl/json_get.h"

#include <math.h>

#define EXACT_MAX 9007199254740991.0

const cJSON *json_get(const cJSON *object, const char *key)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const char *json_get_text(const cJSON *object, const char *key)
{
    const cJSON *item = json_get(object, key);

    return cJSON_IsString(item) ? item->valuestring : "";
}

double json_get_number(const cJSON *object, const char *key)
{
    const cJSON *item = json_get(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

int64_t json_get_int(const cJSON *object, const char *key, int64_t fallback)
{
    const double number = json_get_number(object, key);

    /* False for NaN too. */
    return fabs(number) <= EXACT_MAX ? (int64_t)round(number) : fallback;
}

bool json_get_bool(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(json_get(object, key));
}

const cJSON *json_get_items(const cJSON *object, const char *key)
{
    const cJSON *item = json_get(object, key);

    return item ? item->child : NULL;
}
