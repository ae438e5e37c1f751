/* What a normalised descriptor must obey: syntax, limits, uniqueness. It copies nothing and calls
 * nothing of the plugin. */
#ifndef RH_HOST_CORE_PLUGIN_RULES_H
#define RH_HOST_CORE_PLUGIN_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ringhost/abi.h>

/* Checks a descriptor whose arrays have native strides; the field tables apart from their presence
 * are field_check's part. RH_OK; RH_EINVAL or RH_EUNSUPPORTED (a service or role this host does not
 * have) with why (PLUGIN_WHY_MAX) naming the row and the rule. [any] */
int32_t plugin_rules_check(const struct rh_plugin *desc, char *why);

/* Whether a plugin with this namespace is active only where the node leads. [any] */
bool plugin_rules_lives_by(const struct rh_namespace *ns);

/* Bytes of the function table of a role id as this host knows it; 0 for an unknown role. [any] */
size_t plugin_role_bytes(const char *role_id);

#endif
