/* Tests of what the ratings are told of reports and corrections. */
#include "fixture.h"

#include "plugins/tournament/rated.h"
#include "plugins/tournament/referee.h"

static const struct match_record first_wins = {.outcome = OUTCOME_FIRST, .by = BY_REPORT};
static const struct match_record second_wins = {.outcome = OUTCOME_SECOND, .by = BY_REPORT};
static const struct match_record forfeited = {
    .outcome = OUTCOME_FIRST, .by = BY_FORFEIT, .forfeit = FORFEIT_SECOND};

static void correct(struct tournament *t, uint32_t match, const struct match_record *record)
{
    uint8_t affected[PLAN_MATCHES_MAX];

    assert_int_equal(referee_correct(t, match, record, true, NOW_MS + 1000, affected),
                     REFEREE_DONE);
}

static void numbers_have_names_of_their_own(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const uint32_t match = fixture_match(t, "W2.1");
    char name[RATED_NAME_SIZE];

    (void)state;
    assert_true(rated_name(&t->plan, 17, name));
    assert_string_equal(name, "17");
    assert_true(rated_name(&t->plan, rated_report(match, 1), name));
    assert_string_equal(name, "W2.1");
    assert_true(rated_name(&t->plan, rated_report(match, 65535), name));
    assert_string_equal(name, "W2.1.65535");
    assert_false(rated_name(&t->plan, rated_report(t->plan.count, 1), name));
    assert_false(rated_name(&t->plan, 0x80000000u, name));
    tournament_free(t);
}

static void a_report_is_one_game_at_its_first_time(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const uint32_t match = fixture_match(t, "W1.1");
    const struct match_record before = t->matches[match].record;
    struct match_record reported;
    uint32_t numbers[8];

    (void)state;
    assert_int_equal(referee_report(t, match, &first_wins, NOW_MS), REFEREE_DONE);
    reported = t->matches[match].record;
    assert_true(rated_is_known(&reported));
    assert_int_equal(rated_new(t, match, &before), rated_report(match, 1));
    assert_int_equal(rated_gone(t, match, &before, numbers, 8), 0);

    correct(t, match, &second_wins);
    assert_int_equal(rated_new(t, match, &reported), rated_report(match, 2));
    assert_int_equal(rated_gone(t, match, &reported, numbers, 8), 1);
    assert_int_equal(numbers[0], rated_report(match, 1));
    assert_true(t->matches[match].record.played_at_ms == NOW_MS);
    tournament_free(t);
}

static void a_forfeit_and_a_replay_only_take_back(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const uint32_t match = fixture_match(t, "W1.1");
    struct match_record before;
    uint32_t numbers[8];

    (void)state;
    assert_int_equal(referee_report(t, match, &first_wins, NOW_MS), REFEREE_DONE);
    before = t->matches[match].record;
    correct(t, match, &forfeited);
    assert_int_equal(rated_gone(t, match, &before, numbers, 8), 1);
    assert_int_equal(rated_new(t, match, &before), 0);
    assert_false(rated_is_known(&t->matches[match].record));

    before = t->matches[match].record;
    correct(t, match, NULL);
    assert_int_equal(rated_gone(t, match, &before, numbers, 8), 0);
    assert_int_equal(referee_report(t, match, &second_wins, NOW_MS), REFEREE_DONE);
    assert_int_equal(rated_new(t, match, &before), rated_report(match, 2));
    tournament_free(t);
}

static void games_that_were_played_are_taken_back_once(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const uint32_t match = fixture_match(t, "W1.1");
    struct match_record before;
    uint32_t numbers[8];

    (void)state;
    fixture_win(t, "W1.1", GAME_FIRST);
    before = t->matches[match].record;
    assert_true(rated_is_known(&before));
    correct(t, match, &second_wins);
    assert_int_equal(rated_gone(t, match, &before, numbers, 8), 1);
    assert_int_equal(numbers[0], match * t->per_match);
    assert_int_equal(rated_new(t, match, &before), rated_report(match, 1));

    before = t->matches[match].record;
    correct(t, match, &first_wins);
    assert_int_equal(rated_gone(t, match, &before, numbers, 8), 1);
    assert_int_equal(numbers[0], rated_report(match, 1));
    tournament_free(t);
}

static void the_same_outcome_stays_the_same_game(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 4);
    const uint32_t match = fixture_match(t, "W1.1");
    struct match_record scores = first_wins;
    struct match_record more;
    struct match_record before;
    uint32_t numbers[8];

    (void)state;
    scores.has_scores = true;
    scores.halves[0] = 2;
    more = scores;
    more.halves[0] = 4;
    assert_int_equal(referee_report(t, match, &scores, NOW_MS), REFEREE_DONE);
    before = t->matches[match].record;
    correct(t, match, &more);
    assert_int_equal(rated_gone(t, match, &before, numbers, 8), 0);
    assert_int_equal(rated_new(t, match, &before), 0);
    assert_true(rated_is_known(&t->matches[match].record));
    tournament_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_names_of_their_own),
        cmocka_unit_test(a_report_is_one_game_at_its_first_time),
        cmocka_unit_test(a_forfeit_and_a_replay_only_take_back),
        cmocka_unit_test(games_that_were_played_are_taken_back_once),
        cmocka_unit_test(the_same_outcome_stays_the_same_game),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
