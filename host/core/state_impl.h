/* What the files state_*.c share: connections, queues and the group in flight; not for the rest of
 * the host. */
#ifndef RH_HOST_CORE_STATE_IMPL_H
#define RH_HOST_CORE_STATE_IMPL_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>

#include "host/core/state.h"
#include "host/core/state_batch.h"

#define STATE_LAYOUT            1u         /* PRAGMA user_version */
#define STATE_APPLICATION_ID    0x52485354 /* "RHST", PRAGMA application_id */
#define STATE_PATH_MAX          1024u
#define STATE_PAGE_BYTES        4096u
#define STATE_CHECKPOINT_BYTES  (8u * 1024u * 1024u) /* WAL size from which a checkpoint runs */
#define STATE_GROUP_BATCHES_MAX 4096u
#define STATE_GROUP_OPS_MAX                                              \
    8192u /* operations and events, but for a single batch that has more \
           */
#define STATE_GROUP_BYTES_MAX  (8u * 1024u * 1024u)
#define STATE_MERGE_SLOTS      2048u
#define STATE_RANGE_CHUNK_ROWS 1000u /* rows a range delete looks at in one statement */
#define STATE_SCAN_BYTES_MAX   (4u * 1024u * 1024u)
#define STATE_COPY_PAGES       1024u  /* pages that one step of a copy takes */
#define STATE_LOG_ENTRIES_MAX  65536u /* entries of a provider from which a checkpoint runs */
#define STATE_BUF_KEPT_BYTES \
    (64u * 1024u) /* a read buffer above this is freed at the end of the turn */

enum { STATE_LOCAL, STATE_REPLICA, STATE_STORES };

/* --- one connection (state_db.c) --- */

/* Words and code for the error that db has just met: RH_ENOSPACE, RH_ENOMEM or RH_EIO. what may be
 * NULL. */
int32_t state_db_error(sqlite3 *db, const char *path, const char *what, char *why);
/* Open path for writing, making and laying it out if it is new; *out is open only on RH_OK. */
int32_t state_db_open(const char *path, const char *vfs, sqlite3 **out, char *why);
/* A second connection that reads only. */
int32_t state_db_open_reader(const char *path, const char *vfs, sqlite3 **out, char *why);
/* Hold path as a lock against other processes until the connection is closed; RH_EIO with words if
 * another has it. */
int32_t state_db_lock(const char *path, const char *vfs, sqlite3 **out, char *why);
int32_t state_db_prepare(sqlite3 *db, const char *path, const char *const *sql, uint32_t count,
                         sqlite3_stmt **out, char *why);
void state_db_finalize(sqlite3_stmt **stmts, uint32_t count);
/* Run one statement to its end and reset it: SQLITE_OK or the error. */
int state_db_run(sqlite3_stmt *stmt);
int state_db_bind_bytes(sqlite3_stmt *stmt, int at, struct rh_str bytes);
struct rh_str state_db_column(sqlite3_stmt *stmt, int at);
/* A key that sorts behind every valid key. */
struct rh_str state_db_last_key(void);

/* --- a file beside the databases (state_file.c) --- */

/* Opened through SQLite's VFS, so that it lives where the databases live. All zero = closed. */
struct state_file {
    sqlite3_vfs *vfs;
    sqlite3_file *file;
    char path[STATE_PATH_MAX];
};

/* Open for reading and writing, making it if it is not there. An SQLite result code. */
int state_file_open(struct state_file *file, const char *vfs, const char *path);
/* Also a closed one. */
void state_file_close(struct state_file *file);
int state_file_length(struct state_file *file, uint64_t *out);
/* Bytes behind the end read as zero: an error. */
int state_file_read(struct state_file *file, uint64_t offset, void *out, uint32_t n);
int state_file_write(struct state_file *file, uint64_t offset, struct rh_str data);
/* Remove a database file and what SQLite may have put beside it; absent files are fine. */
int state_file_remove(const char *vfs, const char *path);
/* The result as RH_OK, RH_ENOSPACE, RH_ENOMEM or RH_EIO. */
int32_t state_file_error(int sqlite_rc);

/* --- one batch on its way (state_queue.c) --- */

struct state_item {
    struct state_item *next;
    struct state_ns *ns; /* NULL: from another node */
    void (*cb)(void *user, int32_t rc, uint64_t revision);
    void *user;
    uint64_t run;          /* of ns when it was submitted */
    uint64_t id;           /* proposal, 0 = none */
    uint64_t index, term;  /* place in the provider's log, 0 = rank 0 */
    uint64_t revision;     /* result */
    uint64_t cursor_first; /* result: cursor of its first event */
    uint32_t cost;         /* operations and events */
    int32_t rc;            /* result */
    uint32_t is_lazy;      /* may wait for others, see state_config.holds_lazy */
    uint32_t is_preset;    /* rc was known before the writer saw it: it is only called back */
    size_t size;
    char data[];
};

struct state_list {
    struct state_item *first;
    struct state_item *last;
    uint32_t count;
    uint32_t lazy_count; /* of them */
    size_t bytes;
};

struct state_item *state_item_new(size_t size);
void state_list_push(struct state_list *list, struct state_item *item);
void state_list_push_front(struct state_list *list, struct state_item *item);
struct state_item *state_list_pop(struct state_list *list);
/* Unlink item; before is the one before it, NULL if it is the first. */
void state_list_unlink(struct state_list *list, struct state_item *before, struct state_item *item);

/* --- the writer's side (state_writer.c, state_apply.c) --- */

struct state_counts {
    uint64_t revision, keys, bytes;
    uint64_t run_refused; /* run that met RH_EFULL; 0 = none */
    uint32_t schema;
};

/* What the group at work does to a namespace, see state_merge.c. */
struct state_row_merge {
    uint64_t group; /* for which this holds */
    uint64_t bytes; /* of its batches: it cannot grow by more */
    uint64_t bytes_max;
    uint32_t may_fail; /* a batch of it may be refused while others are applied */
};

/* The last put of a key in a group; the key is borrowed from the batch. A newer key may take the
 * slot: then nothing is saved. */
struct state_merge_slot {
    struct rh_str key;
    const struct state_row *row;
    uint64_t group;
};

/* A namespace as the writer knows it. kept is what is on disk, now what the open transaction has
 * made of it. */
struct state_row {
    char name[STATE_NAME_MAX + 1];
    char owner[STATE_PLUGIN_MAX + 1];
    size_t name_n;
    int64_t id;
    struct state_counts now, kept;
    struct state_row_merge merge;
    uint32_t is_dirty;
};

struct state_applied {
    uint64_t index, term;
    uint64_t event_next;   /* cursor of the next event */
    uint64_t event_oldest; /* first cursor still kept */
    char home[STATE_NODE_MAX + 1];
};

enum {
    W_BEGIN,
    W_COMMIT,
    W_ROLLBACK,
    W_SAVE,
    W_UNDO,
    W_RELEASE,
    W_OLD,
    W_PUT,
    W_DELETE,
    W_EDGE,
    W_SUM,
    W_RANGE,
    W_NAMESPACE,
    W_EVENT,
    W_TRIM,
    W_APPLIED,
    W_COUNT
};

/* Belongs to the writer thread while a job runs, else to the loop. */
struct state_writer {
    sqlite3 *db;
    const char *path;
    sqlite3_stmt *stmts[W_COUNT];
    struct state_row *rows; /* STATE_NAMESPACES_MAX */
    uint32_t row_count, row_count_kept;
    struct state_merge_slot *slots; /* STATE_MERGE_SLOTS */
    uint64_t merge_group;           /* counts groups, from 1 */
    struct state_applied now, kept;
    uint32_t applied_is_dirty;
    uint32_t is_normal;  /* synchronous=NORMAL is set */
    uint32_t is_replica; /* the applied row is kept up to date */
    uint32_t has_old;    /* the last put replaced a value ... */
    uint64_t old_n;      /* ... of this many bytes */
    uint64_t wal_frames;
    uint64_t syncs; /* commits that wrote */
};

int32_t state_writer_open(struct state_writer *writer, const char *path, const char *vfs,
                          char *why);
void state_writer_close(struct state_writer *writer, uint32_t is_failed);
/* Read rows and applied row again. */
int32_t state_writer_load(struct state_writer *writer, char *why);
/* The open transaction is on disk, or gone: what was counted becomes, or is again, what is kept. */
void state_writer_keep(struct state_writer *writer);
void state_writer_forget(struct state_writer *writer);
/* Write dirty rows, the applied row and trim the events, inside the transaction. An SQLite result
 * code. */
int state_writer_flush_rows(struct state_writer *writer);
struct state_row *state_writer_row(struct state_writer *writer, struct rh_str name);

/* Look through a group before its first batch is applied (state_merge.c). */
void state_merge_begin(struct state_writer *writer, const struct state_list *items);
/* 1: this put, whose key is borrowed from its batch, is followed by one of the same key that is
 * applied if the group is. Nothing reads the key in between. */
uint32_t state_merge_skips(const struct state_writer *writer, const struct state_row *row,
                           struct rh_str key);

/* Apply one batch inside the open transaction: its outcome goes to item->rc. An SQLite result code;
 * not SQLITE_OK = the whole transaction must go. */
int state_apply(struct state_writer *writer, struct state_item *item);
/* Delete the rows of [from, to) in chunks. An SQLite result code. */
int state_apply_range(struct state_writer *writer, struct state_row *row, struct rh_str from,
                      struct rh_str to);

/* --- the loop's side --- */

enum {
    R_BEGIN,
    R_END,
    R_TOUCH,
    R_GET,
    R_FORWARD,
    R_REVERSE,
    R_NAMESPACE,
    R_USED,
    R_EVENTS,
    R_COUNT
};

struct state_reader {
    sqlite3 *db;
    const char *path;
    sqlite3_stmt *stmts[R_COUNT];
};

enum {
    STATE_JOB_NONE,
    STATE_JOB_GROUP,
    STATE_JOB_CHECKPOINT,
    STATE_JOB_SUPERSEDE,
    STATE_JOB_COPY,
    STATE_JOB_INSTALL
};

/* The snapshot that is being made. Belongs to the writer thread while a job runs, else to the loop.
 */
struct state_copy {
    const char *path; /* NULL: none is being made */
    uint32_t slot;
    uint32_t is_dropped; /* [loop] */
    uint32_t is_done;
    sqlite3 *db;
    sqlite3_backup *backup;
    state_snapshot_fn cb;
    void *user;
};

/* A finished one. length 0 = the slot is free. */
struct state_snapshot {
    char path[STATE_PATH_MAX];
    struct state_file file;
    uint64_t length;
};

/* What comes from another node. */
struct state_install {
    char path[STATE_PATH_MAX];
    struct state_file file; /* open while pieces come */
    uint64_t length;        /* received so far */
    uint32_t is_wanted;     /* all is there: it runs when nothing waits before it */
    uint64_t index, term;
    void (*cb)(void *user, int32_t rc, const char *why);
    void *user;
};

/* What the writer works on, one at a time; its memory is the writer's from submission to done. */
struct state_job {
    struct state_writer *writer;
    struct state_list items;
    uint32_t kind;
    uint32_t want_normal;
    /* results */
    int32_t rc;
    uint32_t is_final;    /* writing must stop */
    uint32_t may_stall;   /* entries of a provider are kept when there is no room for them */
    uint32_t is_stalled;  /* as it happened */
    uint32_t is_complete; /* checkpoint: the whole WAL is in the database */
    uint64_t wal_frames;
    uint64_t syncs;
    struct state_applied applied;
    char why[STATE_WHY_MAX];
    const char *vfs;
    struct state_copy *copy;
    const struct state_install *install;
    /* supersede */
    char target[STATE_PATH_MAX];
    void (*cb)(void *user, int32_t rc, const char *why);
    void *user;
};

struct state_store {
    struct state *state;
    char path[STATE_PATH_MAX];
    struct state_writer writer;
    struct state_reader reader;
    struct driver_queue *queue;
    struct state_list urgent;
    struct state_list normal;
    struct state_job job;
    uint32_t busy; /* STATE_JOB_... under way */
    uint32_t is_replica;
    uint32_t want_checkpoint;
    uint32_t lazy_is_due; /* lazy batches have waited long enough */
    uint64_t wal_frames;
    uint64_t wal_frames_tried; /* at the last checkpoint, 0 once the WAL began anew */
    uint64_t checkpointed;     /* applied index that no power loss undoes */
    uint64_t log_bytes;        /* of a provider's entries since the last checkpoint */
    uint64_t log_entries;
    int32_t stall_rc;             /* why entries stand still, RH_OK = they do not */
    uint32_t stall_waits;         /* for state_retry */
    uint32_t copied_last;         /* the last job was a step of a copy: others first */
    struct state_applied applied; /* of the snapshot */
};

struct state_ns {
    struct state_store *store;
    char name[STATE_NAME_MAX + 1];
    char plugin[STATE_PLUGIN_MAX + 1];
    uint32_t flags;
    int64_t row_id; /* 0 = not known to exist */
    uint64_t run;
    int32_t broken_rc; /* why this run takes no commits, RH_OK = it does */
    int32_t stale_rc;  /* why the runs before this one ended */
    uint64_t bytes_max;
    uint64_t mark; /* of the last walk over proposals that met a live one of ours */
    struct rh_buf data;
    struct rh_row *rows; /* RH_SCAN_ROWS_MAX, made at the first scan */
};

struct state {
    struct driver driver;
    char node_id[STATE_NODE_MAX + 1];
    uint32_t has_log;
    uint32_t holds_lazy;
    void (*on_event)(void *user, const struct state_event *event);
    void (*on_failed)(void *user, int32_t rc, const char *why);
    void (*on_stalled)(void *user, int32_t rc, const char *why);
    void (*on_applied)(void *user, uint64_t index, uint64_t term);
    void (*on_checkpointed)(void *user, uint64_t index);
    state_propose_fn propose;
    void *user;
    sqlite3 *lock;
    struct state_store stores[STATE_STORES];
    struct state_ns *namespaces[STATE_NAMESPACES_MAX];
    uint32_t namespace_count;
    uint32_t is_closing;
    uint32_t has_big_buf;
    struct state_list unproposed;
    struct state_list proposed;
    uint32_t proposed_failed; /* items of proposed that have an outcome and wait for earlier ones */
    uint64_t id_last, mark_last;
    uint64_t index_queued; /* newest entry taken from the provider */
    struct state_copy copy;
    struct state_snapshot snapshots[STATE_SNAPSHOTS_MAX];
    struct state_install install;
    char *piece; /* STATE_PIECE_BYTES_MAX, made at the first read of a snapshot */
    struct state_stats stats;
    char why[STATE_WHY_MAX];
};

int32_t state_reader_open(struct state_reader *reader, const char *path, const char *vfs,
                          char *why);
void state_reader_close(struct state_reader *reader);
/* Move the snapshot to the newest commit. */
int32_t state_reader_advance(struct state_reader *reader, char *why);
/* Row of a namespace in the snapshot; *id is 0 if it has none. owner may be NULL. */
int32_t state_reader_namespace(struct state_reader *reader, const char *name, int64_t *id,
                               struct state_counts *counts, char owner[STATE_PLUGIN_MAX + 1]);

/* A finished, unsuccessful item no longer lets its namespace go on. */
void state_break(struct state_item *item);
/* Why an item of ours cannot run any more, RH_OK = it can. */
int32_t state_item_refusal(const struct state *state, const struct state_item *item);
/* The waiting list an item belongs to. */
struct state_list *state_store_list(struct state_store *store, const struct state_item *item);
/* 1: what waits is lazy, all of it, and waiting would save a flush. */
uint32_t state_store_is_lazy(const struct state_store *store);
/* Start what can be started. */
void state_store_start(struct state_store *store);
/* Give a job to the writer thread; busy is set on success. */
int32_t state_job_submit(struct state_store *store, uint32_t kind);
/* Writing is over until restart. */
void state_fail(struct state *state, int32_t rc, const char *why);

uint32_t state_checkpoint_is_due(const struct state_store *store);
void state_checkpoint_run(struct state_job *job);
void state_checkpoint_done(struct state_store *store);

void state_supersede_run(struct state_job *job);
void state_supersede_done(struct state_store *store);
/* replica.db is another one than before: read anew what is known of it. */
int32_t state_replica_changed(struct state_store *store);

/* 1: entries of a provider met a full disk, and are kept. [loop] */
void state_stall_done(struct state_store *store);
void state_stall_over(struct state_store *store);

int32_t state_snapshot_open(struct state *state, const char *directory, char *why);
void state_snapshot_close(struct state *state);
/* A step is to be taken now, although others wait; or when nothing else does. */
uint32_t state_copy_is_due(const struct state_store *store);
uint32_t state_copy_waits(const struct state_store *store);
void state_copy_run(struct state_job *job);
void state_copy_done(struct state_store *store);

int32_t state_install_open(struct state *state, const char *directory, char *why);
void state_install_close(struct state *state);
uint32_t state_install_is_due(const struct state_store *store);
int32_t state_install_start(struct state_store *store);
void state_install_run(struct state_job *job);
void state_install_done(struct state_store *store);

/* Hand the events of finished items to on_event. */
void state_events_deliver(struct state *state, const struct state_list *items, uint32_t is_replica);

void state_propose_flush(struct state *state);
/* Nothing waits for an outcome any more: close is under way. */
void state_propose_drop(struct state *state);

#endif
