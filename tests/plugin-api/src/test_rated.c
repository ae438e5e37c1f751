/* Tests of the feed of games to the ratings: offered until acknowledged, in one shape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/rated.h>
#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#include "fake_ratings.h"

/* An owner of `games` games, of which `done` are acknowledged. */
static struct {
    uint32_t games;
    uint32_t done;
    uint32_t offered;
    struct owner *living;
    struct rh_testhost *host;
} owned;

struct owner {
    struct rh_services rh;
    struct rh_rated_feed feed;
};

static uint32_t collect(void *self, struct rh_json_writer *w, uint32_t max)
{
    uint32_t count = 0;

    (void)self;
    while (owned.done + count < owned.games && count < max) {
        const struct rh_rated_game game = {
            .group = RH_STR_LIT("x"),
            .index = owned.done + count++,
            .board_type = RH_STR_LIT("go9"),
            .players = {RH_STR_LIT("a"), RH_STR_LIT("b")},
            .winner = RH_STR_LIT("b"),
            .played_at_ms = 77,
        };

        rh_rated_write(w, &game);
    }
    owned.offered = count;
    return count;
}

static void acked(void *self)
{
    owned.done += owned.offered;
    rh_rated_kick(&((struct owner *)self)->feed);
}

static const struct rh_rated_owner owner_table = {
    .name = "owner", .collect = collect, .acked = acked};

static int32_t owner_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                            const void *config)
{
    struct owner *owner = self;

    (void)config;
    rh_services_init(&owner->rh, ctx, host);
    rh_rated_init(&owner->feed, &owner->rh, &owner_table, owner);
    return RH_OK;
}

static int32_t owner_activate(void *self, uint64_t epoch)
{
    (void)epoch;
    owned.living = self;
    rh_rated_kick(&owned.living->feed);
    return RH_OK;
}

static void owner_deactivate(void *self)
{
    rh_rated_stop(&((struct owner *)self)->feed);
}

static const char *const owner_services[] = {RH_CORE_ID, RH_FIELDS_ID, RH_HTTP_ID};

static const struct rh_plugin owner_plugin = {
    RH_PLUGIN_HEAD(struct owner, "owner", "0.0.1"),
    .summary = "Owns games.",
    .services = owner_services,
    .service_count = 3,
    .create = owner_create,
    .activate = owner_activate,
    .deactivate = owner_deactivate,
};

static bool is_ready(void *user)
{
    return rh_testhost_is_ready(user);
}

/* A node with an owner of so many games, and ratings unless is_alone. */
static struct rh_testnet *start(uint32_t games, bool is_alone)
{
    static const struct rh_testhost_plugin plugins[] = {{&owner_plugin, NULL},
                                                        {&fake_ratings_entry, NULL}};
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = is_alone ? 1 : 2};
    struct rh_testnet *net = rh_testnet_new(1, 1800000000000);
    struct rh_testhost *host = NULL;
    char why[RH_TESTHOST_WHY_MAX] = "";

    owned.games = games;
    owned.done = 0;
    assert_non_null(net);
    assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);
    assert_true(rh_testnet_run_until(net, is_ready, host, 10000));
    owned.host = host;
    return net;
}

static int forget(void **state)
{
    (void)state;
    memset(&fake_ratings, 0, sizeof(fake_ratings));
    return 0;
}

static void a_game_is_offered_by_group_and_index(void **state)
{
    struct rh_testnet *net = start(1, false);

    (void)state;
    rh_testnet_run(net, 1000);

    assert_string_equal(fake_ratings.body,
                        "[{\"game_id\":\"x/0\",\"board_type\":\"go9\",\"players\":[\"a\",\"b\"],"
                        "\"outcome\":\"b\",\"played_at\":77}]");
    assert_int_equal(fake_ratings.offers, 1);
    assert_int_equal(owned.done, 1);
    rh_testnet_free(net);
}

static void what_is_refused_is_offered_again_ever_more_rarely(void **state)
{
    struct rh_testnet *net;

    (void)state;
    fake_ratings.refusals = 3;
    net = start(1, false);
    rh_testnet_run(net, 3500); /* after 0.1, 1 and 2 s */
    assert_int_equal(fake_ratings.offers, 3);
    assert_int_equal(owned.done, 0);
    rh_testnet_run(net, 5000);

    assert_int_equal(fake_ratings.offers, 4);
    assert_int_equal(owned.done, 1);
    rh_testnet_free(net);
}

static void a_reason_that_passes_is_no_acknowledgement_and_another_is(void **state)
{
    struct rh_testnet *net;

    (void)state;
    fake_ratings.rejection = "clock_ahead";
    net = start(1, false);
    rh_testnet_run(net, 3500);
    assert_int_equal(owned.done, 0);
    assert_int_equal(rh_testhost_logged(owned.host, "game_rejected"), 0);
    fake_ratings.rejection = "conflict";
    rh_testnet_run(net, 10000);

    assert_int_equal(owned.done, 1);
    assert_int_equal(rh_testhost_logged(owned.host, "game_rejected"), 1);
    rh_testnet_free(net);
}

static void many_games_go_in_pages(void **state)
{
    struct rh_testnet *net = start(2 * RH_RATED_PAGE_MAX + 1, false);

    (void)state;
    rh_testnet_run(net, 5000);

    assert_int_equal(fake_ratings.offers, 3);
    assert_int_equal(owned.done, 2 * RH_RATED_PAGE_MAX + 1);
    rh_testnet_free(net);
}

static void without_ratings_nothing_is_acknowledged(void **state)
{
    struct rh_testnet *net = start(1, true);

    (void)state;
    rh_testnet_run(net, 600000);

    assert_int_equal(owned.done, 0);
    rh_testnet_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_game_is_offered_by_group_and_index, forget),
        cmocka_unit_test_setup(what_is_refused_is_offered_again_ever_more_rarely, forget),
        cmocka_unit_test_setup(a_reason_that_passes_is_no_acknowledgement_and_another_is, forget),
        cmocka_unit_test_setup(many_games_go_in_pages, forget),
        cmocka_unit_test_setup(without_ratings_nothing_is_acknowledged, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
