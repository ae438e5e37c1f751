/* Tests of owner-only versions and their reconciliation. */
#include "map_test.h"

#include <inttypes.h>

#include <ringhost/sdk/rng.h>

static int32_t merge(struct state_map *map, const char *id, uint64_t generation, uint64_t version)
{
    const struct gossip_state s = state_of(id, generation, version);

    return state_map_merge(map, &s);
}

static void only_newer_words_are_taken(void **state)
{
    struct state_map map;

    (void)state;
    state_map_init(&map, "me", 1);

    assert_int_equal(merge(&map, "a", 2, 5), STATE_NEWER);
    assert_int_equal(merge(&map, "a", 2, 5), STATE_OLD);
    assert_int_equal(merge(&map, "a", 2, 4), STATE_OLD);
    assert_int_equal(merge(&map, "a", 1, 99), STATE_OLD);
    assert_int_equal(merge(&map, "a", 3, 0), STATE_NEWER);
    assert_int_equal(state_map_get(&map, "a")->generation, 3);
    state_map_release(&map);
}

static void nobody_else_writes_the_own_state(void **state)
{
    struct state_map map;
    const struct gossip_state own = state_of("me", 1, 1);

    (void)state;
    state_map_init(&map, "me", 1);
    assert_int_equal(state_map_set_self(&map, &own), RH_OK);

    assert_int_equal(merge(&map, "me", 1, 77), STATE_OLD);
    assert_int_equal(state_map_get(&map, "me")->version, 1);
    state_map_release(&map);
}

static void a_lost_data_directory_goes_above_what_others_remember(void **state)
{
    struct state_map map;
    struct gossip_state own = state_of("me", 1, 0);
    const struct state_digest remembered = digest_entry("me", 8, 3, 0);
    struct gossip_state twin = state_of("me", 9, 4);

    (void)state;
    state_map_init(&map, "me", 1);
    assert_int_equal(state_map_set_self(&map, &own), RH_OK);

    assert_int_equal(state_map_merge_beat(&map, &remembered), STATE_OLD);
    assert_int_equal(state_map_get(&map, "me")->generation, 9);
    assert_int_equal(state_map_set_self(&map, &own), RH_OK);
    assert_int_equal(state_map_get(&map, "me")->generation, 9);
    (void)snprintf(twin.instance_id, sizeof(twin.instance_id), "other");
    assert_int_equal(state_map_merge(&map, &twin), STATE_OLD);
    assert_int_equal(state_map_get(&map, "me")->generation, 10);
    state_map_release(&map);
}

static void a_growing_beat_is_a_sign_of_life_within_its_generation(void **state)
{
    struct state_map map;
    const struct state_digest later = digest_entry("a", 2, 5, 9);
    const struct state_digest other = digest_entry("a", 1, 5, 99);
    const struct state_digest stranger = digest_entry("b", 1, 1, 1);

    (void)state;
    state_map_init(&map, "me", 1);
    assert_int_equal(merge(&map, "a", 2, 5), STATE_NEWER);

    assert_int_equal(state_map_merge_beat(&map, &later), STATE_BEAT);
    assert_int_equal(state_map_merge_beat(&map, &later), STATE_OLD);
    assert_int_equal(state_map_merge_beat(&map, &other), STATE_OLD);
    assert_int_equal(state_map_merge_beat(&map, &stranger), STATE_OLD);
    state_map_release(&map);
}

static void the_most_out_of_date_comes_first(void **state)
{
    struct state_map map;
    const struct gossip_state *out[8];
    const struct state_digest theirs[] = {digest_entry("a", 1, 9, 0), digest_entry("b", 1, 2, 0),
                                          digest_entry("d", 1, 10, 0)};

    (void)state;
    state_map_init(&map, "me", 1);
    assert_int_equal(merge(&map, "a", 1, 10), STATE_NEWER);
    assert_int_equal(merge(&map, "b", 1, 10), STATE_NEWER);
    assert_int_equal(merge(&map, "c", 1, 10), STATE_NEWER);
    assert_int_equal(merge(&map, "d", 1, 10), STATE_NEWER);

    assert_int_equal(state_map_delta(&map, theirs, 3, false, 65536, out, 8), 3);
    assert_string_equal(out[0]->node_id, "c");
    assert_string_equal(out[1]->node_id, "b");
    assert_string_equal(out[2]->node_id, "a");
    assert_int_equal(state_map_delta(&map, theirs, 3, true, 65536, out, 8), 2);
    assert_int_equal(state_map_delta(&map, theirs, 3, false, 1, out, 8), 1);
    state_map_release(&map);
}

static void a_delta_keeps_to_its_bytes(void **state)
{
    struct state_map map;
    const struct gossip_state *out[64];
    static char text[4000];
    uint32_t bytes = 0;

    (void)state;
    memset(text, ' ', sizeof(text));
    state_map_init(&map, "me", 1);
    for (uint32_t i = 0; i < 40; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "n%u", (unsigned)i);
        struct gossip_state s = state_of(id, 1, 1);
        s.presence = (struct rh_str){text, sizeof(text)};
        assert_int_equal(state_map_merge(&map, &s), STATE_NEWER);
    }

    const uint32_t count = state_map_delta(&map, NULL, 0, false, STATE_DELTA_BYTES_MAX, out, 64);
    for (uint32_t i = 0; i < count; i++)
        bytes += state_size(out[i]);
    assert_in_range(count, 10, 16);
    assert_true(bytes <= STATE_DELTA_BYTES_MAX);
    state_map_release(&map);
}

static void parts_of_the_digest_name_every_node_in_turn(void **state)
{
    struct state_map map;
    struct state_digest out[4];
    uint32_t named[10] = {0};

    (void)state;
    state_map_init(&map, "me", 1);
    for (uint32_t i = 0; i < 10; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "n%u", (unsigned)i);
        assert_int_equal(merge(&map, id, 1, 1), STATE_NEWER);
    }

    for (uint32_t round = 0; round < 5; round++) {
        assert_int_equal(state_map_digest(&map, out, 4), 4);
        for (uint32_t i = 0; i < 4; i++)
            named[out[i].node_id[1] - '0']++;
    }
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(named[i], 2);
    state_map_release(&map);
}

static void what_was_pruned_rises_only_by_its_own_newer_word(void **state)
{
    struct state_map map;
    const struct state_digest same = digest_entry("a", 2, 5, 0);
    const struct state_digest newer = digest_entry("a", 3, 0, 0);

    (void)state;
    state_map_init(&map, "me", 1);
    assert_int_equal(merge(&map, "a", 2, 5), STATE_NEWER);
    assert_int_equal(state_map_prune(&map, "a"), RH_OK);

    assert_int_equal(merge(&map, "a", 2, 5), STATE_OLD);
    assert_false(state_map_wants(&map, &same));
    assert_null(state_map_get(&map, "a"));
    assert_true(state_map_wants(&map, &newer));
    assert_int_equal(merge(&map, "a", 3, 0), STATE_NEWER);
    assert_non_null(state_map_get(&map, "a"));
    assert_int_equal(state_map_prune(&map, "me"), RH_EINVAL);
    assert_int_equal(state_map_prune(&map, "zz"), RH_ENOTFOUND);
    state_map_release(&map);
}

/* Round by round of map: what the others tell of "a". */
static int32_t hear(struct state_map *map, uint64_t beat)
{
    struct gossip_state s = state_of("a", 2, 5);

    s.beat = beat;
    state_map_beat(map);
    return state_map_merge(map, &s);
}

static void a_pruned_node_whose_beat_keeps_growing_rises(void **state)
{
    struct state_map map;

    (void)state;
    state_map_init(&map, "me", 1);
    assert_int_equal(hear(&map, 100), STATE_NEWER);
    assert_int_equal(state_map_prune(&map, "a"), RH_OK);

    for (uint64_t i = 0; i < STATE_RISE_ROUNDS; i++)
        assert_int_equal(hear(&map, 101 + i), STATE_OLD);
    assert_int_equal(hear(&map, 200), STATE_NEWER);

    assert_int_equal(state_map_get(&map, "a")->beat, 200);
    state_map_release(&map);
}

static void beats_that_come_to_rest_raise_nobody(void **state)
{
    struct state_map map;

    (void)state;
    state_map_init(&map, "me", 1);
    assert_int_equal(hear(&map, 100), STATE_NEWER);
    assert_int_equal(state_map_prune(&map, "a"), RH_OK);

    for (uint64_t burst = 1; burst <= 10; burst++) {
        for (uint64_t i = 0; i < STATE_RISE_ROUNDS; i++) /* news of an older date, from afar */
            assert_int_equal(hear(&map, 100 * burst + i + 1), STATE_OLD);
        for (uint64_t i = 0; i <= STATE_RISE_GAP_ROUNDS; i++)
            assert_int_equal(hear(&map, 100 * burst), STATE_OLD);
    }

    assert_null(state_map_get(&map, "a"));
    state_map_release(&map);
}

static void too_large_presence_is_refused(void **state)
{
    struct state_map map;
    static char text[STATE_PRESENCE_MAX + 1];
    struct gossip_state s = state_of("a", 1, 1);

    (void)state;
    state_map_init(&map, "me", 1);
    s.presence = (struct rh_str){text, sizeof(text)};

    assert_int_equal(state_map_merge(&map, &s), RH_ETOOLARGE);
    assert_int_equal(state_map_count(&map), 0);
    state_map_release(&map);
}

static void merging_does_not_depend_on_order(void **state)
{
    (void)state;

    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct gossip_state words[30];
        struct state_map maps[2];
        struct rh_rng rng;

        rh_rng_seed(&rng, seed);
        for (uint32_t i = 0; i < 30; i++) {
            char id[4] = {(char)('a' + rh_rng_below(&rng, 5)), '\0'};

            words[i] = state_of(id, rh_rng_below(&rng, 3), rh_rng_below(&rng, 4));
            words[i].beat = rh_rng_below(&rng, 5);
        }
        for (uint32_t m = 0; m < 2; m++) {
            state_map_init(&maps[m], "me", m);
            rh_rng_shuffle(&rng, words, 30, sizeof(words[0]));
            for (uint32_t i = 0; i < 30; i++)
                assert_in_range(state_map_merge(&maps[m], &words[i]), STATE_OLD, STATE_NEWER);
        }
        for (char c = 'a'; c < 'f'; c++) {
            const char id[2] = {c, '\0'};
            const struct gossip_state *x = state_map_get(&maps[0], id);
            const struct gossip_state *y = state_map_get(&maps[1], id);

            assert_int_equal(x != NULL, y != NULL);
            if (x &&
                (x->generation != y->generation || x->version != y->version || x->beat != y->beat))
                fail_msg("seed %" PRIu64 ", node %s", seed, id);
        }
        state_map_release(&maps[0]);
        state_map_release(&maps[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_newer_words_are_taken),
        cmocka_unit_test(nobody_else_writes_the_own_state),
        cmocka_unit_test(a_lost_data_directory_goes_above_what_others_remember),
        cmocka_unit_test(a_growing_beat_is_a_sign_of_life_within_its_generation),
        cmocka_unit_test(the_most_out_of_date_comes_first),
        cmocka_unit_test(a_delta_keeps_to_its_bytes),
        cmocka_unit_test(parts_of_the_digest_name_every_node_in_turn),
        cmocka_unit_test(what_was_pruned_rises_only_by_its_own_newer_word),
        cmocka_unit_test(a_pruned_node_whose_beat_keeps_growing_rises),
        cmocka_unit_test(beats_that_come_to_rest_raise_nobody),
        cmocka_unit_test(too_large_presence_is_refused),
        cmocka_unit_test(merging_does_not_depend_on_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
