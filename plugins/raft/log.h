/* The log of one node as its core sees it: the term of every entry behind the base, and the data of
 * the newest ones. Older data is read from storage by whoever needs it; nothing here writes. */
#ifndef RH_RAFT_LOG_H
#define RH_RAFT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/errors.h>
#include <ringhost/types.h>

#define RAFT_ENTRY_EMPTY   0u /* the first of a leadership */
#define RAFT_ENTRY_DATA    1u
#define RAFT_ENTRY_MEMBERS 2u /* data is what raft_members_put wrote */

/* Entries behind the base. A leader takes no more when there are so many. */
#define RAFT_LOG_ENTRIES_MAX 4000000u
/* Changes of the term among them. */
#define RAFT_LOG_RUNS_MAX 1000000u

/* data is borrowed; from the log until its next change, from storage until its next read. */
struct raft_entry {
    uint64_t index, term;
    uint32_t kind; /* RAFT_ENTRY_... */
    struct rh_str data;
};

/* Entries of one term, from first to the next run. */
struct raft_run {
    uint64_t first, term;
};

/* Data of one entry held in memory. */
struct raft_slot {
    char *bytes; /* NULL when size is 0 */
    uint32_t size;
    uint32_t kind;
};

/* Entries are base_index + 1 .. last_index without gaps. Those up to stable_index are on this
 * node's disk, those up to taken_index have been handed to a write. Data of first_held ..
 * last_index is in memory. */
struct raft_log {
    uint64_t base_index, base_term;
    uint64_t last_index, stable_index, taken_index, first_held;
    struct raft_run *runs;
    uint32_t run_count, run_cap;
    struct raft_slot *slots; /* a ring; the slot of index i is i & (slot_cap - 1) */
    uint64_t slot_cap;       /* 0 or a power of two */
    uint64_t held_bytes;
};

/* An empty log behind (index, term), whatever was there before; frees that. Everything up to index
 * counts as stable. log is zeroed or in use. [any] */
void raft_log_reset(struct raft_log *log, uint64_t index, uint64_t term);
void raft_log_release(struct raft_log *log);

/* Adds the next entry, which is on disk already; its data is not kept. index is last_index + 1.
 * RH_OK, RH_ENOMEM, RH_EFULL (too many runs). [any] */
int32_t raft_log_load(struct raft_log *log, uint64_t index, uint64_t term);
/* Adds a copy of the next entry. term is not below that of the last. RH_OK, RH_ENOMEM, RH_EFULL;
 * nothing has changed then. [any] */
int32_t raft_log_append(struct raft_log *log, const struct raft_entry *entry);
/* Forgets index and what is behind it. index > base_index. True when some of that has been handed
 * to a write, so that the disk has to forget it too. [any] */
bool raft_log_truncate(struct raft_log *log, uint64_t index);
/* Moves the base up to index, which is stable. [any] */
void raft_log_compact(struct raft_log *log, uint64_t index);
/* Drops the data of the oldest entries, stable ones up to index_max, while more than bytes_max are
 * held. [any] */
void raft_log_evict(struct raft_log *log, uint64_t bytes_max, uint64_t index_max);

/* Term of the entry, of the base, or 0 outside. [any] */
uint64_t raft_log_term(const struct raft_log *log, uint64_t index);
/* Whether (index, term) is the base or an entry of this log. [any] */
bool raft_log_matches(const struct raft_log *log, uint64_t index, uint64_t term);
/* The entry, data included, if that is in memory. index is in the log. [any] */
bool raft_log_held(const struct raft_log *log, uint64_t index, struct raft_entry *out);
/* The greatest index at or below `index` whose term is at most `term`; the base index at least.
 * [any] */
uint64_t raft_log_find_term(const struct raft_log *log, uint64_t index, uint64_t term);
/* Whether a log that ends with (index, term) has everything that this one could have got agreed on:
 * Ongaro and Ousterhout, section 5.4.1. [any] */
bool raft_log_is_covered_by(const struct raft_log *log, uint64_t index, uint64_t term);

#endif
