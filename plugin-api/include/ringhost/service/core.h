/* rh.core/1: log, clocks, random numbers, timers, posting from other threads. */
#ifndef RH_SERVICE_CORE_H
#define RH_SERVICE_CORE_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_CORE_ID   "rh.core/1"

#define RH_LOG_DEBUG 0u
#define RH_LOG_INFO  1u
#define RH_LOG_WARN  2u
#define RH_LOG_ERROR 3u

/* Who we are. Strings live as long as the instance. */
struct rh_self {
    uint32_t size;
    uint32_t is_voter; /* 1: listed under `voters` */
    struct rh_str node_id;
    struct rh_str instance_id; /* random, made at the first start and kept */
    struct rh_str role;        /* free name from conf.d */
    struct rh_str address;     /* host:port that peers reach us at */
    struct rh_str cluster_id;  /* empty until known */
    int64_t beat_ms;           /* cluster.beat, the base of every timeout */
    uint64_t start_count; /* how many times this data directory was started, this time included */
    struct rh_str_list voters; /* configured voters */
    struct rh_str_list seeds;  /* configured seed addresses, and those added by hand */
    struct rh_str inventory;   /* the configured distributed_hosts.yaml as JSON, "" when none is */
};

struct rh_core_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* Write one log line: an event name and "key=value key=value" text. Both are copied. [any] */
    void (*log)(struct rh_ctx *ctx, uint32_t level, const char *event, const char *text);
    /* Monotonic milliseconds; constant within one callback. [loop] */
    int64_t (*now_ms)(struct rh_ctx *ctx);
    /* Unix milliseconds; constant within one callback. [loop] */
    int64_t (*wall_ms)(struct rh_ctx *ctx);
    /* 64 random bits; from the system in the daemon, from the seed in the simulator. [loop] */
    uint64_t (*random)(struct rh_ctx *ctx);
    /* Run cb once after delay_ms (>= 0). Ends without a call when cancelled or when its activation
     * ends. [loop] Returns RH_OK and *timer, or RH_EAGAIN over the quota of 4,096 timers. */
    int32_t (*timer)(struct rh_ctx *ctx, int64_t delay_ms, void (*cb)(void *self, void *user),
                     void *user, rh_handle *timer);
    /* Cancel a timer. RH_ENOTFOUND when it fired or never was. [loop] */
    int32_t (*timer_cancel)(struct rh_ctx *ctx, rh_handle timer);
    /* Run cb on a later turn of the loop. [any] RH_EAGAIN over 4,096 waiting. */
    int32_t (*post)(struct rh_ctx *ctx, void (*cb)(void *self, void *user), void *user);
    /* Finish a life-cycle call or loop run that returned RH_PENDING. [loop] */
    void (*done)(struct rh_ctx *ctx, int32_t rc);
    /* Say in words why the callback is about to return `rc`. Copied; returns rc, so that
     * `return core->fail(ctx, RH_ENOTFOUND, "no work item \"w7\"");` reads well. [loop] */
    int32_t (*fail)(struct rh_ctx *ctx, int32_t rc, const char *text);
    /* Facts about this node. Borrowed until the callback returns. [loop] */
    void (*self)(struct rh_ctx *ctx, struct rh_self *out);
    /* A fault in the plugin that it cannot go on from: deactivate, then activate again. [loop] */
    void (*reactivate)(struct rh_ctx *ctx, const char *reason);
    /* Show a lasting condition in health, as the degraded check "PLUGIN.NAME" with these words,
     * until it is called again with reason NULL or the activation ends. Both are copied; longer
     * words are cut. RH_EINVAL: name empty or above 32 bytes; RH_EFULL above 8 a plugin. Absent
     * where `size` ends before it. [loop] */
    int32_t (*warn)(struct rh_ctx *ctx, const char *name, const char *reason);
    /* Say what the last run of a loop of this plugin did, or would have done: a JSON array, shown
     * by GET /loops until it is said again. Copied. RH_OK, RH_EINVAL (no such loop, or no array),
     * RH_ETOOLARGE above 16 KiB, RH_ENOMEM. Absent where `size` ends before it. [loop] */
    int32_t (*note)(struct rh_ctx *ctx, const char *loop, struct rh_str actions);
    /* As fail, for a value of the configuration, in create and reconfigure: `field` is the path of
     * its key below `config`, with dots ("players.gnugo"; items of lists by their index from 0,
     * "pools.0.least"), where people are shown it; longer ones than 255 bytes are cut. The words
     * become "field: text". Both are copied; returns rc. Absent where `size` ends before it. [loop]
     */
    int32_t (*fail_field)(struct rh_ctx *ctx, int32_t rc, const char *field, const char *text);
};

#endif
