/* A plugin's descriptor in this host's own shape: copied, checked, completed. It calls nothing of
 * the plugin. */
#ifndef RH_HOST_CORE_PLUGIN_DESC_H
#define RH_HOST_CORE_PLUGIN_DESC_H

#include <stdint.h>

#include <ringhost/abi.h>

#include "host/core/plugin_info.h"

#define PLUGIN_ROUTES_MAX           256u
#define PLUGIN_EVENTS_MAX           256u
#define PLUGIN_LOOPS_MAX            64u
#define PLUGIN_ROLES_MAX            4u
#define PLUGIN_NAMESPACES_MAX       8u
#define PLUGIN_SERVICES_MAX         32u
#define PLUGIN_AFTER_MAX            64u
#define PLUGIN_PATH_MAX             256u /* bytes of a route's path */
#define PLUGIN_INSTANCE_BYTES_MAX   (64u * 1024u * 1024u)
#define PLUGIN_LOOP_INTERVAL_MS_MIN 100
#define PLUGIN_LOOP_INTERVAL_MS_MAX (7 * 24 * 3600 * 1000)
#define PLUGIN_ROLE_RANK_MAX        1000u
#define PLUGIN_ROUTE_TIMEOUT_MS_MAX (60u * 60u * 1000u)
#define PLUGIN_ROUTE_BODY_MAX       (1024u * 1024u * 1024u) /* bytes */

struct plugin_desc_block;

/* Arrays and tables of `desc` are the copy's own and have this host's strides; the strings,
 * handlers and lists of services are the plugin's. */
struct plugin_desc {
    struct rh_plugin desc;
    uint32_t unknown_tails; /* structs with more in them than this host knows: ignored, worth a log
                               line */
    struct plugin_desc_block *blocks; /* private */
};

/* Copies entry by the rules for structs that cross (the first min(size, known) bytes into zeroed
 * memory, arrays by count and stride), role tables and field tables as well; sets RH_LEADER on
 * every route of a plugin with a replicated namespace; and checks everything. The plugin must stay
 * loaded for as long as the copy lives. RH_OK and *out for plugin_desc_free; RH_EINVAL,
 * RH_EUNSUPPORTED (another ABI, a service or role this host does not have) or RH_ENOMEM, with why
 * (PLUGIN_WHY_MAX) naming the row and the rule. *out is written only on success. [any] */
int32_t plugin_desc_normalise(const struct rh_plugin *entry, struct plugin_desc **out, char *why);
/* NULL is allowed. */
void plugin_desc_free(struct plugin_desc *desc);

#endif
