/* Tests of stored rows that become a tournament again. */
#include "fixture.h"

#include "plugins/tournament/load.h"

static struct rh_str encoded(struct rh_buf *buf)
{
    assert_int_equal(buf->rc, RH_OK);
    return rh_buf_str(buf);
}

static void rows_become_a_tournament_again(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const struct match_record match = {.outcome = OUTCOME_FIRST, .by = BY_REPORT};
    const struct extra_record extra = {.match = 1, .game = 1};
    const struct game_record game = {.outcome = GAME_DRAW, .work_id = "w1"};
    const uint32_t item = tournament_items(t);
    struct rh_buf rows[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        rh_buf_init(&rows[i], RECORD_BYTES_MAX);
    tournament_match_encode(&match, &rows[0]);
    tournament_extra_encode(&extra, &rows[1]);
    tournament_game_encode(&game, &rows[2]);

    assert_int_equal(load_match(t, 0, encoded(&rows[0])), RH_OK);
    assert_int_equal(load_extra(t, 0, encoded(&rows[1])), RH_OK);
    assert_int_equal(load_result(t, item, encoded(&rows[2])), RH_OK);

    assert_int_equal(t->matches[0].record.by, BY_REPORT);
    assert_int_equal(t->extra_count, 1);
    assert_string_equal(t->results[item]->work_id, "w1");
    /* A number that is not the next one, and an item that has a result. */
    assert_int_equal(load_extra(t, 0, encoded(&rows[1])), RH_EINVAL);
    assert_int_equal(load_result(t, item, encoded(&rows[2])), RH_EINVAL);
    for (size_t i = 0; i < 3; i++)
        rh_buf_release(&rows[i]);
    tournament_free(t);
}

static void rows_that_are_none_change_nothing(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const struct rh_str bad = RH_STR_LIT("\xff\xff\xff");

    (void)state;
    assert_int_equal(load_match(t, 0, bad), RH_EINVAL);
    assert_int_equal(load_extra(t, 0, bad), RH_EINVAL);
    assert_int_equal(load_result(t, 0, bad), RH_EINVAL);

    assert_int_equal(t->extra_count, 0);
    assert_null(t->results[0]);
    tournament_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_a_tournament_again),
        cmocka_unit_test(rows_that_are_none_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
