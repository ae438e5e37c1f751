/* Tests of how many items of which kind are added: tables of counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/rng.h>

#include "plugins/loop_queue_populator/mix.h"

static void a_config_is_filled_to_its_depth_in_the_mix_of_the_weights(void **state)
{
    static const struct {
        const char *what;
        int64_t depth, room, weights[3], have[3], add[3];
    } rows[] = {
        {"empty", 10, 100, {6, 3, 1}, {0, 0, 0}, {6, 3, 1}},
        {"full", 10, 100, {6, 3, 1}, {10, 0, 0}, {0, 0, 0}},
        {"more than full", 10, 100, {6, 3, 1}, {20, 1, 0}, {0, 0, 0}},
        {"one missing: the neediest gets it", 10, 100, {6, 3, 1}, {6, 2, 1}, {0, 1, 0}},
        {"the mix is restored", 20, 100, {1, 1, 0}, {12, 0, 0}, {0, 8, 0}},
        {"a type without weight is not added", 4, 100, {1, 0, 1}, {0, 0, 0}, {2, 0, 2}},
        {"and does not count", 4, 100, {1, 0, 1}, {0, 50, 0}, {2, 0, 2}},
        {"equal weights: the first begins", 3, 100, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}},
        {"little room", 10, 4, {6, 3, 1}, {0, 0, 0}, {3, 1, 0}},
        {"no room", 10, 0, {6, 3, 1}, {0, 0, 0}, {0, 0, 0}},
        {"no depth", 0, 100, {6, 3, 1}, {0, 0, 0}, {0, 0, 0}},
        {"no types", 10, 100, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mix_config config = {.depth = rows[i].depth};

        for (uint32_t t = 0; t < 3; t++)
            config.kinds[t] =
                (struct mix_kind){.weight = rows[i].weights[t], .have = rows[i].have[t]};
        const int64_t added = mix_plan(&config, 1, 3, rows[i].room);

        for (uint32_t t = 0; t < 3; t++)
            if (config.kinds[t].add != rows[i].add[t])
                fail_msg("%s: type %u gets %d", rows[i].what, t, (int)config.kinds[t].add);
        assert_int_equal(added, rows[i].add[0] + rows[i].add[1] + rows[i].add[2]);
    }
}

static void the_config_that_is_filled_least_comes_first(void **state)
{
    struct mix_config configs[3] = {
        {.depth = 10, .kinds = {{.weight = 1, .have = 5}}},
        {.depth = 100, .kinds = {{.weight = 1, .have = 10}}},
        {.depth = 10, .kinds = {{.weight = 1, .have = 9}}},
    };

    (void)state;

    assert_int_equal(mix_plan(configs, 3, 1, 40), 40);

    assert_int_equal(configs[0].kinds[0].add, 0); /* half full, as is the second in the end */
    assert_int_equal(configs[1].kinds[0].add, 40);
    assert_int_equal(configs[2].kinds[0].add, 0);
}

static void no_config_ever_gets_more_than_its_depth(void **state)
{
    const uint64_t seed = 20;
    struct rh_rng rng;

    (void)state;
    print_message("seed %d\n", (int)seed);
    rh_rng_seed(&rng, seed);
    for (int run = 0; run < 300; run++) {
        struct mix_config configs[8] = {{0}};
        const int64_t room = (int64_t)rh_rng_below(&rng, 300);
        int64_t sum = 0;

        for (uint32_t c = 0; c < 8; c++) {
            configs[c].depth = (int64_t)rh_rng_below(&rng, 60);
            for (uint32_t t = 0; t < 4; t++)
                configs[c].kinds[t] = (struct mix_kind){.weight = (int64_t)rh_rng_below(&rng, 4),
                                                        .have = (int64_t)rh_rng_below(&rng, 20)};
        }
        const int64_t added = mix_plan(configs, 8, 4, room);

        assert_true(added <= room);
        for (uint32_t c = 0; c < 8; c++) {
            int64_t have = 0;
            int64_t add = 0;

            for (uint32_t t = 0; t < 4; t++) {
                have += configs[c].kinds[t].weight ? configs[c].kinds[t].have : 0;
                add += configs[c].kinds[t].add;
            }
            assert_true(add == 0 || have + add <= configs[c].depth);
            sum += add;
        }
        assert_int_equal(sum, added);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_is_filled_to_its_depth_in_the_mix_of_the_weights),
        cmocka_unit_test(the_config_that_is_filled_least_comes_first),
        cmocka_unit_test(no_config_ever_gets_more_than_its_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
