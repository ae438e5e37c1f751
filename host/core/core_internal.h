/* The core's own structs, shared by its files only. */
#ifndef RH_HOST_CORE_CORE_INTERNAL_H
#define RH_HOST_CORE_CORE_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/role/leader.h>
#include <ringhost/role/membership.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/plugin.h>
#include <ringhost/service/cluster.h>
#include <ringhost/service/core.h>
#include <ringhost/service/http.h>
#include <ringhost/service/process.h>
#include <ringhost/service/state.h>

#include "host/core/bus.h"
#include "host/core/callback.h"
#include "host/core/core.h"
#include "host/core/deferred.h"
#include "host/core/field_arena.h"
#include "host/core/identity.h"
#include "host/core/leadership.h"
#include "host/core/life.h"
#include "host/core/log.h"
#include "host/core/metrics.h"
#include "host/core/peers.h"
#include "host/core/plugin_desc.h"
#include "host/core/replication.h"
#include "host/core/router.h"
#include "host/core/state.h"
#include "host/core/stream.h"
#include "host/core/timers.h"
#include "host/core/tokens.h"
#include "host/core/warnings.h"

#define PLUGIN_TIMERS_MAX      4096u
#define PLUGIN_CALLS_MAX       1024u
#define PLUGIN_PROCESSES_MAX   256u
#define PLUGIN_WORK_MAX        256u
#define PLUGIN_POSTS_MAX       4096u
#define PLUGIN_BARRIERS_MAX    256u
#define PLUGIN_STATE_BYTES_MAX (UINT64_C(16) << 30)
#define CORE_REQUESTS_MAX      65536u
#define CORE_CALLS_MAX         16384u
#define REQUEST_ARENA_MAX      (4u * 1024u * 1024u)
#define LIFE_DEADLINE_MS       10000
#define FAIL_FIELD_MAX         256u
#define ACTIVATE_DEADLINE_MS   120000
#define FORWARD_MARGIN_MS      100 /* an answer of the leader must be back before our own deadline */
#define SLOW_CALLBACK_US       100000
#define ROLES_TOLD_MAX         4u /* roles whose providers are told that they are active */

struct commit_wait;
struct plugin_timer;
struct call;
struct held_reply;
struct fact;

/* One namespace of a plugin. */
struct plugin_ns {
    struct rh_namespace def;
    struct state_ns *ns;
    struct rh_ctx *plugin;
    uint32_t schema_stored; /* as last read or written, 0 = none */
    uint32_t schema_now;    /* what this activation has to write */
    uint32_t schema_due;    /* goes with the next batches until one is stored, 0 = none */
    uint32_t commits;       /* under way, of one with RH_NS_BESIDE */
    uint8_t migration;      /* MIGRATION_... */
};

/* migrate() of a namespace: not running, running, and has made its batch. */
#define MIGRATION_NONE   0
#define MIGRATION_CALLED 1
#define MIGRATION_SENT   2

/* What a plugin is being asked to do, or where it stands. Edges: life.c. */
#define PLUGIN_NEW       0
#define PLUGIN_CREATING  1
#define PLUGIN_STARTING  2
#define PLUGIN_STARTED   3 /* running; see `phase` for activation */
#define PLUGIN_QUIESCING 4
#define PLUGIN_STOPPING  5
#define PLUGIN_STOPPED   6
#define PLUGIN_FAILED    7 /* never started, or stopped for good */

/* Activation of a started plugin. Edges: activation.c. */
#define ACT_INACTIVE   0
#define ACT_WAITING    1 /* wanted; commits of the last activation are still under way */
#define ACT_ACTIVATING 2 /* activate() returned RH_PENDING */
#define ACT_ACTIVE     3

/* A plugin instance. */
struct rh_ctx {
    struct core *core;
    const struct core_plugin_setup *setup;
    const struct rh_plugin *desc;
    const char *id;
    void *self; /* instance memory */
    uint8_t state;
    uint8_t phase;
    bool is_replicated; /* has a replicated namespace that it lives by */
    bool wants_reactivate;
    bool is_update_queued;
    bool is_standing_by; /* it gives none of its roles */
    uint8_t roles_told[ROLES_TOLD_MAX];
    bool was_created;
    bool is_migrating;               /* activate waits until what migrate committed is applied */
    bool is_schema_refused;          /* it is inactive because of a schema; `why` names it */
    bool is_ending;                  /* the activation is being ended: nothing new may begin */
    uint64_t step_count;             /* steps begun: life cycle, activations, loop runs */
    uint64_t life_step;              /* the one that may be ended by done(); 0 = none */
    uint64_t activation_step;        /* likewise */
    uint64_t activation;             /* grows by one each time activate is called */
    uint64_t epoch;                  /* of the activation */
    int64_t since_ms;                /* in this phase */
    char why[CORE_WHY_MAX];          /* why it failed or is inactive */
    char fail_text[CORE_WHY_MAX];    /* what core->fail said during this callback */
    char fail_field[FAIL_FIELD_MAX]; /* the key that it named; "" = none */
    uint32_t reactivations;
    uint32_t activate_failures; /* in a row */
    int64_t retry_at_ms;
    struct timer life_timer; /* deadline of a pending life-cycle call, or retry of an activation */
    struct plugin_ns namespaces[PLUGIN_NAMESPACES_MAX];
    struct route_entry *routes; /* desc->route_count */
    struct loop_run *loops;     /* desc->loop_count */
    /* commits, oldest first */
    struct commit_wait *commits_first, *commits_last;
    uint64_t commit_seq; /* of the last submitted, lazy ones apart */
    struct held_reply *held_first, *held_last;
    struct plugin_timer *timers;
    struct request *requests;
    struct process_wait *processes;
    struct file_task *file_tasks; /* under way, oldest first */
    struct call *calls;
    uint32_t timer_count, call_count, process_count, work_count, file_count, in_flight;
    uint32_t commit_count, barrier_count;
    atomic_uint post_count;
    uint64_t slow_callbacks, replies_late, over_quota;
    uint32_t watch_mask;
    uint32_t changed;
    bool is_watch_queued;
    void (*watch_cb)(void *self, uint32_t changed);
    struct plugin_warning warnings[PLUGIN_WARNINGS_MAX];
    uint32_t warning_count;
    struct rh_buf row_memory; /* file and process reads */
    void *list_memory;
    uint64_t callback_metric;
};

/* A request from arrival to answer. */
#define REQ_OPEN      0
#define REQ_HELD      1 /* answered by the plugin, waiting for its commits */
#define REQ_STREAMING 2
#define REQ_FORWARDED 3
#define REQ_HEAD_HELD 4 /* streaming, but the head waits for commits */

struct request {
    uint64_t id;
    uint64_t exchange; /* 0: a call to "self" */
    struct core *core;
    struct route_entry *route;
    struct rh_ctx *plugin;
    struct request *next, **link; /* in the plugin's list */
    uint8_t state;
    bool is_always;
    uint32_t scope_mask;
    struct rh_str method, path, query, body, request_id, caller, node_id, address, via,
        content_type;
    struct rh_str authorization, forwarded, last_event_id, node_header, peer_authorization;
    char request_id_text[24];
    struct field_arena arena;
    void *fields;
    int64_t deadline_ms;
    struct timer deadline;
    void (*watch_cb)(void *self, rh_req req, void *user);
    void *watch_user;
    void (*drain_cb)(void *self, void *user);
    void *drain_user;
    bool wants_drain;
    struct stream_held *held_stream;
    /* internal calls */
    http_done done;
    void *done_user;
    /* forwarding */
    uint64_t forward_call;
    uint64_t forward_epoch;
    bool forward_again;
    /* event streams */
    struct bus_reader *reader;
    char *copy; /* one block for the strings above */
};

struct loop_run {
    struct rh_ctx *plugin;
    const struct rh_loop *def;
    struct timer timer;
    int64_t interval_ms;
    uint32_t failures;
    bool is_running;
    uint64_t step; /* of the run under way; see step_count of the plugin */
    uint64_t runs;
    int64_t last_at_ms, last_duration_ms, started_ms;
    int32_t last_rc;
    char last_error[128];
    char *actions; /* JSON array, NUL-terminated: what it last said that it did; NULL = nothing */
};

#define CORE_LOADING  0
#define CORE_RUNNING  1
#define CORE_DRAINING 2
#define CORE_STOPPING 3
#define CORE_FINISHED 4

struct core {
    const struct core_setup *setup;
    struct driver driver;
    uint8_t phase;
    int64_t now_ms;
    int64_t wall_ms;
    int64_t start_ms;
    uint64_t start_count;
    char instance_id[33];
    char cluster_id[65];
    bool is_cluster_own;      /* made here, and nobody else has taken part yet */
    uint64_t cluster_epoch;   /* in which the id was made, 1 = unknown; 0 = it is final */
    uint32_t cluster_callers; /* voters, by index, that have taken part under the id */
    uint32_t cluster_taken;   /* ids taken in this life */
    bool in_turn;
    bool maintenance;
    bool is_woken;
    char unhealthy[CORE_WHY_MAX]; /* a lasting fault to show in health, "" = none */
    struct deferred deferred;
    struct timers timers;
    struct log log;
    struct metrics *metrics;
    struct tokens *tokens;
    struct state *state;
    struct state_ns *host_ns; /* "_host" in local.db */
    struct router router;
    struct peers peers;
    struct leadership lead;
    struct replication repl;
    bool is_roles_queued;
    struct bus bus;
    struct rh_ctx plugins[CORE_PLUGINS_MAX];
    uint32_t plugin_count;
    uint32_t order[CORE_PLUGINS_MAX]; /* start order */
    uint32_t life_at;                 /* index into order that start or stop works at */
    struct rh_ctx *current;           /* plugin whose callback runs */
    const char *current_what;
    int64_t entered_us;
    struct route_entry *builtins;
    struct rh_map64 requests;  /* id -> struct request */
    struct rh_map64 exchanges; /* exchange -> struct request */
    struct rh_map64 calls;     /* id -> struct call */
    struct rh_map64 carried;   /* id of a call -> struct carried */
    struct rh_map64 plugin_timers;
    struct call_ref *call_refs;
    uint64_t next_id;
    struct driver_queue *work_queue, *file_queue;
    struct timer stop_timer;
    struct timer lazy_timer; /* lazy commits wait for it */
    int32_t exit_code;
    uint32_t exit_again;
    struct rh_buf report; /* text of the last rh.control report */
    uint64_t wrong_cluster, wrong_protocol, duplicate_node;
    uint64_t sent_away; /* calls of ours that a node of another cluster or protocol refused */
    char sent_away_why[CORE_WHY_MAX];
    uint32_t peer_requests; /* calls that a peer has answered well: our name is not taken */
    uint64_t delivered;     /* seq of the last event given to plugins */
    bool is_delivery_queued;
    bool has_left;
    bool is_reloading;     /* asked for, not yet begun */
    uint32_t reader_count; /* open event streams */
    uint64_t cursor_local; /* of the newest cluster event put on the bus */
    uint64_t cursor_replica;
    struct rh_str *seeds; /* owned texts */
    uint32_t seed_count;
    struct core_rehearsal rehearsal;
    struct fact *facts; /* what plugins advertise */
    uint32_t fact_count;
};

/* text.c: as snprintf, cut to fit and always terminated; for words that people read. */
void text_set(char *dst, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* core.c */
/* Tokens, metrics and tables that need no disk. 0 or an exit code with words. */
int32_t core_memory_init(struct core *core, char *why);
void core_refresh(struct core *core);
void core_wake(struct core *core);
uint64_t core_id(struct core *core);
/* A quota of the setup, or the host's own limit. */
uint32_t core_quota(uint32_t configured, uint32_t most);
/* Largest body of a route. */
uint32_t core_route_body_max(const struct core *core, const struct rh_route *route);
void core_defer(struct core *core, deferred_fn run, void *arg);
/* Ends the process with a reason: loud, once. */
void core_fatal(struct core *core, int32_t exit_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void core_log(struct core *core, uint32_t level, const char *plugin, const char *event,
              const char *format, ...) __attribute__((format(printf, 5, 6)));

/* presence.c */
int32_t presence_init(struct core *core);
void presence_release(struct core *core);
int32_t presence_set(struct core *core, const char *key, struct rh_str value);
void presence_self_state(struct core *core, struct rh_node_state *out);
int32_t presence_maintenance(struct rh_ctx *plugin, bool on); /* asked for by this plugin */
/* What this node says about itself is new: raise its version and tell those who watch. */
void presence_changed(struct core *core);

/* events.c */
void events_publish_host(struct core *core, const char *type, struct rh_str payload);
void events_on_commit(void *user, const struct state_event *stored);
void events_schedule(struct core *core);
void events_reader_free(struct request *req);
void builtin_events_feed(struct core *core);
/* Show that so many events were never on the bus. */
void builtin_events_missed(struct core *core, uint64_t missed);
/* replica.db is another one: bring those of its events that are new here to the bus. */
void events_after_install(struct core *core);

/* services.c: memory of an instance. */
void plugin_free(struct rh_ctx *plugin);

/* activation.c */
void activation_update(struct rh_ctx *plugin); /* look again whether it should be active */
void activation_update_all(struct core *core);
void activation_end(struct rh_ctx *plugin, const char *why);
void activation_done(struct rh_ctx *plugin, int32_t rc);
void activation_commits_done(struct rh_ctx *plugin);
void activation_restart(struct rh_ctx *plugin,
                        const char *why); /* deactivate, then activate again */
bool activation_is_wanted(struct rh_ctx *plugin);
/* The event PLUGIN_STATE: "migrating", "activated", "deactivated" or "failed". */
void activation_announce(struct rh_ctx *plugin, const char *state);

/* Commit the schema number that is due in a namespace without a batch of the plugin; nobody's reply
 * waits for it (services_state.c). */
int32_t commits_schema(struct plugin_ns *ns);

/* services*.c */
const void *services_get(struct rh_ctx *plugin, const char *id);
const void *services_fields(void);
const void *services_http(void);
const void *services_events(void);
const void *services_state(void);
const void *services_cluster(void);
const void *services_process(void);
const void *services_file(void);
const void *services_work(void);
const void *services_metrics(void);
const void *services_control(void);
const void *services_membership(void);
const void *services_leader(void);
const void *services_replication(void);
/* Loop-thread check of --checked; aborts naming plugin and function. */
void services_check(struct rh_ctx *plugin, const char *function);
/* Whether a file of rh.file or of a job may have this name. */
#define FILE_NAME_MAX 128u
bool file_name_is_good(const char *name);
#define FILE_PATH_MAX 512u /* of "files/PLUGIN/NAME" below the data directory */
int32_t file_path(const struct rh_ctx *plugin, const char *name, char *path, size_t size);
typedef void file_done_fn(void *self, void *user, const struct rh_file_done *done);
int32_t services_file_submit(struct rh_ctx *plugin, const struct rh_file_op *op, file_done_fn *cb,
                             void *user);
/* services_cluster.c: let watchers know on a later turn. */
void cluster_changed(struct core *core, uint32_t changed);
void timers_of_plugin_stop(struct rh_ctx *plugin);
void processes_of_plugin_detach(struct rh_ctx *plugin);

/* services_state.c */
uint64_t commit_seq_of(const struct commit_wait *wait);
void commits_cancel(struct rh_ctx *plugin);
/* host_put on behalf of a plugin: its replies wait until the value is durable. */
int32_t commits_host_put(struct rh_ctx *plugin, const char *key, struct rh_str value);
/* A write of the host's own that replies of the plugin wait for until it is ended, exactly once and
 * with its outcome. NULL without memory. */
struct commit_wait *commits_hold(struct rh_ctx *plugin);
void commits_hold_end(struct commit_wait *wait, int32_t rc);

/* request.c */
void request_dispatch(struct core *core, struct request *req);
/* Whoever asked is gone: tell the plugin that watches, and end the request if it is still there. */
void request_abandon(struct core *core, uint64_t id);
void request_free(struct request *req);
/* Tell a plugin that nobody waits for its answer any more. */
void request_tell_gone(struct request *req);
void requests_end_parked(
    struct core *core); /* draining: those that only wait for something to happen */
void requests_release(struct core *core); /* all of them, unanswered */
struct request *request_new(struct core *core, const struct http_inbound *in);
void requests_end_of_plugin(struct rh_ctx *plugin, int32_t rc, const char *why);
uint32_t requests_open(const struct core *core);

struct rh_str http_header_of(const struct http_inbound *in,
                             const char *name); /* name in lower case; "" when absent */

/* request_check.c: false = the request has been answered. */
void request_no_route(struct request *req, const struct route_entry *known);
bool request_authenticate(struct request *req);
bool request_check_peer(struct request *req, const struct http_inbound *in);
bool request_check_epoch(struct request *req, uint64_t epoch); /* of an act; false: answered, 412 */
bool request_decode(struct request *req);
bool request_plugin_ready(struct request *req);

/* reply.c */
void reply_send(struct request *req, const struct http_outreply *reply);
void reply_error(struct request *req, const struct rh_error *error);
void reply_rc(struct request *req, int32_t rc, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int32_t reply_hold(struct request *req, uint32_t status, const char *content_type,
                   uint32_t retry_after_s, struct rh_str body);
/* Whether an answer to it has to wait for commits of its plugin now; and let the head of its stream
 * wait, until stream_release. RH_OK, RH_ENOMEM. */
bool reply_must_wait(const struct request *req);
int32_t reply_hold_stream(struct request *req);
/* As reply_hold, but at once, whatever commits are under way. */
void reply_now(struct request *req, uint32_t status, const char *content_type, struct rh_str body);
int32_t reply_hold_error(struct request *req, const struct rh_error *error);
/* What a handler returned without having answered; text "" = the words of rc. Held like a reply. */
void reply_hold_rc(struct request *req, int32_t rc, const char *text);
void reply_release_held(struct rh_ctx *plugin);
void reply_fail_held(struct rh_ctx *plugin, uint64_t seq, int32_t rc);
int32_t error_body(struct rh_buf *buf, const struct rh_error *error);

/* call.c, call_self.c */
/* What carries a call, or a forwarded request, holds this and hands it back exactly once. */
struct call_ref {
    struct core *core; /* NULL: the core is gone */
    uint64_t id;
    struct call_ref *next, **link;
};
struct call_ref *call_ref_new(struct core *core, uint64_t id);
void call_ref_free(struct call_ref *ref);
/* The call to "self" behind ref has become this request, which ends when the call is cancelled. */
void call_has_request(const struct call_ref *ref, uint64_t request_id);
void calls_release(struct core *core); /* all of them, without a word */
void call_done(void *user, const struct http_result *result);
int32_t call_start(struct core *core, struct rh_ctx *plugin, const struct rh_call *spec,
                   void (*cb)(void *self, void *user, const struct rh_reply *reply), void *user,
                   uint64_t *id);
int32_t call_cancel(struct core *core, struct rh_ctx *plugin, uint64_t id);
void calls_end_of_plugin(struct rh_ctx *plugin);
/* Headers that name this node to a peer; values live in `room`. Returns how many. */
#define PEER_HEADERS_MAX 9u
struct peer_header_room {
    char protocol[12];
    char authorization[600];
    char epoch[24];
    char cluster_epoch[24];
};
uint32_t call_peer_headers(struct core *core, struct http_header *headers,
                           struct peer_header_room *room);

/* reload.c: read the configuration again on a turn of its own; cb (may be NULL with plugin) comes
 * exactly once. RH_OK, RH_EUNSUPPORTED, RH_EAGAIN, RH_ENOMEM. */
int32_t reload_ask(struct core *core, struct rh_ctx *plugin,
                   void (*cb)(void *self, void *user, int32_t rc, struct rh_str report),
                   void *user);

/* forward.c */
void forward_request(struct request *req);
/* This node has come to lead since: run the request here. */
void request_dispatch_again(struct request *req);

/* builtin*.c, openapi.c, report.c */
int32_t builtin_init(struct core *core);
void builtin_free(struct core *core);
void builtin_events(struct core *core, struct request *req);
int32_t openapi_write(struct core *core, struct rh_buf *out);
int32_t report_health(struct core *core, struct rh_buf *out);
int32_t report_plugins(struct core *core, struct rh_buf *out);
int32_t report_routes(struct core *core, struct rh_buf *out);
int32_t report_loops(struct core *core, struct rh_buf *out);
int32_t report_config(struct core *core, struct rh_buf *out);

/* Addresses to dial besides the configured seeds. */
int32_t seeds_add(struct core *core, const char *address);

/* roles.c */
const void *role_active(struct core *core, const char *role, struct rh_ctx **provider);
/* A plugin that runs names the role, whether it stands by or not. */
bool role_is_given(const struct rh_ctx *plugin, const char *role);
/* Tell providers what has changed for them: not from inside a plugin's call. */
void roles_update(struct core *core);
void roles_update_later(struct core *core);
void roles_leave(struct core *core);
/* For a provider of leader/1 that stands by: call the active one; see <ringhost/role/leader.h>. */
int32_t roles_transfer(struct rh_ctx *asker, struct rh_str node_id);
int32_t roles_step_down(struct rh_ctx *asker, int64_t hold_ms, const char *reason);

#endif
