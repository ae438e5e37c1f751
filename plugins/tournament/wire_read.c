/* Reads tournaments from the namespace; it keeps nothing. */
#include "keys.h"
#include "wire.h"

static int32_t get(const struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    const struct rh_store store = rh_lives_store(&p->lives);

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
    const struct rh_store store = rh_lives_store(&p->lives);
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

/* What was read, or nothing of it. */
static int32_t give(int32_t rc, struct tournament *t, void **thing)
{
    if (rc == RH_OK)
        *thing = t;
    else
        tournament_free(t);
    return rc;
}

int32_t tournaments_open_head(void *self, struct rh_str id, void **thing)
{
    struct tournament *t = NULL;
    const int32_t rc = read_head(self, id, &t);

    return give(rc, t, thing);
}

int32_t tournaments_open(void *self, struct rh_str id, void **thing)
{
    struct plugin *p = self;
    struct tournament *t = NULL;
    int32_t rc = read_head(p, id, &t);

    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_MATCH, take_match);
    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_EXTRA, take_extra);
    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_RESULT, take_result);
    if (rc == RH_OK)
        tournament_loaded(t);
    return give(rc, t, thing);
}
