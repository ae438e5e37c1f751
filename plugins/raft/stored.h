/* What a node keeps on disk, as bytes, and what to make of it at a start; not where it is kept. */
#ifndef RH_RAFT_STORED_H
#define RH_RAFT_STORED_H

#include <ringhost/sdk/buf.h>

#include "raft.h"

/* Each record begins with its version. Errors are sticky in buf. [any] */
void raft_put_hard(struct rh_buf *buf, const struct raft_hard *hard);
void raft_put_base(struct rh_buf *buf, const struct raft_base *base);
/* Without the index, which is the key. */
void raft_put_entry(struct rh_buf *buf, const struct raft_entry *entry);

/* RH_OK; RH_EUNSUPPORTED: of a newer version; RH_EINVAL: damaged. *out is written only on success.
 * [any] */
int32_t raft_take_hard(struct rh_str bytes, struct raft_hard *out);
int32_t raft_take_base(struct rh_str bytes, struct raft_base *out);
/* data is borrowed from bytes. */
int32_t raft_take_entry(struct rh_str bytes, uint64_t index, struct raft_entry *out);

/* The base in force is the stored one. */
#define RAFT_SETTLED 0u
/* A snapshot came into force and the node went down before its base was written: the base is that
 * of the note; entries behind it still hold. */
#define RAFT_REBASED 1u
/* The same, and no stored entry holds: the log had another entry at that place, or none. */
#define RAFT_REPLACED 2u
/* What is applied is not what the records tell of: some of them are missing. */
#define RAFT_UNSOUND 3u

/* note: the snapshot that was about to be installed, NULL = none. note_term: term of the stored
 * entry at its index, 0 = none. (applied_index, applied_term): what the state machine holds. [any]
 */
uint32_t raft_settle(const struct raft_base *base, const struct raft_base *note, uint64_t note_term,
                     uint64_t applied_index, uint64_t applied_term);

#endif
