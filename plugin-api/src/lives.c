/* The things of a plugin that live: which are in memory, and how they come and go. */
#include <ringhost/sdk/lives.h>

#include <assert.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

void rh_lives_init(struct rh_lives *lives, const struct rh_services *rh,
                   const struct rh_lives_owner *owner, void *self)
{
    assert(owner->count_max <= RH_LIVES_MAX);
    assert(owner->live_size >= sizeof(struct rh_live));
    *lives = (struct rh_lives){.rh = rh, .owner = owner, .self = self};
}

struct rh_store rh_lives_store(const struct rh_lives *lives)
{
    return (struct rh_store){lives->rh, lives->owner->name_space};
}

/* --- memory --- */

static void free_live(struct rh_lives *lives, struct rh_live *live)
{
    if (lives->owner->leave)
        lives->owner->leave(lives->self, live);
    lives->owner->close(live->thing);
    free(live);
}

int32_t rh_lives_add(struct rh_lives *lives, void *take_thing, struct rh_live **out)
{
    const struct rh_lives_owner *owner = lives->owner;
    const struct rh_live_name name = owner->name(take_thing);
    const bool is_full = lives->count == owner->count_max;
    struct rh_live *live = is_full ? NULL : calloc(1, owner->live_size);
    int32_t rc = live ? RH_OK : RH_ENOMEM;

    if (is_full)
        rc = rh_failf(lives->rh, RH_EFULL, "more than %u %s are live", owner->count_max,
                      owner->many);
    if (rc == RH_OK) {
        live->serial = ++lives->last_serial;
        live->thing = take_thing;
        live->id = name.id;
        live->request_key = name.request_key;
        rc = owner->enter ? owner->enter(lives->self, live) : RH_OK;
    }
    if (rc != RH_OK) {
        owner->close(take_thing);
        free(live);
        return rc;
    }
    lives->live[lives->count++] = live;
    *out = live;
    return RH_OK;
}

static struct rh_live *by_serial(const struct rh_lives *lives, uint64_t serial)
{
    for (uint32_t i = 0; i < lives->count; i++) {
        if (lives->live[i]->serial == serial)
            return lives->live[i];
    }
    return NULL;
}

void rh_lives_remove(struct rh_lives *lives, struct rh_live *live)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < lives->count; i++) {
        if (lives->live[i] != live)
            lives->live[count++] = lives->live[i];
    }
    assert(count + 1 == lives->count);
    lives->count = count;
    free_live(lives, live);
}

void rh_lives_drop(struct rh_lives *lives)
{
    for (uint32_t i = 0; i < lives->count; i++)
        free_live(lives, lives->live[i]);
    lives->count = 0;
    rh_damaged_clear(&lives->damaged);
}

struct rh_live *rh_lives_get(const struct rh_lives *lives, struct rh_str id)
{
    for (uint32_t i = 0; i < lives->count; i++) {
        if (rh_str_eq(lives->live[i]->id, id))
            return lives->live[i];
    }
    return NULL;
}

static int32_t load_one(struct rh_lives *lives, struct rh_str id)
{
    const struct rh_lives_owner *owner = lives->owner;
    struct rh_live *live = NULL;
    void *thing = NULL;
    int32_t rc = owner->open(lives->self, id, &thing);

    if (rh_damaged_is(rc)) {
        rh_damaged_add(&lives->damaged, lives->rh, owner->one, id);
        return RH_OK;
    }
    if (rc != RH_OK)
        return rh_failf(lives->rh, rc, "the records of %s \"%.*s\" cannot be read", owner->one,
                        RH_STR_ARG(id));
    rc = rh_lives_add(lives, thing, &live);
    if (rc == RH_OK && owner->resume)
        rc = owner->resume(lives->self, live);
    return rc;
}

int32_t rh_lives_load(struct rh_lives *lives)
{
    const struct rh_lives_owner *owner = lives->owner;
    const struct rh_store store = rh_lives_store(lives);
    char ids[RH_LIVES_MAX][RH_STORE_ID_SIZE];
    uint32_t count = 0;
    int32_t rc = rh_store_count(&store, owner->kept_kind, &lives->kept);

    if (rc == RH_OK)
        rc = rh_store_ids(&store, owner->live_kind, (struct rh_str){NULL, 0}, 0, owner->count_max,
                          ids[0], sizeof(ids[0]), &count);
    for (uint32_t i = 0; i < count && rc == RH_OK; i++)
        rc = load_one(lives, rh_str_from(ids[i]));
    if (rc != RH_OK)
        rh_lives_drop(lives);
    return rc;
}

/* --- making and changing --- */

static bool request_at(void *self, uint32_t index, struct rh_request_key *out)
{
    const struct rh_lives *lives = self;
    const struct rh_live *live = index < lives->count ? lives->live[index] : NULL;

    if (live)
        *out = (struct rh_request_key){live->request_key, live->id, live->asked};
    return live != NULL;
}

int32_t rh_lives_find_request(struct rh_lives *lives, const struct rh_request_key *request,
                              char id[RH_STORE_ID_SIZE])
{
    const struct rh_request_keys keys = {rh_lives_store(lives), lives->owner->request_kind, lives,
                                         request_at};

    return rh_request_find(&keys, request, id, RH_STORE_ID_SIZE);
}

static bool is_kept(void *self, struct rh_str id)
{
    const struct rh_lives *lives = self;

    return rh_lives_get(lives, id) || rh_damaged_has(&lives->damaged, id) ||
           (lives->owner->is_needed && lives->owner->is_needed(lives->self, id));
}

static void forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    const struct rh_lives *lives = self;

    lives->owner->forget(lives->self, batch, id);
}

int32_t rh_lives_create(struct rh_lives *lives, void *take_thing, uint64_t asked, int64_t keep_max,
                        struct rh_batch_builder *batch, struct rh_live **out)
{
    const struct rh_lives_owner *owner = lives->owner;
    const struct rh_store store = rh_lives_store(lives);
    const struct rh_store_limit limit = {.kind = owner->kept_kind,
                                         .most = RH_LIVES_PRUNE_MAX,
                                         .keep_max = keep_max,
                                         .is_live = is_kept,
                                         .forget = forget};
    struct rh_request_key request = {.asked = asked};
    struct rh_live *live = NULL;
    const int32_t rc = rh_lives_add(lives, take_thing, &live);

    if (rc != RH_OK)
        return rc;
    live->asked = asked;
    request.key = live->request_key;
    request.id = live->id;
    rh_batch_begin(batch, owner->name_space);
    rh_store_prune(&store, &limit, lives, batch, &lives->kept);
    rh_store_put_id(batch, owner->live_kind, live->id, RH_STR_LIT("1"));
    rh_request_put(batch, owner->request_kind, &request);
    lives->kept++;
    *out = live;
    return RH_OK;
}

void rh_lives_commit(struct rh_lives *lives, struct rh_batch_builder *batch, struct rh_live *live,
                     void (*cb)(void *self, void *user, int32_t rc, uint64_t revision))
{
    const uint64_t serial = live ? live->serial : 0;
    int32_t rc;

    if (live)
        live->unrecorded++;
    rc = rh_batch_commit(batch, lives->rh, cb, (void *)(uintptr_t)serial);
    if (rc == RH_OK)
        return;
    rh_log_error(lives->rh, "commit_refused", "code=%d", (int)rc);
    lives->rh->core->reactivate(lives->rh->ctx,
                                "a batch could not be submitted: memory is ahead of the store");
}

struct rh_live *rh_lives_recorded(struct rh_lives *lives, void *user)
{
    struct rh_live *live = by_serial(lives, (uint64_t)(uintptr_t)user);

    if (!live)
        return NULL;
    assert(live->unrecorded > 0);
    live->unrecorded--;
    return live->unrecorded == 0 ? live : NULL;
}
