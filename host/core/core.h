/* The core as its bodies see it: what they hand in at the start, and the calls they make on it. All
 * [loop] unless said. */
#ifndef RH_HOST_CORE_CORE_H
#define RH_HOST_CORE_CORE_H

#include <stdint.h>

#include <ringhost/abi.h>

#include "host/core/driver.h"

#define CORE_PLUGINS_MAX        64u
#define CORE_WHY_MAX            512u
#define CORE_BODY_MAX_DEFAULT   (1024u * 1024u)
#define CORE_TIMEOUT_MS_DEFAULT 10000u
#define CORE_PROTOCOL           1u /* number that every peer request carries */

/* Exit codes (ABI: output that scripts rely on). */
#define CORE_EXIT_OK       0
#define CORE_EXIT_PORT     69
#define CORE_EXIT_INTERNAL 70
#define CORE_EXIT_DATA     73
#define CORE_EXIT_CONFIG   78

/* One plugin to run; everything is borrowed and outlives the core. */
struct core_plugin_setup {
    const struct rh_plugin *entry; /* checked and normalised by plugin_desc */
    const void *config;        /* decoded config struct, or NULL when the plugin has no fields */
    const char *const *grants; /* services granted; NULL = all that the descriptor names */
    uint32_t grant_count;
    uint32_t degrade; /* 1: go on without it when it fails to start */
    const char *file; /* where it came from, for /plugins */
    /* Quotas; 0 = the host's own limit, which they may not pass. */
    uint32_t calls_max, timers_max, processes_max, reserved0;
    uint64_t state_bytes_max;
};

/* The first service that the plugin cannot do without and would not get, because its grants leave
 * it out or because it is another plugin's alone; NULL: it gets them all. [any] */
const char *core_service_missing(const struct core_plugin_setup *setup);

/* A node named in the configuration. */
struct core_node_setup {
    const char *node_id;
    const char *address; /* host:port */
    const char *role;
};

/* What the body read from files, environment and command line; borrowed, outlives the core. */
struct core;
struct core_setup {
    const char *version;
    const char *node_id;
    const char *role;
    const char *address;        /* host:port that peers reach us at */
    const char *data_dir;       /* exists, writable, locked by us */
    const char *cluster_id;     /* configured, or "" */
    const char *inventory_json; /* the reference inventory as JSON, or NULL */
    const char
        *config_json; /* every effective value with its origin, for the report "config", or NULL */
    int64_t beat_ms;
    uint32_t log_level;     /* RH_LOG_... */
    uint32_t checked;       /* 1: assert that services are called on the loop thread */
    uint32_t loops_enabled; /* 0: no plugin loop runs (RINGRIFT_EXTRACTED_LOOPS) */
    uint32_t body_max;      /* bytes, for routes that set no limit; 0 = CORE_BODY_MAX_DEFAULT */
    struct rh_str_list capabilities; /* advertised to peers */
    uint32_t in_flight_max;          /* requests per plugin; 0 = 4096 */
    struct rh_str token_text;        /* contents of the token file; p NULL = none */
    const char *token_file;          /* its name, for messages */
    struct rh_str_list voters;
    struct rh_str_list seeds;
    const struct core_node_setup *nodes;
    uint32_t node_count;
    uint32_t plugin_count;
    const struct core_plugin_setup *plugins; /* in the order of the configuration */
    /* Read the configuration again and bring what can be changed into force with
     * core_reconfigure and core_try_again. NULL: the body cannot. RH_OK: report holds a JSON object
     * {"reconfigured":[ID, ...], "started":[ID, ...], "refused":[{"plugin":ID,"reason":TEXT}, ...],
     * "needs_restart":[KEY, ...]}; RH_EINVAL: nothing was changed, report holds the problems as
     * lines. [loop] */
    int32_t (*reload)(void *user, struct core *core, struct rh_buf *report);
    void *reload_user;
};

/* Open the data directory's state, take in the plugins, start nothing. On failure why
 * (CORE_WHY_MAX) says what, and the return value is the exit code (CORE_EXIT_...); else 0. */
int32_t core_new(const struct core_setup *setup, const struct driver *driver, struct core **out,
                 char *why);
/* Start the plugins one after the other; goes on by itself in core_turn. */
void core_start(struct core *core);
/* Drain and stop; ends in driver->finished(exit_code, again). Calling it again shortens the grace
 * to nothing. */
void core_stop(struct core *core, int64_t grace_ms, int32_t exit_code, uint32_t again);
/* Release everything. Only after finished() or before core_start. */
void core_free(struct core *core);

/* A request arrived; answered through driver->reply or a stream. */
void core_on_request(struct core *core, const struct http_inbound *in);
/* The client of an exchange went away. */
void core_on_gone(struct core *core, uint64_t exchange);
/* Largest body that the route for (method, target) takes, bytes. */
uint64_t core_body_max(struct core *core, struct rh_str method, struct rh_str target);
/* Run what is due: deferred work, timers, the group commit. Call once an iteration of the body's
 * loop. */
void core_turn(struct core *core);
/* A signal asks for the configuration to be read again; what comes of it is logged. */
void core_reload(struct core *core);
/* Give a running plugin another config struct: its activation ends, reconfigure is called, and it
 * is activated again. Only from setup->reload. RH_OK: config is in force and stays borrowed, the
 * one before is not used any more. Else the one before stays in force and why (CORE_WHY_MAX) says
 * what is wrong; RH_EUNSUPPORTED: it takes a restart. */
int32_t core_reconfigure(struct core *core, const char *plugin_id, const void *config, char *why);
/* The key that the last refusal of core_reconfigure or core_try_again named, "" = none. Borrowed
 * until the plugin runs again. */
const char *core_refused_field(const struct core *core, const char *plugin_id);
/* Whether the plugin failed when it was created or started, and the node goes on without it. */
uint32_t core_has_failed(const struct core *core, const char *plugin_id);
/* Create and start such a plugin anew, with the config struct that is in its setup now and stays
 * borrowed in any case. Only from setup->reload. RH_OK: it has started, RH_PENDING: it is on its
 * way; RH_EINVAL: it has failed again, why (CORE_WHY_MAX) says how. */
int32_t core_try_again(struct core *core, const char *plugin_id, char *why);
/* 1 once all plugins have started and the node serves. */
uint32_t core_ready(const struct core *core);

#endif
