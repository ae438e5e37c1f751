/* Who holds what until when: a heap by expiry and a list for each node. It decides nothing about
 * items. */
#ifndef RH_PLUGINS_WORK_QUEUE_LEASE_H
#define RH_PLUGINS_WORK_QUEUE_LEASE_H

#include <ringhost/sdk/heap.h>
#include <ringhost/sdk/map.h>

#include "token.h"

#define LEASE_HOLDERS_MAX 65536u /* nodes that hold something at once */
#define LEASE_NEVER       INT64_MAX

/* A node that holds at least one lease. */
struct lease_holder {
    struct lease *first; /* newest first */
    uint32_t count;
    struct rh_str node_id; /* in the same block */
};

/* One lease. Times are monotonic ms unless named _at_ms (Unix ms). */
struct lease {
    struct rh_heap_node node;
    uint32_t reserved;
    struct lease *prev;
    struct lease *next;
    struct lease_holder *holder;
    void *item;
    struct token token;
    int64_t expires_ms;     /* end of the lease, never beyond runtime_end_ms */
    int64_t runtime_end_ms; /* LEASE_NEVER without max_runtime */
    int64_t claimed_at_ms;
    int64_t started_at_ms; /* 0 = not started */
    int64_t saved_ms;      /* when progress was last put into a commit */
    char *progress;        /* JSON text, owned; NULL = none */
    uint32_t progress_size;
};

struct leases {
    struct rh_heap heap;
    struct rh_map holders;
};

/* count_max: leases at once. [any] */
void leases_init(struct leases *leases, uint64_t seed, uint32_t count_max);
/* Frees all. [any] */
void leases_release(struct leases *leases);

/* A new lease for a node, in the heap. RH_OK, RH_EFULL or RH_ENOMEM, nothing changed then. [any] */
int32_t lease_grant(struct leases *leases, struct rh_str node_id, struct token token,
                    int64_t expires_ms, int64_t runtime_end_ms, struct lease **out);
/* Sets the end, cut at runtime_end_ms. O(log n). [any] */
void lease_extend(struct leases *leases, struct lease *lease, int64_t expires_ms);
/* Ends and frees it. [any] */
void lease_end(struct leases *leases, struct lease *lease);
/* Keeps a copy of the text in place of the former one. RH_OK or RH_ENOMEM (the former one stays).
 * [any] */
int32_t lease_set_progress(struct lease *lease, struct rh_str json);

/* The lease that ends first, or NULL. [any] */
struct lease *lease_first(const struct leases *leases);
/* A lease of the node, or NULL. [any] */
struct lease *lease_of_node(const struct leases *leases, struct rh_str node_id);
uint32_t lease_count(const struct leases *leases);

#endif
