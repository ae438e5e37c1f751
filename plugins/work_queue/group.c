/* Groups live in memory only while they have live items; their totals are rows of the store. */
#include "group.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/record.h>

#define GROUP_VERSION 1

void groups_init(struct groups *groups, uint64_t seed)
{
    rh_map_init(&groups->map, seed, GROUPS_MAX);
}

void groups_release(struct groups *groups)
{
    uint32_t cursor = 0;
    void *group;

    while (rh_map_next(&groups->map, &cursor, NULL, &group))
        free(group);
    rh_map_release(&groups->map);
}

struct group *group_find(const struct groups *groups, struct rh_str name)
{
    return rh_map_get(&groups->map, name);
}

int32_t group_join(struct groups *groups, struct rh_str name, uint8_t state, struct group **out)
{
    struct group *group = group_find(groups, name);

    assert(item_state_is_live(state));
    if (!group) {
        group = calloc(1, sizeof(*group) + name.n + 1);
        if (!group)
            return RH_ENOMEM;
        if (name.n > 0)
            memcpy(group + 1, name.p, name.n);
        group->name = (struct rh_str){(char *)(group + 1), name.n};
        int32_t rc = rh_map_put(&groups->map, group->name, group, NULL);
        if (rc) {
            free(group);
            return rc;
        }
    }
    group->live[state]++;
    group->live_count++;
    *out = group;
    return RH_OK;
}

void group_move(struct group *group, uint8_t from, uint8_t to)
{
    assert(group->live[from] > 0);
    group->live[from]--;
    group->live[to]++;
}

void group_finish(struct group *group, uint8_t from, uint8_t to)
{
    assert(group->live[from] > 0);
    assert(!item_state_is_live(to));
    group->live[from]--;
    group->totals.finished[to]++;
}

void group_forget(struct groups *groups, struct group *group)
{
    assert(group->live_count > 0);
    if (--group->live_count > 0)
        return;
    rh_map_remove(&groups->map, group->name);
    free(group);
}

void group_leave(struct groups *groups, struct group *group, uint8_t from)
{
    assert(group->live[from] > 0);
    group->live[from]--;
    group_forget(groups, group);
}

void group_load(struct group *group, const struct group_totals *stored)
{
    assert(!group->is_loaded);
    group->totals.added += stored->added;
    for (uint32_t i = ITEM_DONE; i < ITEM_STATES; i++)
        group->totals.finished[i] += stored->finished[i];
    group->totals.pruned += stored->pruned;
    group->is_loaded = true;
}

void group_encode(const struct group_totals *totals, struct rh_buf *buf)
{
    rh_record_put(buf, GROUP_VERSION);
    rh_record_put_u64(buf, totals->added);
    rh_record_put_u64(buf, totals->finished[ITEM_DONE]);
    rh_record_put_u64(buf, totals->finished[ITEM_DEAD]);
    rh_record_put_u64(buf, totals->finished[ITEM_CANCELLED]);
    rh_record_put_u64(buf, totals->pruned);
}

int32_t group_decode(struct rh_str record, struct group_totals *out)
{
    struct group_totals totals = {0};
    struct rh_record_reader r;

    rh_record_reader_init(&r, record);
    if (rh_record_get_u64(&r) != GROUP_VERSION)
        return RH_EINVAL;
    totals.added = rh_record_get_u64(&r);
    totals.finished[ITEM_DONE] = rh_record_get_u64(&r);
    totals.finished[ITEM_DEAD] = rh_record_get_u64(&r);
    totals.finished[ITEM_CANCELLED] = rh_record_get_u64(&r);
    totals.pruned = rh_record_get_u64(&r);
    if (rh_record_end(&r))
        return RH_EINVAL;
    *out = totals;
    return RH_OK;
}
