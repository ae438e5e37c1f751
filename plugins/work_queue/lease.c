/* Leases in a heap by expiry, and linked per holder so that a dead node's are found at once. */
#include "lease.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

static struct lease *lease_of(const struct rh_heap_node *node)
{
    return RH_CONTAINER_OF(node, struct lease, node);
}

static int compare(const struct rh_heap_node *a, const struct rh_heap_node *b)
{
    const struct lease *x = lease_of(a);
    const struct lease *y = lease_of(b);

    if (x->expires_ms != y->expires_ms)
        return x->expires_ms < y->expires_ms ? -1 : 1;
    return token_compare(x->token, y->token);
}

static struct lease *lease_of_unstarted(const struct rh_tree_node *node)
{
    return RH_CONTAINER_OF(node, struct lease, unstarted);
}

static int compare_unstarted(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    const struct lease *x = lease_of_unstarted(a);
    const struct lease *y = lease_of_unstarted(b);
    int order = token_compare(x->token, y->token);

    /* Two workers may have claimed the same lost token (README.md), so that is no key by itself. */
    return order != 0 ? order : (x->serial > y->serial) - (x->serial < y->serial);
}

void leases_init(struct leases *leases, uint64_t seed, uint32_t count_max)
{
    *leases = (struct leases){.search = 0};
    rh_heap_init(&leases->heap, compare, count_max);
    rh_map_init(&leases->holders, seed, LEASE_HOLDERS_MAX);
    rh_tree_init(&leases->unstarted, compare_unstarted);
}

void leases_release(struct leases *leases)
{
    struct rh_heap_node *node;

    while ((node = rh_heap_peek(&leases->heap)))
        lease_end(leases, lease_of(node));
    rh_heap_release(&leases->heap);
    rh_map_release(&leases->holders);
}

static int32_t hold(struct leases *leases, struct rh_str node_id, struct lease_holder **out)
{
    struct lease_holder *holder = rh_map_get(&leases->holders, node_id);

    if (!holder) {
        holder = calloc(1, sizeof(*holder) + node_id.n + 1);
        if (!holder)
            return RH_ENOMEM;
        if (node_id.n > 0)
            memcpy(holder + 1, node_id.p, node_id.n);
        holder->node_id = (struct rh_str){(char *)(holder + 1), node_id.n};
        int32_t rc = rh_map_put(&leases->holders, holder->node_id, holder, NULL);
        if (rc) {
            free(holder);
            return rc;
        }
    }
    *out = holder;
    return RH_OK;
}

static void forget_if_empty(struct leases *leases, struct lease_holder *holder)
{
    if (holder->count > 0)
        return;
    rh_map_remove(&leases->holders, holder->node_id);
    free(holder);
}

/* The counts by rule are of live leases: only a lease that begins or ends changes them. */
static void count_rules(struct leases *leases, const struct lease *lease, uint32_t step)
{
    for (uint32_t i = 0; i < LIMIT_RULES_MAX && lease->rules >> i != 0; i++) {
        if (lease->rules >> i & 1) {
            leases->by_rule[i] += step;
            lease->holder->by_rule[i] += step;
        }
    }
}

int32_t lease_grant(struct leases *leases, struct rh_str node_id, struct token token,
                    int64_t expires_ms, int64_t runtime_end_ms, uint64_t rules, struct lease **out)
{
    struct lease *lease = calloc(1, sizeof(*lease));
    struct lease_holder *holder = NULL;
    int32_t rc = lease ? hold(leases, node_id, &holder) : RH_ENOMEM;

    if (rc)
        goto out;
    lease->token = token;
    lease->runtime_end_ms = runtime_end_ms;
    lease->expires_ms = expires_ms < runtime_end_ms ? expires_ms : runtime_end_ms;
    lease->rules = rules;
    lease->serial = ++leases->serial;
    rc = rh_heap_push(&leases->heap, &lease->node);
    if (!rc && (rc = rh_tree_insert(&leases->unstarted, &lease->unstarted)))
        rh_heap_remove(&leases->heap, &lease->node);
    if (rc) {
        forget_if_empty(leases, holder);
        goto out;
    }
    lease->holder = holder;
    lease->next = holder->first;
    if (lease->next)
        lease->next->prev = lease;
    holder->first = lease;
    holder->count++;
    holder->unstarted++;
    count_rules(leases, lease, 1);
    *out = lease;
out:
    if (rc)
        free(lease);
    return rc;
}

static void end_waiting(struct leases *leases, struct lease *lease)
{
    if (!rh_tree_contains(&lease->unstarted))
        return;
    assert(lease->holder->unstarted > 0);
    rh_tree_remove(&leases->unstarted, &lease->unstarted);
    lease->holder->unstarted--;
}

void lease_start(struct leases *leases, struct lease *lease, int64_t at_ms)
{
    if (lease->started_at_ms > 0)
        return;
    lease->started_at_ms = at_ms;
    end_waiting(leases, lease);
}

void lease_extend(struct leases *leases, struct lease *lease, int64_t expires_ms)
{
    lease->expires_ms = expires_ms < lease->runtime_end_ms ? expires_ms : lease->runtime_end_ms;
    rh_heap_update(&leases->heap, &lease->node);
}

void lease_end(struct leases *leases, struct lease *lease)
{
    struct lease_holder *holder = lease->holder;

    assert(holder->count > 0);
    rh_heap_remove(&leases->heap, &lease->node);
    end_waiting(leases, lease);
    count_rules(leases, lease, UINT32_MAX); /* one less */
    if (lease->prev)
        lease->prev->next = lease->next;
    else
        holder->first = lease->next;
    if (lease->next)
        lease->next->prev = lease->prev;
    holder->count--;
    forget_if_empty(leases, holder);
    free(lease->progress);
    free(lease);
}

int32_t lease_set_progress(struct lease *lease, struct rh_str json)
{
    char *copy = malloc(json.n + 1);

    if (!copy)
        return RH_ENOMEM;
    if (json.n > 0)
        memcpy(copy, json.p, json.n);
    free(lease->progress);
    lease->progress = copy;
    lease->progress_size = (uint32_t)json.n;
    return RH_OK;
}

struct lease *lease_first(const struct leases *leases)
{
    struct rh_heap_node *node = rh_heap_peek(&leases->heap);

    return node ? lease_of(node) : NULL;
}

struct lease *lease_of_node(const struct leases *leases, struct rh_str node_id)
{
    struct lease_holder *holder = rh_map_get(&leases->holders, node_id);

    return holder ? holder->first : NULL;
}

const struct lease_holder *lease_holder_of(const struct leases *leases, struct rh_str node_id)
{
    return rh_map_get(&leases->holders, node_id);
}

void lease_search_begin(struct leases *leases)
{
    leases->search++;
}

struct lease *lease_search_next(struct leases *leases, const struct lease *after,
                                struct rh_str node_id, uint32_t *left)
{
    struct rh_tree_node *node =
        after ? rh_tree_next(&after->unstarted) : rh_tree_first(&leases->unstarted);

    for (; node && *left > 0; node = rh_tree_next(node)) {
        struct lease *lease = lease_of_unstarted(node);
        struct lease_holder *holder = lease->holder;

        --*left;
        if (holder->search != leases->search) {
            holder->search = leases->search;
            holder->may_lose = holder->unstarted / 2;
        }
        if (holder->may_lose > 0 && !rh_str_eq(holder->node_id, node_id))
            return lease;
    }
    return NULL;
}

void lease_search_take(struct lease *lease)
{
    assert(lease->holder->may_lose > 0);
    lease->holder->may_lose--;
}

uint32_t lease_count(const struct leases *leases)
{
    return leases->heap.count;
}
