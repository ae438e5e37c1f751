/* Tests of which games the queue is told to cancel, and when. */
#include "fixture.h"

#include "plugins/tournament/wire.h"

static void games_are_unwanted_only_once_the_decision_is_recorded(void **state)
{
    struct tournament *t = fixture_tournament(FORMAT_SINGLE, 2);
    struct live live = {.tournament = t};
    const struct match_record record = {.outcome = OUTCOME_SECOND, .by = BY_REPORT};

    (void)state;
    assert_false(tournament_work_owner.unwanted(NULL, &live.work, 0));
    assert_int_equal(referee_report(t, 0, &record, NOW_MS), REFEREE_DONE);

    live.base.unrecorded = 1;
    assert_false(tournament_work_owner.unwanted(NULL, &live.work, 0));
    live.base.unrecorded = 0;
    assert_true(tournament_work_owner.unwanted(NULL, &live.work, 0));

    tournament_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(games_are_unwanted_only_once_the_decision_is_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
