/* What the load client asks of each server: the words of one cycle (add, claim, complete of a
 * queue; one put of a store), and of filling a queue with other items. A protocol keeps no state
 * but the flow's. */
#ifndef RH_TESTS_BENCH_PROTO_H
#define RH_TESTS_BENCH_PROTO_H

#include <stddef.h>
#include <stdint.h>

#define PROTO_OUT_MAX   131072u /* bytes of one request, a batch of PROTO_FILL_MAX items included */
#define PROTO_IN_MAX    131072u
#define PROTO_VALUE_MAX 160u
#define PROTO_ID_MAX    64u
#define PROTO_FILL_MAX  500u /* items of one batch */

#define PROTO_ADD       0u
#define PROTO_CLAIM     1u
#define PROTO_COMPLETE  2u
#define PROTO_STEPS     3u
#define PROTO_PUT       0u     /* the only step of a store's cycle */
#define PROTO_KEYS      10000u /* a store's keys: the serial modulo this */

#define PROTO_WRONG     (-1)

/* What a connection of HTTP/2 owes the server with its next request (RFC 9113, sections 6.5, 6.7).
 */
struct proto_http2 {
    uint32_t owes_settings, owes_ping;
    char ping[8];
};

/* One connection's cycle. */
struct proto_flow {
    uint32_t index; /* of the connection */
    uint32_t step;
    uint32_t asked; /* requests sent on it before this one */
    struct proto_http2 http2;
    uint64_t serial; /* of the value being added; never used twice */
    char value[PROTO_VALUE_MAX];
    char id[PROTO_ID_MAX];
    char token[PROTO_ID_MAX];
};

struct proto {
    const char *name;
    uint32_t steps; /* of a cycle, at most PROTO_STEPS; the first has a new value */
    /* Writes the request of flow->step to out (PROTO_OUT_MAX); its length. */
    size_t (*ask)(struct proto_flow *flow, char *out);
    /* Reads the answer to flow->step. Bytes used, 0 = it is not all there, PROTO_WRONG = refused or
     * not understood. Keeps what the next step needs in flow. */
    ptrdiff_t (*answer)(struct proto_flow *flow, const char *p, size_t n);
    /* Writes a request that adds count (<= PROTO_FILL_MAX) other items, from serial `first` on.
     * NULL where there is no queue. */
    size_t (*fill)(uint64_t first, uint32_t count, char *out);
    /* Reads the answer to fill, as answer() does. */
    ptrdiff_t (*filled)(const char *p, size_t n, uint32_t count);
};

extern const struct proto proto_ringhost, proto_redis, proto_beanstalkd;    /* queues */
extern const struct proto proto_register, proto_etcd;                       /* stores */
extern const struct proto proto_direct, proto_relayed, proto_relayed_fifty; /* calls to nodes */

/* A value of about 100 bytes (JSON without a string in need of escapes) that no other serial has;
 * its length. */
size_t proto_value(uint64_t serial, char *out);

/* Appends words to out + at; the new end. Asserts that they fit into PROTO_OUT_MAX. */
size_t proto_put(char *out, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads a whole response of HTTP/1.1 as ringhost writes it: bytes used, its body in *body and
 * *body_n. 0 = not all there; PROTO_WRONG = not 200 or 201, after telling why. */
ptrdiff_t proto_http_response(const char *p, size_t n, const char **body, size_t *body_n);

/* Writes a POST of JSON to out; its length. */
size_t proto_http_post(char *out, const char *path, const char *body);

#endif
