/* What the wiring files of the bridge share: its structs and who does what; no decisions. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_WIRE_H
#define RH_PLUGINS_EVENT_BRIDGE_WIRE_H

#include <ringhost/sdk/store.h>

#include "address.h"
#include "delivery.h"
#include "filter.h"
#include "pack.h"
#include "record.h"
#include "sign.h"
#include "spool.h"
#include "throttle.h"

#define BRIDGE_NAMESPACE      "event_bridge"      /* the cluster's sinks */
#define BRIDGE_NODE_NAMESPACE "event_bridge_node" /* the node's own */

#define SINKS_MAX             32u
#define SINK_NAME_MAX         32
#define SINK_TYPES_MAX        64
#define SINK_ARGV_MAX         64
#define PUBLISH_BYTES_MAX     (60u * 1024u) /* of a payload */
#define PUBLISH_KEY_MAX       128u          /* of an idempotency key */

/* Delivered events that a crash may have delivered again: what is done in this time. */
#define SAVE_MS 200
/* The same once nothing is left to deliver. */
#define SAVE_DRAINED_MS 20
/* How soon a cursor is written that only passed over events of no interest. */
#define SAVE_IDLE_MS 5000

/* A row of `sinks:`. Durations are ms. */
struct sink_config {
    struct rh_str name;
    struct rh_str url;
    struct rh_str secret_file;
    struct rh_str_list argv;
    struct rh_str_list types;
    struct rh_str scope;
    struct rh_str from;
    int64_t timeout;
    int64_t backoff;
    int64_t backoff_max;
    int64_t recheck;
    int64_t attempts;
    int64_t batch;
    int64_t dead_max;
    int64_t outbox_rows;
    int64_t outbox_bytes;
};

struct bridge_config {
    struct rh_list sinks; /* struct sink_config */
    int64_t publish_rate;
};

struct bridge;
struct sink;

/* What is kept of a sink that the configuration names no longer. */
struct removed {
    char name[SINK_NAME_MAX + 1]; /* "" = none */
    struct cursor cursor;
    uint32_t waiting; /* events in its outbox */
};

/* Sinks that share a namespace and what becomes of them. */
struct scope {
    const char *name_space;
    bool is_node;
    bool is_saving;      /* a commit of cursors is under way */
    int64_t save_due_ms; /* INT64_MAX = nothing to save */
    struct removed left; /* the first removed sink with dead letters or events that wait */
    struct removed forgetting;
    rh_req forget_req; /* to answer when that is durable, 0 = none */
};

/* A change of a sink's dead letters that is being committed; one at a time. */
struct sink_write {
    uint64_t serial;    /* 0 = none is under way */
    struct cursor next; /* after it */
    rh_req req;         /* to answer, 0 = none */
    uint32_t count;     /* for the answer */
    void (*done)(struct sink *sink, int32_t rc);
};

struct sink_counts {
    uint64_t delivered, failed, refused, passed, redriven; /* since the activation */
};

#define SINK_METRICS 6u

struct sink {
    struct bridge *bridge;
    struct scope *scope;
    const struct sink_config *config;
    char name[SINK_NAME_MAX + 1];
    char url[ADDRESS_SIZE]; /* "" = a program */
    bool is_signed;
    struct sign_keys keys;
    struct delivery_limits limits;
    struct delivery delivery;
    struct cursor cursor;
    bool is_dirty;     /* the cursor in the store is behind */
    bool is_drained;   /* since the last delivery nothing was found to deliver */
    uint64_t starting; /* serial of the commit of its first cursor, 0 = none */
    uint32_t read_max; /* events to be read at once */
    struct spool outbox;
    struct pack pack;      /* the events that are next; the first is the head */
    uint64_t read_to;      /* position of the last that was looked at; where the pack is empty, that
                              of the cursor */
    bool head_is_redriven; /* it is a dead letter, and alone */
    bool head_is_gone;     /* and was thrown away meanwhile */
    bool may_have_wanted;  /* dead letters may wait for another try */
    uint64_t serial;       /* of what is being sent */
    rh_handle call;        /* of a webhook under way */
    struct sink_write write;
    struct sink_counts counts;
    char error[RECORD_ERROR_MAX]; /* of the last failure, "" = none since */
    int64_t error_at_ms;          /* Unix */
    rh_handle metrics[SINK_METRICS];
    bool has_metrics;
};

struct bridge {
    struct rh_services rh;
    const struct bridge_config *config;
    struct scope cluster;
    struct scope node;
    struct sink *sinks; /* SINKS_MAX, or NULL */
    uint32_t sink_count;
    bool is_active;
    bool is_leading;
    uint64_t epoch; /* that is led */
    uint64_t last_serial;
    rh_handle timer;
    int64_t timer_at_ms; /* INT64_MAX = not armed */
    struct throttle throttle;
    uint64_t published;
    uint32_t key_count;  /* idempotency keys in the store, */
    uint64_t keys_epoch; /* counted under this epoch */
    int64_t show_due_ms; /* when gauges are set again */
};

/* --- wire_config.c --- */

/* Make the sinks that the configuration names; a negative code with words for a faulty one, and the
 * old ones stay. */
int32_t bridge_configure(struct bridge *p, const struct bridge_config *config);
void bridge_release(struct bridge *p);

/* --- wire_store.c: rows. Kinds: 's' sink -> cursor; 'd' sink position -> dead letter; 'w' sink
 * position -> nothing, a dead letter to be tried again; 'o' sink number -> event that waits --- */

#define ROW_CURSOR 's'
#define ROW_DEAD   'd'
#define ROW_WANTED 'w'
#define ROW_OUTBOX 'o'

struct rh_store sink_store(const struct sink *sink);
void sink_key(struct rh_key *key, char kind, const struct sink *sink, uint64_t number);
/* The number in a key of kind, sink and number; RH_EIO. */
int32_t sink_key_number(struct rh_str key, uint64_t *number);
/* *found and the cursor. */
int32_t sink_get_cursor(struct sink *sink, struct cursor *out, bool *found);
void sink_put_cursor(struct rh_batch_builder *batch, const struct sink *sink,
                     const struct cursor *cursor);
/* Rows of a kind with numbers from `from` on, at most limit; of a sink, or of a name. Borrowed as
 * rh.state/1 says. */
int32_t scope_scan(const struct bridge *p, const struct scope *scope, struct rh_str name, char kind,
                   uint64_t from, uint32_t limit, struct rh_rows *rows);
int32_t sink_scan(struct sink *sink, char kind, uint64_t from, uint32_t limit,
                  struct rh_rows *rows);

/* --- wire_sink.c: one sink at work --- */

/* Begin from the stored cursor, or as a new sink; nothing if it is at work. */
void sink_start(struct sink *sink);
void sink_stop(struct sink *sink);
/* Do what can be done now. */
void sink_pump(struct sink *sink);
/* The outcome of what was sent under a serial; error is borrowed words for a failure. */
void sink_judge(struct bridge *p, uint64_t serial, enum verdict verdict, struct rh_str error,
                int64_t retry_after_ms);
/* Forget what was read ahead and is neither on its way nor being tried again, so that dead letters
 * that are wanted come next. */
void sink_favour_wanted(struct sink *sink);
/* Commit a change of dead letters; then done(sink, rc). RH_EAGAIN while another is under way. */
int32_t sink_write(struct sink *sink, struct rh_batch_builder *batch, const struct cursor *next,
                   void (*done)(struct sink *sink, int32_t rc));
/* The head is done with: the cursor passes over it, and over those behind it that are not the
 * sink's. */
void sink_leave_head(struct sink *sink);

/* --- wire_cluster.c --- */

/* Start or stop the cluster's sinks as leadership has it. */
void bridge_follow_leader(struct bridge *p);
/* The first position of a new sink; RH_ENOTLEADER and others. */
int32_t cluster_first_position(struct sink *sink, uint64_t *position);
/* Read on into the pack; *is_more: there may be more to be read. */
int32_t cluster_load(struct sink *sink, bool *is_more);
/* Position of the newest committed event, 0 = not known here. */
uint64_t cluster_newest(const struct bridge *p);

/* --- wire_node.c --- */

/* Open the outboxes and start the node's sinks. */
int32_t bridge_open_node(struct bridge *p);
/* A local event of this node. */
void bridge_take_node(struct bridge *p, const struct rh_event *event);
int32_t node_load(struct sink *sink, bool *is_more);

/* --- wire_send.c: events on their way; the outcome comes through sink_judge --- */

/* The first `count` of the pack. RH_OK, or nothing was begun. */
int32_t sink_send(struct sink *sink, uint32_t count);
void sink_send_cancel(struct sink *sink);

/* --- wire_dead.c --- */

/* Write the head to the dead letters. */
void sink_bury(struct sink *sink);
/* The head, a dead letter, was taken: delete it. Or it was not: keep it, with the new reason. */
void sink_settle_redriven(struct sink *sink, bool is_taken);
/* Load the first wanted dead letter as the head; none: may_have_wanted becomes false. */
int32_t sink_load_wanted(struct sink *sink);

struct dead_req {
    struct rh_str sink;
    uint64_t after;
    int64_t limit;
};
struct letters_req {
    struct rh_str sink;
    struct rh_str_list event_ids;
    int32_t all;
};
int32_t bridge_dead_list(struct bridge *p, struct scope *scope, rh_req req,
                         const struct dead_req *fields);
int32_t bridge_redrive(struct bridge *p, struct scope *scope, rh_req req,
                       const struct letters_req *fields);
int32_t bridge_discard(struct bridge *p, struct scope *scope, rh_req req,
                       const struct letters_req *fields);

/* --- wire_removed.c: what is kept of sinks that were taken out of the configuration --- */

/* RH_OK, or RH_ENOTFOUND: it is configured, or nothing is kept of it. */
int32_t removed_get(struct bridge *p, const struct scope *scope, struct rh_str name,
                    struct removed *out);
/* Write each as an object; newest as in the list of sinks. */
int32_t removed_list(struct bridge *p, const struct scope *scope, uint64_t newest,
                     struct rh_json_writer *w);
/* Look for what health has to tell: scope->left. */
void removed_look(struct bridge *p, struct scope *scope);

struct forget_req {
    struct rh_str sink;
};
/* Delete all that is kept of a removed sink; answers when that is durable. */
int32_t bridge_forget(struct bridge *p, struct scope *scope, rh_req req,
                      const struct forget_req *fields);

/* --- wire_reply.c --- */

int32_t bridge_reply_sinks(struct bridge *p, struct scope *scope, rh_req req);
/* The sink of a scope, or NULL. */
struct sink *bridge_find(struct bridge *p, const struct scope *scope, struct rh_str name);

/* --- wire_publish.c --- */

struct publish_req {
    struct rh_str event_type;
    struct rh_str payload;
    struct rh_str source;
    struct rh_str idempotency_key;
};
/* asked: digest of the fields, see rh_request_asked. */
int32_t bridge_publish(struct bridge *p, rh_req req, const struct publish_req *fields,
                       uint64_t asked);

/* --- wire_metrics.c --- */

enum sink_metric {
    METRIC_DELIVERED,
    METRIC_FAILED,
    METRIC_REFUSED,
    METRIC_DROPPED,
    METRIC_DEAD,
    METRIC_BEHIND,
};
void sink_metrics_init(struct sink *sink);
void sink_count(struct sink *sink, enum sink_metric metric);
/* Gauges, and the lasting conditions in health. */
void bridge_show(struct bridge *p);
/* The same, but not every time. */
void bridge_show_soon(struct bridge *p);

/* --- wire_work.c --- */

/* Monotonic ms. */
int64_t bridge_now(const struct bridge *p);
/* The cursor has moved and is to be saved within so long. */
void sink_moved(struct sink *sink, int64_t within_ms);
/* Look at everything at this monotonic time. */
void bridge_wake_at(struct bridge *p, int64_t at_ms);
/* Save what is due, pump all. */
void bridge_work(struct bridge *p);
/* Commit the cursors of a scope now. */
void scope_save(struct bridge *p, struct scope *scope);

#endif
