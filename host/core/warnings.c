/* Lasting conditions that plugins show in health; see warnings.h. */
#include "host/core/warnings.h"

#include <string.h>

#include "host/core/core_internal.h"

/* Place of a name, or warning_count. */
static uint32_t warning_find(const struct rh_ctx *plugin, const char *name)
{
    uint32_t at = 0;

    while (at < plugin->warning_count && strcmp(plugin->warnings[at].name, name) != 0)
        at++;
    return at;
}

int32_t warning_set(struct rh_ctx *plugin, const char *name, const char *reason)
{
    uint32_t at;

    if (!name || name[0] == '\0' || strlen(name) > WARNING_NAME_MAX)
        return RH_EINVAL;
    at = warning_find(plugin, name);
    if (!reason) {
        if (at < plugin->warning_count)
            plugin->warnings[at] = plugin->warnings[--plugin->warning_count];
        return RH_OK;
    }
    if (at == plugin->warning_count) {
        if (at == PLUGIN_WARNINGS_MAX)
            return RH_EFULL;
        plugin->warning_count++;
        text_set(plugin->warnings[at].name, sizeof plugin->warnings[at].name, "%s", name);
        plugin->warnings[at].reason[0] = '\0';
    }
    if (strncmp(plugin->warnings[at].reason, reason, WARNING_REASON_MAX - 1) != 0)
        core_log(plugin->core, RH_LOG_WARN, plugin->id, "warning", "check=%s reason=\"%s\"", name,
                 reason);
    text_set(plugin->warnings[at].reason, sizeof plugin->warnings[at].reason, "%s",
             reason); /* cut when longer */
    return RH_OK;
}

void warnings_clear(struct rh_ctx *plugin)
{
    plugin->warning_count = 0;
}
