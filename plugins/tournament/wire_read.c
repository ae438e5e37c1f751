/* Reads tournaments from the namespace; it keeps nothing. */
#include "keys.h"
#include "wire.h"

static int32_t get(struct plugin *p, char kind, struct rh_str id, struct rh_value *out)
{
    struct rh_key key;

    tournament_key(&key, kind, id);
    if (key.rc != RH_OK)
        return RH_ENOTFOUND;
    *out = (struct rh_value){.size = (uint32_t)sizeof(*out)};
    return p->rh.state->get(p->rh.ctx, TOURNAMENT_NAMESPACE, rh_key_view(&key), out);
}

static const struct rh_row *row_at(const struct rh_rows *rows, uint32_t index)
{
    return (const struct rh_row *)(const void *)((const char *)rows->rows +
                                                 (size_t)index * rows->row_stride);
}

static int32_t scan(struct plugin *p, const struct rh_key *from, const struct rh_key *to,
                    uint32_t flags, uint32_t limit, struct rh_rows *rows)
{
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                           .flags = flags,
                           .name_space = TOURNAMENT_NAMESPACE,
                           .limit = limit};

    if (from->rc != RH_OK || to->rc != RH_OK)
        return RH_EINVAL;
    scan.from = rh_key_view(from);
    scan.to = rh_key_view(to);
    *rows = (struct rh_rows){.size = (uint32_t)sizeof(*rows)};
    return p->rh.state->scan(p->rh.ctx, &scan, rows);
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
    struct rh_rows rows = {.more = 1};
    uint32_t next = 0;

    while (rows.more) {
        struct rh_key from;
        struct rh_key to;
        int32_t rc;

        tournament_key_range(&from, &to, kind, t->spec.id);
        tournament_key_numbered(&from, kind, t->spec.id, next);
        rc = scan(p, &from, &to, 0, 0, &rows);
        for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
            uint32_t number = 0;

            rc = tournament_key_number(row_at(&rows, i)->key, &number);
            if (rc == RH_OK)
                rc = take(t, number, row_at(&rows, i)->data);
            next = number + 1;
        }
        if (rc != RH_OK)
            return rc;
    }
    return RH_OK;
}

int32_t tournaments_open(struct plugin *p, struct rh_str id, struct tournament **out)
{
    struct tournament *t = NULL;
    struct rh_value value;
    int32_t rc = get(p, KEY_SPEC, id, &value);

    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    rc = tournament_new(value.data, &t);
    if (rc == RH_OK)
        rc = get(p, KEY_STATUS, id, &value);
    if (rc == RH_OK && value.found)
        rc = tournament_status_decode(value.data, &t->status);
    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_MATCH, take_match);
    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_EXTRA, take_extra);
    if (rc == RH_OK)
        rc = read_rows(p, t, KEY_RESULT, take_result);
    if (rc == RH_OK) {
        tournament_loaded(t);
        *out = t;
        return RH_OK;
    }
    tournament_free(t);
    return rh_failf(&p->rh, rc == RH_EINVAL ? RH_EIO : rc,
                    "the records of tournament \"%.*s\" cannot be read", RH_STR_ARG(id));
}

int32_t tournaments_find_key(struct plugin *p, struct rh_str key, char *id)
{
    struct rh_value value;
    int32_t rc;

    /* Memory first: the snapshot does not show what is still being committed. */
    for (uint32_t i = 0; i < p->live_count; i++) {
        const struct spec *spec = &p->live[i]->tournament->spec;

        if (rh_str_eq(spec->idempotency_key, key))
            return rh_str_copy(id, TEXT_ID_SIZE, spec->id);
    }
    rc = get(p, KEY_REQUEST, key, &value);
    if (rc != RH_OK)
        return rc;
    return value.found ? rh_str_copy(id, TEXT_ID_SIZE, value.data) : RH_ENOTFOUND;
}

static int32_t read_ids(const struct rh_rows *rows, char (*ids)[TEXT_ID_SIZE], uint32_t *count)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        if (tournament_key_id(row_at(rows, i)->key, ids[i]) != RH_OK)
            return RH_EIO;
    }
    *count = rows->count;
    return RH_OK;
}

/* All keys of a kind. */
static void kind_range(struct rh_key *from, struct rh_key *to, char kind)
{
    rh_key_init(from);
    rh_key_init(to);
    (void)rh_key_u8(from, (uint8_t)kind); /* one byte fits */
    (void)rh_key_u8(to, (uint8_t)kind);
    (void)rh_key_prefix_end(to); /* kinds are letters, so there is one */
}

int32_t tournaments_ids(struct plugin *p, struct rh_str bound, bool is_oldest, uint32_t limit,
                        char (*ids)[TEXT_ID_SIZE], uint32_t *count)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_rows rows;
    int32_t rc;

    kind_range(&from, &to, KEY_STATUS);
    if (bound.n && is_oldest) {
        tournament_key(&from, KEY_STATUS, bound);
        (void)rh_key_u8(&from, 0); /* the smallest key after that of the bound */
    } else if (bound.n) {
        tournament_key(&to, KEY_STATUS, bound);
    }
    rc = scan(p, &from, &to, is_oldest ? 0 : RH_SCAN_REVERSE, limit, &rows);
    return rc == RH_OK ? read_ids(&rows, ids, count) : rc;
}

int32_t tournaments_live_ids(struct plugin *p, char (*ids)[TEXT_ID_SIZE], uint32_t *count)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_rows rows;
    int32_t rc;

    kind_range(&from, &to, KEY_LIVE);
    rc = scan(p, &from, &to, 0, LIVE_MAX, &rows);
    return rc == RH_OK ? read_ids(&rows, ids, count) : rc;
}
