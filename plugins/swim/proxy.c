/* The table of pings made for others; see proxy.h. */
#include "proxy.h"

#include <assert.h>
#include <string.h>

#include <ringhost/errors.h>

int32_t proxy_add(struct proxies *proxies, uint64_t seq, uint64_t handle, int64_t nack_ms)
{
    assert(seq != 0);
    for (uint32_t i = 0; i < PROXIES_MAX; i++) {
        if (proxies->items[i].seq)
            continue;
        proxies->items[i] = (struct proxy){seq, handle, nack_ms};
        proxies->count++;
        return RH_OK;
    }
    return RH_EAGAIN;
}

static void end(struct proxies *proxies, struct proxy *proxy)
{
    memset(proxy, 0, sizeof(*proxy));
    proxies->count--;
}

bool proxy_take(struct proxies *proxies, uint64_t seq, uint64_t *handle)
{
    for (uint32_t i = 0; proxies->count && i < PROXIES_MAX; i++) {
        if (seq == 0 || proxies->items[i].seq != seq)
            continue;
        *handle = proxies->items[i].handle;
        end(proxies, &proxies->items[i]);
        return true;
    }
    return false;
}

bool proxy_take_due(struct proxies *proxies, int64_t now_ms, uint64_t *handle)
{
    for (uint32_t i = 0; proxies->count && i < PROXIES_MAX; i++) {
        if (!proxies->items[i].seq || proxies->items[i].nack_ms > now_ms)
            continue;
        *handle = proxies->items[i].handle;
        end(proxies, &proxies->items[i]);
        return true;
    }
    return false;
}

void proxy_drop(struct proxies *proxies, uint64_t handle)
{
    for (uint32_t i = 0; proxies->count && i < PROXIES_MAX; i++) {
        if (proxies->items[i].seq && proxies->items[i].handle == handle)
            end(proxies, &proxies->items[i]);
    }
}

int64_t proxy_next_ms(const struct proxies *proxies)
{
    int64_t next_ms = INT64_MAX;

    for (uint32_t i = 0; proxies->count && i < PROXIES_MAX; i++) {
        if (proxies->items[i].seq && proxies->items[i].nack_ms < next_ms)
            next_ms = proxies->items[i].nack_ms;
    }
    return next_ms;
}
