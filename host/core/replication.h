/* The core's side of the role replication/1: whom batches are handed to, what the provider is told,
 * and what waits for it. Agreement is the provider's business, applying is state.h's, and home.c
 * decides while no provider is active. DESIGN sections 4 and 10. */
#ifndef RH_HOST_CORE_REPLICATION_H
#define RH_HOST_CORE_REPLICATION_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/role/replication.h>

#include "host/core/state.h"
#include "host/core/timers.h"

struct core;
struct rh_ctx;
struct barrier;

/* One snapshot that a provider has asked for. */
struct replication_snapshot {
    uint64_t id; /* 0 = none, or its provider is gone */
    bool is_ready;
};

struct replication {
    struct rh_ctx *provider; /* whose log decides; NULL = none does */
    const struct rh_replication_role_v1 *role;
    bool is_switching; /* nobody decides until nothing is outstanding */
    int32_t health_rc; /* why applying has stopped, RH_OK = it has not */
    char health_why[STATE_WHY_MAX];
    int64_t step_down_at_ms;  /* when to ask again that another node leads */
    int64_t schemas_at_ms;    /* when to look again at schemas that could not be used or raised */
    uint64_t term_seen;       /* of the newest applied entry */
    struct timer retry;       /* while entries stand still */
    struct barrier *barriers; /* oldest first */
    bool is_barrier_queued;
    struct replication_snapshot snapshots[STATE_SNAPSHOTS_MAX];
    uint64_t receive_id; /* of the snapshot being received or installed, 0 = none */
    uint64_t install_index, install_term;
    struct rh_ctx *aside_plugin; /* who waits for replica.db to be set aside; NULL = nobody */
    void (*aside_cb)(void *self, void *user, int32_t rc);
    void *aside_user;
};

/* A provider's log decides, or is about to: there is no home. */
bool replication_is_on(const struct core *core);
/* A provider runs here, but this node is no member: it holds no replicated state. */
bool replication_stands_by(struct core *core);
/* The replicated state is here, with everything acknowledged in earlier epochs: a leader may use
 * it. */
bool replication_has_state(struct core *core);
/* Why not, in words. */
void replication_explain(struct core *core, char *why, size_t size);

/* Let `best` decide from now on (NULL = the home). False: something of before is outstanding, and
 * nobody decides until a later call has returned true; roles_update makes it. [loop] */
bool replication_switch(struct core *core, struct rh_ctx *best);
/* The provider has been told that it is active. */
void replication_begin(struct core *core);
/* Once a turn, before state_flush. */
void replication_turn(struct core *core);
void replication_release(struct core *core);

/* Ask that another node leads and this one does not for a while, unless that was asked a short
 * while ago. For a leader that cannot do what leading takes: call it again until it does not lead.
 */
void replication_step_down(struct core *core, const char *reason);

/* Callbacks of state_config; user is the core. */
int32_t replication_propose(void *user, uint64_t id, struct rh_str data);
void replication_on_stalled(void *user, int32_t rc, const char *why);
void replication_on_applied(void *user, uint64_t index, uint64_t term);
void replication_on_checkpointed(void *user, uint64_t index);
/* Writing has stopped until restart. */
void replication_on_failed(struct core *core, int32_t rc, const char *why);

/* Snapshots and installs of the active provider, as the host table says (replication_copy.c). */
int32_t replication_snapshot_wanted(struct core *core, uint64_t id);
int32_t replication_snapshot_read(struct core *core, uint64_t id, uint64_t offset, uint32_t max,
                                  struct rh_str *out);
int32_t replication_snapshot_release(struct core *core, uint64_t id);
int32_t replication_install_write(struct core *core, uint64_t id, uint64_t offset,
                                  struct rh_str data);
int32_t replication_install(struct core *core, uint64_t id, uint64_t index, uint64_t term);
/* The provider goes: its snapshots are removed. */
void replication_copies_drop(struct core *core);

/* Setting the state of this node aside for a provider, as the host table says
 * (replication_aside.c). */
int32_t replication_set_aside(struct rh_ctx *plugin, void (*cb)(void *self, void *user, int32_t rc),
                              void *user);
/* replica.db has been emptied: its namespaces hold nothing, not even a schema. */
void replication_forget_schemas(struct core *core);
/* Whether a plugin reads or writes replicated namespaces, or has commits to them under way. [loop]
 */
bool replication_is_used(const struct core *core);

/* rh.state/1's barrier (barrier.c). */
int32_t barrier_begin(struct rh_ctx *plugin, void (*cb)(void *self, void *user, int32_t rc),
                      void *user);
/* The answer of the provider to barrier(id). */
void barriers_answered(struct core *core, uint64_t id, int32_t rc);
void barriers_ask(struct core *core);
void barriers_applied(struct core *core);
/* Those that wait for the provider end like this. */
void barriers_fail(struct core *core, int32_t rc);
/* The plugin's activation ends: their callbacks run now. Not from inside a plugin's call. */
void barriers_cancel(struct rh_ctx *plugin);

#endif
