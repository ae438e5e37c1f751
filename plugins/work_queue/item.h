/* One item of work: what is asked for, where it stands, and both as stored records; not the queue
 * around it. */
#ifndef RH_PLUGINS_WORK_QUEUE_ITEM_H
#define RH_PLUGINS_WORK_QUEUE_ITEM_H

#include <stdbool.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/work_add.h>

#include "token.h"

/* Limits of one item. Bytes, counts, milliseconds. */
#define ITEM_PAYLOAD_MAX    ((uint32_t)RH_WORK_PAYLOAD_MAX)
#define ITEM_RESULT_MAX     (64u * 1024u)
#define ITEM_CHECKPOINT_MAX (64u * 1024u)
#define ITEM_PROGRESS_MAX   4096u
#define ITEM_ERROR_MAX      4096u
#define ITEM_NAME_MAX       ((uint32_t)RH_WORK_NAME_MAX)
#define ITEM_REQUIRES_MAX   ((uint32_t)RH_WORK_REQUIRES_MAX)
#define ITEM_FILES_MAX      ((uint32_t)RH_WORK_FILES_MAX)
#define ITEM_DEPENDS_MAX    ((uint32_t)RH_WORK_DEPENDS_MAX)
#define ITEM_PRIORITY_MAX   RH_WORK_PRIORITY_MAX
#define ITEM_ATTEMPTS_MAX   RH_WORK_ATTEMPTS_MAX
#define ITEM_PLAYERS_MAX    RH_WORK_PLAYERS_MAX
#define ITEM_VRAM_MAX       RH_WORK_VRAM_MAX
#define ITEM_TIMEOUT_MAX_S  RH_WORK_TIMEOUT_MAX_S
#define ITEM_RUNTIME_MAX_S  RH_WORK_RUNTIME_MAX_S
#define ITEM_DELAY_MAX_S    RH_WORK_DELAY_MAX_S
#define ITEM_POLL_MAX       ((uint64_t)RH_JSON_INT_MAX)
#define ITEM_ID_TEXT_SIZE   24u

/* Live states come first. "failed" is not a state: a failed attempt leads to delayed or dead. */
enum {
    ITEM_PENDING,
    ITEM_LEASED,
    ITEM_DELAYED,
    ITEM_BLOCKED, /* waits for the items that it depends on */
    ITEM_DONE,
    ITEM_DEAD,
    ITEM_CANCELLED,
    ITEM_STATES,
};

/* How the last attempt ended. */
enum {
    ITEM_END_NONE,
    ITEM_END_FAIL,    /* the worker said so */
    ITEM_END_RELEASE, /* the worker gave it back; does not count as an attempt */
    ITEM_END_EXPIRED, /* the lease ran out */
    ITEM_END_RUNTIME, /* ran longer than max_runtime_s */
    ITEM_END_DEAD,    /* its node was declared dead */
    ITEM_END_DONE,
    ITEM_END_CANCEL,
    ITEM_END_STOLEN,     /* given to another node before it was started; counts as no attempt */
    ITEM_END_DEPENDENCY, /* an item that it depends on is dead or was cancelled */
    ITEM_END_REAPED,     /* the attempt was found hopeless: POST /work/reap */
    ITEM_ENDS,
};

/* What is asked for; never changes. Strings are borrowed. */
struct item_spec {
    struct rh_str work_type;
    struct rh_str config_key;
    struct rh_str board_type;
    struct rh_str group;
    struct rh_str idempotency_key;
    struct rh_str target_node;
    struct rh_str_list requires; /* sorted by the decoder's caller or not; order means nothing */
    struct rh_str_list inputs;   /* names of artifacts, as given */
    struct rh_str_list outputs;
    const uint64_t *depends; /* items that must be done first; smaller numbers than its own */
    uint32_t depend_count;
    int64_t num_players; /* 0 = not said */
    int64_t priority;    /* 0..100, higher first */
    int64_t min_vram_mb;
    int64_t timeout_ms;     /* the lease */
    int64_t max_runtime_ms; /* 0 = no limit */
    int64_t max_attempts;
    int64_t delay_ms;    /* is not given before enqueued_ms + this */
    int64_t enqueued_ms; /* the queue's clock: Unix ms that never goes back */
    struct token born;   /* every token of before it was added is stale; set by the queue */
    bool needs_gpu;
};

/* Room for the lists of a decoded spec. */
struct item_lists {
    struct rh_str requires[ITEM_REQUIRES_MAX];
    struct rh_str inputs[ITEM_FILES_MAX];
    struct rh_str outputs[ITEM_FILES_MAX];
    uint64_t depends[ITEM_DEPENDS_MAX];
};

/* Where it stands; a row that exists from the first claim on. node_id is borrowed. */
struct item_status {
    uint8_t state;
    uint8_t ended_by;
    uint8_t has_checkpoint;
    uint32_t attempts;      /* begun, those given back not counted */
    struct token token;     /* of the lease; for a finished item, of the last one */
    struct token fence;     /* this token and all before it are stale */
    int64_t claimed_at_ms;  /* Unix ms, 0 = never */
    int64_t started_at_ms;  /* of the current attempt */
    int64_t due_at_ms;      /* delayed only */
    uint64_t poll;          /* leased only: struct lease; at most ITEM_POLL_MAX */
    int64_t finished_at_ms; /* finished only */
    uint64_t finish_no;     /* its place in the order of finishing, from 1 */
    struct rh_str node_id;  /* who has it, or had it last */
};

/* "pending", "leased", ... and "fail", "release", ...; static. state and cause are in range. [any]
 */
const char *item_state_name(uint8_t state);
const char *item_end_name(uint8_t cause);
/* RH_OK and *state, or RH_EINVAL. [any] */
int32_t item_state_parse(struct rh_str name, uint8_t *state);
bool item_state_is_live(uint8_t state);

/* Sets *state to `to`; asserts that the table of states allows it. [any] */
void item_state_move(uint8_t *state, uint8_t to);
bool item_state_allows(uint8_t from, uint8_t to);

/* The public id of an item, "w" and its number; and back, RH_EINVAL for anything else. [any] */
struct rh_str item_id_format(uint64_t seq, char dst[ITEM_ID_TEXT_SIZE]);
int32_t item_id_parse(struct rh_str text, uint64_t *seq);

/* Fills config_key from board_type and num_players, or those from a config_key like "hex8_2p".
 * key_memory holds a config_key that is made here and must live as long as the spec. [any] RH_OK;
 * RH_EINVAL when they contradict each other or the made key is too long, spec unchanged. */
int32_t item_spec_derive(struct item_spec *spec, char *key_memory, size_t size);

/* Stored forms. Encoding appends to buf (errors stay in it). Decoding borrows from `record`; the
 * lists of a spec go to `lists` of the caller. [any] RH_OK, or RH_EINVAL for a record of another
 * version or a broken one. */
void item_spec_encode(const struct item_spec *spec, struct rh_buf *buf);
int32_t item_spec_decode(struct rh_str record, struct item_spec *out, struct item_lists *lists);
void item_status_encode(const struct item_status *status, struct rh_buf *buf);
int32_t item_status_decode(struct rh_str record, struct item_status *out);

#endif
