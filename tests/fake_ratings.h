/* Ratings that the tests command: a plugin of the test host with POST /elo/sync, which keeps what
 * it is offered. */
#ifndef RH_TESTS_FAKE_RATINGS_H
#define RH_TESTS_FAKE_RATINGS_H

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/plugin.h>

/* What every instance sees; one test at a time. */
static struct {
    uint32_t offers;
    uint32_t refusals;     /* so many offers are answered by 503 first */
    const char *rejection; /* reason given for every offer's game "x/0"; NULL = none */
    char body[16384];      /* of the last offer */
    char gone[4096];       /* retractions of the last offer that had any */
} fake_ratings;

struct fake_ratings_plugin {
    struct rh_services rh;
};

struct fake_offer {
    struct rh_str results, retractions;
};
static const struct rh_field fake_offer_fields[] = {
    RH_RAW(struct fake_offer, results, RH_REQUIRED, "games"),
    RH_RAW(struct fake_offer, retractions, 0, "games to take back"),
};

static int32_t fake_ratings_sync(void *self, rh_req req, const void *fields)
{
    struct fake_ratings_plugin *p = self;
    const struct fake_offer *offer = fields;
    struct rh_json_reply reply;

    fake_ratings.offers++;
    (void)snprintf(fake_ratings.body, sizeof(fake_ratings.body), "%.*s", (int)offer->results.n,
                   offer->results.p); /* tests offer little */
    if (offer->retractions.n > 2 && offer->retractions.p[0] == '[')
        (void)snprintf(fake_ratings.gone, sizeof(fake_ratings.gone), "%.*s",
                       (int)offer->retractions.n, offer->retractions.p);
    if (fake_ratings.refusals) {
        fake_ratings.refusals--;
        return RH_ELOADING;
    }
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "rejected");
    rh_json_begin_array(&reply.w);
    if (fake_ratings.rejection) {
        rh_json_begin_object(&reply.w);
        rh_json_kv_strc(&reply.w, "game_id", "x/0");
        rh_json_kv_strc(&reply.w, "reason", fake_ratings.rejection);
        rh_json_end_object(&reply.w);
    }
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static const struct rh_route fake_ratings_routes[] = {
    RH_ROUTE("POST", "/elo/sync", RH_WORKER, 0, RH_FIELDS(struct fake_offer, fake_offer_fields),
             fake_ratings_sync, "Takes anything."),
};

static int32_t fake_ratings_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                                   const void *config)
{
    (void)config;
    rh_services_init(&((struct fake_ratings_plugin *)self)->rh, ctx, host);
    return RH_OK;
}

static const char *const fake_ratings_services[] = {RH_CORE_ID, RH_HTTP_ID};

static const struct rh_plugin fake_ratings_entry = {
    RH_PLUGIN_HEAD(struct fake_ratings_plugin, "elo_sync", "0.0.1"),
    .summary = "Ratings that a test commands.",
    .services = fake_ratings_services,
    .service_count = 2,
    .routes = fake_ratings_routes,
    .route_count = 1,
    .route_stride = (uint32_t)sizeof(struct rh_route),
    .create = fake_ratings_create,
};

#endif
