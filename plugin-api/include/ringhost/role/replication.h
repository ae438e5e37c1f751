/* Role replication/1: agreement on the order of batches. The provider owns log and agreement, the
 * host owns apply.
 *
 * Entries. The log is a sequence of entries with growing index; gaps are allowed. An entry holds
 * one batch of the host, opaque to the provider, or nothing. Its term is the epoch, as reported
 * through leader/1, of the leadership that put it into the log. Each leadership puts an entry
 * without data in front of its first: replicated plugins are activated once an entry of the own
 * epoch is applied.
 *
 * Ids. Proposals, barriers, snapshots and installs carry ids other than 0. The ids of propose and
 * barrier are the host's, unique while its process lives; a provider keeps them in memory only, and
 * hands in entries of an earlier life with id 0. The ids of snapshots and installs are the
 * provider's.
 *
 * Order. The host calls propose and barrier only while this provider is active, and takes entries
 * only then: at a start, after active(1). The provider may answer from inside those calls. Host
 * functions answer through the role table, never before they have returned.
 *
 * A node that has lived without a provider has data: applied() is then above 0 although the log is
 * empty. Only one such node may begin a log, at that place; the others have to be empty. */
#ifndef RH_ROLE_REPLICATION_H
#define RH_ROLE_REPLICATION_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_REPLICATION_ROLE "replication/1"

/* Most bytes of one proposal. */
#define RH_PROPOSAL_BYTES_MAX (512u * 1024u)
/* Most bytes of a piece of a snapshot, read or written. */
#define RH_SNAPSHOT_PIECE_MAX (1024u * 1024u)
/* Snapshots of a node that are being made or have not been released: one being made, one read. */
#define RH_SNAPSHOTS_MAX 2u

/* What the host calls. */
struct rh_replication_role_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* This provider is now the active one (1), or stands by (0): batches of replicated namespaces
     * come to it. What was proposed before still needs its answer. [loop] */
    void (*active)(void *self, uint32_t is_active);
    /* Get `data` (borrowed) into the log. Answered exactly once: by committed() with this id on
     * this node, or by failed(). Proposals of one term that get into the log keep the order of the
     * calls. [loop] RH_OK; else not proposed, no answer comes: RH_EAGAIN (too much is under way):
     * it comes again on a later turn, before all others; RH_ENOTLEADER, RH_ETOOLARGE, RH_EIO (the
     * log cannot be written): it fails, and its plugin is activated anew. */
    int32_t (*propose)(void *self, uint64_t id, struct rh_str data);
    /* Confirm leadership for a linearizable read; answered exactly once by barrier_done(id). [loop]
     * RH_OK; RH_ENOTLEADER, RH_EAGAIN: no answer comes. */
    int32_t (*barrier)(void *self, uint64_t id);
    /* Everything up to index is durable in replica.db: the log may be compacted up to it. Also
     * after a snapshot was installed. [loop] */
    void (*checkpointed)(void *self, uint64_t index);
    /* The snapshot asked for with this id is ready to be read (length bytes, the state after entry
     * index of this term), or failed: RH_EIO, RH_ENOSPACE, RH_ENOMEM; then there is nothing to be
     * released. [loop] */
    void (*snapshot_ready)(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term,
                           uint64_t length);
    /* The snapshot is in force and durable: applied() is (index, term), entries up to index are not
     * to be handed in. Or it is not, and the old state goes on: RH_EPROTOCOL (damaged, or not of
     * this index and term), RH_EUNSUPPORTED (of a newer version), RH_ESTALE (what is applied is
     * not below index), RH_EIO, RH_ENOSPACE, RH_ENOMEM. Its bytes are gone in either case. [loop]
     */
    void (*installed)(void *self, uint64_t id, int32_t rc, uint64_t index, uint64_t term);
    /* The snapshot of readers has advanced to (index, term); called once for each group of entries.
     * There is room again for an entry that committed() refused with RH_EAGAIN. [loop] */
    void (*applied)(void *self, uint64_t index, uint64_t term);
    /* Applying has stopped, rc and words (borrowed) say why, or goes on again (RH_OK, ""). With
     * RH_ENOSPACE and RH_ENOMEM the host goes on by itself once it can, and nothing is to be handed
     * in again; any other rc is final until a restart of the process. The host has the leader
     * provider step down; this provider must not lead, and may go on voting and storing entries.
     * [loop] */
    void (*apply_health)(void *self, int32_t rc, const char *why);
    /* The id of the voter at place `at` (0, 1, ...) of the newest configuration in the log, agreed
     * on or not; borrowed until the next call. Without it the configured voters count. [loop]
     * RH_OK, RH_ENOTFOUND (there are no more). */
    int32_t (*voter)(void *self, uint32_t at, struct rh_str *node_id);
};

/* Host functions for providers, fetched as the service "rh.role.replication/1". All but applied and
 * stand_by return RH_EFORBIDDEN unless this provider is the active one; nothing has happened then.
 */
struct rh_replication_host_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* (index, term) of the newest entry applied in the snapshot of readers; (0, 0) = none. After a
     * start, hand in the entries behind it. After a power loss it may be lower than before, but
     * never below what checkpointed() was told. [loop] RH_OK. */
    int32_t (*applied)(struct rh_ctx *ctx, uint64_t *index, uint64_t *term);
    /* Entry `index` is agreed on; index and term never fall, index grows from call to call. id is
     * the proposal's on the node that made it, else 0. data is copied; empty = an entry without
     * data. [loop] RH_OK: taken, applied in this order on a later turn. RH_EAGAIN: the queue is
     * full, or a snapshot is being installed; hand the same entry in again after the next applied()
     * or installed(). RH_EINVAL: index is not above the last one. RH_EPROTOCOL, RH_EUNSUPPORTED:
     * not a batch that this version knows: nothing behind it can be applied, this node needs a
     * newer program. RH_ENOMEM: as RH_EAGAIN, but after a while. RH_EIO: applying has stopped for
     * good. */
    int32_t (*committed)(struct rh_ctx *ctx, uint64_t index, uint64_t term, uint64_t id,
                         struct rh_str data);
    /* A proposal was given up: RH_ENOTLEADER (it will never be in the log) or RH_EUNKNOWN (it may
     * be). An unknown id is ignored. [loop] RH_OK, RH_EINVAL (another rc). */
    int32_t (*failed)(struct rh_ctx *ctx, uint64_t id, int32_t rc);
    /* RH_OK: this node led after barrier(id) was called, and every entry that was agreed on by then
     * has been taken by committed(). Readers go on once those are applied here. Or RH_ENOTLEADER.
     * An unknown id is ignored. [loop] RH_OK. */
    int32_t (*barrier_done)(struct rh_ctx *ctx, uint64_t id, int32_t rc);
    /* Make a copy of replica.db beside it while everything goes on; answered exactly once by
     * snapshot_ready(id). [loop] RH_OK; RH_EAGAIN (one is being made or installed, or
     * RH_SNAPSHOTS_MAX have not been released), RH_EINVAL (id 0, or in use). */
    int32_t (*snapshot_wanted)(struct rh_ctx *ctx, uint64_t id);
    /* Read at most max (up to RH_SNAPSHOT_PIECE_MAX) bytes of a ready snapshot from offset; empty
     * at its end. *out is borrowed until the next call of snapshot_read or the end of the callback.
     * [loop] RH_OK, RH_ENOTFOUND (not ready, or released), RH_EINVAL (offset beyond the end, max
     * out of range), RH_EIO, RH_ENOMEM. */
    int32_t (*snapshot_read)(struct rh_ctx *ctx, uint64_t id, uint64_t offset, uint32_t max,
                             struct rh_str *out);
    /* Forget a snapshot, ready or being made (then snapshot_ready still comes, with
     * RH_ECANCELLED); its file is removed. [loop] RH_OK, RH_ENOTFOUND. */
    int32_t (*snapshot_release)(struct rh_ctx *ctx, uint64_t id);
    /* Take a piece of a received snapshot, in order; data (up to RH_SNAPSHOT_PIECE_MAX) is copied
     * to a file. Offset 0 begins anew, also for another id: one snapshot is received at a time, and
     * none survives a restart. [loop] RH_OK; RH_ECONFLICT (offset is not where this id stands:
     * nothing has changed), RH_EINVAL, RH_EAGAIN (an install is under way), RH_EIO, RH_ENOSPACE,
     * RH_ENOMEM (begin anew). */
    int32_t (*install_write)(struct rh_ctx *ctx, uint64_t id, uint64_t offset, struct rh_str data);
    /* All pieces are there: put the snapshot into force in one transaction, after what committed()
     * has taken; answered exactly once by installed(id). Reads go on meanwhile. Proposals without
     * an answer end with RH_EUNKNOWN. [loop] RH_OK; RH_ENOTFOUND (not the id being received),
     * RH_EINVAL (index 0), RH_EAGAIN (an install is under way, or a snapshot is being made),
     * RH_EIO.
     */
    int32_t (*install)(struct rh_ctx *ctx, uint64_t id, uint64_t index, uint64_t term);
    /* 1: this provider gives none of its roles on this node, leader/1 and whatever else its
     * descriptor names included, as it is no member; 0: it gives them again (the state after
     * create). The next rank becomes active on a later turn; both are told through `active`. May be
     * called from create on. Without any provider of this role on a node that is no member,
     * replicated namespaces cannot be read or written there; their routes are forwarded to the
     * leader. [loop] RH_OK. */
    int32_t (*stand_by)(struct rh_ctx *ctx, uint32_t is_standing_by);
    /* Copy replica.db to replica.db.superseded-<Unix ms> beside it, durably, then empty it:
     * applied() is (0, 0) after that. For a provider whose node gives up its data; also while it is
     * not active. cb comes on a later turn, once, unless the plugin is stopped before: RH_OK;
     * RH_EIO, RH_ENOSPACE (nothing was emptied). Absent where `size` ends before it, like what
     * follows. [loop] RH_OK; RH_EAGAIN: something replicated is under way or in use; RH_EINVAL: no
     * cb; RH_EIO: writing has stopped. Then cb does not come. */
    int32_t (*set_aside)(struct rh_ctx *ctx, void (*cb)(void *self, void *user, int32_t rc),
                         void *user);
    /* Where replicated namespaces were at home before this node knew any log: the newest claim that
     * it has heard of. epoch 0 and an empty id: none. node_id is borrowed until the callback
     * returns. [loop] RH_OK. */
    int32_t (*former_home)(struct rh_ctx *ctx, uint64_t *epoch, struct rh_str *node_id);
};

#define RH_REPLICATION_HOST_ID "rh.role.replication/1"

#endif
