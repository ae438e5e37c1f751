/* The field tables of the kinds of documents in conf.d, and decoding by them. Not the checks
 * between documents. */
#include "host/core/config_kinds.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_node.h"

/* A text that has a default. */
#define TEXT_OR(s, m, longest, def, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_STRING, .max = (longest), .fallback = (def), .doc = (d))

static const struct rh_field auth_fields[] = {
    RH_TEXT(struct config_auth, token_file, 0, 4096,
            "token file of nodes that name none; mode 0600"),
    RH_BOOL(struct config_auth, insecure, false,
            "allow addresses other than loopback without tokens"),
};

static const struct rh_field cluster_rows[] = {
    RH_TEXT(struct config_cluster, cluster_id, 0, 64,
            "name of the cluster; made by the first leader when absent"),
    RH_STR_LIST(struct config_cluster, voters, 0,
                "ids of the nodes that elect the leader; any of them may lead"),
    RH_STR_LIST(struct config_cluster, seeds, 0, "host:port of nodes to dial at start"),
    RH_DURATION(struct config_cluster, beat, "15s", 100, 600000,
                "the base that every timeout is derived from"),
    RH_TEXT(struct config_cluster, inventory, 0, 4096, "path of a distributed_hosts.yaml"),
    RH_OBJECT(struct config_cluster, auth, 0, struct config_auth, auth_fields, "who may call"),
};
const struct rh_fields config_cluster_fields = RH_FIELDS(struct config_cluster, cluster_rows);

static const struct rh_field node_limit_rows[] = {
    RH_INT(struct config_node_limits, connections, 1024, 8, 65536, "open connections"),
    RH_SIZE(struct config_node_limits, body_bytes, "1MiB", 1024, 67108864,
            "request body, where the route sets no limit"),
    RH_INT(struct config_node_limits, in_flight, 4096, 8, 65536, "requests being handled"),
    RH_DURATION(struct config_node_limits, idle_timeout, "75s", 1000, 3600000,
                "connection without a request is closed"),
    RH_DURATION(struct config_node_limits, read_timeout, "10s", 100, 600000,
                "from first to last byte of a request"),
};

static const struct rh_field node_rows[] = {
    RH_TEXT(struct config_node, id, RH_REQUIRED, CONFIG_ID_MAX,
            "name of the node, unique in the cluster"),
    TEXT_OR(struct config_node, bind, 300, "127.0.0.1:8770",
            "IPv4:port or [IPv6]:port to listen on; port 0 takes a free one"),
    RH_TEXT(struct config_node, advertise, 0, 300, "host:port that peers dial; default: bind"),
    TEXT_OR(struct config_node, data_dir, 4096, "/var/lib/ringhost",
            "folder of the databases and files of this node"),
    TEXT_OR(struct config_node, role, 64, "coordinator", "free name that plugins are enabled by"),
    RH_TEXT(struct config_node, token_file, 0, 4096,
            "lines NAME SCOPES TOKEN [NODE_ID]; default: that of cluster.auth"),
    RH_BOOL(struct config_node, insecure, false,
            "allow an address other than loopback without tokens"),
    RH_BOOL(struct config_node, extracted_loops, true,
            "run the background loops (RINGRIFT_EXTRACTED_LOOPS)"),
    RH_TEXT(struct config_node, plugin_dir, 0, 4096,
            "folder of the plugins; default: beside the program"),
    RH_CHOICE(struct config_node, log_level, 0, "info", "debug info warn error",
              "least important line that is written"),
    RH_STR_LIST(struct config_node, capabilities, 0,
                "what this node tells its peers that it can do"),
    RH_OBJECT(struct config_node, limits, 0, struct config_node_limits, node_limit_rows,
              "limits of the server"),
};
const struct rh_fields config_node_fields = RH_FIELDS(struct config_node, node_rows);

static const struct rh_field enable_rows[] = {
    RH_STR_LIST(struct config_enable, roles, 0, "globs of roles; none: every role"),
    RH_STR_LIST(struct config_enable, not_roles, 0,
                "globs of roles where it does not run; beats roles"),
    RH_STR_LIST(struct config_enable, nodes, 0, "globs of node ids; none: every node"),
};

static const struct rh_field plugin_limit_rows[] = {
    RH_INT(struct config_plugin_limits, calls, 1024, 1, 1024, "calls in flight"),
    RH_SIZE(struct config_plugin_limits, state_bytes, "16GiB", 4096, 1099511627776,
            "stored keys and values"),
    RH_INT(struct config_plugin_limits, timers, 4096, 1, 4096, "timers"),
    RH_INT(struct config_plugin_limits, processes, 256, 1, 256, "processes running"),
};

static const struct rh_field plugin_rows[] = {
    RH_TEXT(struct config_plugin, plugin, RH_REQUIRED, CONFIG_ID_MAX, "id of the plugin"),
    RH_TEXT(struct config_plugin, file, 0, 4096,
            "name in plugin_dir, or a path; default: the id and .so"),
    RH_OBJECT(struct config_plugin, enable, 0, struct config_enable, enable_rows,
              "on which nodes it runs"),
    RH_CHOICE(struct config_plugin, on_failure, 0, "abort", "abort degrade",
              "when it cannot start: end the node, or go on"),
    RH_STR_LIST(struct config_plugin, grants, 0, "services it gets; none: what it asks for"),
    RH_OBJECT(struct config_plugin, limits, 0, struct config_plugin_limits, plugin_limit_rows,
              "quotas"),
};
const struct rh_fields config_plugin_fields = RH_FIELDS(struct config_plugin, plugin_rows);

/* Names the section where the decoder only knows the key. */
struct reporter {
    struct config_errors *errors;
    const char *context;
};

static void report(void *user, const struct node *where, int at_key, const char *message)
{
    static const char lead[] = "unknown key \"";
    const struct reporter *reporter = user;
    const char *end = NULL;
    if (strncmp(message, lead, sizeof(lead) - 1) == 0) {
        /* A key may have quotes in it, so the last one before the suggestion ends it. */
        const char *hint = strstr(message, "\"; did you mean");
        end = hint != NULL ? hint : strrchr(message, '"');
    }
    if (end == NULL) {
        config_errors_add(reporter->errors, where, at_key, message);
        return;
    }
    config_errors_addf(reporter->errors, where, at_key, "%.*s in %s%s", (int)(end + 1 - message),
                       message, reporter->context, end + 1);
}

int32_t config_decode(const struct rh_fields *table, const struct node *map, const char *context,
                      void *out, struct field_arena *arena, struct config_errors *errors)
{
    struct reporter reporter = {errors, context};
    return field_decode_node(table, map, report, &reporter, out, arena);
}
