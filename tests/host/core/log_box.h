/* State with a provider's log for tests: batches that one box proposes become entries that any box
 * can apply. It agrees with itself, at once. */
#ifndef RH_TESTS_HOST_CORE_LOG_BOX_H
#define RH_TESTS_HOST_CORE_LOG_BOX_H

#include "tests/host/core/state_box.h"

#define LOG_BOX_ENTRIES_MAX 8192u

struct log_entry {
    uint64_t id;
    char *data;
    size_t size;
};

struct log_box {
    struct state_box box; /* first: the state's user */
    struct log_entry entries[LOG_BOX_ENTRIES_MAX];
    uint32_t count;
    uint64_t term;
    uint32_t snapshots, installs; /* callbacks */
    int32_t snapshot_rc, install_rc;
    uint64_t snapshot_index, snapshot_term, snapshot_bytes;
    char install_why[STATE_WHY_MAX];
};

/* Open one in a directory of its own; sqlite_vfs may be NULL. */
struct log_box *log_box_new(const char *sqlite_vfs);
/* The same, not yet open: for a VFS that has to know the directory. */
struct log_box *log_box_make(void);
void log_box_free(struct log_box *log);
/* Close it and open it on the same files; its log is empty then. */
void log_box_reopen(struct log_box *log);

/* Propose key = value and run what can run: it is entry count - 1, applied nowhere. */
void log_box_propose(struct log_box *log, const char *key, const char *value);
/* Apply entry `at` of `from` to `to`; its index is at + 1. Returns what state says. */
int32_t log_box_apply(struct log_box *to, const struct log_box *from, uint32_t at);
/* Propose, apply here, run: key = value is in the snapshot. */
void log_box_put(struct log_box *log, const char *key, const char *value);

/* Make a snapshot in a slot and run; asserts nothing, see snapshot_rc. */
int32_t log_box_snapshot(struct log_box *log, uint32_t slot);
/* Carry the snapshot in slot 0 of `from` to `to` in pieces; all are received. */
void log_box_carry(struct log_box *to, struct log_box *from, uint32_t piece_bytes);
int32_t log_box_install(struct log_box *log, uint64_t index, uint64_t term);
/* Applied index of the snapshot of readers. */
uint64_t log_box_index(const struct log_box *log);

#endif
