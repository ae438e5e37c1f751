/* rh.control/1: act on the host itself. Granted to admin only. */
#ifndef RH_SERVICE_CONTROL_H
#define RH_SERVICE_CONTROL_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_CONTROL_ID "rh.control/1"

struct rh_control_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Drain: finish requests in flight for at most grace_ms, stop plugins in reverse order, exit 0.
     * [loop] */
    int32_t (*shutdown)(struct rh_ctx *ctx, int64_t grace_ms);
    /* The same, then execute the program again with the listening socket handed over.
     * RH_EUNSUPPORTED where the body cannot. [loop] */
    int32_t (*restart)(struct rh_ctx *ctx);
    /* A report as JSON text, borrowed until the callback returns: "health", "plugins", "routes",
     * "loops", "config". RH_ENOTFOUND. [loop] */
    int32_t (*report)(struct rh_ctx *ctx, const char *what, struct rh_str *json);
    /* Maintenance: take no new work. Kept across restarts. [loop] */
    int32_t (*maintenance)(struct rh_ctx *ctx, uint32_t on);
    /* Log level: plugin NULL = all; RH_LOG_... [loop] RH_ENOTFOUND. */
    int32_t (*log_level)(struct rh_ctx *ctx, const char *plugin, uint32_t level);
    /* Peers by hand: an address to dial, or a node to forget. [loop] */
    int32_t (*peer_add)(struct rh_ctx *ctx, const char *address);
    int32_t (*peer_remove)(struct rh_ctx *ctx, const char *node_id);
    /* Make this node the home of the replicated namespaces although another node is (DESIGN: state
     * adopt). Only on the leader; RH_ENOTLEADER. [loop] */
    int32_t (*adopt_state)(struct rh_ctx *ctx);
    /* Read the configuration again and apply what can change while the node runs. cb comes exactly
     * once, on a later turn: RH_OK and a JSON object (reconfigured, started, refused,
     * needs_restart); or RH_EINVAL and the problems as lines: then nothing was changed. report is
     * borrowed. RH_EUNSUPPORTED where the body cannot, RH_EAGAIN while another one is under way;
     * then cb does not come. Absent where `size` ends before it. [loop] */
    int32_t (*reload)(struct rh_ctx *ctx,
                      void (*cb)(void *self, void *user, int32_t rc, struct rh_str report),
                      void *user);
};

#endif
