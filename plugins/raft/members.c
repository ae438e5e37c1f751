/* Sets of members and changes of one; see members.h. */
#include "members.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "bytes.h"

static uint32_t place_of(const struct raft_members *members, const char *id)
{
    uint32_t place = 0;

    while (place < members->count && strcmp(members->list[place].id, id) < 0)
        place++;
    return place;
}

const struct raft_member *raft_members_find(const struct raft_members *members, const char *id)
{
    const uint32_t place = place_of(members, id);

    if (place == members->count || strcmp(members->list[place].id, id) != 0)
        return NULL;
    return &members->list[place];
}

bool raft_members_is_voter(const struct raft_members *members, const char *id)
{
    const struct raft_member *member = raft_members_find(members, id);

    return member && member->is_voter;
}

uint32_t raft_members_voter_count(const struct raft_members *members)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < members->count; i++)
        count += members->list[i].is_voter;
    return count;
}

int32_t raft_members_add(struct raft_members *members, struct rh_str id, bool is_voter)
{
    struct raft_member member = {.is_voter = is_voter};
    uint32_t place;

    if (rh_str_copy(member.id, sizeof(member.id), id) != RH_OK || !member.id[0])
        return RH_EINVAL;
    if (raft_members_find(members, member.id))
        return RH_EEXISTS;
    if (members->count == RAFT_MEMBERS_MAX)
        return RH_EFULL;
    place = place_of(members, member.id);
    memmove(&members->list[place + 1], &members->list[place],
            (members->count - place) * sizeof(member));
    members->list[place] = member;
    members->count++;
    return RH_OK;
}

static int32_t promote(struct raft_members *members, const char *id)
{
    const struct raft_member *member = raft_members_find(members, id);

    if (!member)
        return RH_ENOTFOUND;
    if (member->is_voter)
        return RH_ECONFLICT;
    members->list[place_of(members, id)].is_voter = true;
    return RH_OK;
}

static int32_t remove_one(struct raft_members *members, const char *id)
{
    const uint32_t place = place_of(members, id);

    if (!raft_members_find(members, id))
        return RH_ENOTFOUND;
    if (members->list[place].is_voter && raft_members_voter_count(members) == 1)
        return RH_EINVAL;
    members->count--;
    memmove(&members->list[place], &members->list[place + 1],
            (members->count - place) * sizeof(members->list[0]));
    memset(&members->list[members->count], 0, sizeof(members->list[0]));
    return RH_OK;
}

int32_t raft_members_change(const struct raft_members *members, const struct raft_change *change,
                            struct raft_members *out)
{
    struct raft_members after = *members;
    int32_t rc = RH_EINVAL;

    after.index = 0;
    if (change->kind == RAFT_ADD_LEARNER)
        rc = raft_members_add(&after, rh_str_from(change->id), false);
    else if (change->kind == RAFT_PROMOTE)
        rc = promote(&after, change->id);
    else if (change->kind == RAFT_REMOVE)
        rc = remove_one(&after, change->id);
    if (rc == RH_OK)
        *out = after;
    return rc;
}

void raft_members_put(struct rh_buf *buf, const struct raft_members *members)
{
    raft_bytes_put_u32(buf, members->count);
    for (uint32_t i = 0; i < members->count; i++) {
        raft_bytes_put_u8(buf, members->list[i].is_voter);
        raft_bytes_put_str(buf, rh_str_from(members->list[i].id));
    }
}

int32_t raft_members_take(struct rh_str bytes, struct raft_members *out)
{
    struct raft_bytes_reader reader = raft_bytes_reader(bytes);
    const uint32_t count = raft_bytes_u32(&reader);
    struct raft_members members = {.index = 0};

    if (count > RAFT_MEMBERS_MAX)
        return RH_EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t is_voter = raft_bytes_u8(&reader);
        const struct rh_str id = raft_bytes_str(&reader);

        if (reader.rc != RH_OK || is_voter > 1 ||
            raft_members_add(&members, id, is_voter) != RH_OK ||
            !rh_str_eq_c(id, members.list[members.count - 1].id)) /* it belongs at the end */
            return RH_EINVAL;
    }
    if (raft_bytes_end(&reader) != RH_OK)
        return RH_EINVAL;
    *out = members;
    return RH_OK;
}
