/* Events in memory: the newest ones in a ring, read at each reader's own pace. Not their delivery
 * to plugins (events.c) nor the durable ones (state_events.c). */
#ifndef RH_HOST_CORE_BUS_H
#define RH_HOST_CORE_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/abi.h>

#define BUS_EVENTS_MAX 4096u
#define BUS_BYTES_MAX  (8u * 1024u * 1024u)

/* One event in the ring; strings in one block behind it. */
struct bus_entry {
    struct rh_event event;
    uint64_t seq;            /* 1, 2, 3 ... since the start of the node */
    uint64_t cursor_local;   /* of the newest cluster event of local.db up to this one; the */
    uint64_t cursor_replica; /* publisher sets both */
    size_t bytes;
};

struct bus {
    struct bus_entry *ring[BUS_EVENTS_MAX];
    uint64_t first; /* seq of the oldest kept */
    uint64_t next;  /* seq of the next one */
    size_t bytes;
    uint64_t held;             /* seq of the entry that bus_hold keeps; 0 = none */
    struct bus_entry *dropped; /* it, once it has left the ring */
};

void bus_init(struct bus *bus);
void bus_release(struct bus *bus);
/* Copy an event in, dropping the oldest when a limit is reached. RH_OK, RH_ENOMEM, or RH_ETOOLARGE
 * (BUS_BYTES_MAX by itself). */
int32_t bus_add(struct bus *bus, const struct rh_event *event);
/* The event with sequence `seq`; when it has left the ring the oldest one, and *gap = how many were
 * missed. NULL = none yet. */
const struct bus_entry *bus_at(const struct bus *bus, uint64_t seq, uint64_t *gap);
/* Keep this one entry valid until bus_let_go, also when what is added meanwhile drops it from the
 * ring. One at a time. */
void bus_hold(struct bus *bus, const struct bus_entry *entry);
void bus_let_go(struct bus *bus);

#endif
