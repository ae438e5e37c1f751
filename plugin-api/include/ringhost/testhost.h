/* A host for plugins' tests: the real host core on virtual time, an in-memory network and scripted
 * processes. One net holds one or more nodes; nothing happens but inside the calls below, and one
 * seed gives one run. Not a daemon: no socket, no thread. Link ringhost::testhost. All functions
 * belong to the test's one thread. */
#ifndef RH_TESTHOST_H
#define RH_TESTHOST_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/service/process.h>

#define RH_TESTHOST_WHY_MAX 512u

struct rh_testnet;
struct rh_testhost;

/* A plugin to load: its entry (rh_plugin_entry_v1_<id>() of the static build) and its `config:`
 * section as JSON, NULL = defaults. */
struct rh_testhost_plugin {
    const struct rh_plugin *entry;
    const char *config_json;
};

/* One node. Everything is copied. */
struct rh_testhost_setup {
    const char *node_id; /* NULL = "n1" */
    const char *role;    /* NULL = "coordinator" */
    const struct rh_testhost_plugin *plugins;
    uint32_t plugin_count;
    uint32_t voter_count; /* 0 = this node alone */
    const char *const *voters;
    int64_t beat_ms;        /* 0 = 1500 */
    const char *token_text; /* contents of a token file, or NULL */
    uint32_t log_level;     /* RH_LOG_...; 0 = all */
    uint32_t seed_count;
    const char *const *seeds; /* ids of nodes to ask for others */
    const char *cluster_id;   /* configured; NULL = the first leader makes one */
};

/* An answer; text is NUL-terminated and lives until the next request to the same node. */
struct rh_testhost_reply {
    uint32_t status; /* 0 = none: the connection was lost, or no answer came */
    uint32_t retry_after_s;
    const char *body;
    const char *content_type;
    const char *node_id; /* who answered */
};

/* What a scripted process does. */
struct rh_testhost_process {
    const char *owner; /* plugin id */
    const char *key;
    struct rh_str_list argv;
    struct rh_str input;
    /* filled by the script: */
    int64_t takes_ms; /* virtual time until it ends; negative = until it is killed */
    int32_t exit_code;
    const char *output; /* borrowed until the script's next call */
    const char *errors;
    int32_t not_found;     /* 1 = no such program */
    const char *file_name; /* a file that it makes in its own folder, or that it appends to; NULL =
                              none */
    const char *file_text;
    /* as it was given, like the first four: */
    struct rh_str_list env; /* NAME=VALUE; without those that the host adds */
};

/* An empty net. wall_ms is the Unix time it starts at. NULL without memory. */
struct rh_testnet *rh_testnet_new(uint64_t seed, int64_t wall_ms);
/* Frees all nodes too. NULL is allowed. */
void rh_testnet_free(struct rh_testnet *net);
/* Let virtual time pass. */
void rh_testnet_run(struct rh_testnet *net, int64_t ms);
/* Run until done(user) or until max_ms have passed; whether it was done. */
bool rh_testnet_run_until(struct rh_testnet *net, bool (*done)(void *user), void *user,
                          int64_t max_ms);
int64_t rh_testnet_now_ms(const struct rh_testnet *net);
/* One-way latency of every message; default 1 to 1 ms. Drawn from the seed. */
void rh_testnet_latency(struct rh_testnet *net, int64_t least_ms, int64_t most_ms);
/* Cut (or heal) the line between two nodes, both ways. */
void rh_testnet_cut(struct rh_testnet *net, const char *a, const char *b, bool is_cut);

/* Put a node behind NAT (or take it out): it calls others, and nobody can call it. */
void rh_testhost_nat(struct rh_testhost *host, bool is_behind);

/* Add a node and start it; it is ready when rh_testhost_is_ready says so. RH_OK, or RH_EINVAL with
 * words in why. */
int32_t rh_testhost_new(struct rh_testnet *net, const struct rh_testhost_setup *setup,
                        struct rh_testhost **out, char why[RH_TESTHOST_WHY_MAX]);
bool rh_testhost_is_ready(const struct rh_testhost *host);
/* Stop it in good order, as SIGTERM does; runs the net until it is down. Returns the exit code. */
int32_t rh_testhost_stop(struct rh_testhost *host);
/* It dies in the middle of whatever it does: what is in its files stays, nothing else. */
void rh_testhost_crash(struct rh_testhost *host);
/* Start it again on the same data after a stop or crash. */
int32_t rh_testhost_start(struct rh_testhost *host, char why[RH_TESTHOST_WHY_MAX]);
bool rh_testhost_is_up(const struct rh_testhost *host);

/* Send a request and run the net until the answer is there (at most 120 virtual seconds). body may
 * be NULL. Returns the status. */
uint32_t rh_testhost_request(struct rh_testhost *host, const char *method, const char *target,
                             const char *body, struct rh_testhost_reply *reply);
/* The same with a token ("Bearer" is added). */
uint32_t rh_testhost_request_as(struct rh_testhost *host, const char *token, const char *method,
                                const char *target, const char *body,
                                struct rh_testhost_reply *reply);
/* Send and do not wait; the number to ask for with rh_testhost_answer. */
uint64_t rh_testhost_send(struct rh_testhost *host, const char *method, const char *target,
                          const char *body);
/* The same for an event stream that goes on behind an event: sends its id as Last-Event-ID. */
uint64_t rh_testhost_resume(struct rh_testhost *host, const char *target,
                            const char *last_event_id);
/* True once it has been answered (or lost: status 0). */
bool rh_testhost_answer(struct rh_testhost *host, uint64_t request,
                        struct rh_testhost_reply *reply);
/* The client of a sent request goes away. */
void rh_testhost_hang_up(struct rh_testhost *host, uint64_t id);
/* What has been streamed in answer to a sent request so far. */
const char *rh_testhost_streamed(struct rh_testhost *host, uint64_t id);

/* How this node's processes behave; without a script every program is "not found". */
void rh_testhost_script(struct rh_testhost *host,
                        void (*script)(void *user, struct rh_testhost_process *process),
                        void *user);
/* Keys of processes running now, for checks: count of `owner`'s. */
uint32_t rh_testhost_running(const struct rh_testhost *host, const char *owner);

/* Put a file onto the node's disk, in place of what has that name: at an absolute path, for
 * secret() of rh.file/1, or below the data directory. RH_OK, RH_ENOSPACE or RH_EIO. */
int32_t rh_testhost_file(struct rh_testhost *host, const char *path, const char *text);
/* From now on files of the node, but not its databases, are read and removed with these codes
 * (RH_EIO is what a node has that may open no more files); RH_OK: as they are. */
void rh_testhost_files_fail(struct rh_testhost *host, int32_t read_rc, int32_t remove_rc);

/* Lines that contain `text` among the last 1,024 of the node's log. */
uint32_t rh_testhost_logged(const struct rh_testhost *host, const char *text);

/* What a plugin has under way, and what it has done in this life of the node. */
struct rh_testhost_plugin_view {
    bool is_active;        /* activated, and not deactivated since */
    bool is_replicated;    /* active only where the node leads */
    uint64_t activations;  /* begun */
    uint64_t late_replies; /* to requests that had been answered, also by 504 */
    uint32_t requests;     /* open */
    uint32_t calls;
    uint32_t timers;
    uint32_t commits;
    uint32_t processes;
};
/* False: no plugin with this id, or the node is down. */
bool rh_testhost_plugin_view(const struct rh_testhost *host, const char *plugin_id,
                             struct rh_testhost_plugin_view *out);
/* End the plugin's activation and begin another, as core->reactivate does. The node is up and has
 * the plugin. */
void rh_testhost_reactivate(struct rh_testhost *host, const char *plugin_id);
/* Give a plugin that the node has another config (JSON; NULL = defaults), as a reload does. RH_OK;
 * or an error with words in why, and the old one stays in force. */
int32_t rh_testhost_reconfigure(struct rh_testhost *host, const char *plugin_id,
                                const char *config_json, char why[RH_TESTHOST_WHY_MAX]);
/* Take the leadership from the node, or give it a new epoch. Only for a node that is up and has no
 * plugin with the role leader/1. */
void rh_testhost_lead(struct rh_testhost *host, bool leads);
/* It has stopped by itself, as a request may ask for; rh_testhost_stop then gives the exit code. */
bool rh_testhost_is_finished(const struct rh_testhost *host);
/* Status of a sent request that was answered or has begun to stream; 0 = neither. */
uint32_t rh_testhost_status(const struct rh_testhost *host, uint64_t id);
/* Lines of level error since the node was made, and the last of them ("" = none). */
uint64_t rh_testhost_errors(const struct rh_testhost *host, const char **last);

#endif
