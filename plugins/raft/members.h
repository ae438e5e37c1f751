/* Who belongs to a raft group and who of them votes; not how far each has come. */
#ifndef RH_RAFT_MEMBERS_H
#define RH_RAFT_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>

/* The longest node id, without its NUL. Bytes. */
#define RAFT_ID_MAX 64u
/* Voters and learners together. */
#define RAFT_MEMBERS_MAX 31u

struct raft_member {
    char id[RAFT_ID_MAX + 1];
    bool is_voter; /* false: a learner, which gets everything and is never counted */
};

/* In the order of their ids. `index` is the log position that set it; 0 = the first ever. */
struct raft_members {
    uint64_t index;
    uint32_t count;
    struct raft_member list[RAFT_MEMBERS_MAX];
};

/* One step of a change: a single server, so that the majorities before and after always overlap
 * (Ongaro, "Consensus: bridging theory and practice", section 4.1). */
#define RAFT_ADD_LEARNER 1u
#define RAFT_PROMOTE     2u /* a learner becomes a voter */
#define RAFT_REMOVE      3u

struct raft_change {
    uint32_t kind;
    char id[RAFT_ID_MAX + 1];
};

/* NULL when there is none with this id. [any] */
const struct raft_member *raft_members_find(const struct raft_members *members, const char *id);
bool raft_members_is_voter(const struct raft_members *members, const char *id);
uint32_t raft_members_voter_count(const struct raft_members *members);

/* Adds one; for making a configuration from a list. RH_EEXISTS, RH_EFULL, RH_EINVAL (an empty id or
 * one that is too long). [any] */
int32_t raft_members_add(struct raft_members *members, struct rh_str id, bool is_voter);

/* *out = members after the change, with index 0. RH_EEXISTS (add), RH_ENOTFOUND (promote, remove),
 * RH_ECONFLICT (promote of a voter), RH_EFULL, RH_EINVAL (the last voter cannot go; unknown kind;
 * bad id). [any] */
int32_t raft_members_change(const struct raft_members *members, const struct raft_change *change,
                            struct raft_members *out);

/* As bytes, without the index; errors are sticky in buf. [any] */
void raft_members_put(struct rh_buf *buf, const struct raft_members *members);
/* Reads what raft_members_put wrote; index is 0. RH_EINVAL: cut short, out of order, too many.
 * [any] */
int32_t raft_members_take(struct rh_str bytes, struct raft_members *out);

#endif
