/* Tests of games as somebody orders them. */
#include "sdk_test.h"

#include <ringhost/sdk/gtp_order.h>
#include <ringhost/sdk/str.h>

static const struct rh_str capabilities[] = {RH_STR_INIT("gnugo"), RH_STR_INIT("linux")};

static struct rh_gtp_ask ask_of(const char *board_type, double komi)
{
    return (struct rh_gtp_ask){.board_type = rh_str_from(board_type),
                               .ko_rule = RH_STR_LIT("positional"),
                               .requires = {capabilities, 2},
                               .komi = komi,
                               .board_size = 13,
                               .move_time_ms = 1,
                               .game_time_ms = 2,
                               .command_time_ms = 3,
                               .max_moves = 4,
                               .max_attempts = 5,
                               .priority = 6,
                               .timeout_s = 7,
                               .max_runtime_s = 8,
                               .min_vram_mb = 9,
                               .needs_gpu = 1};
}

static void komi_is_a_multiple_of_a_half(void **state)
{
    static const double good[] = {0.0, 7.5, -400.0, 0.5};
    static const double bad[] = {0.25, 7.4, -0.1};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const struct rh_gtp_ask ask = ask_of("", good[i]);

        assert_null(rh_gtp_ask_problem(&ask));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct rh_gtp_ask ask = ask_of("", bad[i]);

        assert_non_null(rh_gtp_ask_problem(&ask));
    }
}

static void the_texts_of_an_order_follow_from_the_board(void **state)
{
    static const char *const asked[] = {"", "torus13"};
    static const char *const types[] = {"go13", "torus13"};
    static const char *const keys[] = {"go13_2p", "torus13_2p"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct rh_gtp_ask ask = ask_of(asked[i], -7.5);
        struct rh_gtp_order order;
        struct rh_buf texts;

        rh_buf_init(&texts, 1000);
        assert_int_equal(rh_gtp_order_init(&order, &ask, &texts), RH_OK);

        assert_true(rh_str_eq_c(order.board_type, types[i]));
        assert_true(rh_str_eq_c(order.config_key, keys[i]));
        assert_true(rh_str_eq_c(order.requires_json, "[\"gnugo\",\"linux\"]"));
        assert_true(rh_str_eq_c(order.rules.ko_rule, "positional"));
        assert_int_equal(order.rules.komi_halves, -15);
        assert_true(order.needs_gpu);
        rh_buf_release(&texts);
    }
}

static void an_order_fails_where_its_texts_do_not_fit(void **state)
{
    const struct rh_gtp_ask ask = ask_of("", 0.5);

    (void)state;
    for (uint32_t size = 0; size < 20; size++) {
        struct rh_gtp_order order;
        struct rh_buf texts;

        rh_buf_init(&texts, size);
        assert_int_not_equal(rh_gtp_order_init(&order, &ask, &texts), RH_OK);
        rh_buf_release(&texts);
    }
}

static void numbers_come_back_in_their_places(void **state)
{
    const struct rh_gtp_ask ask = ask_of("", -7.5);
    struct rh_gtp_order order;
    struct rh_gtp_order got = {.max_attempts = 0};
    struct rh_record_reader reader;
    struct rh_buf record;
    struct rh_buf texts;

    (void)state;
    rh_buf_init(&texts, 1000);
    rh_buf_init(&record, 1000);
    assert_int_equal(rh_gtp_order_init(&order, &ask, &texts), RH_OK);

    rh_gtp_order_put_numbers(&order, &record);
    rh_record_reader_init(&reader, rh_buf_str(&record));
    rh_gtp_order_get_numbers(&got, &reader);

    assert_int_equal(rh_record_end(&reader), RH_OK);
    assert_int_equal(got.rules.board_size, 13);
    assert_int_equal(got.rules.komi_halves, -15);
    assert_int_equal(got.rules.move_time_ms, 1);
    assert_int_equal(got.rules.game_time_ms, 2);
    assert_int_equal(got.rules.command_time_ms, 3);
    assert_int_equal(got.rules.max_moves, 4);
    assert_int_equal(got.max_attempts, 5);
    assert_int_equal(got.priority, 6);
    assert_int_equal(got.timeout_s, 7);
    assert_int_equal(got.max_runtime_s, 8);
    assert_int_equal(got.min_vram_mb, 9);
    rh_buf_release(&record);
    rh_buf_release(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(komi_is_a_multiple_of_a_half),
        cmocka_unit_test(the_texts_of_an_order_follow_from_the_board),
        cmocka_unit_test(an_order_fails_where_its_texts_do_not_fit),
        cmocka_unit_test(numbers_come_back_in_their_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
