/* The state service: two SQLite databases, group commit on a writer thread, one snapshot for readers. Not the plugin-facing
 * checks of activation and ownership (services_state.c). DESIGN section 4. */
#ifndef RH_HOST_CORE_STATE_H
#define RH_HOST_CORE_STATE_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/service/state.h>

#include "host/core/driver.h"

struct state;
struct state_ns;

#define STATE_WHY_MAX 256u
#define STATE_WAL_BYTES_MAX (64u * 1024u * 1024u) /* bound that checkpoints keep */
#define STATE_EVENTS_KEPT 100000u                 /* newest cluster events kept a database */

/* A cluster event once it is durable. Borrowed. */
struct state_event {
    struct rh_str id;   /* "namespace:revision:n" */
    struct rh_str type;
    struct rh_str source;
    struct rh_str payload;
    struct rh_str node_id;
    int64_t at_ms;
    uint64_t cursor;    /* grows by one an event in its database; for resuming */
};

/* replica_apply is how a batch of a replicated namespace gets agreed on. With propose NULL (rank 0) it is applied at once. */
struct state_config {
    const char *directory; /* exists, writable */
    struct rh_str node_id;
    /* Cluster events of a finished group, in order, before the group's callbacks. [loop] */
    void (*on_event)(void *user, const struct state_event *event);
    /* Writing has stopped for good (failed fsync, I/O error, disk full): words for health. [loop] */
    void (*on_failed)(void *user, int32_t rc, const char *why);
    void *user;
};

/* Open (making) local.db and replica.db, start their writers. why (STATE_WHY_MAX) names file and reason on failure:
 * RH_EIO (not writable, not a database, newer layout), RH_ENOMEM. [loop] */
int32_t state_open(const struct state_config *config, const struct driver *driver, struct state **out, char *why);
/* Finish what is queued, call the callbacks, close. NULL is allowed. [loop] */
void state_close(struct state *state);

/* Register a namespace of a plugin (or of the host: plugin "host"). The same name for another plugin: RH_EEXISTS.
 * *schema_stored: schema number found on disk, 0 when new. [loop] */
int32_t state_namespace(struct state *state, const char *plugin, const struct rh_namespace *def,
                        struct state_ns **out, uint32_t *schema_stored);
/* Store a new schema number (in order with commits). */
int32_t state_set_schema(struct state *state, struct state_ns *ns, uint32_t schema,
                         void (*cb)(void *user, int32_t rc, uint64_t revision), void *user);

int32_t state_get(struct state *state, struct state_ns *ns, struct rh_str key, struct rh_value *out);
int32_t state_scan(struct state *state, struct state_ns *ns, const struct rh_scan *scan, struct rh_rows *out);
int32_t state_usage(struct state *state, struct state_ns *ns, struct rh_usage *out);
/* As rh.state/1's commit. cb runs from state's done handling on the loop (never inside this call), after the snapshot has
 * advanced. now_wall_ms stamps the events. ns quotas: bytes_max 0 = none. */
int32_t state_commit(struct state *state, struct state_ns *ns, const struct rh_batch *batch, const char *plugin,
                     int64_t now_wall_ms, void (*cb)(void *user, int32_t rc, uint64_t revision), void *user);
void state_quota(struct state_ns *ns, uint64_t bytes_max);

/* Read events of a database after a cursor (0 = from the oldest kept), at most max; each(user, event). *oldest tells the
 * first cursor still kept, so that a reader can see a gap. replicated: 1 = replica.db. [loop] */
int32_t state_events(struct state *state, uint32_t replicated, uint64_t after, uint32_t max,
                     void (*each)(void *user, const struct state_event *event), void *user, uint64_t *oldest);

/* 1: replica.db holds data of a replicated namespace. */
uint32_t state_replica_used(struct state *state);
/* Move replica.db aside as replica.db.superseded-<wall_ms> and start an empty one (DESIGN: an adopted home elsewhere).
 * Only while no commit is outstanding: RH_EAGAIN. */
int32_t state_replica_supersede(struct state *state, int64_t wall_ms);

/* Encoded batch (what a replication provider carries) and its application; see state_batch.h. */

/* Numbers for metrics and health. */
struct state_stats {
    uint64_t commits, groups, syncs, conflicts, failed;
    uint64_t wal_bytes_local, wal_bytes_replica;
    uint32_t queued;   /* batches waiting */
    int32_t failed_rc; /* RH_OK or why writing stopped */
    const char *failed_why;
};
void state_stats(struct state *state, struct state_stats *out);

#endif
