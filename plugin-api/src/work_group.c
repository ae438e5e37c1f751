/* The set of groups of an owner, and what is known of each; not the calls to the queue. */
#include <ringhost/sdk/work_group.h>

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "work_round.h"

#define SEEN_GROWS_BY 64u

static bool is_plain(struct rh_str id)
{
    static const char others[] = "._-/";

    for (size_t i = 0; i < id.n; i++) {
        const char c = id.p[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_letter && !(c >= '0' && c <= '9') && !memchr(others, c, sizeof(others) - 1))
            return false;
    }
    return id.n > 0;
}

int32_t rh_work_group_add(struct rh_work_groups *groups, struct rh_work_group *group,
                          struct rh_str id)
{
    if (groups->count == RH_WORK_GROUPS_MAX)
        return RH_EFULL;
    if (!is_plain(id))
        return RH_EINVAL;
    if (rh_str_copy(group->id, sizeof(group->id), id) != RH_OK)
        return RH_ETOOLARGE;
    group->serial = ++groups->last_serial;
    group->over = -1;
    group->not_before_ms = INT64_MAX; /* until it is woken */
    groups->groups[groups->count++] = group;
    return RH_OK;
}

void rh_work_group_remove(struct rh_work_groups *groups, struct rh_work_group *group)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->groups[i] != group)
            groups->groups[kept++] = groups->groups[i];
    }
    groups->count = kept;
    free(group->seen);
    group->seen = NULL;
    group->seen_size = 0;
    group->serial = 0;
}

struct rh_work_group *work_group_by_serial(const struct rh_work_groups *groups, uint64_t serial)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->groups[i]->serial == serial)
            return groups->groups[i];
    }
    return NULL;
}

bool work_group_has_seen(const struct rh_work_group *group, uint32_t index)
{
    return index < group->seen_size && group->seen[index];
}

void work_group_see(struct rh_work_group *group, uint32_t index)
{
    if (index >= group->seen_size) {
        const uint32_t size = index + SEEN_GROWS_BY + group->seen_size / 2;
        uint8_t *seen = realloc(group->seen, size);

        if (!seen)
            return; /* its item is added once more, which the queue notices */
        memset(seen + group->seen_size, 0, size - group->seen_size);
        group->seen = seen;
        group->seen_size = size;
    }
    group->seen[index] = 1;
}

void work_group_forget(struct rh_work_group *group)
{
    if (group->seen_size)
        memset(group->seen, 0, group->seen_size);
    group->after[0] = '\0';
}

uint32_t work_group_missing(const struct rh_work_groups *groups, const struct rh_work_group *group,
                            uint32_t from)
{
    uint32_t index = groups->owner->wanted(groups->self, group, from);

    while (index != RH_WORK_NONE && work_group_has_seen(group, index))
        index = groups->owner->wanted(groups->self, group, index + 1);
    return index < RH_WORK_ITEMS_MAX ? index : RH_WORK_NONE;
}

void rh_work_group_wake(struct rh_work_groups *groups, struct rh_work_group *group)
{
    group->is_due = true;
    group->not_before_ms = 0;
    rh_work_groups_kick(groups);
}

void rh_work_group_more(struct rh_work_groups *groups, struct rh_work_group *group)
{
    group->has_more = true;
    if (group->not_before_ms == INT64_MAX)
        group->not_before_ms = 0;
    rh_work_groups_kick(groups);
}

void rh_work_group_cancel(struct rh_work_groups *groups, struct rh_work_group *group)
{
    (void)groups;
    group->is_cancelled = true;
    group->not_before_ms = INT64_MAX; /* until that is recorded */
}

void rh_work_groups_sweep(struct rh_work_groups *groups)
{
    for (uint32_t i = 0; i < groups->count; i++)
        groups->groups[i]->is_due = true;
    rh_work_groups_kick(groups);
}
