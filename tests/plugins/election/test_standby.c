/* What is due while another provider decides; by the rules in standby.h. */
#include "core_test.h"

#include "plugins/election/lease.h"
#include "plugins/election/standby.h"

/* n2 among the voters n1, n2, n3, at time 0, leading in epoch 5. */
static void start(struct standby *s)
{
    struct election_config cfg = {
        .self = "n2", .beat_ms = BEAT, .timeout_ms = TIMEOUT, .voter_count = 3};

    for (uint32_t i = 0; i < 3; i++)
        (void)snprintf(cfg.voters[i], sizeof(cfg.voters[i]), "n%u", (unsigned)i + 1);
    standby_init(s, &cfg, 0);
    standby_lead(s, true, 5, 0);
}

/* Ticks when it wants to be ticked, up to and including until_ms; when something of this kind was
 * due first, or -1. */
static int64_t first_due(struct standby *s, uint32_t kind, int64_t until_ms)
{
    for (int64_t at = standby_next_ms(s); at <= until_ms; at = standby_next_ms(s))
        if (standby_tick(s, at) & kind)
            return at;
    return -1;
}

static void a_new_leader_tells_the_others_at_once_and_every_beat(void **state)
{
    struct standby s;

    (void)state;
    start(&s);

    assert_int_equal(standby_next_ms(&s), 0);
    assert_int_equal(standby_tick(&s, 0), STANDBY_BEAT);
    assert_int_equal(standby_tick(&s, BEAT - 1), 0);
    assert_int_equal(standby_tick(&s, BEAT), STANDBY_BEAT);
}

static void a_new_epoch_is_told_at_once(void **state)
{
    struct standby s;

    (void)state;
    start(&s);
    (void)standby_tick(&s, 0);

    standby_lead(&s, true, 6, 10);

    assert_int_equal(standby_tick(&s, 10), STANDBY_BEAT);
}

static void who_does_not_lead_has_nothing_to_do(void **state)
{
    struct standby s;

    (void)state;
    start(&s);
    standby_see(&s, 2, 0, true, 0);

    standby_lead(&s, false, 5, 1);

    assert_true(standby_next_ms(&s) == INT64_MAX);
    assert_int_equal(standby_tick(&s, 100 * BEAT), 0);
}

static void a_better_voter_is_asked_for_after_four_calm_beats(void **state)
{
    struct standby s;

    (void)state;
    start(&s);
    standby_see(&s, 2, 0, true, 0);

    assert_int_equal(first_due(&s, STANDBY_TRANSFER, 20 * BEAT), 4 * BEAT);
}

static void a_better_voter_must_have_been_fit_for_four_beats(void **state)
{
    struct standby s;
    uint32_t better[ELECTION_VOTERS_MAX];

    (void)state;
    start(&s);
    standby_see(&s, 2, 0, true, 0);
    standby_see(&s, 2, 0, false, 3 * BEAT);
    standby_see(&s, 2, 0, true, 10 * BEAT);

    assert_int_equal(standby_better(&s, better, 14 * BEAT - 1), 0);
    assert_int_equal(standby_better(&s, better, 14 * BEAT), 1);
    assert_int_equal(better[0], 2);
}

static void a_lesser_voter_is_never_asked_for(void **state)
{
    struct standby s;

    (void)state;
    start(&s);
    standby_see(&s, 0, 0, true, 0);
    standby_see(&s, 2, -1, true, 0);

    assert_int_equal(first_due(&s, STANDBY_TRANSFER, 40 * BEAT), -1);
}

static void the_best_of_several_comes_first(void **state)
{
    struct standby s;
    uint32_t better[ELECTION_VOTERS_MAX];

    (void)state;
    start(&s);
    standby_see(&s, 0, 7, true, 0);
    standby_see(&s, 2, 3, true, 0);

    assert_int_equal(standby_better(&s, better, 4 * BEAT), 2);
    assert_int_equal(better[0], 0);
    assert_int_equal(better[1], 2);
}

static void transfers_are_twenty_beats_apart(void **state)
{
    struct standby s;

    (void)state;
    start(&s);
    standby_see(&s, 2, 0, true, 0);
    assert_int_equal(first_due(&s, STANDBY_TRANSFER, 20 * BEAT), 4 * BEAT);

    standby_handed_over(&s, 4 * BEAT);

    assert_int_equal(first_due(&s, STANDBY_TRANSFER, 60 * BEAT), 24 * BEAT);
}

static void a_refused_transfer_is_tried_again_in_a_beat(void **state)
{
    struct standby s;

    (void)state;
    start(&s);
    standby_see(&s, 2, 0, true, 0);
    assert_int_equal(first_due(&s, STANDBY_TRANSFER, 20 * BEAT), 4 * BEAT);

    assert_int_equal(first_due(&s, STANDBY_TRANSFER, 20 * BEAT), 5 * BEAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_leader_tells_the_others_at_once_and_every_beat),
        cmocka_unit_test(a_new_epoch_is_told_at_once),
        cmocka_unit_test(who_does_not_lead_has_nothing_to_do),
        cmocka_unit_test(a_better_voter_is_asked_for_after_four_calm_beats),
        cmocka_unit_test(a_better_voter_must_have_been_fit_for_four_beats),
        cmocka_unit_test(a_lesser_voter_is_never_asked_for),
        cmocka_unit_test(the_best_of_several_comes_first),
        cmocka_unit_test(transfers_are_twenty_beats_apart),
        cmocka_unit_test(a_refused_transfer_is_tried_again_in_a_beat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
