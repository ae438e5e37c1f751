/* Batches on their way through a replication provider: proposed, agreed on, given up; it knows no
 * log. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/state_impl.h"

static struct state_store *replica_of(struct state *state)
{
    return &state->stores[STATE_REPLICA];
}

static void enqueue(struct state *state, struct state_item *item)
{
    struct state_store *store = replica_of(state);
    state_list_push(state_store_list(store, item), item);
}

static void give_up(struct state *state, struct state_item *item, int32_t rc)
{
    item->rc = rc;
    item->is_preset = 1;
    state->proposed_failed++;
    state_break(item);
}

/* Items with an outcome go on to their callbacks unless an earlier one of their namespace still has
 * none. */
static void release_failed(struct state *state)
{
    if (state->proposed_failed == 0)
        return;
    uint64_t mark = ++state->mark_last;
    struct state_item *before = NULL;
    struct state_item *item = state->proposed.first;
    while (item) {
        struct state_item *next = item->next;
        if (item->is_preset && item->ns->mark != mark) {
            state_list_unlink(&state->proposed, before, item);
            state->proposed_failed--;
            enqueue(state, item);
        } else {
            item->ns->mark = mark;
            before = item;
        }
        item = next;
    }
}

/* The live proposal with this id and the one before it; NULL if there is none. */
static struct state_item *find(struct state *state, uint64_t id, struct state_item **before)
{
    *before = NULL;
    if (id == 0)
        return NULL;
    for (struct state_item *item = state->proposed.first; item; item = item->next) {
        if (item->id == id && !item->is_preset)
            return item;
        *before = item;
    }
    return NULL;
}

/* The provider has too much under way: it comes next turn, before those behind it. */
static void put_back(struct state *state, struct state_item *item)
{
    struct state_item *before = NULL;
    struct state_item *found = find(state, item->id, &before);
    assert(found == item); /* refused, so without an answer */
    state_list_unlink(&state->proposed, before, found);
    state_list_push_front(&state->unproposed, found);
}

void state_propose_flush(struct state *state)
{
    struct state_item *item;
    while ((item = state_list_pop(&state->unproposed)) != NULL) {
        int32_t rc = state_item_refusal(state, item);
        uint64_t id = ++state->id_last;
        item->id = id;
        state_list_push(&state->proposed, item); /* the answer may come from inside propose */
        if (rc == RH_OK)
            rc = state->propose(state->user, id, (struct rh_str){item->data, item->size});
        if (rc == RH_EAGAIN && state->has_log) {
            put_back(state, item);
            break;
        }
        if (rc != RH_OK)
            state_propose_failed(state, id, rc);
    }
    release_failed(state);
}

void state_propose_failed(struct state *state, uint64_t id, int32_t rc)
{
    struct state_item *before = NULL;
    struct state_item *item = find(state, id, &before);
    assert(rc != RH_OK);
    if (!item)
        return;
    give_up(state, item, rc);
    release_failed(state);
}

void state_propose_drop(struct state *state)
{
    struct state_item *item;
    while ((item = state_list_pop(&state->unproposed)) != NULL) {
        state_list_push(&state->proposed, item);
        give_up(state, item, RH_ECANCELLED);
    }
    for (item = state->proposed.first; item; item = item->next) {
        if (!item->is_preset)
            give_up(state, item, RH_EUNKNOWN);
    }
    while ((item = state_list_pop(&state->proposed)) != NULL)
        enqueue(state, item);
    state->proposed_failed = 0;
}

static int32_t committed_check(const struct state *state, uint64_t index, struct rh_str data,
                               struct state_batch_head *head)
{
    const struct state_store *store = &state->stores[STATE_REPLICA];
    if (state->stats.is_stopped)
        return state->stats.failed_rc;
    if (state->is_closing)
        return RH_ECANCELLED;
    if (state->install.is_wanted)
        return RH_EAGAIN;
    if (index <= state->index_queued || index > INT64_MAX)
        return RH_EINVAL;
    if (store->normal.count >= STATE_QUEUE_BATCHES_MAX ||
        store->normal.bytes >= STATE_QUEUE_BYTES_MAX)
        return RH_EAGAIN;
    return data.n > 0 ? state_batch_verify(data, head) : RH_OK;
}

int32_t state_apply_committed(struct state *state, uint64_t index, uint64_t term, uint64_t id,
                              struct rh_str data)
{
    struct state_batch_head head = {0};
    int32_t rc = committed_check(state, index, data, &head);
    if (rc != RH_OK)
        return rc;
    struct state_item *before = NULL;
    struct state_item *item = find(state, id, &before);
    if (item && (item->size != data.n || memcmp(item->data, data.p, data.n) != 0))
        item = NULL; /* the id of another life of this node */
    if (item) {
        state_list_unlink(&state->proposed, before, item);
    } else {
        item = state_item_new(data.n);
        if (!item)
            return RH_ENOMEM;
        if (data.n > 0)
            memcpy(item->data, data.p, data.n);
        item->cost = head.op_count + head.event_count;
    }
    item->index = index;
    item->term = term;
    state->index_queued = index;
    enqueue(state, item);
    release_failed(state);
    return RH_OK;
}

void state_propose_lost(struct state *state)
{
    for (struct state_item *item = state->proposed.first; item; item = item->next) {
        if (!item->is_preset)
            give_up(state, item, RH_EUNKNOWN);
    }
    release_failed(state);
}

uint64_t state_index_queued(const struct state *state)
{
    return state->index_queued;
}

int32_t state_replicate(struct state *state, state_propose_fn propose, uint32_t has_log)
{
    const struct state_store *store = replica_of(state);
    if (store->busy != STATE_JOB_NONE || store->job.items.first || store->urgent.first ||
        store->normal.first || state->unproposed.first || state->proposed.first)
        return RH_EAGAIN;
    state->propose = propose;
    state->has_log = has_log;
    state->index_queued = store->applied.index;
    return RH_OK;
}
