/* Edges in a list for each item that is waited for; those that are over in a line of their own. */
#include "depend.h"

#include <assert.h>
#include <stdlib.h>

void depends_init(struct depends *depends, uint64_t seed)
{
    *depends = (struct depends){.over_first = NULL};
    rh_map64_init(&depends->nodes, seed, DEPEND_NODES_MAX);
}

void depends_release(struct depends *depends)
{
    uint32_t cursor = 0;
    void *node;

    while (rh_map64_next(&depends->nodes, &cursor, NULL, &node))
        free(node);
    rh_map64_release(&depends->nodes);
    while (depends->over_first) {
        struct depend_node *over = depends->over_first;
        depends->over_first = over->next_over;
        free(over);
    }
    depends->over_last = NULL;
}

static int32_t find_or_make(struct depends *depends, uint64_t seq, struct depend_node **out)
{
    struct depend_node *node = rh_map64_get(&depends->nodes, seq);
    int32_t rc = RH_OK;

    if (!node) {
        node = calloc(1, sizeof(*node));
        if (!node)
            return RH_ENOMEM;
        node->seq = seq;
        rc = rh_map64_put(&depends->nodes, seq, node, NULL);
        if (rc) {
            free(node);
            return rc;
        }
    }
    *out = node;
    return RH_OK;
}

static void link_edge(struct depend_node *node, struct depend_edge *edge)
{
    edge->node = node;
    edge->prev = node->last;
    if (node->last)
        node->last->next = edge;
    else
        node->first = edge;
    node->last = edge;
}

static void unlink_edge(struct depend_edge *edge)
{
    struct depend_node *node = edge->node;

    if (edge->prev)
        edge->prev->next = edge->next;
    else
        node->first = edge->next;
    if (edge->next)
        edge->next->prev = edge->prev;
    else
        node->last = edge->prev;
    *edge = (struct depend_edge){.wait = edge->wait};
}

void depend_leave(struct depends *depends, struct depend_wait *wait)
{
    for (uint32_t i = 0; i < wait->count; i++) {
        struct depend_node *node = wait->edges[i].node;

        if (!node)
            continue;
        unlink_edge(&wait->edges[i]);
        if (!node->first && !node->is_over) {
            rh_map64_remove(&depends->nodes, node->seq);
            free(node);
        }
    }
    free(wait);
}

int32_t depend_on(struct depends *depends, void *item, const uint64_t *seqs, uint32_t count,
                  struct depend_wait **out)
{
    struct depend_wait *wait = calloc(1, sizeof(*wait) + count * sizeof(wait->edges[0]));

    assert(count > 0);
    if (!wait)
        return RH_ENOMEM;
    wait->item = item;
    for (uint32_t i = 0; i < count; i++) {
        struct depend_node *node;
        int32_t rc = find_or_make(depends, seqs[i], &node);

        if (rc) {
            depend_leave(depends, wait);
            return rc;
        }
        wait->edges[i].wait = wait;
        wait->count++;
        link_edge(node, &wait->edges[i]);
    }
    wait->unmet = count;
    *out = wait;
    return RH_OK;
}

void depend_over(struct depends *depends, uint64_t seq, uint8_t verdict, uint64_t stamp)
{
    struct depend_node *node = rh_map64_remove(&depends->nodes, seq);

    if (!node)
        return;
    assert(!depends->over_last || depends->over_last->stamp <= stamp);
    node->is_over = true;
    node->verdict = verdict;
    node->stamp = stamp;
    if (depends->over_last)
        depends->over_last->next_over = node;
    else
        depends->over_first = node;
    depends->over_last = node;
}

struct depend_wait *depend_next(struct depends *depends, uint64_t stamp, uint64_t *seq,
                                uint8_t *verdict)
{
    struct depend_node *node;

    while ((node = depends->over_first) && node->stamp <= stamp) {
        struct depend_edge *edge = node->first;

        if (!edge) {
            depends->over_first = node->next_over;
            if (!depends->over_first)
                depends->over_last = NULL;
            free(node);
            continue;
        }
        *seq = node->seq;
        *verdict = node->verdict;
        unlink_edge(edge);
        edge->wait->unmet--;
        return edge->wait;
    }
    return NULL;
}

bool depends_are_told(const struct depends *depends)
{
    return !depends->over_first;
}

int32_t depend_sort(const uint32_t *edges, uint32_t edge_count, uint32_t count, uint32_t *order,
                    uint32_t *memory, uint32_t *cycle)
{
    uint32_t *unmet = memory;
    uint32_t done = 0;

    for (uint32_t i = 0; i < count; i++)
        unmet[i] = 0;
    for (uint32_t k = 0; k < edge_count; k++)
        unmet[edges[2 * k]]++;
    /* Kahn 1962, with the least index first; a batch is short, so that rounds do. */
    for (uint32_t before = UINT32_MAX; done < count && before != done;) {
        before = done;
        for (uint32_t i = 0; i < count; i++) {
            if (unmet[i] != 0)
                continue;
            order[done++] = i;
            unmet[i] = UINT32_MAX;
            for (uint32_t k = 0; k < edge_count; k++) {
                if (edges[2 * k + 1] == i)
                    unmet[edges[2 * k]]--;
            }
        }
    }
    for (uint32_t i = 0; i < count && done < count; i++) {
        if (unmet[i] != UINT32_MAX) {
            *cycle = i;
            return RH_EINVAL;
        }
    }
    return RH_OK;
}
