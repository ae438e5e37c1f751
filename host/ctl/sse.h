/* Parses a stream of server-sent events (WHATWG HTML, section 9.2) piece by piece; no connection.
 */
#ifndef RH_HOST_CTL_SSE_H
#define RH_HOST_CTL_SSE_H

#include <stdbool.h>

#include <ringhost/sdk/buf.h>

/* Longest line, longest data of one event, longest id; bytes. */
#define SSE_LINE_MAX (2u * 1024u * 1024u)
#define SSE_DATA_MAX (4u * 1024u * 1024u)
#define SSE_ID_SIZE  256u

/* One event; borrowed until the next call. */
struct sse_event {
    struct rh_str type; /* "message" when the stream named none */
    struct rh_str data;
};

/* Members but last_id and retry_ms are private. */
struct sse {
    struct rh_buf line;
    struct rh_buf type;
    struct rh_buf data;
    char last_id[SSE_ID_SIZE]; /* of the last event with an id, for Last-Event-ID; "" = none */
    char next_id[SSE_ID_SIZE]; /* becomes last_id at the end of the event */
    int64_t retry_ms;          /* what the stream asks for; -1 = nothing */
    bool has_cr;               /* the last byte was CR: a LF that follows belongs to it */
    bool is_open;              /* the first line was seen: no byte order mark any more */
    bool has_data;
    bool is_given; /* the caller has seen the event; it is dropped at the next call */
};

void sse_init(struct sse *sse);
void sse_release(struct sse *sse);

/* Forgets a half event, keeps last_id and retry_ms: for a new connection. [any] */
void sse_restart(struct sse *sse);

/* Consumes *bytes until an event is complete. [any] 1: *event is one, *bytes is what is left.
 * 0: all is consumed. RH_ETOOLARGE or RH_ENOMEM: the stream cannot be followed any further. */
int32_t sse_next(struct sse *sse, struct rh_str *bytes, struct sse_event *event);

#endif
