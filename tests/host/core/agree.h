/* A provider of leader/1 and replication/1 for tests: all nodes of one process share one log, and
 * the test says who leads, who hears and what gets agreed on. It reorders nothing and loses only
 * what the test has it lose. */
#ifndef RH_TESTS_HOST_CORE_AGREE_H
#define RH_TESTS_HOST_CORE_AGREE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/role/leader.h>
#include <ringhost/role/replication.h>
#include <ringhost/sdk/plugin.h>
#include <ringhost/testhost.h>

#define AGREE_NODES_MAX    5u
#define AGREE_ENTRIES_MAX  16384u
#define AGREE_BARRIERS_MAX 64u
#define AGREE_NOBODY       AGREE_NODES_MAX
#define AGREE_TICK_MS      10

struct agree;

struct agree_entry {
    uint64_t term;
    uint32_t node; /* that proposed it; AGREE_NOBODY = the provider's own */
    uint32_t life; /* of that node's instance */
    uint64_t id;
    char *data;
    size_t n;
};

/* One node's provider: wishes of the test, and what the host told it. Outlives the instance. */
struct agree_node {
    struct agree *all;
    const char *id;
    uint32_t index;
    uint32_t life;
    struct rh_services *rh; /* of the living instance, or NULL */
    const struct rh_replication_host_v1 *host;
    const struct rh_leader_host_v1 *leader;
    /* wishes */
    bool is_cut;        /* it hears nothing, and nobody hears it */
    bool stands_by;     /* from its start on */
    bool is_stuck;      /* hands nothing in */
    int32_t propose_rc; /* RH_OK = as it is */
    /* what came */
    bool is_active, leads_active;
    uint64_t next; /* to be handed in */
    uint64_t epoch_told;
    uint64_t applied_index, applied_term, checkpointed;
    uint32_t proposals, applied_calls, refused, health_calls, steps_down;
    int32_t committed_rc, health_rc, snapshot_rc, installed_rc;
    uint32_t snapshots, installs;
    uint64_t barriers[AGREE_BARRIERS_MAX];
    uint32_t barrier_count, barriers_asked;
    uint64_t failed[AGREE_BARRIERS_MAX]; /* proposals to be told as given up */
    uint32_t failed_count;
    bool is_installing;
};

struct agree {
    struct agree_entry entries[AGREE_ENTRIES_MAX]; /* index - 1 */
    uint64_t count;
    uint64_t commit;
    uint64_t first; /* entries below are compacted away */
    uint64_t epoch;
    uint32_t leader;
    bool is_held; /* nothing more is agreed on */
    struct agree_node nodes[AGREE_NODES_MAX];
    /* a snapshot on its way from the leader */
    bool is_wanted, is_asked;
    uint64_t snapshot_id, snapshot_index, snapshot_term, snapshot_n;
    char *snapshot;
};

/* A descriptor and all it points at. Must outlive rh_testhost_new. */
struct agree_plugin {
    struct rh_plugin desc;
    struct rh_role roles[2];
    char config[64];
};

struct agree *agree_new(void);
void agree_free(struct agree *all);
void agree_describe(struct agree_plugin *out, struct agree *all, uint32_t index, const char *id);
struct rh_testhost_plugin agree_entry_of(const struct agree_plugin *plugin);

/* This node leads from now on, in a new epoch: what was not agreed on is gone, and an entry without
 * data comes first. AGREE_NOBODY = nobody does. */
void agree_lead(struct agree *all, uint32_t index);
/* Agree on everything proposed, now and from now on; or on nothing more. */
void agree_hold(struct agree *all, bool is_held);
/* Forget all entries that are agreed on. */
void agree_compact(struct agree *all);

#endif
