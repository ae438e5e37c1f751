/* Reads tournaments from the namespace; it keeps nothing. */
#include "keys.h"
#include "load.h"
#include "wire.h"

static int32_t get(const struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    const struct rh_store store = rh_lives_store(&p->lives);

    return rh_store_get_id(&store, kind, id, out);
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
    const struct rh_store store = rh_lives_store(&p->lives);
    struct tournament *t = NULL;
    int32_t rc = read_head(p, id, &t);

    if (rc == RH_OK)
        rc = rh_store_read_numbered(&store, KEY_MATCH, id, load_match, t);
    if (rc == RH_OK)
        rc = rh_store_read_numbered(&store, KEY_EXTRA, id, load_extra, t);
    if (rc == RH_OK)
        rc = rh_store_read_numbered(&store, KEY_RESULT, id, load_result, t);
    if (rc == RH_OK)
        tournament_loaded(t);
    return give(rc, t, thing);
}
