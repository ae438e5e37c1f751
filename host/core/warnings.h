/* Lasting conditions that plugins show in health, each as a degraded check "PLUGIN.NAME". */
#ifndef RH_HOST_CORE_WARNINGS_H
#define RH_HOST_CORE_WARNINGS_H

#include <stdint.h>

#define PLUGIN_WARNINGS_MAX 8u
#define WARNING_NAME_MAX    32u
#define WARNING_REASON_MAX  256u

struct rh_ctx;

struct plugin_warning {
    char name[WARNING_NAME_MAX + 1];
    char reason[WARNING_REASON_MAX];
};

/* reason NULL takes the warning back; other words are logged once. Both are copied, the reason is
 * cut. RH_OK, RH_EINVAL: bad name; RH_EFULL. [loop] */
int32_t warning_set(struct rh_ctx *plugin, const char *name, const char *reason);
/* The activation that they belong to has ended. [loop] */
void warnings_clear(struct rh_ctx *plugin);

#endif
