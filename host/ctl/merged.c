/* A body from a JSON text and the options beside it. */
#include "host/ctl/merged.h"

#include <ringhost/sdk/str.h>

#include "host/ctl/ctl.h"
#include "host/ctl/request.h"

/* Members of `from` take the place of those of `into`; objects within are merged. Takes `from`
 * over. */
static bool merge(cJSON *into, cJSON *from)
{
    while (from->child) {
        cJSON *member = cJSON_DetachItemViaPointer(from, from->child);
        cJSON *there = cJSON_GetObjectItemCaseSensitive(into, member->string);

        if (cJSON_IsObject(member) && cJSON_IsObject(there)) {
            if (!merge(there, member))
                return false;
            continue;
        }
        cJSON_DeleteItemFromObjectCaseSensitive(into, member->string);
        if (!cJSON_AddItemToObject(into, member->string, member)) {
            cJSON_Delete(member);
            return false;
        }
    }
    cJSON_Delete(from);
    return true;
}

char *merged_body(const struct args *args, const char *option)
{
    const struct rh_str given = args_text(args, option);
    struct rh_buf options;
    cJSON *whole = NULL;
    cJSON *more = NULL;
    char *text = NULL;

    rh_buf_init(&options, CTL_INPUT_MAX);
    if (request_body(args, &options) == RH_OK)
        more = cJSON_ParseWithLength(options.p, options.n);
    whole = given.n ? cJSON_ParseWithLength(given.p, given.n) : cJSON_CreateObject();
    if (whole && more && merge(whole, more))
        text = cJSON_PrintUnformatted(whole);
    cJSON_Delete(whole);
    rh_buf_release(&options);
    return text;
}
