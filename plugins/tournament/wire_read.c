/* Reads tournaments from the namespace; it keeps nothing. */
#include "keys.h"
#include "wire.h"

static struct rh_store store_of(const struct plugin *p)
{
    return (struct rh_store){&p->rh, TOURNAMENT_NAMESPACE};
}

static int32_t get(const struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    const struct rh_store store = store_of(p);

    return rh_store_get_id(&store, kind, id, out);
}

typedef int32_t take_row(struct tournament *t, uint32_t number, struct rh_str data);

static int32_t take_match(struct tournament *t, uint32_t number, struct rh_str data)
{
    struct match_record record;
    const int32_t rc = tournament_match_decode(data, &record);

    return rc == RH_OK ? tournament_load_match(t, number, &record) : rc;
}

static int32_t take_extra(struct tournament *t, uint32_t number, struct rh_str data)
{
    struct extra_record extra;
    const int32_t rc = number == t->extra_count ? tournament_extra_decode(data, &extra) : RH_EINVAL;

    return rc == RH_OK ? tournament_load_extra(t, &extra) : rc;
}

static int32_t take_result(struct tournament *t, uint32_t number, struct rh_str data)
{
    struct game_record record;
    const int32_t rc = tournament_game_decode(data, &record);

    return rc == RH_OK ? tournament_load_result(t, number, &record) : rc;
}

/* All numbered rows of a kind, page by page. */
static int32_t read_rows(struct plugin *p, struct tournament *t, char kind, take_row *take)
{
    const struct rh_store store = store_of(p);
    struct rh_rows rows = {.more = 1};
    uint32_t next = 0;

    while (rows.more) {
        struct rh_key from;
        struct rh_key to;
        int32_t rc;

        rh_store_range(&from, &to, kind, t->spec.id);
        (void)rh_key_u32(&from, next); /* errors stay in the key */
        rc = rh_store_scan(&store, &from, &to, 0, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            uint32_t number = 0;

            rc = rh_store_key_number(rh_store_row(&rows, i)->key, &number);
            if (rc == RH_OK)
                rc = take(t, number, rh_store_row(&rows, i)->data);
            next = number + 1;
        }
        if (rc != RH_OK)
            return rc;
    }
    return RH_OK;
}

static int32_t read_head(struct plugin *p, struct rh_str id, struct tournament **out)
{
    struct rh_value value;
    int32_t rc = get(p, KEY_SPEC, id, &value);

    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    rc = tournament_new(value.data, out);
    if (rc == RH_OK)
        rc = get(p, KEY_STATUS, id, &value);
    if (rc == RH_OK && value.found)
        rc = tournament_status_decode(value.data, &(*out)->status);
    return rc;
}

static int32_t give(struct plugin *p, struct rh_str id, int32_t rc, struct tournament *t,
                    struct tournament **out)
{
    if (rc == RH_OK) {
        *out = t;
        return RH_OK;
    }
    tournament_free(t);
    if (rc == RH_ENOTFOUND)
        return rc;
    return rh_failf(&p->rh, rc == RH_EINVAL ? RH_EIO : rc,
                    "the records of tournament \"%.*s\" cannot be read", RH_STR_ARG(id));
}

int32_t tournaments_open_head(struct plugin *p, struct rh_str id, struct tournament **out)
{
    struct tournament *t = NULL;
    const int32_t rc = read_head(p, id, &t);

    return give(p, id, rc, t, out);
}

/* All of it. *out is to be freed, also when it fails. */
static int32_t read_whole(struct plugin *p, struct rh_str id, struct tournament **out)
{
    int32_t rc = read_head(p, id, out);
    struct tournament *t = *out;

    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_MATCH, take_match);
    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_EXTRA, take_extra);
    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_RESULT, take_result);
    if (rc == RH_OK)
        tournament_loaded(t);
    return rc;
}

int32_t tournaments_open(struct plugin *p, struct rh_str id, struct tournament **out)
{
    struct tournament *t = NULL;
    const int32_t rc = read_whole(p, id, &t);

    return give(p, id, rc, t, out);
}

int32_t tournaments_open_sound(struct plugin *p, struct rh_str id, bool is_whole,
                               struct tournament **out)
{
    struct tournament *t = NULL;
    const int32_t rc = is_whole ? read_whole(p, id, &t) : read_head(p, id, &t);

    if (!rh_damaged_is(rc))
        return give(p, id, rc, t, out);
    tournament_free(t);
    rh_damaged_add(&p->damaged, &p->rh, "tournament", id);
    *out = NULL;
    return RH_OK;
}

static bool request_at(void *self, uint32_t index, struct rh_request_key *out)
{
    const struct plugin *p = self;
    const struct live *live = index < p->live_count ? p->live[index] : NULL;

    if (live)
        *out = (struct rh_request_key){live->tournament->spec.idempotency_key,
                                       live->tournament->spec.id, live->asked};
    return live != NULL;
}

int32_t tournaments_find_request(struct plugin *p, const struct rh_request_key *request, char *id)
{
    const struct rh_request_keys keys = {store_of(p), KEY_REQUEST, p, request_at};

    return rh_request_find(&keys, request, id, TEXT_ID_SIZE);
}

int32_t tournaments_count(struct plugin *p)
{
    const struct rh_store store = store_of(p);

    return rh_store_count(&store, KEY_STATUS, &p->kept);
}

int32_t tournaments_ids(struct plugin *p, struct rh_str before, uint32_t limit,
                        char (*ids)[TEXT_ID_SIZE], uint32_t *count)
{
    const struct rh_store store = store_of(p);

    return rh_store_ids(&store, KEY_STATUS, before, RH_SCAN_REVERSE, limit, ids[0], TEXT_ID_SIZE,
                        count);
}

int32_t tournaments_live_ids(struct plugin *p, char (*ids)[TEXT_ID_SIZE], uint32_t *count)
{
    const struct rh_store store = store_of(p);

    return rh_store_ids(&store, KEY_LIVE, (struct rh_str){NULL, 0}, 0, LIVE_MAX, ids[0],
                        TEXT_ID_SIZE, count);
}
