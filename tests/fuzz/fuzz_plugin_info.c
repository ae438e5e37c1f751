/* Feeds bytes to plugin_info_read as if they were a shared object. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/plugin_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plugin_info info;
    char why[PLUGIN_WHY_MAX] = "";
    int32_t rc = plugin_info_read(data, size, &info, why);

    if (rc != RH_OK && why[0] == '\0')
        abort(); /* every refusal has words */
    if (rc == RH_OK && (!plugin_id_is_valid(rh_str_from(info.id)) ||
                        !plugin_version_is_valid(rh_str_from(info.version))))
        abort();
    if (rc == RH_OK)
        (void)plugin_info_check(&info, why); /* either answer is fine */
    return 0;
}
