/* What the files sim_disk*.c share: files, operations and where they stand; not for others. */
#ifndef RH_HOST_SIM_SIM_DISK_IMPL_H
#define RH_HOST_SIM_SIM_DISK_IMPL_H

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/rng.h>

#include "host/sim/sim_bytes.h"
#include "host/sim/sim_disk.h"
#include "host/sim/sim_share.h"

#define SIM_PENDING_NAMES_MAX  128u
#define SIM_PENDING_WRITES_MAX 16384u /* of a file */

enum sim_op_kind {
    SIM_OP_WRITE,
    SIM_OP_TRUNCATE,
    SIM_OP_SYNC,
    SIM_OP_LINK,   /* name -> file */
    SIM_OP_UNLINK, /* name, which led to file */
    SIM_OP_RENAME, /* name -> to, of file */
    SIM_OP_SYNC_NAMES,
    SIM_OP_KINDS
};

/* Something a program did. Owned by the list it is in. */
struct sim_op {
    struct sim_op *next;
    struct sim_file *file; /* held; NULL for SYNC_NAMES, and in the file's own list */
    uint64_t job;          /* 0 = none */
    enum sim_op_kind kind;
    bool is_doomed; /* given up by a failed sync */
    char *to;       /* RENAME: inside data */
    uint64_t at;    /* WRITE: where; TRUNCATE: the new size */
    size_t n;       /* bytes of data that are written */
    char data[];    /* WRITE: content; changes of names: the names */
};

struct sim_op_list {
    struct sim_op *first, *last;
};

/* A file lives while a name, an operation or an opener holds it. */
struct sim_file {
    uint32_t refs;
    bool is_nameless;
    struct sim_bytes live;
    struct sim_bytes durable;
    struct sim_op_list pending; /* content to make durable, in order */
    uint32_t pending_count;
    uint64_t journal_job; /* job with operations of this file in the journal; 0 = none */
    struct sim_sharing sharing;
};

struct sim_fault_state {
    uint32_t left; /* operations until it bites; 0 = never */
    bool lasts;
};

struct sim_disk {
    struct rh_rng rng;
    struct rh_map live_names; /* name -> struct sim_file, as durable_names */
    struct rh_map durable_names;
    struct sim_op *names[SIM_PENDING_NAMES_MAX]; /* changes of names to make durable, in order */
    size_t name_count;
    struct sim_op_list journal; /* of jobs that have not ended, in order */
    uint64_t job, last_job;     /* at work, 0 = none; the newest */
    uint64_t job_ops;
    uint64_t generation;
    struct sim_fault_state faults[SIM_FAULT_COUNT];
    bool is_slow, are_reads_spared, is_abandoned;
    struct sim_disk_counts counts;
};

void sim_file_unref(struct sim_file *file);
/* Where a map of names leads after op, a change of names. */
void sim_names_apply(struct rh_map *names, const struct sim_op *op);

/* sim_disk_log.c */

/* Holds file. data is copied; NULL leaves room for n bytes. */
struct sim_op *sim_op_new(enum sim_op_kind kind, struct sim_file *file, uint64_t at,
                          const void *data, size_t n);
/* A change of names; to may be NULL. */
struct sim_op *sim_op_names(enum sim_op_kind kind, struct sim_file *file, const char *name,
                            const char *to);
void sim_op_free(struct sim_op *op);
void sim_op_push(struct sim_op_list *list, struct sim_op *op);
void sim_op_list_free(struct sim_op_list *list);
/* Put a write or truncation into an image. */
void sim_op_put(struct sim_bytes *image, const struct sim_op *op);
/* What the program at work has just done to the live state: to the journal if it is a job. Takes
 * op. */
void sim_log_take(struct sim_disk *disk, struct sim_op *op);
/* It has happened for good: becomes pending, or makes pending ones durable. Takes op. */
void sim_log_fold(struct sim_disk *disk, struct sim_op *op);
/* Two changes of names of which the later cannot happen without the earlier. */
bool sim_names_touch(const struct sim_op *a, const struct sim_op *b);

#endif
