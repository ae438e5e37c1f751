/* The things of a plugin that live: found and listed, those of the store among them. */
#include <ringhost/sdk/lives.h>

#include <ringhost/sdk/str.h>

typedef int32_t open_thing(void *self, struct rh_str id, void **thing);

/* The codes of `open`. */
static int32_t look(struct rh_lives *lives, struct rh_str id, open_thing *open,
                    struct rh_found *out)
{
    struct rh_live *live = rh_lives_get(lives, id);
    void *thing = live ? live->thing : NULL;
    const int32_t rc = live ? RH_OK : open(lives->self, id, &thing);

    if (rc == RH_OK)
        *out = (struct rh_found){thing, live};
    return rc;
}

/* A code of `open`, with words. */
static int32_t fail_open(struct rh_lives *lives, struct rh_str id, int32_t rc)
{
    if (rc == RH_ENOTFOUND)
        return rh_failf(lives->rh, rc, "no %s \"%.*s\"", lives->owner->one, RH_STR_ARG(id));
    return rh_failf(lives->rh, rc == RH_EINVAL ? RH_EIO : rc,
                    "the records of %s \"%.*s\" cannot be read", lives->owner->one, RH_STR_ARG(id));
}

int32_t rh_lives_find(struct rh_lives *lives, struct rh_str id, struct rh_found *out)
{
    const int32_t rc = look(lives, id, lives->owner->open, out);

    return rc == RH_OK ? rc : fail_open(lives, id, rc);
}

/* rh_lives_find_next with the codes of `open`. */
static int32_t next(struct rh_lives *lives, struct rh_str id, struct rh_found *found)
{
    const struct rh_lives_owner *owner = lives->owner;

    if (found->thing && rh_str_eq(owner->name(found->thing).id, id))
        return RH_OK;
    rh_lives_release(lives, found);
    return look(lives, id, owner->open_head ? owner->open_head : owner->open, found);
}

int32_t rh_lives_find_next(struct rh_lives *lives, struct rh_str id, struct rh_found *found)
{
    const int32_t rc = next(lives, id, found);

    return rc == RH_OK ? rc : fail_open(lives, id, rc);
}

int32_t rh_lives_keep(struct rh_lives *lives, struct rh_found *found)
{
    const int32_t rc = rh_lives_add(lives, found->thing, &found->live);

    if (rc != RH_OK)
        *found = (struct rh_found){NULL, NULL};
    return rc;
}

void rh_lives_release(const struct rh_lives *lives, struct rh_found *found)
{
    if (!found->live)
        lives->owner->close(found->thing);
    *found = (struct rh_found){NULL, NULL};
}

/* Ids of the store from the newest on. */
static int32_t read_ids(const struct rh_lives *lives, struct rh_str before, uint32_t limit,
                        char (*ids)[RH_STORE_ID_SIZE], uint32_t *count)
{
    const struct rh_store store = rh_lives_store(lives);

    return rh_store_ids(&store, lives->owner->kept_kind, before, RH_SCAN_REVERSE, limit, ids[0],
                        sizeof(ids[0]), count);
}

int32_t rh_lives_find_or_newest(struct rh_lives *lives, struct rh_str id, struct rh_found *out)
{
    char ids[1][RH_STORE_ID_SIZE] = {""};
    struct rh_str newest;
    uint32_t count = 0;
    int32_t rc;

    if (id.n)
        return rh_lives_find(lives, id, out);
    rc = read_ids(lives, (struct rh_str){NULL, 0}, 1, ids, &count);
    if (rc != RH_OK)
        return rc;
    newest = rh_str_from(ids[0]);
    for (uint32_t i = 0; i < lives->count; i++) { /* the store does not show all of them yet */
        if (rh_str_cmp(lives->live[i]->id, newest) > 0)
            newest = lives->live[i]->id;
    }
    if (newest.n)
        return rh_lives_find(lives, newest, out);
    return rh_failf(lives->rh, RH_ENOTFOUND, "no %s was ever started here", lives->owner->one);
}

/* Nothing for one whose records are damaged. */
static int32_t write_one(struct rh_lives *lives, struct rh_str id, struct rh_found *found,
                         struct rh_json_writer *w)
{
    const int32_t rc = next(lives, id, found);

    if (rh_damaged_is(rc)) {
        rh_damaged_add(&lives->damaged, lives->rh, lives->owner->one, id);
        return RH_OK;
    }
    if (rc != RH_OK)
        return fail_open(lives, id, rc);
    rh_json_begin_object(w);
    lives->owner->write_row(w, found->thing);
    rh_json_end_object(w);
    return RH_OK;
}

int32_t rh_lives_reply_list(struct rh_lives *lives, rh_req req, const struct rh_lives_list *asked)
{
    char ids[RH_LIVES_LIST_MAX][RH_STORE_ID_SIZE];
    const uint32_t limit =
        asked->limit < RH_LIVES_LIST_MAX ? (uint32_t)asked->limit : RH_LIVES_LIST_MAX;
    struct rh_found found = {NULL, NULL};
    struct rh_json_reply reply;
    uint32_t count = 0;
    int32_t rc = read_ids(lives, asked->before, limit, ids, &count);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, lives->owner->many);
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < count && rc == RH_OK; i++)
        rc = write_one(lives, rh_str_from(ids[i]), &found, &reply.w);
    rh_lives_release(lives, &found);
    rh_json_end_array(&reply.w);
    rh_json_kv_strc(&reply.w, "next", count == limit ? ids[count - 1] : NULL);
    if (rc == RH_OK)
        return rh_json_reply_send(&reply, lives->rh, req, 200);
    rh_buf_release(&reply.buf);
    return rc;
}
