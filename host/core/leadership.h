/* The leadership service: the one writer of who leads, with which epoch, and where the replicated
 * namespaces are at home. Votes are the provider's business (role leader/1). DESIGN section 5. */
#ifndef RH_HOST_CORE_LEADERSHIP_H
#define RH_HOST_CORE_LEADERSHIP_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/role/leader.h>
#include <ringhost/service/cluster.h>

#include "host/core/timers.h"

#define NODE_ID_MAX         64u
#define LEADER_REASON_MAX   256u
#define HOME_GATE_MAX       1024u                /* batches that wait for the claim */
#define HOME_GATE_BYTES_MAX (8u * 1024u * 1024u) /* their bytes */

struct core;
struct rh_ctx;
struct gated_batch;

struct leadership {
    struct rh_ctx *provider;       /* of leader/1, NULL = none */
    bool has_begun;                /* and has been looked for */
    char node_id[NODE_ID_MAX + 1]; /* "" = nobody */
    char source[24];
    char reason[LEADER_REASON_MAX];
    uint64_t epoch;     /* greatest seen; of the leader while there is one */
    uint64_t fence_max; /* greatest epoch that a leader-only act carried */
    int64_t expires_ms;
    bool is_self;
    uint32_t votes_have;
    uint32_t votes_need;
    struct timer lease;
    /* home */
    uint64_t home_epoch; /* 0 = none */
    char home_node[NODE_ID_MAX + 1];
    bool home_is_confirmed; /* our own claim is durable on a majority */
    uint32_t home_writes;   /* of the claim, on their way to the disk */
    bool is_superseding;    /* replica.db is to be moved aside; kept with the claim */
    bool is_moving_aside;   /* and the writer is at it */
    struct gated_batch *gate_first, *gate_last;
    uint32_t gate_count;
    size_t gate_bytes;
    uint64_t log_index; /* of the last batch applied by home_propose */
};

/* Read epoch and home from the host's namespace. RH_OK, RH_EIO. */
int32_t leadership_init(struct core *core);
void leadership_release(struct core *core);
/* Without a provider: lead when alone, else say why nobody leads. Call when all plugins have
 * started. */
void leadership_without_provider(struct core *core);

/* End a lease whose time is over although its timer has not run yet: after a pause of the machine,
 * requests may come before timers. */
void leadership_check_lease(struct core *core);

/* What the active provider reports. */
int32_t leadership_leading(struct core *core, const char *source, uint64_t epoch,
                           int64_t expires_ms, uint32_t votes_have, uint32_t votes_need);
int32_t leadership_following(struct core *core, const char *source, struct rh_str leader,
                             uint64_t epoch, int64_t expires_ms);
int32_t leadership_leaderless(struct core *core, const char *source, uint64_t epoch,
                              const char *reason, uint32_t votes_have, uint32_t votes_need);
void leadership_view(struct core *core, struct rh_leader *out);
int32_t leadership_fence(struct core *core, uint64_t epoch);

/* home.c */
void home_init_from_store(struct core *core);
void home_view(struct core *core, struct rh_home *out);
bool home_is_elsewhere(struct core *core);
/* cb(user, rc) once the claim is durable here. A lesser claim than the known one is RH_OK at once
 * and changes nothing. */
int32_t home_learn(struct core *core, const struct rh_home *claim,
                   void (*cb)(void *user, int32_t rc), void *user);
int32_t home_confirmed(struct core *core, uint64_t epoch);
/* Claim to be home although another node is. RH_PENDING: cb(user, rc) once that is durable here;
 * RH_OK: this node is home and has been; RH_ENOTLEADER, RH_EAGAIN, RH_EIO: nothing changed. */
int32_t home_adopt(struct core *core, void (*cb)(void *user, int32_t rc), void *user);
/* The state service's way to agreement while no replication provider is active: at once when we are
 * the confirmed home, else after the claim. */
int32_t home_propose(void *arg, uint64_t id, struct rh_str data);
void home_leadership_lost(struct core *core);
void home_try_supersede(struct core *core);

#endif
