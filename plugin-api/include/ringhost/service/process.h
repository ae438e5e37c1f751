/* rh.process/1: run programs through ringhost-exec; argv only, whole trees, adopted again after a
 * restart. */
#ifndef RH_SERVICE_PROCESS_H
#define RH_SERVICE_PROCESS_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_PROCESS_ID        "rh.process/1"

#define RH_PROCESS_KEY_MAX   128u

#define RH_PROCESS_FILES_MAX 64u

/* Bytes of one file that is given as such, and that read gives. */
#define RH_PROCESS_BYTES_MAX (256u * 1024u)

/* A file that the job finds in its own folder, or one that it may make there. */
struct rh_process_file {
    uint32_t size;
    uint32_t mode;    /* permission bits, such as 0444 */
    const char *file; /* of the plugin's rh.file, moved from there; NULL: see bytes */
    const char *name; /* in the job's folder: as names of rh.file, or FOLDER/NAME of two such; the
                         folder is made */
    /* The next two are absent where file_stride ends before them. */
    struct rh_str bytes; /* where file is NULL: what is in it; p NULL = no file is made */
    const char
        *env; /* variable of the job that has its absolute path, unless env has it; NULL = none */
};

/* Standard input stays open behind `input` while the job runs. Its end tells the job to stop: kill
 * and the time limit close it first, and TERM comes only after the grace. */
#define RH_PROCESS_HOLD_INPUT 1u
/* memory_bytes is for the whole tree, by a cgroup where the host may make one; else, as without the
 * flag, for the address space of each process. */
#define RH_PROCESS_TREE_MEMORY 2u

/* What to run. Copied. */
struct rh_process_spec {
    uint32_t size;
    uint32_t flags;          /* RH_PROCESS_... */
    const char *key;         /* [A-Za-z0-9._-]{1,128}, unique among the plugin's processes */
    struct rh_str_list argv; /* argv[0] is looked up in PATH of `env` */
    struct rh_str_list env;  /* NAME=VALUE, exactly these; PATH and HOME are added when absent */
    struct rh_str cwd;       /* "" = the job's own folder */
    struct rh_str input;     /* bytes for standard input */
    int64_t output_max;      /* bytes kept of stdout and of stderr; 0 = 1 MiB */
    int64_t wall_ms;         /* 0 = no limit */
    int64_t grace_ms;        /* between SIGTERM and SIGKILL; 0 = 5 s */
    int64_t memory_bytes;    /* address space limit; 0 = none */
    int64_t cpu_s;           /* CPU time limit; 0 = none */
    /* Moved into the job's own folder, also named by RINGHOST_JOB_DIR in its environment, before
     * the program begins. When run fails they may be gone. */
    const struct rh_process_file *files;
    uint32_t file_count;
    uint32_t file_stride;
    int64_t output_tail; /* of output_max, for the end of an output that is longer, at most 1 MiB;
                            a line tells what is left out before it. 0 = only the beginning */
    int64_t pids_max; /* processes and threads of the tree, kept by a cgroup only; 0 = no limit */
    int64_t cpu_percent; /* of one processor, likewise */
};

/* How it ended. Borrowed until the callback returns. */
struct rh_process_exit {
    uint32_t size;
    int32_t
        rc; /* RH_OK: it ran (see reason); RH_ENOTFOUND: no such program; RH_EIO; RH_ECANCELLED */
    struct rh_str reason; /* exited, signalled, timeout, killed, not_found, spawn_failed, lost */
    int32_t code;         /* exit code when exited */
    int32_t signal;
    struct rh_str output;  /* stdout, at most output_max bytes */
    struct rh_str errors;  /* stderr, at most the last 16 KiB */
    struct rh_str message; /* reason in words */
    int64_t wall_ms;
    int64_t max_rss_kb;
    struct rh_str limits; /* "cgroup", or why there was none for limits of the tree; "" = no such
                             limit. Absent where `size` ends before it */
};

struct rh_process_info {
    struct rh_str key;
    uint32_t running;
    uint32_t reserved0;
};
struct rh_process_list {
    uint32_t size;
    uint32_t count;
    const struct rh_process_info *items;
    uint32_t stride;
    uint32_t reserved0;
};

typedef void (*rh_process_cb)(void *self, void *user, const struct rh_process_exit *exit);

struct rh_process_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Start a job. cb runs exactly once when it has ended and its tree is gone. Its key and its
     * folder stay in use until cb has returned, so that take and output work there: within cb, run
     * and adopt of that key are RH_EEXISTS and kill is RH_ENOTFOUND; run another key, or this one
     * on a later turn (a timer of 0 ms). The job outlives the plugin and the host: after a restart
     * it is found through list and adopt. [loop] RH_OK, RH_EINVAL, RH_EEXISTS (key in use),
     * RH_EAGAIN (quota of 256 jobs), RH_EIO. */
    int32_t (*run)(struct rh_ctx *ctx, const struct rh_process_spec *spec, rh_process_cb cb,
                   void *user);
    /* TERM the tree, KILL after the grace. The exit callback follows. RH_ENOTFOUND. [loop] */
    int32_t (*kill)(struct rh_ctx *ctx, const char *key);
    /* Jobs of this plugin that are running, or ended and not yet collected. Borrowed. [loop] */
    int32_t (*list)(struct rh_ctx *ctx, struct rh_process_list *out);
    /* Take over a job of an earlier life; cb as in run (at once, on a later turn, if it has ended).
     * [loop] */
    int32_t (*adopt)(struct rh_ctx *ctx, const char *key, rh_process_cb cb, void *user);
    /* Bytes of stdout from offset on, at most `max`, borrowed until the callback returns. [loop] */
    int32_t (*output)(struct rh_ctx *ctx, const char *key, int64_t offset, uint32_t max,
                      struct rh_str *out);
    /* Within the exit callback of a job: move the plain file `name` out of the job's own folder and
     * make it the plugin's file `to`. Absent where `size` ends before it. [loop] RH_OK, RH_EINVAL
     * (no plain file, or a bad name), RH_ENOTFOUND, RH_EIO. */
    int32_t (*take)(struct rh_ctx *ctx, const char *key, const char *name, const char *to);
    /* The plain file `name` of the job's own folder as it is now, whole; while the job runs or
     * within its exit callback. Borrowed until the callback returns. Absent where `size` ends
     * before it. [loop] RH_OK, RH_EINVAL (no plain file, or a bad name), RH_ENOTFOUND,
     * RH_ETOOLARGE above max (at most RH_PROCESS_BYTES_MAX), RH_EIO. */
    int32_t (*read)(struct rh_ctx *ctx, const char *key, const char *name, uint32_t max,
                    struct rh_str *out);
};

#endif
