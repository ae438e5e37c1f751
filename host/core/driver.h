/* What the core needs from the body it runs in: clocks, random numbers, HTTP exchanges, threads,
 * files, processes. Not the daemon (libuv) nor the simulator (virtual time): those implement this
 * table. */
#ifndef RH_HOST_CORE_DRIVER_H
#define RH_HOST_CORE_DRIVER_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/service/http.h>
#include <ringhost/service/process.h>
#include <ringhost/sdk/buf.h>

struct core;

struct http_header {
    struct rh_str name; /* any case */
    struct rh_str value;
};

#define HTTP_HEADERS_MAX 64u

/* A complete request that arrived. Borrowed until core_on_request returns; the core copies what it
 * keeps. */
struct http_inbound {
    uint64_t exchange; /* the driver's id for the answer; never 0 */
    struct rh_str method;
    struct rh_str target;  /* path and query as sent */
    struct rh_str address; /* remote "ip:port" */
    struct rh_str body;
    const struct http_header *headers;
    uint32_t header_count;
    uint32_t is_loopback; /* 1: the peer address is a loopback one */
};

/* An answer. Everything is borrowed until the call returns. */
struct http_outreply {
    uint32_t status;
    uint32_t retry_after_s; /* 0 = no header */
    const char *content_type;
    struct rh_str body;
    struct rh_str node_id;    /* X-Node-Id */
    struct rh_str request_id; /* X-Request-Id */
    const char *allow;        /* Allow header for 405, or NULL */
};

/* A call to be sent. Everything is copied by the driver. */
struct http_outbound {
    struct rh_str authority; /* "host:port" to connect to */
    const char *method;
    struct rh_str target; /* path and query */
    struct rh_str body;
    const char *content_type; /* NULL = none */
    const struct http_header *headers;
    uint32_t header_count;
    uint32_t lane;       /* RH_LANE_... */
    uint64_t order_key;  /* 0 = any order */
    int64_t deadline_ms; /* monotonic, as now_ms */
    uint32_t
        idempotent;    /* may be sent again on a connection closed before any byte of the answer */
    uint32_t body_max; /* largest answer body taken, bytes */
};

/* What came back. Borrowed until the callback returns. */
struct http_result {
    int32_t rc; /* RH_OK; RH_EUNREACHABLE: nothing was sent; RH_EUNKNOWN: sent, no whole answer;
                   RH_ETIMEOUT; RH_ECANCELLED; RH_ETOOLARGE; RH_EPROTOCOL */
    uint32_t status;
    uint32_t retry_after_s;
    struct rh_str body;
    struct rh_str node_id;
    struct rh_str content_type; /* "" when the answer has none */
    const char *reason;         /* words for rc */
};

typedef void (*http_done)(void *user, const struct http_result *result);

/* A FIFO of jobs run by its own thread(s). */
struct driver_queue;

typedef void (*process_done)(void *user, const struct rh_process_exit *exit);

struct driver_ops {
    /* Monotonic microseconds. [any] */
    int64_t (*now_us)(void *driver);
    /* Unix milliseconds. [any] */
    int64_t (*wall_ms)(void *driver);
    /* 64 random bits, fit for tokens and ids. [loop] */
    uint64_t (*random)(void *driver);
    /* Call core_turn() no later than this monotonic millisecond; INT64_MAX = no deadline. Replaces
     * the last. [loop] */
    void (*wake_at)(void *driver, int64_t at_ms);
    /* Whether the caller runs on the loop's thread; NULL = there is only one. [any] */
    uint32_t (*on_loop)(void *driver);
    /* Call core_turn() soon. [any] */
    void (*wake)(void *driver);

    /* Answer an exchange; RH_ENOTFOUND when it is gone. [loop] */
    int32_t (*reply)(void *driver, uint64_t exchange, const struct http_outreply *reply);
    /* Streamed answer. stream_write takes all bytes; *pending says how many wait unsent. [loop] */
    int32_t (*stream_begin)(void *driver, uint64_t exchange, const struct http_outreply *head);
    int32_t (*stream_write)(void *driver, uint64_t exchange, struct rh_str data, uint64_t *pending);
    int32_t (*stream_end)(void *driver, uint64_t exchange);
    /* Send a call; done runs exactly once on the loop, never before this returns; not at all on
     * failure. [loop] */
    int32_t (*call)(void *driver, const struct http_outbound *call, http_done done, void *user,
                    uint64_t *id);
    /* End a call: done runs with RH_ECANCELLED. [loop] */
    void (*call_cancel)(void *driver, uint64_t id);
    /* Nobody is accepted any more; live exchanges go on. keep: 1 = connections queue up for the
     * next program on the same socket instead of being refused. [loop] */
    void (*stop_listening)(void *driver, uint32_t keep);

    /* A queue with `threads` threads (1 keeps order). [loop] */
    int32_t (*queue_new)(void *driver, const char *name, uint32_t threads,
                         struct driver_queue **out);
    /* run(arg) on a thread of the queue, then done(arg) on the loop. [loop] */
    int32_t (*queue_submit)(struct driver_queue *queue, void (*run)(void *arg),
                            void (*done)(void *arg), void *arg);
    /* Wait for what runs, drop nothing: every done() has been called on return. NULL is allowed.
     * [loop] */
    void (*queue_free)(struct driver_queue *queue);

    /* Files below the node's data directory; `path` is relative, its folders are made. [any] */
    int32_t (*file_append)(void *driver, const char *path, struct rh_str data);
    int32_t (*file_read)(void *driver, const char *path, int64_t offset, uint32_t max,
                         struct rh_buf *out);
    int32_t (*file_length)(void *driver, const char *path, int64_t *out);
    int32_t (*file_rename)(void *driver, const char *from,
                           const char *to); /* fsyncs `from` first */
    int32_t (*file_remove)(void *driver, const char *path);
    /* Read a file anywhere, by absolute path, that only its owner may read: RH_OK, RH_ENOTFOUND,
     * RH_EFORBIDDEN, RH_ETOOLARGE above max, RH_EIO, RH_ENOMEM. [loop] */
    int32_t (*private_read)(void *driver, const char *path, uint32_t max, struct rh_buf *out);
    /* Plain files of a folder: calls each(user, name, length). None when there is no such folder.
     * [loop] */
    int32_t (*file_list)(void *driver, const char *folder,
                         void (*each)(void *user, const char *name, int64_t length), void *user);

    /* Processes, by "plugin/key". [loop] */
    int32_t (*process_run)(void *driver, const char *owner, const struct rh_process_spec *spec,
                           process_done done, void *user);
    int32_t (*process_adopt)(void *driver, const char *owner, const char *key, process_done done,
                             void *user);
    int32_t (*process_kill)(void *driver, const char *owner, const char *key);
    int32_t (*process_output)(void *driver, const char *owner, const char *key, int64_t offset,
                              uint32_t max, struct rh_buf *out);
    /* Within done of a job: its file `name` becomes files/OWNER/to below the data directory. */
    int32_t (*process_take)(void *driver, const char *owner, const char *key, const char *name,
                            const char *to);
    /* A plain file of the job's own folder, whole, appended. RH_ETOOLARGE above max. */
    int32_t (*process_read)(void *driver, const char *owner, const char *key, const char *name,
                            uint32_t max, struct rh_buf *out);
    /* Keys of jobs of an owner: calls each(user, key, is_running). */
    int32_t (*process_list)(void *driver, const char *owner,
                            void (*each)(void *user, const char *key, uint32_t is_running),
                            void *user);
    /* The owner stops: each waiting callback runs now with RH_ECANCELLED; the jobs go on and can be
     * adopted. */
    void (*process_detach)(void *driver, const char *owner);

    /* One finished log line without newline. [any] */
    void (*log_line)(void *driver, uint32_t level, struct rh_str line);
    /* The core has stopped: leave with this exit code; again = 1: execute the program again with
     * the socket. [loop] */
    void (*finished)(void *driver, int32_t exit_code, uint32_t again);
    /* Around every callback into a plugin, for the watchdog: its id and which callback; both NULL =
     * it ended. The strings are static or live as long as the plugin. [loop] */
    void (*entered)(void *driver, const char *plugin, const char *what);
};

struct driver {
    const struct driver_ops *ops;
    void *ctx;              /* first argument of the ops */
    const char *sqlite_vfs; /* NULL = SQLite's default */
};

#endif
