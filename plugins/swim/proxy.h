/* Pings made for others: who waits for which, and when to say that nothing came yet. It sends
 * nothing. One thread at a time. [any]
 *
 * The answer at 80 % of the time (nack) tells who asked that the proxy is well: Lifeguard, section
 * 4 (LHA-Probe). */
#ifndef RH_SWIM_PROXY_H
#define RH_SWIM_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#define PROXIES_MAX 64u

struct proxy {
    uint64_t seq;    /* of our ping; 0 = free */
    uint64_t handle; /* who waits */
    int64_t nack_ms; /* when they are told that nothing came */
};

/* All zero is empty. */
struct proxies {
    struct proxy items[PROXIES_MAX];
    uint32_t count;
};

/* RH_OK or RH_EAGAIN. seq is not 0. */
int32_t proxy_add(struct proxies *proxies, uint64_t seq, uint64_t handle, int64_t nack_ms);
/* Ends one; false when there is none with this seq. */
bool proxy_take(struct proxies *proxies, uint64_t seq, uint64_t *handle);
/* Ends one whose time is up. */
bool proxy_take_due(struct proxies *proxies, int64_t now_ms, uint64_t *handle);
/* Who asked is gone. */
void proxy_drop(struct proxies *proxies, uint64_t handle);
/* The first time that is up; INT64_MAX = none. */
int64_t proxy_next_ms(const struct proxies *proxies);

#endif
