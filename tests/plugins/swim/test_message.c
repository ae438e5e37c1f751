/* Tests of what a message says. */
#include "swim_test.h"

static struct swim core;
static struct update updates[SWIM_UPDATES_MAX];

static void an_accused_receiver_hears_the_accusation_first(void **state)
{
    (void)state;
    core_start(&core, 30, SWIM_ALIVE);
    for (uint32_t i = 2; i < 30; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "m%u", (unsigned)i);
        hear(&core, word(id, SWIM_ALIVE, 2, ""));
    }
    hear(&core, word("m0", SWIM_SUSPECT, 1, "m1"));

    for (int i = 0; i < 100; i++) {
        assert_true(swim_message(&core, "m0", updates) > 0);
        assert_string_equal(updates[0].node_id, "m0");
        assert_int_equal(updates[0].state, SWIM_SUSPECT);
        assert_string_equal(updates[0].by, "m1");
    }
    swim_release(&core);
}

static void a_message_is_never_longer_than_sixteen_words_and_says_each_once(void **state)
{
    uint32_t most = 0;

    (void)state;
    core_start(&core, 100, SWIM_ALIVE);
    for (uint32_t i = 0; i < 100; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "m%u", (unsigned)i);
        hear(&core, word(id, i % 2 ? SWIM_ALIVE : SWIM_SUSPECT, 2, "m1"));
    }

    for (int i = 0; i < 300; i++) {
        const uint32_t count = swim_message(&core, "m0", updates);

        for (uint32_t a = 0; a < count; a++) {
            for (uint32_t b = 0; b < a; b++)
                assert_string_not_equal(updates[a].node_id, updates[b].node_id);
        }
        most = count > most ? count : most;
    }

    assert_int_equal(most, SWIM_UPDATES_MAX);
    swim_release(&core);
}

static void without_news_everyone_is_spoken_of_in_turn(void **state)
{
    bool heard[40] = {false};

    (void)state;
    core_start(&core, 40, SWIM_ALIVE);
    while (spread_count(&core.spread))
        (void)swim_message(&core, "", updates);

    for (uint32_t i = 0; i < 40 / SWIM_BACKGROUND_MAX; i++) {
        assert_int_equal(swim_message(&core, "", updates), SWIM_BACKGROUND_MAX);
        for (uint32_t j = 0; j < SWIM_BACKGROUND_MAX; j++)
            heard[strtoul(updates[j].node_id + 1, NULL, 10)] = true;
    }

    for (uint32_t i = 0; i < 40; i++)
        assert_true(heard[i]);
    swim_release(&core);
}

/* Fifty nodes ask once a second, always in the same order: one turn for all together would show
 * each of them the same four members for ever. */
static void each_receiver_is_told_of_everyone(void **state)
{
    bool heard[40] = {false};

    (void)state;
    core_start(&core, 40, SWIM_ALIVE);
    while (spread_count(&core.spread))
        (void)swim_message(&core, "", updates);

    for (uint32_t i = 0; i < 40 / SWIM_BACKGROUND_MAX; i++) {
        for (uint32_t other = 0; other < 40; other++) {
            char id[8];

            (void)snprintf(id, sizeof(id), "m%u", (unsigned)other);
            assert_int_equal(swim_message(&core, id, updates), SWIM_BACKGROUND_MAX);
            for (uint32_t j = 0; other == 7 && j < SWIM_BACKGROUND_MAX; j++)
                heard[strtoul(updates[j].node_id + 1, NULL, 10)] = true;
        }
    }

    for (uint32_t i = 0; i < 40; i++)
        assert_true(heard[i]);
    swim_release(&core);
}

static void who_is_spoken_of_comes_with_its_hub_and_a_node_of_ours_hears_more(void **state)
{
    (void)state;
    core_start(&core, 40, SWIM_ALIVE);
    for (uint32_t i = 0; i < 20; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "m%u", (unsigned)i);
        assert_int_equal(swim_vouch(&core, "self", id, 60000, core.now_ms), RH_OK);
    }
    while (spread_count(&core.spread))
        (void)swim_message(&core, "", updates);
    core_member(&core, "m7")->background = 0;

    assert_int_equal(swim_message(&core, "m7", updates), SWIM_UPDATES_MAX);

    for (uint32_t i = 0; i < SWIM_UPDATES_MAX; i += 2) {
        assert_int_equal(updates[i].kind, UPDATE_STATE);
        assert_int_equal(updates[i + 1].kind, UPDATE_VOUCH);
        assert_string_equal(updates[i].node_id, updates[i + 1].node_id);
        assert_string_equal(updates[i + 1].by, "self");
    }
    swim_release(&core);
}

static void unknown_ones_are_not_spoken_of(void **state)
{
    (void)state;
    core_start(&core, 10, SWIM_UNKNOWN);
    while (spread_count(&core.spread))
        (void)swim_message(&core, "", updates);

    assert_int_equal(swim_message(&core, "m0", updates), 0);
    swim_release(&core);
}

static void an_address_is_told_with_its_incarnation_only(void **state)
{
    struct update moved = word("m0", SWIM_ALIVE, 5, "");

    (void)state;
    core_start(&core, 1, SWIM_ALIVE);
    memcpy(moved.address, "new:1", sizeof("new:1"));
    hear(&core, moved);
    assert_true(tells(&core, "", "m0", SWIM_ALIVE));
    (void)swim_message(&core, "", updates);
    assert_string_equal(updates[0].address, "new:1");

    hear(&core, word("m0", SWIM_ALIVE, 6, ""));
    (void)swim_message(&core, "", updates);

    assert_string_equal(updates[0].node_id, "m0");
    assert_string_equal(updates[0].address, "");
    swim_release(&core);
}

static void our_own_accusation_names_us(void **state)
{
    struct swim_action ping;

    (void)state;
    core_start(&core, 1, SWIM_ALIVE);
    ping = await_ping(&core);
    swim_on_no_answer(&core, ping.seq, core.now_ms);

    (void)swim_message(&core, "m0", updates);

    assert_string_equal(updates[0].by, "self");
    swim_release(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accused_receiver_hears_the_accusation_first),
        cmocka_unit_test(a_message_is_never_longer_than_sixteen_words_and_says_each_once),
        cmocka_unit_test(without_news_everyone_is_spoken_of_in_turn),
        cmocka_unit_test(each_receiver_is_told_of_everyone),
        cmocka_unit_test(who_is_spoken_of_comes_with_its_hub_and_a_node_of_ours_hears_more),
        cmocka_unit_test(unknown_ones_are_not_spoken_of),
        cmocka_unit_test(an_address_is_told_with_its_incarnation_only),
        cmocka_unit_test(our_own_accusation_names_us),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
