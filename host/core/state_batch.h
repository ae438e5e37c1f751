/* The one encoding of a batch: what a writer applies and what a replication provider carries; not
 * its application. */
#ifndef RH_HOST_CORE_STATE_BATCH_H
#define RH_HOST_CORE_STATE_BATCH_H

#include <stdint.h>

#include <ringhost/service/state.h>

/* Layout, numbers big-endian, str8/16/32 = length in 1/2/4 bytes and then the bytes:
 *
 * batch:  u8 version | u8 0 | str8 name_space | str8 plugin | str8 node_id | u64 at_ms | u64 run
 *         | u64 bytes_max | u16 op_count | u16 event_count | operations | events
 *
 * op:     u8 kind | PUT: str16 key, str32 value | DELETE: str16 key | CHECK: str16 key, u64 version
 *         | DELETE_RANGE: str16 key, str16 end | SCHEMA: u32 number
 *
 * event:  str8 type | str8 source | str32 payload
 *
 * Names hold no NUL byte. A batch has exactly one encoding; every other byte string is refused. */
#define STATE_BATCH_VERSION    1u

#define STATE_NAME_MAX         32u   /* bytes of a namespace's name */
#define STATE_PLUGIN_MAX       128u  /* bytes of a plugin id */
#define STATE_NODE_MAX         128u  /* bytes of a node id */
#define STATE_EVENT_TYPE_MAX   64u   /* bytes */
#define STATE_EVENT_SOURCE_MAX 128u  /* bytes */
#define STATE_BATCH_EVENTS_MAX 1024u /* events in one batch */

/* Only inside the host: sets the stored schema number of the namespace to `version`. */
#define STATE_OP_SCHEMA 5u

struct state_batch_head {
    struct rh_str name_space;
    struct rh_str plugin;  /* owner of the namespace */
    struct rh_str node_id; /* who made the batch */
    int64_t at_ms;         /* Unix milliseconds; stamps the events */
    uint64_t run;          /* see state_resume; a run that met RH_EFULL stays refused */
    uint64_t bytes_max;    /* quota, 0 = none: part of the data so that all replicas decide alike */
    uint32_t op_count;
    uint32_t event_count;
    uint32_t schema; /* to encode only: 0, or the number to store behind the batch's operations */
};

struct state_batch_op {
    uint32_t op;
    struct rh_str key;
    struct rh_str value; /* DELETE_RANGE: the end */
    uint64_t version;    /* CHECK, SCHEMA */
};

struct state_batch_event {
    struct rh_str type;
    struct rh_str source;
    struct rh_str payload;
};

/* Steps through an encoded batch; everything it gives is borrowed from the data. */
struct state_batch_reader {
    const unsigned char *p;
    const unsigned char *end;
};

/* 1: text is a namespace name, [a-z][a-z0-9_]{0,31}. [any] */
uint32_t state_name_is_valid(struct rh_str text);

/* Whether a batch from outside keeps all limits: RH_OK, RH_EINVAL (fields, kinds, empty keys),
 * RH_ETOOLARGE (key, value, number of operations or events, total bytes). The first operation's key
 * is not counted in the total, so that one value of RH_VALUE_MAX fits. [any] */
int32_t state_batch_check(const struct rh_batch *batch, uint32_t is_replicated);

/* Bytes that encoding takes, and the encoding into dst of that size. The batch has been checked (or
 * is the host's own with STATE_OP_SCHEMA); the counts of head are ignored, those of batch count. A
 * NULL event source becomes head's plugin. [any] */
size_t state_batch_size(const struct state_batch_head *head, const struct rh_batch *batch);
void state_batch_encode(const struct state_batch_head *head, const struct rh_batch *batch,
                        char *dst);

/* Whether data is one whole well-formed batch; head (not NULL) is filled on success. RH_OK,
 * RH_EUNSUPPORTED (a newer version), RH_EPROTOCOL. [any] */
int32_t state_batch_verify(struct rh_str data, struct state_batch_head *head);

/* Read a batch: the head, then op_count operations, then event_count events, each RH_OK or
 * RH_EPROTOCOL (RH_EUNSUPPORTED from begin for a newer version). Outputs are written only on
 * success. [any] */
int32_t state_batch_begin(struct state_batch_reader *reader, struct rh_str data,
                          struct state_batch_head *head);
int32_t state_batch_next_op(struct state_batch_reader *reader, struct state_batch_op *op);
int32_t state_batch_next_event(struct state_batch_reader *reader, struct state_batch_event *event);

#endif
