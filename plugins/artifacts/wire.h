/* What the wiring files of artifacts share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_ARTIFACTS_WIRE_H
#define RH_PLUGINS_ARTIFACTS_WIRE_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/sha256.h>

#include "catalog.h"
#include "piece.h"

#define ARTIFACTS_NAMESPACE      "artifacts"

#define ARTIFACTS_PIECE_MAX      (4u * 1024u * 1024u) /* bytes of one request or answer */
#define ARTIFACTS_PIECE_DEFAULT  (1u * 1024u * 1024u) /* of what is read from another node, too */
#define ARTIFACTS_SIZE_MAX       (INT64_C(1) << 40)   /* bytes of one file */
#define ARTIFACTS_INCOMING_MAX   64u                  /* files under way to this node */
#define ARTIFACTS_FETCHES_MAX    16u                  /* of them from other nodes */
#define ARTIFACTS_WAITINGS_MAX   192u                 /* requests that wait for the disk */
#define ARTIFACTS_PARKED_MAX     64u                  /* requests that wait for one fetch */
#define ARTIFACTS_ASKS_MAX       64u
#define ARTIFACTS_ASKED_MAX      256u /* nodes asked about one file */
#define ARTIFACTS_HOLDERS_MAX    32u  /* of them, that said yes and are remembered */
#define ARTIFACTS_ROUNDS_MAX     3u   /* times that all nodes are asked for one fetch */
#define ARTIFACTS_LIST_MAX       1000u
#define ARTIFACTS_NODE_SIZE      129u    /* a node id with its NUL */
#define ARTIFACTS_TOUCH_MAX      512u    /* times of use written in one batch */
#define ARTIFACTS_CHECKS_MAX     131072u /* files that wait to be hashed again */
#define ARTIFACTS_DAMAGED_KEPT   64u     /* of those found damaged, the last */
#define ARTIFACTS_UNCHECKED_TOLD 64u     /* of those that could not be read, in one answer */
#define ARTIFACTS_REMOVALS_MAX   256u    /* files being removed */
#define ARTIFACTS_DOUBT_REST_MS  60000   /* a file found right is not doubted again before */
#define ARTIFACTS_CHECK_RETRY_MS 1000
#define ARTIFACTS_TELL_MS        10000

struct artifacts_config {
    int64_t bytes_max;
    int64_t files_max;
    int64_t idle_min; /* ms, as those below */
    int64_t own_keep;
    int64_t upload_idle;
    int64_t fetch_wait;
    int64_t loop_artifacts;
};

/* Requests of the routes, as their tables fill them. */
struct put_req {
    struct rh_str sha256;
    int64_t size;
    int64_t offset;
};
struct get_req {
    struct rh_str sha256;
    int64_t offset;
    int64_t max;
};
struct one_req {
    struct rh_str sha256;
};
struct pin_req {
    struct rh_str sha256;
    int32_t pinned;
};
struct verify_req {
    struct rh_str sha256;
    int32_t all;
};
struct list_req {
    int64_t limit;
    struct rh_str after;
};

struct artifacts;

/* A file on its way here: put by somebody, or fetched. Its bytes are in the file HEX.part. */
struct incoming {
    uint64_t id;
    unsigned char digest[RH_SHA256_SIZE];
    int64_t size_bytes;
    int64_t next;       /* bytes that are in the file */
    int64_t touched_ms; /* monotonic */
    struct rh_sha256 hash;
    bool is_busy; /* an operation on its file is under way */
    bool is_fetch;
    void (*done)(struct artifacts *p, uint64_t user, int32_t rc);
    uint64_t user;
    int64_t piece; /* bytes of the operation under way */
};

/* A node that has a file. */
struct holder {
    char node_id[ARTIFACTS_NODE_SIZE];
    int64_t size_bytes;
};

/* All other nodes are asked who has a file. */
struct ask {
    uint64_t id;
    unsigned char digest[RH_SHA256_SIZE];
    uint32_t waiting; /* answers to come */
    uint32_t failed;  /* nodes that could not be asked */
    uint32_t holder_count;
    struct holder holders[ARTIFACTS_HOLDERS_MAX];
    bool is_first_enough;
    bool is_told;
    void (*done)(struct artifacts *p, struct ask *ask, uint64_t user);
    uint64_t user;
};

/* A file is being fetched, and these requests wait for it. */
struct fetch {
    uint64_t id;
    unsigned char digest[RH_SHA256_SIZE];
    uint64_t incoming; /* 0 = none yet */
    char node_id[ARTIFACTS_NODE_SIZE];
    uint32_t failures; /* in a row */
    uint32_t rounds;   /* times that all were asked */
    uint32_t bad_count;
    char bad[ARTIFACTS_ROUNDS_MAX][ARTIFACTS_NODE_SIZE]; /* whose bytes were the wrong ones */
    uint32_t parked_count;
    struct parked { /* until the file is here, or for fetch_wait */
        rh_req req;
        int64_t offset;
        int64_t max;
        rh_handle timer;
        uint64_t waiting; /* what the timer finds */
    } parked[ARTIFACTS_PARKED_MAX];
};

/* A request that waits for an operation on a file. */
struct waiting {
    uint64_t id;
    rh_req req;
    int64_t size_bytes;
    unsigned char digest[RH_SHA256_SIZE];
    uint64_t artifact; /* that is being read, its id; 0 = none */
};

/* Files that are hashed again, one after the other. */
struct checks {
    unsigned char (*queue)[RH_SHA256_SIZE]; /* [at, count) wait */
    uint32_t at;
    uint32_t count;
    uint32_t room;
    bool is_running;
    uint64_t artifact; /* the one under way, its id */
    int64_t offset;
    struct rh_sha256 hash;
    unsigned char digest[RH_SHA256_SIZE];
    char name[RH_SHA256_HEX + 8];
    uint64_t done_count; /* since activation, as below */
    uint64_t damaged_count;
    unsigned char damaged[ARTIFACTS_DAMAGED_KEPT][RH_SHA256_SIZE]; /* a ring */
    bool is_warned; /* health tells of files that could not be checked */
};

/* name, kind, help */
#define ARTIFACTS_METRICS(X)                                                           \
    X(held_bytes, GAUGE, "bytes of all files held")                                    \
    X(held_files, GAUGE, "files held")                                                 \
    X(put_bytes_total, COUNTER, "bytes taken from those who put files")                \
    X(read_bytes_total, COUNTER, "bytes given to those who read files")                \
    X(fetched_bytes_total, COUNTER, "bytes taken from other nodes")                    \
    X(evicted_total, COUNTER, "files removed for room or by age")                      \
    X(refused_full_total, COUNTER, "files refused for want of room")                   \
    X(wrong_hash_total, COUNTER, "files thrown away: their bytes had another SHA-256") \
    X(damaged_total, COUNTER, "files held that were found damaged, and removed")

struct artifacts {
    struct rh_services rh;
    const struct artifacts_config *config;
    struct catalog catalog;
    struct rh_map64 incomings;
    struct rh_map64 asks;
    struct rh_map64 fetches;
    struct rh_map64 waitings;
    struct rh_map64 removals; /* id -> struct artifact, out of the catalogue, whose file goes */
    struct checks checks;
    uint64_t last_id;
    bool is_active;
    struct {
#define X(name, kind, help) rh_handle name;
        ARTIFACTS_METRICS(X)
#undef X
    } metrics;
};

/* plugin.c */
int64_t artifacts_now(const struct artifacts *p);
int64_t artifacts_wall(const struct artifacts *p);
uint64_t artifacts_id(struct artifacts *p);
/* The digest of a request; RH_EINVAL with words. */
int32_t artifacts_digest(struct artifacts *p, struct rh_str text,
                         unsigned char digest[RH_SHA256_SIZE]);
void artifacts_count(struct artifacts *p, rh_handle metric, double amount);
void artifacts_gauges(struct artifacts *p);
/* One more request that waits; NULL when too many do. It is taken out of p->waitings and freed by
 * whoever answers. */
struct waiting *artifacts_wait(struct artifacts *p, rh_req req, const unsigned char *digest,
                               int64_t size_bytes);
/* Answer 503 with Retry-After: what is wanted is under way. */
int32_t artifacts_answer_later(struct artifacts *p, rh_req req, const char *code,
                               const char *message);

/* wire_store.c */
/* Rows and files into memory, compared with each other. */
int32_t artifacts_load(struct artifacts *p);
/* What the comparison found: rows without file, files without row, torn files. On a later turn. */
void artifacts_tidy(struct artifacts *p);
void artifacts_put_row(struct rh_batch_builder *batch, const struct artifact *artifact);
void artifacts_delete_row(struct rh_batch_builder *batch, const unsigned char *digest);
/* Write times of use that are newer than what is stored. */
void artifacts_flush(struct artifacts *p);
/* Out of the catalogue, its row and its file deleted; the artifact is freed. A file that turns out
 * not to be removable comes back into the catalogue, with its pin. RH_OK; RH_EAGAIN or RH_ENOMEM:
 * it stays as it is. */
int32_t artifacts_drop(struct artifacts *p, struct artifact *artifact);
/* "HEX" or "HEX.part". */
void artifacts_name(char name[RH_SHA256_HEX + 8], const unsigned char *digest, bool is_part);

/* wire_incoming.c */
struct incoming *artifacts_incoming_find(const struct artifacts *p, const unsigned char *digest);
struct incoming *artifacts_incoming(const struct artifacts *p, uint64_t id);
/* Begin a file: room is made and promised. RH_OK, RH_EFULL (no room; says so), RH_ETOOLARGE (it
 * will never fit; says so), RH_EAGAIN (too many under way), RH_ENOMEM. */
int32_t artifacts_incoming_open(struct artifacts *p, const unsigned char *digest,
                                int64_t size_bytes, bool is_fetch, struct incoming **out);
/* Append a piece, which is copied; done runs once: RH_OK, or why not: RH_EPROTOCOL (the whole has
 * another hash) and other codes after which the incoming is gone. With the last piece the file
 * becomes whole before done. RH_OK, or done is not called. */
int32_t artifacts_incoming_append(struct artifacts *p, struct incoming *in, struct rh_str bytes,
                                  void (*done)(struct artifacts *p, uint64_t user, int32_t rc),
                                  uint64_t user);
/* It is given up; its torn file goes. Not while an operation is under way. */
void artifacts_incoming_drop(struct artifacts *p, struct incoming *in);
/* The same, and done runs once its torn file is gone: until then it is busy, so that no byte of a
 * new one comes between. RH_OK, or done is not called. */
int32_t artifacts_incoming_remove(struct artifacts *p, struct incoming *in,
                                  void (*done)(struct artifacts *p, uint64_t user, int32_t rc),
                                  uint64_t user);
/* Those that nobody has added to for long. */
void artifacts_incoming_expire(struct artifacts *p);

/* wire_ask.c: ask all other nodes; done runs once, on a later turn: with the first that has it if
 * is_first_enough, or when all have answered. RH_EAGAIN, RH_ENOMEM. */
int32_t artifacts_ask(struct artifacts *p, const unsigned char *digest, bool is_first_enough,
                      void (*done)(struct artifacts *p, struct ask *ask, uint64_t user),
                      uint64_t user);
int32_t artifacts_where(void *self, rh_req req, const void *fields);
int32_t artifacts_held(void *self, rh_req req, const void *fields);

/* wire_fetch.c: answer once the file is here, or say why it is not. */
int32_t artifacts_fetch(struct artifacts *p, const unsigned char *digest, rh_req req,
                        const struct get_req *f);

/* wire_get.c: answer with a piece of a whole file. */
int32_t artifacts_read(struct artifacts *p, struct artifact *artifact, rh_req req, int64_t offset,
                       int64_t max);
int32_t artifacts_get(void *self, rh_req req, const void *fields);
int32_t artifacts_piece(void *self, rh_req req, const void *fields);

/* wire_check.c: hash a file again, some time soon, and drop it when it is damaged: it is not there,
 * or has another hash. One that cannot be read stays. RH_OK, RH_EAGAIN (too many wait). */
int32_t artifacts_check(struct artifacts *p, struct artifact *artifact);
/* Health tells of those that could not be read, as long as they are held and not checked. */
void artifacts_tell_unchecked(struct artifacts *p);
void artifacts_checks_release(struct artifacts *p);
/* Tell a node, that wrong bytes of a file came from there. */
void artifacts_tell_doubt(struct artifacts *p, const char *node_id, const unsigned char *digest);
int32_t artifacts_verify(void *self, rh_req req, const void *fields);
int32_t artifacts_verified(void *self, rh_req req, const void *fields);
int32_t artifacts_doubt(void *self, rh_req req, const void *fields);

/* wire_put.c, wire_list.c, wire_change.c */
int32_t artifacts_put(void *self, rh_req req, const void *fields);
int32_t artifacts_list(void *self, rh_req req, const void *fields);
int32_t artifacts_stat(void *self, rh_req req, const void *fields);
int32_t artifacts_pin(void *self, rh_req req, const void *fields);
int32_t artifacts_delete(void *self, rh_req req, const void *fields);
/* Evict what is too much, expire, write times of use. */
int32_t artifacts_loop(void *self);

#endif
