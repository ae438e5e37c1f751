/* The table of members; see member.h. */
#include "member.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define CAPACITY_FIRST 16u

void members_init(struct members *members, uint64_t seed)
{
    memset(members, 0, sizeof(*members));
    rh_map_init(&members->by_id, seed, MEMBERS_MAX);
}

static void member_free(struct member *member)
{
    free(member->address);
    free(member);
}

void members_release(struct members *members)
{
    for (uint32_t i = 0; i < members->count; i++)
        member_free(members->slots[i]);
    free(members->slots);
    rh_map_release(&members->by_id);
    members->slots = NULL;
    members->count = 0;
    members->capacity = 0;
    members->changed = NULL;
    memset(members->in_state, 0, sizeof(members->in_state));
}

static bool has_room(struct members *members)
{
    const uint32_t capacity = members->capacity ? 2 * members->capacity : CAPACITY_FIRST;
    struct member **slots;

    if (members->count < members->capacity)
        return true;
    slots = realloc(members->slots, capacity * sizeof(*slots));
    if (!slots)
        return false;
    members->slots = slots;
    members->capacity = capacity;
    return true;
}

struct member *members_add(struct members *members, const char *id)
{
    const size_t length = strlen(id);
    struct member *member;

    assert(length > 0 && length <= SWIM_ID_MAX);
    assert(!members_get(members, id));
    if (!has_room(members))
        return NULL;
    member = calloc(1, sizeof(*member) + length + 1);
    if (!member)
        return NULL;
    memcpy(member->id, id, length + 1);
    if (rh_map_put(&members->by_id, rh_str_from(id), member, NULL) != RH_OK) {
        free(member);
        return NULL;
    }
    member->slot = members->count;
    members->slots[members->count++] = member;
    members->in_state[SWIM_UNKNOWN]++;
    return member;
}

static void drop_change(struct members *members, struct member *member)
{
    struct member **link = &members->changed;

    if (!member->is_changed)
        return;
    while (*link != member)
        link = &(*link)->next_changed;
    *link = member->next_changed;
}

void members_remove(struct members *members, struct member *member)
{
    struct member *last = members->slots[members->count - 1];

    assert(members->slots[member->slot] == member);
    drop_change(members, member);
    for (uint32_t i = 0; i < members->count; i++) {
        if (members->slots[i]->accuser == member)
            members->slots[i]->accuser = NULL;
    }
    members->slots[member->slot] = last;
    last->slot = member->slot;
    members->count--;
    members->in_state[member->state]--;
    (void)rh_map_remove(&members->by_id, rh_str_from(member->id)); /* it is `member` */
    member_free(member);
}

struct member *members_get(const struct members *members, const char *id)
{
    return rh_map_get(&members->by_id, rh_str_from(id));
}

uint32_t members_living(const struct members *members)
{
    return members->in_state[SWIM_ALIVE] + members->in_state[SWIM_SUSPECT];
}

void members_set_state(struct members *members, struct member *member, uint32_t state,
                       uint32_t reason)
{
    assert(state < SWIM_STATES);
    assert(reason < MEMBER_REASONS);
    members->in_state[member->state]--;
    members->in_state[state]++;
    member->state = (uint8_t)state;
    member->reason = (uint8_t)reason;
    members_note_change(members, member);
}

int32_t members_set_address(struct member *member, const char *address)
{
    const size_t length = strlen(address);
    char *copy;

    if (length == 0 || (member->address && strcmp(member->address, address) == 0))
        return RH_OK;
    copy = malloc(length + 1);
    if (!copy)
        return RH_ENOMEM;
    memcpy(copy, address, length + 1);
    free(member->address);
    member->address = copy;
    return RH_OK;
}

void members_note_change(struct members *members, struct member *member)
{
    if (member->is_changed)
        return;
    member->is_changed = true;
    member->next_changed = members->changed;
    members->changed = member;
}

struct member *members_next_changed(struct members *members)
{
    struct member *member = members->changed;

    if (!member)
        return NULL;
    members->changed = member->next_changed;
    member->next_changed = NULL;
    member->is_changed = false;
    return member;
}
