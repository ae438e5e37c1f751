/* A plugin with one route more, POST /damage, that writes over a row of its own namespace what no
 * version of it ever wrote. For plugins whose instance begins with its struct rh_services. */
#ifndef RH_TESTS_DAMAGING_H
#define RH_TESTS_DAMAGING_H

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/store.h>

#define DAMAGING_ROUTES_MAX 32

struct damaging_req {
    struct rh_str name_space;
    struct rh_str kind; /* one letter */
    struct rh_str id;
};

static const struct rh_field damaging_fields[] = {
    RH_STR(struct damaging_req, name_space, RH_REQUIRED, "where"),
    RH_STR(struct damaging_req, kind, RH_REQUIRED, "of row"),
    RH_STR(struct damaging_req, id, RH_REQUIRED, "whose"),
};

static int32_t handle_damage(void *self, rh_req req, const void *fields)
{
    const struct rh_services *rh = self;
    const struct damaging_req *asked = fields;
    struct rh_batch_builder batch;
    char name_space[32];
    int32_t rc = rh_str_copy(name_space, sizeof(name_space), asked->name_space);

    if (rc != RH_OK)
        return rc;
    rh_batch_begin(&batch, name_space);
    rh_store_put_id(&batch, asked->kind.p[0], asked->id, RH_STR_LIT("\x01not a record"));
    rc = rh_batch_commit(&batch, rh, NULL, NULL);
    return rc == RH_OK ? rh_reply_ok(rh, req) : rc;
}

static const struct rh_route damaging_route =
    RH_ROUTE("POST", "/damage", RH_OPERATOR, RH_LEADER,
             RH_FIELDS(struct damaging_req, damaging_fields), handle_damage, "Damage a row.");

/* What plugin_damaging gives; one per test program. */
static struct {
    struct rh_plugin plugin;
    struct rh_route routes[DAMAGING_ROUTES_MAX];
} damaging;

static inline const struct rh_plugin *plugin_damaging(const struct rh_plugin *real)
{
    assert(real->route_count < DAMAGING_ROUTES_MAX);
    assert(real->route_stride == sizeof(struct rh_route));
    memcpy(damaging.routes, real->routes, real->route_count * sizeof(struct rh_route));
    damaging.routes[real->route_count] = damaging_route;
    damaging.plugin = *real;
    damaging.plugin.routes = damaging.routes;
    damaging.plugin.route_count = real->route_count + 1;
    return &damaging.plugin;
}

#endif
