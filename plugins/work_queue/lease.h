/* Who holds what until when: a heap by expiry, a list for each node, and those that were not
 * started, oldest first. It decides nothing about items. */
#ifndef RH_PLUGINS_WORK_QUEUE_LEASE_H
#define RH_PLUGINS_WORK_QUEUE_LEASE_H

#include <ringhost/sdk/heap.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/tree.h>

#include "limit.h"
#include "token.h"

#define LEASE_HOLDERS_MAX 65536u /* nodes that hold something at once */
#define LEASE_NEVER       INT64_MAX

/* A node that holds at least one lease. */
struct lease_holder {
    struct lease *first; /* newest first */
    uint32_t count;
    uint32_t unstarted;                /* of these */
    uint32_t by_rule[LIMIT_RULES_MAX]; /* of these, covered by each rule */
    uint32_t may_lose;                 /* of the unstarted, to the search `search` */
    uint64_t search;
    struct rh_str node_id; /* in the same block */
};

/* One lease. Times are monotonic ms unless named _at_ms (Unix ms). */
struct lease {
    struct rh_heap_node node;
    uint32_t progress_size;
    struct rh_tree_node unstarted; /* until it is started */
    uint64_t serial;               /* of all leases since activation */
    uint64_t rules;                /* limits that cover it */
    struct lease *prev;
    struct lease *next;
    struct lease_holder *holder;
    void *item;
    struct token token;
    int64_t expires_ms;     /* end of the lease, never beyond runtime_end_ms */
    int64_t runtime_end_ms; /* LEASE_NEVER without max_runtime */
    uint64_t poll; /* of the claim that it was given to, until its holder is heard of; 0 = none */
    int64_t claimed_at_ms;
    int64_t started_at_ms; /* 0 = not started */
    int64_t saved_ms;      /* when progress was last put into a commit */
    char *progress;        /* JSON text, owned; NULL = none */
};

struct leases {
    struct rh_heap heap;
    struct rh_map holders;
    struct rh_tree unstarted; /* by token: in the order in which they were given */
    uint32_t by_rule[LIMIT_RULES_MAX];
    uint64_t search; /* number of the last one */
    uint64_t serial; /* of the last lease */
};

/* count_max: leases at once. [any] */
void leases_init(struct leases *leases, uint64_t seed, uint32_t count_max);
/* Frees all. [any] */
void leases_release(struct leases *leases);

/* A new lease for a node, not started; rules are the limits that cover it. RH_OK, RH_EFULL or
 * RH_ENOMEM, nothing changed then. [any] */
int32_t lease_grant(struct leases *leases, struct rh_str node_id, struct token token,
                    int64_t expires_ms, int64_t runtime_end_ms, uint64_t rules, struct lease **out);
/* The work has begun at that Unix ms; said again it changes nothing. [any] */
void lease_start(struct leases *leases, struct lease *lease, int64_t at_ms);
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
/* The node, or NULL if it holds nothing. [any] */
const struct lease_holder *lease_holder_of(const struct leases *leases, struct rh_str node_id);

/* A search for leases that may be taken from their nodes: those not started, oldest first, of other
 * nodes than this one, from each at most half of what it has not started. begin, then next with
 * after = NULL and then with what it returned, or, if that was taken, with what came before it;
 * lease_search_take says that one is going to be taken. At most *left are looked at, which is
 * counted down. [any] */
void lease_search_begin(struct leases *leases);
struct lease *lease_search_next(struct leases *leases, const struct lease *after,
                                struct rh_str node_id, uint32_t *left);
void lease_search_take(struct lease *lease);
uint32_t lease_count(const struct leases *leases);

#endif
