/* Schema numbers of namespaces: what this node's code can do with them, what other voters said of
 * theirs, and what follows for activation. The rule itself is schema_rule.h. */
#ifndef RH_HOST_CORE_SCHEMAS_H
#define RH_HOST_CORE_SCHEMAS_H

#include <stdbool.h>
#include <stdint.h>

struct core;
struct plugin_ns;
struct rh_ctx;

/* A namespace has been opened. False, with why (CORE_WHY_MAX): it is local and holds a schema that
 * its plugin does not read. Replicated ones are looked at before each activation: a follower needs
 * no code to hold them. [loop] */
bool schemas_open(struct plugin_ns *ns, char *why);

/* Advertise the ranges of all replicated namespaces of this node as the fact "schemas":
 * {"NAME":[read_min,write_min,write]}. A node that cannot counts as one that reads nothing. [loop]
 */
void schemas_tell(struct core *core);

/* Whether a plugin may be activated with what its namespaces hold now; decides what each has to be
 * written in. False: plugin->why names namespace, schemas and the voter that lags. [loop] */
bool schemas_allow(struct rh_ctx *plugin);

/* After schemas_allow: call migrate() where a namespace is to be raised. RH_OK; RH_PENDING: commits
 * are under way, after which schemas_are_raised tells; or an error. [loop] */
int32_t schemas_migrate(struct rh_ctx *plugin);
bool schemas_are_raised(const struct rh_ctx *plugin);

/* Once a turn, for the leader: activate again what can be raised or used by now, and let another
 * voter lead that can use what this node cannot. [loop] */
void schemas_turn(struct core *core);

#endif
