/* Tests of which word holds. RH_TEST_SEED runs another seed. */
#include "swim_test.h"

#include <inttypes.h>
#include <stdlib.h>

#include <ringhost/sdk/rng.h>

#define WORDS  200u
#define NODES  6u
#define ORDERS 60u

static struct swim core;

static uint32_t said(const char *id)
{
    return core_member(&core, id)->said;
}

static void the_greater_of_incarnation_and_state_holds(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    hear(&core, word("m0", SWIM_ALIVE, 3, ""));
    hear(&core, word("m0", SWIM_DEAD, 2, ""));
    assert_int_equal(said("m0"), SWIM_ALIVE);
    hear(&core, word("m0", SWIM_SUSPECT, 3, "m1"));
    hear(&core, word("m0", SWIM_ALIVE, 3, ""));
    assert_int_equal(said("m0"), SWIM_SUSPECT);
    hear(&core, word("m0", SWIM_LEFT, 3, ""));
    hear(&core, word("m0", SWIM_DEAD, 3, ""));
    assert_int_equal(said("m0"), SWIM_LEFT);
    hear(&core, word("m0", SWIM_ALIVE, 4, ""));
    assert_int_equal(said("m0"), SWIM_ALIVE);
    swim_release(&core);
}

static void fill_words(struct update *words, struct rh_rng *rng)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "m%u", (unsigned)rh_rng_below(rng, NODES));
        words[i] =
            word(id, SWIM_ALIVE + (uint32_t)rh_rng_below(rng, 4), rh_rng_below(rng, 6), "m1");
        if (words[i].state == SWIM_ALIVE && rh_rng_below(rng, 2) == 0)
            (void)snprintf(words[i].address, sizeof(words[i].address), "%s:%" PRIu64, id,
                           words[i].incarnation); /* one place for each incarnation */
    }
}

static void any_order_of_words_gives_the_same_table(void **state)
{
    const char *text = getenv("RH_TEST_SEED");
    const uint64_t seed = text ? strtoull(text, NULL, 0) : 5;
    struct update words[WORDS];
    char first[1024] = "";
    struct rh_rng rng;

    (void)state;
    print_message("RH_TEST_SEED=%" PRIu64 "\n", seed);
    rh_rng_seed(&rng, seed);
    fill_words(words, &rng);

    for (uint32_t order = 0; order < ORDERS; order++) {
        char table[1024] = "";
        size_t length = 0;

        core_start(&core, NODES, order % 2 ? SWIM_ALIVE : SWIM_UNKNOWN);
        rh_rng_shuffle(&rng, words, WORDS, sizeof(words[0]));
        for (uint32_t i = 0; i < WORDS; i++)
            hear(&core, words[i]);
        for (uint32_t i = 0; i < NODES; i++) {
            char id[8];
            const struct member *m;

            (void)snprintf(id, sizeof(id), "m%u", (unsigned)i);
            m = core_member(&core, id);
            length += (size_t)snprintf(table + length, sizeof(table) - length,
                                       "%s=%u@%" PRIu64 " %s@%" PRIu64 "; ", id, m->said,
                                       m->incarnation, m->address, m->address_incarnation);
        }
        if (order == 0)
            memcpy(first, table, sizeof(first));
        else
            assert_string_equal(table, first);
        swim_release(&core);
    }
}

static void an_accusation_of_this_node_is_refuted_above_it(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    hear(&core, word("self", SWIM_SUSPECT, 9, "m1")); /* an old one */
    assert_int_equal(core.incarnation, 10);
    hear(&core, word("self", SWIM_SUSPECT, 10, "m1"));
    assert_int_equal(core.incarnation, 11);
    hear(&core, word("self", SWIM_DEAD, 500, ""));

    assert_int_equal(core.incarnation, 501);
    assert_true(swim_own_changed(&core));
    assert_int_equal(core.health.score, 2);
    assert_int_equal(core.stats.refutations, 2);
    assert_true(tells(&core, "m1", "self", SWIM_ALIVE));
    swim_release(&core);
}

static void what_a_lost_life_said_is_topped_without_blame(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    hear(&core, word("self", SWIM_ALIVE, 10, ""));
    assert_int_equal(core.incarnation, 10);
    hear(&core, word("self", SWIM_ALIVE, 90, ""));

    assert_int_equal(core.incarnation, 91);
    assert_int_equal(core.health.score, 0);
    swim_release(&core);
}

static void incarnations_beyond_belief_are_ignored(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    hear(&core, word("self", SWIM_DEAD, SWIM_INCARNATION_MAX, ""));
    hear(&core, word("m0", SWIM_DEAD, SWIM_INCARNATION_MAX + 1, ""));

    assert_int_equal(core.incarnation, 10);
    assert_int_equal(said("m0"), SWIM_ALIVE);
    swim_release(&core);
}

static void a_stale_accusation_is_told_again_so_that_it_is_refuted(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_DEAD, 1, ""));
    while (spread_count(&core.spread))
        (void)tells(&core, "", "x", SWIM_ALIVE);
    pass(&core, 60000, true);
    assert_false(spread_has(&core_member(&core, "m0")->news));

    hear(&core, word("m0", SWIM_ALIVE, 1, "")); /* somebody does not know */

    assert_true(spread_has(&core_member(&core, "m0")->news));
    assert_int_equal(said("m0"), SWIM_DEAD);
    swim_release(&core);
}

static void a_late_accuser_hears_of_the_refutation(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    hear(&core, word("m0", SWIM_ALIVE, 7, ""));
    while (spread_count(&core.spread))
        (void)tells(&core, "", "x", SWIM_ALIVE);
    core.now_ms += 60000;
    core.round_ms = core.now_ms + 1;

    hear(&core, word("m0", SWIM_SUSPECT, 4, "m3"));

    assert_true(spread_has(&core_member(&core, "m0")->news));
    assert_true(tells(&core, "", "m0", SWIM_ALIVE));
    swim_release(&core);
}

static void a_new_address_comes_with_a_higher_incarnation(void **state)
{
    struct update moved = word("m0", SWIM_ALIVE, 5, "");
    struct update old = word("m0", SWIM_ALIVE, 4, "");

    (void)state;
    core_start(&core, 5, SWIM_ALIVE);
    memcpy(moved.address, "new:1", sizeof("new:1"));
    memcpy(old.address, "old:1", sizeof("old:1"));

    hear(&core, moved);
    hear(&core, old);

    assert_string_equal(core_member(&core, "m0")->address, "new:1");
    swim_release(&core);
}

static void who_was_never_reached_is_not_missed(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_UNKNOWN);

    hear(&core, word("m0", SWIM_SUSPECT, 4, "m3"));
    assert_int_equal(core_member(&core, "m0")->state, SWIM_UNKNOWN);
    hear(&core, word("m0", SWIM_DEAD, 4, "m3"));

    assert_int_equal(core_member(&core, "m0")->state, SWIM_DEAD);
    swim_release(&core);
}

static void strangers_are_not_members(void **state)
{
    (void)state;
    core_start(&core, 5, SWIM_ALIVE);

    hear(&core, word("stranger", SWIM_ALIVE, 4, ""));

    assert_null(members_get(&core.members, "stranger"));
    swim_release(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greater_of_incarnation_and_state_holds),
        cmocka_unit_test(any_order_of_words_gives_the_same_table),
        cmocka_unit_test(an_accusation_of_this_node_is_refuted_above_it),
        cmocka_unit_test(what_a_lost_life_said_is_topped_without_blame),
        cmocka_unit_test(incarnations_beyond_belief_are_ignored),
        cmocka_unit_test(a_stale_accusation_is_told_again_so_that_it_is_refuted),
        cmocka_unit_test(a_late_accuser_hears_of_the_refutation),
        cmocka_unit_test(a_new_address_comes_with_a_higher_incarnation),
        cmocka_unit_test(who_was_never_reached_is_not_missed),
        cmocka_unit_test(strangers_are_not_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
