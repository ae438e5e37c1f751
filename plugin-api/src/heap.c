/* Binary min-heap (Williams, "Algorithm 232: heapsort", 1964) whose nodes know their place. */
#include <ringhost/sdk/heap.h>

#include "alloc.h"

#include <assert.h>
#include <stdlib.h>

#define CAPACITY_MIN 16u

void rh_heap_init(struct rh_heap *heap, rh_heap_compare *compare, uint32_t count_max)
{
    assert(compare);
    assert(count_max >= 1);
    *heap = (struct rh_heap){.compare = compare, .count_max = count_max};
}

void rh_heap_release(struct rh_heap *heap)
{
    for (uint32_t i = 0; i < heap->count; i++)
        heap->nodes[i]->place = 0;
    free(heap->nodes);
    *heap = (struct rh_heap){.compare = heap->compare, .count_max = heap->count_max};
}

static void set(struct rh_heap *heap, uint32_t index, struct rh_heap_node *node)
{
    heap->nodes[index] = node;
    node->place = index + 1;
}

static void sift_up(struct rh_heap *heap, uint32_t index, struct rh_heap_node *node)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;

        if (heap->compare(heap->nodes[parent], node) <= 0)
            break;
        set(heap, index, heap->nodes[parent]);
        index = parent;
    }
    set(heap, index, node);
}

static void sift_down(struct rh_heap *heap, uint32_t index, struct rh_heap_node *node)
{
    while (index < heap->count / 2) {
        uint32_t child = 2 * index + 1;

        if (child + 1 < heap->count &&
            heap->compare(heap->nodes[child + 1], heap->nodes[child]) < 0)
            child++;
        if (heap->compare(node, heap->nodes[child]) <= 0)
            break;
        set(heap, index, heap->nodes[child]);
        index = child;
    }
    set(heap, index, node);
}

static void place(struct rh_heap *heap, uint32_t index, struct rh_heap_node *node)
{
    if (index > 0 && heap->compare(node, heap->nodes[(index - 1) / 2]) < 0)
        sift_up(heap, index, node);
    else
        sift_down(heap, index, node);
}

static int32_t grow(struct rh_heap *heap)
{
    uint64_t capacity = heap->capacity ? (uint64_t)heap->capacity * 2 : CAPACITY_MIN;
    struct rh_heap_node **nodes;

    if (capacity > heap->count_max)
        capacity = heap->count_max;
    nodes = rh_mem_resize(heap->nodes, capacity * sizeof(struct rh_heap_node *));
    if (!nodes)
        return RH_ENOMEM;
    heap->nodes = nodes;
    heap->capacity = (uint32_t)capacity;
    return RH_OK;
}

int32_t rh_heap_push(struct rh_heap *heap, struct rh_heap_node *node)
{
    assert(node->place == 0);
    if (heap->count == heap->count_max)
        return RH_EFULL;
    if (heap->count == heap->capacity && grow(heap) != RH_OK)
        return RH_ENOMEM;
    heap->count++;
    sift_up(heap, heap->count - 1, node);
    return RH_OK;
}

struct rh_heap_node *rh_heap_peek(const struct rh_heap *heap)
{
    return heap->count ? heap->nodes[0] : NULL;
}

struct rh_heap_node *rh_heap_pop(struct rh_heap *heap)
{
    struct rh_heap_node *node = rh_heap_peek(heap);

    if (node)
        rh_heap_remove(heap, node);
    return node;
}

static void assert_in_heap(const struct rh_heap *heap, const struct rh_heap_node *node)
{
    assert(node->place >= 1);
    assert(node->place <= heap->count);
    assert(heap->nodes[node->place - 1] == node);
}

void rh_heap_remove(struct rh_heap *heap, struct rh_heap_node *node)
{
    uint32_t index = node->place - 1;
    struct rh_heap_node *last;

    assert_in_heap(heap, node);
    heap->count--;
    last = heap->nodes[heap->count];
    if (last != node)
        place(heap, index, last);
    node->place = 0;
}

void rh_heap_update(struct rh_heap *heap, struct rh_heap_node *node)
{
    assert_in_heap(heap, node);
    place(heap, node->place - 1, node);
}

bool rh_heap_contains(const struct rh_heap_node *node)
{
    return node->place != 0;
}
