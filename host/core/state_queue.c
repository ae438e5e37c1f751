/* Lists of batches that wait; it decides nothing. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

struct state_item *state_item_new(size_t size)
{
    struct state_item *item = malloc(sizeof(*item) + size);
    if (!item)
        return NULL;
    memset(item, 0, sizeof(*item));
    item->size = size;
    return item;
}

void state_list_push(struct state_list *list, struct state_item *item)
{
    item->next = NULL;
    if (list->last)
        list->last->next = item;
    else
        list->first = item;
    list->last = item;
    list->count++;
    list->lazy_count += item->is_lazy;
    list->bytes += item->size;
}

void state_list_push_front(struct state_list *list, struct state_item *item)
{
    item->next = list->first;
    list->first = item;
    if (!list->last)
        list->last = item;
    list->count++;
    list->lazy_count += item->is_lazy;
    list->bytes += item->size;
}

void state_list_unlink(struct state_list *list, struct state_item *before, struct state_item *item)
{
    assert(before ? before->next == item : list->first == item);
    assert(list->count > 0);
    if (before)
        before->next = item->next;
    else
        list->first = item->next;
    if (list->last == item)
        list->last = before;
    item->next = NULL;
    list->count--;
    list->lazy_count -= item->is_lazy;
    list->bytes -= item->size;
}

struct state_item *state_list_pop(struct state_list *list)
{
    struct state_item *item = list->first;
    if (item)
        state_list_unlink(list, NULL, item);
    return item;
}
