/* Calls to other nodes over HTTP/1.1: own connections per peer and lane, kept alive, with
 * deadlines. It knows no routes. */
#ifndef RH_HOST_DAEMON_HTTP_CLIENT_H
#define RH_HOST_DAEMON_HTTP_CLIENT_H

#include <stdint.h>
#include <uv.h>

#include "host/core/driver.h"
#include "host/daemon/turn.h"

#define HTTP_LANES 3u

struct http_client;

/* Zero means the default in brackets. */
struct http_client_limits {
    uint32_t conns_max[HTTP_LANES]; /* [8 normal, 2 control, 2 bulk] connections per peer */
    uint32_t queue_max;             /* [1024] calls waiting per peer and lane: RH_EAGAIN */
    uint32_t calls_max;             /* [16384] calls alive: RH_EAGAIN */
    uint32_t pools_max;             /* [4096] peers times lanes in use at once: RH_EAGAIN */
    uint32_t connect_ms;            /* [3 s] names and connecting: RH_EUNREACHABLE */
    uint32_t idle_ms; /* [30 s] a kept connection is closed; below the servers' idle limit */
};

struct http_client_stats {
    uint64_t calls;
    uint64_t connects; /* connections begun */
    uint64_t reused;   /* calls sent on a kept connection */
    uint64_t retries;  /* sent again because a kept connection had died */
    uint64_t timeouts;
    uint64_t unreachable;
    uint32_t connections; /* now */
    uint32_t pools;       /* now */
};

/* `turn`: results are given in its hook; must outlive the client. RH_OK or RH_ENOMEM. */
int32_t http_client_new(uv_loop_t *loop, struct turn *turn, const struct http_client_limits *limits,
                        struct http_client **out);

/* Sends a call. On RH_OK done runs exactly once, in a later turn hook, and *id (may be NULL) names
 * the call until then. On failure it never runs: RH_EINVAL (authority, method, target or header
 * that cannot be sent), RH_EAGAIN (a limit), RH_ENOMEM. What result->rc says: RH_OK            a
 * whole answer, of any status RH_EUNREACHABLE  not one byte of the request left: certainly not
 * executed RH_EUNKNOWN      sent, then the connection ended: may have been executed RH_ETIMEOUT
 * deadline_ms (of uv_hrtime) passed; reason says whether it had been sent RH_ETOOLARGE,
 * RH_EPROTOCOL   the answer broke body_max or HTTP RH_ECANCELLED    http_client_cancel or
 * http_client_close [loop] */
int32_t http_client_call(struct http_client *client, const struct http_outbound *outbound,
                         http_done done, void *user, uint64_t *id);

/* Ends a call; unknown ids are ignored. done comes later, with RH_ECANCELLED unless the result was
 * there already. */
void http_client_cancel(struct http_client *client, uint64_t id);

void http_client_stats(const struct http_client *client, struct http_client_stats *out);

/* Ends every call (done runs inside, with RH_ECANCELLED), frees the client when the loop has closed
 * all handles, then calls closed (may be NULL). Calls made from then on are refused with
 * RH_ECANCELLED. NULL client is allowed. [loop] */
void http_client_close(struct http_client *client, void (*closed)(void *user), void *user);

#endif
