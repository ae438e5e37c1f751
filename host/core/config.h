/* The configuration of a cluster and of one of its nodes, from conf.d, environment and --set. It
 * reads no file itself. */
#ifndef RH_HOST_CORE_CONFIG_H
#define RH_HOST_CORE_CONFIG_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>
#include <ringhost/types.h>
#include <stdint.h>

#include "host/core/config_address.h"
#include "host/core/config_error.h"
#include "host/core/config_files.h"
#include "host/core/field_arena.h"
#include "host/core/node.h"
#include "host/core/yaml_scalar.h"

#define CONFIG_NODES_MAX     1024u
#define CONFIG_PLUGINS_MAX   256u
#define CONFIG_OVERRIDES_MAX 256u
#define CONFIG_SETS_MAX      256u
#define CONFIG_ID_MAX        64u                   /* bytes of a node's or plugin's id */
#define CONFIG_BYTES_MAX     (64u * 1024u * 1024u) /* memory of one configuration */

/* Members of the structs below that field tables describe are named as in conf.d; the unit is in
 * the comment. */
struct config_auth {
    struct rh_str token_file; /* for nodes that name none; empty = none */
    int32_t insecure;         /* for all nodes */
};

/* kind: cluster */
struct config_cluster {
    struct rh_str cluster_id;  /* empty: made by the first elected leader */
    struct rh_str_list voters; /* node ids; a lone node that is given none votes for itself */
    struct rh_str_list seeds;  /* "host:port" */
    int64_t beat;              /* ms; the base of every timeout */
    struct rh_str inventory;   /* path of a distributed_hosts.yaml; empty = none */
    struct config_auth auth;
};

struct config_node_limits {
    int64_t connections;
    int64_t body_bytes;
    int64_t in_flight;    /* requests being handled */
    int64_t idle_timeout; /* ms until a connection without a request is closed */
    int64_t read_timeout; /* ms from the first byte of a request to its last */
};

/* kind: node */
struct config_node {
    struct rh_str id;
    struct rh_str bind;
    struct rh_str
        advertise; /* what peers dial; bind when that is an address to dial; empty = not known */
    struct rh_str data_dir;
    struct rh_str role;
    struct rh_str token_file; /* own or the cluster's; empty = none */
    int32_t insecure;         /* own or the cluster's */
    int32_t extracted_loops;  /* 0: no background loop runs */
    struct rh_str plugin_dir; /* empty: beside the executable, then the system's */
    struct rh_str log_level;
    struct rh_str_list capabilities;
    struct config_node_limits limits;
    struct config_address address; /* bind, taken apart */
    const struct node *where;      /* the merged document */
};

struct config_enable {
    struct rh_str_list roles;     /* globs; none = every role */
    struct rh_str_list not_roles; /* globs; beats roles */
    struct rh_str_list nodes;     /* globs; none = every node */
};

struct config_plugin_limits {
    int64_t calls; /* in flight */
    int64_t state_bytes;
    int64_t timers;
    int64_t processes;
};

/* kind: plugin */
struct config_plugin {
    struct rh_str plugin;
    struct rh_str file; /* default: "<plugin>.so" */
    struct config_enable enable;
    struct rh_str on_failure;  /* "abort" or "degrade" */
    struct rh_str_list grants; /* service ids; none = what the descriptor asks for */
    struct config_plugin_limits limits;
    const struct node *config; /* the merged section, a map; never NULL */
    const struct node *where;  /* the merged document */
    int32_t is_enabled;        /* on the selected node */
};

/* Everything lives until config_free. */
struct config {
    struct config_cluster cluster;
    const struct config_node *nodes; /* all, in the order of the files */
    uint32_t node_count;
    const struct config_node *self;      /* the selected one; NULL only with is_node_optional */
    const struct config_plugin *plugins; /* all definitions, in order */
    uint32_t plugin_count;
    const struct config_plugin *const *enabled; /* those for self, in order */
    uint32_t enabled_count;
    const struct node *cluster_where; /* merged document; an empty map when there is none */
    const struct config_file *files;  /* copies, in the order of reading */
    uint32_t file_count;
    struct field_arena arena; /* private */
};

/* Where a configuration comes from. Everything is borrowed for the call. */
struct config_source {
    const struct config_file *files; /* of all directories, in any order */
    uint32_t file_count;
    uint32_t
        is_node_optional; /* 1: without a way to choose a node, self is NULL and that is no error */
    uint32_t is_faulty_wanted; /* 1: *out is written with RH_EINVAL, too; see config_load */
    const char *node_id;       /* --node, else $RINGHOST_NODE, else NULL */
    yaml_lookup env; /* environment: for ${NAME} and the reference variables; NULL = empty */
    void *env_user;
    const char *const *sets; /* texts of --set, KEY=VALUE; later ones win */
    uint32_t set_count;
};

/* Reads, merges and checks everything. RH_OK; RH_EINVAL with all problems in errors and *out not
 * written, or, with is_faulty_wanted, what is left without the parts at fault: good for finding
 * more problems in plugins' sections, and for nothing else; there self may be NULL and definitions
 * may be empty (id.n, plugin.n = 0). RH_ENOMEM. Notes may be in errors after RH_OK. Precedence:
 * --set, environment, overrides, definition, default. [any] */
int32_t config_load(const struct config_source *source, struct config **out,
                    struct config_errors *errors);

/* NULL is allowed. */
void config_free(struct config *config);

/* The definition of a plugin, or NULL; the node of that id, or NULL. [any] */
const struct config_plugin *config_plugin(const struct config *config, const char *id);
const struct config_node *config_node(const struct config *config, struct rh_str id);

/* Whether the definition is enabled on the node. [any] */
int32_t config_plugin_runs_on(const struct config_plugin *plugin, const struct config_node *node);

/* Decodes the `config:` of a plugin, overrides, environment and --set included, into out
 * (table->struct_size bytes). What out points to lives in arena or in config. RH_OK; RH_EINVAL with
 * the problems added to errors; RH_ENOTFOUND: no such plugin; RH_ENOMEM. [any] */
int32_t config_plugin_section(const struct config *config, const char *id,
                              const struct rh_fields *table, void *out, struct field_arena *arena,
                              struct config_errors *errors);

#endif
