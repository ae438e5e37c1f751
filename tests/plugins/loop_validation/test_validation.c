/* Tests of what is kept of a model, and of who plays next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <ringhost/sdk/str.h>

#include "plugins/loop_validation/validation.h"

static void a_record_reads_back_as_it_was_written(void **state)
{
    const struct model model = {.work_id = "w7",
                                .config_key = "hex8_2p",
                                .board_type = "hex8",
                                .gauntlet_id = "g1",
                                .error = "so",
                                .wanted_at_ms = 5,
                                .not_before_ms = 9,
                                .attempts = 3,
                                .state = MODEL_STARTED};
    struct model read = {.name = "kept"};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 4096);
    model_encode(&model, &buf);

    assert_int_equal(model_decode(rh_buf_str(&buf), &read), RH_OK);
    assert_string_equal(read.name, "kept");
    assert_string_equal(read.work_id, "w7");
    assert_string_equal(read.gauntlet_id, "g1");
    assert_string_equal(read.error, "so");
    assert_int_equal(read.not_before_ms, 9);
    assert_int_equal(read.attempts, 3);
    assert_int_equal(read.state, MODEL_STARTED);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(model_decode((struct rh_str){buf.p, n}, &read), RH_EINVAL);
    rh_buf_release(&buf);
}

static void the_three_that_are_wanted_longest_and_due_play_next(void **state)
{
    static const struct {
        int64_t wanted_at_ms, not_before_ms;
        enum model_state state;
    } rows[] = {{50, 0, MODEL_WANTED},   {10, 0, MODEL_STARTED}, {40, 0, MODEL_WANTED},
                {20, 200, MODEL_WANTED}, {30, 0, MODEL_WANTED},  {60, 0, MODEL_WANTED},
                {35, 100, MODEL_WANTED}};
    struct validation_pick pick = {.max = 3};

    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct model model = {.wanted_at_ms = rows[i].wanted_at_ms,
                                    .not_before_ms = rows[i].not_before_ms,
                                    .state = rows[i].state};

        validation_see(&pick, &model, 100);
    }

    assert_int_equal(pick.count, 3);
    assert_int_equal(pick.models[0].wanted_at_ms, 30);
    assert_int_equal(pick.models[1].wanted_at_ms, 35);
    assert_int_equal(pick.models[2].wanted_at_ms, 40);
}

static void what_cannot_be_started_is_put_off_longer_and_longer(void **state)
{
    static const int64_t waits_min[] = {5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440};
    struct model model = {.state = MODEL_WANTED};

    (void)state;

    for (size_t i = 0; i < sizeof(waits_min) / sizeof(waits_min[0]); i++) {
        model_put_off(&model, RH_STR_LIT("no such player"), 300000, 1000);
        assert_int_equal(model.not_before_ms, 1000 + waits_min[i] * 60000);
    }

    assert_int_equal(model.state, MODEL_WANTED);
    assert_string_equal(model.error, "no such player");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_reads_back_as_it_was_written),
        cmocka_unit_test(the_three_that_are_wanted_longest_and_due_play_next),
        cmocka_unit_test(what_cannot_be_started_is_put_off_longer_and_longer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
