/* Tests of the comparison with the queue: what an item means, what is missing, restarts mid-way. */
#include "fixture.h"

#include <ringhost/sdk/rng.h>

#include "plugins/gauntlet/reconcile.h"

#define GAMES 20u

/* An item of game `index` in this state. */
static struct group_item item_of(uint32_t index, const char *status, char key[SCHEDULE_KEY_SIZE])
{
    assert_int_equal(schedule_key(key, RH_STR_LIT("g1"), index), RH_OK);
    return (struct group_item){.work_id = RH_STR_LIT("w7"),
                               .idempotency_key = rh_str_from(key),
                               .status = rh_str_from(status),
                               .node_id = RH_STR_LIT("n3"),
                               .attempt = 2};
}

/* Offer a done item whose game the model won; keep what comes of it, as the wiring does. */
static enum item_step offer_won(struct gauntlet *g, uint32_t index)
{
    const struct rh_gtp_game game = fixture_game(&g->spec, index, "m");
    char key[SCHEDULE_KEY_SIZE];
    const struct group_item item = item_of(index, "done", key);
    struct game_result out;
    uint32_t found = 0;
    const enum item_step step = reconcile_item(g, &item, &game, &found, &out);

    if (step == ITEM_RESOLVED)
        assert_true(gauntlet_put(g, found, &out));
    return step;
}

static void a_done_item_gives_its_result_with_node_and_attempt(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);
    const struct rh_gtp_game game = fixture_game(&g->spec, 5, "a");
    char key[SCHEDULE_KEY_SIZE];
    const struct group_item item = item_of(5, "done", key);
    struct game_result out;
    uint32_t index = 0;

    (void)state;
    assert_int_equal(reconcile_item(g, &item, &game, &index, &out), ITEM_RESOLVED);
    assert_int_equal(index, 5);
    assert_int_equal(out.outcome, OUTCOME_LOSS);
    assert_string_equal(out.node_id, "n3");
    assert_string_equal(out.work_id, "w7");
    assert_int_equal(out.attempt, 2);
    gauntlet_free(g);
}

static void a_done_item_without_a_readable_result_is_an_error(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);
    char key[SCHEDULE_KEY_SIZE];
    const struct group_item item = item_of(5, "done", key);
    struct game_result out;
    uint32_t index = 0;

    (void)state;
    assert_int_equal(reconcile_item(g, &item, NULL, &index, &out), ITEM_RESOLVED);
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "bad_result");
    gauntlet_free(g);
}

static void a_dead_item_is_an_error_with_its_text(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);
    char key[SCHEDULE_KEY_SIZE];
    struct group_item item = item_of(0, "dead", key);
    struct game_result out;
    uint32_t index = 0;

    (void)state;
    item.error = RH_STR_LIT("exit status 69: gnugo is not installed");
    assert_int_equal(reconcile_item(g, &item, NULL, &index, &out), ITEM_RESOLVED);
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "dead");
    assert_string_equal(out.error, "exit status 69: gnugo is not installed");
    assert_string_equal(out.node_id, "n3");
    gauntlet_free(g);
}

static void an_item_cancelled_by_somebody_is_an_error(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);
    char key[SCHEDULE_KEY_SIZE];
    const struct group_item item = item_of(0, "cancelled", key);
    struct game_result out;
    uint32_t index = 0;

    (void)state;
    assert_int_equal(reconcile_item(g, &item, NULL, &index, &out), ITEM_RESOLVED);
    assert_int_equal(out.outcome, OUTCOME_ERROR);
    assert_string_equal(out.error_kind, "cancelled");
    gauntlet_free(g);
}

static void items_that_are_not_over_are_awaited(void **state)
{
    const char *const states[] = {"pending", "leased", "delayed", "blocked", "a_new_state"};
    struct gauntlet *g = fixture_gauntlet(1, GAMES);
    struct game_result out;

    (void)state;
    for (uint32_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        char key[SCHEDULE_KEY_SIZE];
        const struct group_item item = item_of(i, states[i], key);
        uint32_t index = 99;

        assert_int_equal(reconcile_item(g, &item, NULL, &index, &out), ITEM_LIVE);
        assert_int_equal(index, i);
        assert_int_equal(g->present[i], 1);
        assert_true(reconcile_is_live(item.status));
    }
    gauntlet_free(g);
}

static void items_that_are_over_are_not_live(void **state)
{
    (void)state;
    assert_false(reconcile_is_live(RH_STR_LIT("done")));
    assert_false(reconcile_is_live(RH_STR_LIT("dead")));
    assert_false(reconcile_is_live(RH_STR_LIT("cancelled")));
}

static void items_of_others_are_left_alone(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);
    struct group_item item = {.idempotency_key = RH_STR_LIT("g2/1"), .status = RH_STR_LIT("done")};
    struct game_result out;
    uint32_t index = 0;

    (void)state;
    assert_int_equal(reconcile_item(g, &item, NULL, &index, &out), ITEM_ALIEN);
    item.idempotency_key = RH_STR_LIT("g1/20");
    assert_int_equal(reconcile_item(g, &item, NULL, &index, &out), ITEM_ALIEN);
    assert_int_equal(g->over, 0);
    gauntlet_free(g);
}

static void the_same_item_again_counts_nothing(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);

    (void)state;
    assert_int_equal(offer_won(g, 3), ITEM_RESOLVED);
    assert_int_equal(offer_won(g, 3), ITEM_KNOWN);
    assert_int_equal(gauntlet_total(g).wins, 1);
    assert_int_equal(g->over, 1);
    gauntlet_free(g);
}

static uint32_t count_missing(const struct gauntlet *g)
{
    uint32_t count = 0;

    for (uint32_t i = 0; reconcile_missing(g, &i); i++)
        count++;
    return count;
}

static void before_anything_was_added_every_game_is_missing(void **state)
{
    struct gauntlet *g = fixture_gauntlet(2, GAMES);

    (void)state;
    reconcile_begin(g);
    assert_int_equal(count_missing(g), 2 * GAMES);
    gauntlet_free(g);
}

static void a_game_with_a_result_or_an_item_is_not_missing(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);
    char key[SCHEDULE_KEY_SIZE];
    const struct group_item item = item_of(1, "pending", key);
    struct game_result out;
    uint32_t index = 0;

    (void)state;
    assert_int_equal(offer_won(g, 0), ITEM_RESOLVED);
    reconcile_begin(g);
    (void)reconcile_item(g, &item, NULL, &index, &out);
    assert_int_equal(count_missing(g), GAMES - 2);
    index = 0;
    assert_true(reconcile_missing(g, &index));
    assert_int_equal(index, 2);
    gauntlet_free(g);
}

static void news_are_items_that_are_over_without_a_result(void **state)
{
    struct gauntlet *g = fixture_gauntlet(1, GAMES);

    (void)state;
    assert_false(reconcile_has_news(g, 0, 0, 0));
    assert_true(reconcile_has_news(g, 1, 0, 0));
    assert_true(reconcile_has_news(g, 0, 1, 0));
    assert_true(reconcile_has_news(g, 0, 0, 1));
    assert_int_equal(offer_won(g, 0), ITEM_RESOLVED);
    assert_false(reconcile_has_news(g, 1, 0, 0));
    gauntlet_free(g);
}

/* What survives a restart: the records. */
static struct gauntlet *restarted(struct gauntlet *before, const bool *is_durable)
{
    struct gauntlet *after = fixture_gauntlet(1, GAMES);

    for (uint32_t i = 0; i < GAMES; i++) {
        struct game_result game;
        struct rh_buf buf;

        if (!is_durable[i])
            continue;
        rh_buf_init(&buf, RECORD_BYTES_MAX);
        gauntlet_game_encode(&before->games[i], &buf);
        assert_int_equal(gauntlet_game_decode(rh_buf_str(&buf), &game), RH_OK);
        assert_true(gauntlet_put(after, i, &game));
        rh_buf_release(&buf);
    }
    gauntlet_free(before);
    return after;
}

/* One life of the owner: compare everything, add what is missing, keep some of it on disk. The
 * queue has items, some of them done, and loses none. */
static void live_once(struct rh_rng *rng, struct gauntlet *g, bool *has_item, bool *is_done,
                      bool *is_durable)
{
    struct game_result out;

    reconcile_begin(g);
    for (uint32_t i = 0; i < GAMES; i++) {
        char key[SCHEDULE_KEY_SIZE];
        const struct group_item item = item_of(i, "pending", key);
        uint32_t index = 0;

        if (has_item[i] && is_done[i])
            (void)offer_won(g, i);
        else if (has_item[i])
            (void)reconcile_item(g, &item, NULL, &index, &out);
    }
    for (uint32_t i = 0; reconcile_missing(g, &i); i++) {
        assert_false(has_item[i]); /* an item that exists is never added again */
        if (rh_rng_below(rng, 3) == 0)
            break; /* the owner dies while it adds */
        has_item[i] = true;
    }
    for (uint32_t i = 0; i < GAMES; i++) {
        is_done[i] = is_done[i] || (has_item[i] && rh_rng_below(rng, 4) == 0);
        is_durable[i] =
            g->games[i].outcome != OUTCOME_PENDING && (is_durable[i] || rh_rng_below(rng, 2) == 0);
    }
}

static void after_any_number_of_restarts_every_game_counts_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct gauntlet *g = fixture_gauntlet(1, GAMES);
        bool has_item[GAMES] = {false};
        bool is_done[GAMES] = {false};
        bool is_durable[GAMES] = {false};
        struct rh_rng rng;
        uint32_t lives = 0;

        rh_rng_seed(&rng, seed);
        while (!gauntlet_is_complete(g)) {
            if (lives++ == 1000)
                fail_msg("seed %u: not complete after 1000 restarts", (unsigned)seed);
            g = restarted(g, is_durable);
            live_once(&rng, g, has_item, is_done, is_durable);
        }
        assert_int_equal(gauntlet_total(g).wins, GAMES);
        assert_int_equal(g->over, GAMES);
        gauntlet_free(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_done_item_gives_its_result_with_node_and_attempt),
        cmocka_unit_test(a_done_item_without_a_readable_result_is_an_error),
        cmocka_unit_test(a_dead_item_is_an_error_with_its_text),
        cmocka_unit_test(an_item_cancelled_by_somebody_is_an_error),
        cmocka_unit_test(items_that_are_not_over_are_awaited),
        cmocka_unit_test(items_that_are_over_are_not_live),
        cmocka_unit_test(items_of_others_are_left_alone),
        cmocka_unit_test(the_same_item_again_counts_nothing),
        cmocka_unit_test(before_anything_was_added_every_game_is_missing),
        cmocka_unit_test(a_game_with_a_result_or_an_item_is_not_missing),
        cmocka_unit_test(news_are_items_that_are_over_without_a_result),
        cmocka_unit_test(after_any_number_of_restarts_every_game_counts_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
