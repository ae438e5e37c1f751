/* Where every effective value of a configuration came from, for people and programs. It changes
 * nothing. */
#ifndef RH_HOST_CORE_CONFIG_EXPLAIN_H
#define RH_HOST_CORE_CONFIG_EXPLAIN_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>
#include <ringhost/sdk/buf.h>

#include "host/core/config.h"

/* Rows of one explanation. */
#define CONFIG_EXPLAIN_MAX 65536u

struct config_explain_row {
    struct rh_str key;    /* "plugin.gossip.fanout", as --set takes it */
    struct rh_str value;  /* as conf.d would have it; "(secret)" for secrets */
    struct rh_str json;   /* the same as JSON; null where no value is the default */
    struct rh_str origin; /* "conf.d/40-gossip.yaml:6", "default", "environment NAME", "--set" */
};

/* Texts are in arena or in the configuration. rc is sticky: RH_OK, RH_ENOMEM or RH_EFULL. */
struct config_explain {
    struct field_arena *arena;
    struct config_explain_row *rows;
    uint32_t count;
    uint32_t room;
    int32_t rc;
};

/* Empty; arena must outlive it. */
void config_explain_init(struct config_explain *explain, struct field_arena *arena);
void config_explain_release(struct config_explain *explain);

/* Adds the cluster's values and those of the selected node, if there is one. Returns explain->rc.
 * [any] */
int32_t config_explain_host(struct config_explain *explain, const struct config *config);

/* Adds a plugin: what its definition says ("plugin_definition.ID.file") and its section by table;
 * with table NULL only what was given. RH_ENOTFOUND (not sticky) when it is not defined, else
 * explain->rc. [any] */
int32_t config_explain_plugin(struct config_explain *explain, const struct config *config,
                              const char *id, const struct rh_fields *table);

/* Adds only the section of a plugin. Returns as above. [any] */
int32_t config_explain_section(struct config_explain *explain, const struct config *config,
                               const char *id, const struct rh_fields *table);

/* Appends "key = value   # origin" lines, or an object {"values":[{"key":…,"value":…,"origin":…}]}.
 * Returns out's error or explain->rc. [any] */
int32_t config_explain_text(const struct config_explain *explain, struct rh_buf *out);
int32_t config_explain_json(const struct config_explain *explain, struct rh_buf *out);

#endif
