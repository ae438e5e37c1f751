/* The state service: two SQLite databases, group commit on a writer thread, one snapshot for
 * readers. Not the plugin-facing checks of activation (services_state.c). DESIGN section 4.
 *
 * How a commit runs. state_commit queues. state_flush, at the end of a loop turn, gives everything
 * queued to the writer thread as one group = one transaction = one fsync; what is queued meanwhile
 * joins the next group, which starts when the group before is done. Namespaces with RH_NS_URGENT go
 * first in a group. When the group is done the snapshot advances, then on_event runs for its
 * events, then its callbacks run, all on the loop.
 *
 * Outcomes. RH_ECONFLICT fails one batch and nothing else. Every other failure of a batch (RH_EFULL
 * by quota, RH_EIO, RH_ENOSPACE, RH_ENOMEM, RH_ENOTLEADER, RH_EUNKNOWN ...) breaks its namespace:
 * what was submitted to it before state_resume and has not been applied fails with the same code,
 * in order, through its callbacks. state_resume begins a new run; it cannot revive what was
 * submitted before it. SQLITE_FULL fails the group with RH_ENOSPACE and can be tried again after
 * state_resume. Any other I/O error while writing is final: all namespaces fail, on_failed runs
 * once, and state_commit returns that code until a restart.
 *
 * What a provider has agreed on cannot fail: a group with such entries that meets a full disk, or
 * no memory, is kept and stands still (on_stalled) until state_retry gets it through. */
#ifndef RH_HOST_CORE_STATE_H
#define RH_HOST_CORE_STATE_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/role/replication.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/service/state.h>

#include "host/core/driver.h"

struct state;
struct state_ns;

#define STATE_WHY_MAX 256u
/* Bound of a WAL file while groups are within their limits and no other process reads the database;
 * one larger batch (a range delete) may pass it until the next checkpoint. */
#define STATE_WAL_BYTES_MAX     (64u * 1024u * 1024u)
#define STATE_EVENTS_KEPT       100000u /* newest cluster events kept a database */
#define STATE_NAMESPACES_MAX    256u    /* of a node, and rows of a database */
#define STATE_QUEUE_BATCHES_MAX 65536u  /* waiting in one database */
#define STATE_QUEUE_BYTES_MAX   (64u * 1024u * 1024u)

/* A cluster event once it is durable. Borrowed. */
struct state_event {
    struct rh_str id; /* "namespace:revision:n" */
    struct rh_str type;
    struct rh_str source;
    struct rh_str payload;
    struct rh_str node_id;
    int64_t at_ms;
    uint64_t cursor;     /* grows by one an event in its database; for resuming */
    uint32_t is_replica; /* 1: stored in replica.db */
};

/* How a batch of a replicated namespace gets agreed on: as propose of role replication/1. data is
 * borrowed. The answer comes through state_apply_committed or state_propose_failed with this id,
 * also from inside the call. RH_OK, or an error: not proposed. RH_EAGAIN with has_log: it is
 * proposed again, first, by the next state_flush. [loop] */
typedef int32_t (*state_propose_fn)(void *user, uint64_t id, struct rh_str data);

struct state_config {
    const char *directory; /* exists, writable; only read during state_open */
    struct rh_str node_id; /* at most STATE_NODE_MAX bytes; copied */
    /* Cluster events of a finished group, in order, before the group's callbacks. [loop] */
    void (*on_event)(void *user, const struct state_event *event);
    /* Writing has stopped until restart (failed fsync, I/O error; not a full disk): words for
     * health. Called once. [loop] */
    void (*on_failed)(void *user, int32_t rc, const char *why);
    /* Entries of a provider stand still: RH_ENOSPACE or RH_ENOMEM, and words; or go on: RH_OK, "".
     * May be NULL, as the next two. [loop] */
    void (*on_stalled)(void *user, int32_t rc, const char *why);
    /* The snapshot of replica.db has advanced; after the group's callbacks. [loop] */
    void (*on_applied)(void *user, uint64_t index, uint64_t term);
    /* state_checkpointed has moved. [loop] */
    void (*on_checkpointed)(void *user, uint64_t index);
    state_propose_fn propose; /* NULL: replicated batches are applied at once */
    uint32_t has_log;         /* 1: propose keeps a durable log, so replica.db may be written with
                                 synchronous=NORMAL */
    uint32_t holds_lazy; /* 1: a group of lazy batches alone waits for one that is not lazy, or for
                            state_lazy_release */
    void *user;
};

/* Open (making) local.db and replica.db, hold state.lock against other processes, start the
 * writers. why (STATE_WHY_MAX) names file and reason on failure: RH_EIO (not writable, not a
 * database, newer layout, in use), RH_ENOMEM, RH_EINVAL (directory or node id too long). [loop] */
int32_t state_open(const struct state_config *config, const struct driver *driver,
                   struct state **out, char *why);
/* Finish what is queued, call the callbacks, close. Proposals without an outcome end with
 * RH_EUNKNOWN; a commit made by a callback meanwhile is refused with RH_ECANCELLED. NULL is
 * allowed. Not from inside a callback. [loop] */
void state_close(struct state *state);

/* Register a namespace of a plugin (or of the host: plugin "host"); again by the same plugin gives
 * the same one. The same name for another plugin, here or on disk: RH_EEXISTS. RH_EINVAL (name,
 * flags that differ), RH_EFULL, RH_ENOMEM, RH_EIO. *schema_stored: schema number found in the
 * snapshot, 0 when new. Lives until close. [loop] */
int32_t state_namespace(struct state *state, const char *plugin, const struct rh_namespace *def,
                        struct state_ns **out, uint32_t *schema_stored);
/* Store a new schema number (in order with commits); counts as a batch. Returns as state_commit.
 * [loop] */
int32_t state_set_schema(struct state *state, struct state_ns *ns, uint32_t schema,
                         void (*cb)(void *user, int32_t rc, uint64_t revision), void *user);

/* Schema number of a namespace in the snapshot, 0 = none: what other nodes or an installed snapshot
 * may have changed since state_namespace. RH_OK, RH_EIO, RH_ENOMEM. [loop] */
int32_t state_schema(struct state *state, struct state_ns *ns, uint32_t *out);

/* As rh.state/1's get, scan, usage on the snapshot; data and rows are borrowed until the next get
 * or scan of this namespace or the next state_flush. A namespace without any batch is empty. RH_OK,
 * RH_EINVAL, RH_ENOMEM, RH_EIO. [loop] */
int32_t state_get(struct state *state, struct state_ns *ns, struct rh_str key,
                  struct rh_value *out);
int32_t state_scan(struct state *state, struct state_ns *ns, const struct rh_scan *scan,
                   struct rh_rows *out);
int32_t state_usage(struct state *state, struct state_ns *ns, struct rh_usage *out);

/* As rh.state/1's commit; the checks of a batch look at the state before its first operation. cb
 * (may be NULL) runs exactly once on the loop, never inside this call, after the snapshot has
 * advanced past the batch. now_wall_ms stamps the events. plugin is the owner (else RH_EINVAL).
 * Keys have 1 to RH_KEY_MAX bytes. RH_OK; RH_EINVAL, RH_ETOOLARGE, RH_EAGAIN (the queue is at its
 * limit), RH_ENOMEM, RH_ECANCELLED (closing), or why writing has stopped: cb is not called. [loop]
 */
int32_t state_commit(struct state *state, struct state_ns *ns, const struct rh_batch *batch,
                     const char *plugin, int64_t now_wall_ms,
                     void (*cb)(void *user, int32_t rc, uint64_t revision), void *user);
/* The same with a new schema number (0 = none) that is stored with the batch or not at all. */
int32_t state_commit_schema(struct state *state, struct state_ns *ns, const struct rh_batch *batch,
                            uint32_t schema, const char *plugin, int64_t now_wall_ms,
                            void (*cb)(void *user, int32_t rc, uint64_t revision), void *user);
/* Give what is queued to the writers (and to propose), if they are idle. Once at the end of each
 * loop turn. [loop] */
void state_flush(struct state *state);
/* 1: all that is queued in a database is lazy; state_lazy_release must follow in a while. [loop] */
uint32_t state_lazy_waits(const struct state *state);
/* Lazy batches have waited long enough: write them as soon as the writer is idle. [loop] */
void state_lazy_release(struct state *state);
/* Limit of a namespace's keys and values together, 0 = none, for commits from now on. A batch that
 * makes the namespace grow beyond it fails with RH_EFULL; one that does not grow it is applied.
 * [loop] */
void state_quota(struct state_ns *ns, uint64_t bytes_max);
/* RH_OK, or why commits of this namespace fail until state_resume. [loop] */
int32_t state_broken(const struct state_ns *ns);
/* The plugin has been deactivated and activated: take its commits again. Nothing happens if it is
 * not broken. [loop] */
void state_resume(struct state *state, struct state_ns *ns);

/* Read events of a database after a cursor (0 = from the oldest kept), at most max; each(user,
 * event). *oldest tells the first cursor still kept, so that a reader can see a gap (after + 1 <
 * *oldest); it is the next cursor to come when there are none. replicated: 1 = replica.db. [loop]
 */
int32_t state_events(struct state *state, uint32_t replicated, uint64_t after, uint32_t max,
                     void (*each)(void *user, const struct state_event *event), void *user,
                     uint64_t *oldest);

/* Cursor of the newest event ever stored in a database, 0 = none. [loop] */
uint64_t state_events_last(const struct state *state, uint32_t replicated);

/* 1: replica.db holds data of a replicated namespace. [loop] */
uint32_t state_replica_used(struct state *state);
/* Node that made the first batch in replica.db ("" = none): its home while there is no provider.
 * Borrowed until the next flush. [loop] */
struct rh_str state_home(struct state *state);
/* Copy replica.db to replica.db.superseded-<wall_ms>, make the copy durable, then empty replica.db
 * in one transaction (DESIGN: an adopted home elsewhere). Runs on the writer; cb(user, rc, why)
 * runs later, exactly once. RH_OK; RH_EAGAIN while a commit of a replicated namespace is
 * outstanding. [loop] */
int32_t state_replica_supersede(struct state *state, int64_t wall_ms,
                                void (*cb)(void *user, int32_t rc, const char *why), void *user);

/* Whom propose hands batches to has changed; replaces config's has_log. With a log, replica.db is
 * written with synchronous=NORMAL: after a power loss it is caught up from there. Only while
 * nothing replicated is outstanding: RH_EAGAIN. [loop] */
int32_t state_replicate(struct state *state, state_propose_fn propose, uint32_t has_log);
/* Entry `index` is agreed on; index grows from call to call, and from what state_applied says after
 * opening. id is the proposal's on the node that made it, else 0 (an unknown id is as 0). Empty
 * data only moves the index. RH_OK (applied later, in order); RH_EINVAL (index not above the last),
 * RH_EPROTOCOL or RH_EUNSUPPORTED (not a batch of this version: applying must stop), RH_EAGAIN
 * (queue full: hand it in again after a flush), RH_ENOMEM, or why writing has stopped. When
 * applying fails, writing stops, and the callbacks of these proposals get RH_EUNKNOWN. [loop] */
int32_t state_apply_committed(struct state *state, uint64_t index, uint64_t term, uint64_t id,
                              struct rh_str data);
/* A proposal was given up: RH_ENOTLEADER (never in the log) or RH_EUNKNOWN. An unknown id is
 * ignored. [loop] */
void state_propose_failed(struct state *state, uint64_t id, int32_t rc);
/* Nobody will answer the proposals under way: they end with RH_EUNKNOWN. [loop] */
void state_propose_lost(struct state *state);
/* Place in the log of the snapshot of replica.db. At rank 0 the index grows by one an applied
 * batch. [loop] */
void state_applied(struct state *state, uint64_t *index, uint64_t *term);
/* Index of the newest entry that state_apply_committed has taken, or that is applied. [loop] */
uint64_t state_index_queued(const struct state *state);
/* Try again what stands still (on_stalled). [loop] */
void state_retry(struct state *state);
/* Index up to which replica.db survives a power loss: the log may be compacted below it. [loop] */
uint64_t state_checkpointed(struct state *state);
/* Run a checkpoint of replica.db as soon as its writer is idle, to move state_checkpointed. [loop]
 */
void state_checkpoint(struct state *state);

/* Copies of replica.db, state_snapshot.c. One is made at a time, in steps between groups, so that
 * neither readers nor commits wait for all of it; it shows the state at the place its callback
 * names. A slot is free again after state_snapshot_drop. The files do not outlive the process. */
#define STATE_SNAPSHOTS_MAX   RH_SNAPSHOTS_MAX
#define STATE_PIECE_BYTES_MAX RH_SNAPSHOT_PIECE_MAX
typedef void (*state_snapshot_fn)(void *user, uint32_t slot, int32_t rc, uint64_t index,
                                  uint64_t term, uint64_t length);
/* cb runs exactly once, later, unless this fails: RH_OK, or RH_EIO, RH_ENOSPACE, RH_ENOMEM, and
 * RH_ECANCELLED after a drop or when the state is closed; only after RH_OK is the slot taken.
 * RH_OK; RH_EAGAIN (the slot is taken, one is being made, or an install is under way), or why
 * writing has stopped. [loop] */
int32_t state_snapshot_make(struct state *state, uint32_t slot, state_snapshot_fn cb, void *user);
/* *out is borrowed until the next read, drop or close; empty at the end. RH_OK, RH_ENOTFOUND (the
 * slot holds none), RH_EINVAL (offset behind the end, max 0 or above STATE_PIECE_BYTES_MAX),
 * RH_EIO, RH_ENOMEM. [loop] */
int32_t state_snapshot_read(struct state *state, uint32_t slot, uint64_t offset, uint32_t max,
                            struct rh_str *out);
void state_snapshot_drop(struct state *state, uint32_t slot);

/* A copy from another node, state_install.c: taken piece by piece, then put in the place of what
 * replica.db holds, in one transaction: a crash leaves the old state or the new. Offset 0 begins
 * anew. RH_OK; RH_ECONFLICT (offset is not where it stands), RH_EINVAL (more than
 * STATE_PIECE_BYTES_MAX), RH_EAGAIN (an install is under way), RH_EIO, RH_ENOSPACE, RH_ENOMEM: then
 * it has to begin anew. [loop] */
int32_t state_receive(struct state *state, uint64_t offset, struct rh_str data);
/* Runs behind what state_apply_committed has taken; that takes no more until cb has run, exactly
 * once, later. rc RH_OK: the snapshot of readers shows the new state at (index, term), which is
 * durable. Else nothing has changed: RH_EPROTOCOL (damaged, or not of this place), RH_EUNSUPPORTED
 * (a newer layout), RH_ESTALE (what is applied is not below index), RH_ENOSPACE, RH_ENOMEM, RH_EIO
 * (final if the disk failed), RH_ECANCELLED (closed). Proposals under way end with RH_EUNKNOWN.
 * Returns RH_OK; RH_ENOTFOUND (nothing was received), RH_EAGAIN (an install, or a snapshot, is
 * under way), or why writing has stopped: cb is not called. [loop] */
int32_t state_install(struct state *state, uint64_t index, uint64_t term,
                      void (*cb)(void *user, int32_t rc, const char *why), void *user);

/* Numbers for metrics and health. */
struct state_stats {
    uint64_t commits, groups, syncs, conflicts,
        failed; /* batches applied, transactions, flushes of a WAL, ... */
    uint64_t checkpoints, checkpoints_incomplete;
    uint64_t wal_bytes_local, wal_bytes_replica; /* in use since the WAL last began anew */
    uint32_t queued;                             /* batches waiting or under way */
    uint32_t is_stopped;                         /* writing has stopped until restart */
    uint32_t is_stalled;                         /* entries of a provider stand still */
    int32_t failed_rc; /* RH_OK, or how the last group or checkpoint failed; cleared by the next
                          that succeeds */
    const char *failed_why; /* "" when failed_rc is RH_OK; borrowed until the next flush */
};
void state_stats(struct state *state, struct state_stats *out);

#endif
