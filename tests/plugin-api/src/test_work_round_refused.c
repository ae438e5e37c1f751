/* Tests of the owner's side of work items: what the queue refuses, for now and for good. */
#include "work_round_test.h"

static void a_refusing_queue_is_named_and_asked_again(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    fake.refuse_adds = 2;

    rh_testnet_run(world.net, ROUNDS_MS);
    assert_non_null(strstr(kept.problem, "POST /work/add"));
    assert_non_null(strstr(kept.problem, "the queue is full"));
    assert_int_equal(fake.count, 0);

    rh_testnet_run(world.net, LONG_MS);
    assert_string_equal(kept.problem, "");
    assert_int_equal(fake.count, 5);
    rh_testnet_free(world.net);
}

static uint32_t count_warnings(const struct world *world)
{
    return rh_testhost_logged(world->host, "warn  n1 test.owner queue_refused");
}

static void a_queue_that_is_away_is_a_warning_once_it_stays_away(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    fake.absent_adds = 2;
    rh_testnet_run(world.net, LONG_MS);
    assert_int_equal(fake.count, 5);
    assert_true(rh_testhost_logged(world.host, "queue_refused") > 0);
    assert_int_equal(count_warnings(&world), 0);
    rh_testnet_free(world.net);

    set_up(&world, 5);
    fake.absent_adds = 1000;
    rh_testnet_run(world.net, INT64_C(300000));
    assert_int_equal(count_warnings(&world), 1);
    rh_testnet_free(world.net);
}

static void refusals_for_the_time_being_come_less_and_less_often(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    fake.refuse_adds = UINT32_MAX;

    rh_testnet_run(world.net, 100000);

    assert_in_range(fake.adds, 5, 6); /* after 0, 5, 15, 35 and 75 s */
    assert_int_equal(kept.refusals, 0);
    rh_testnet_free(world.net);
}

static void a_refusal_for_good_is_the_owners_once_in_the_queues_own_words(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    fake.bad = "\"priority\" must be an integer in [0, 100]";

    rh_testnet_run(world.net, LONG_MS);

    assert_int_equal(kept.refusals, 1);
    assert_string_equal(kept.why, fake.bad);
    assert_int_equal(fake.adds, 1);
    assert_true(kept.is_settled);
    rh_testnet_free(world.net);
}

static void an_owner_may_leave_when_it_is_refused(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 60);
    kept.is_leaving = true;
    rh_testnet_run(world.net, ROUNDS_MS);
    fake.count = 3;
    fake.bad = "no";

    command(&world, "/owner/sweep");
    rh_testnet_run(world.net, LONG_MS);

    assert_int_equal(kept.refusals, 1);
    assert_int_equal(fake.adds, 4);
    rh_testnet_free(world.net);
}

/* What asks for more items reads nothing before it adds them. */
static void an_owner_may_leave_when_it_is_refused_more(void **state)
{
    struct world world;

    (void)state;
    set_up(&world, 5);
    kept.is_leaving = true;
    rh_testnet_run(world.net, ROUNDS_MS);
    kept.wanted_count = 10;
    fake.bad = "no";

    command(&world, "/owner/more");
    rh_testnet_run(world.net, LONG_MS);

    assert_int_equal(kept.refusals, 1);
    rh_testnet_free(world.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusing_queue_is_named_and_asked_again),
        cmocka_unit_test(a_queue_that_is_away_is_a_warning_once_it_stays_away),
        cmocka_unit_test(refusals_for_the_time_being_come_less_and_less_often),
        cmocka_unit_test(a_refusal_for_good_is_the_owners_once_in_the_queues_own_words),
        cmocka_unit_test(an_owner_may_leave_when_it_is_refused),
        cmocka_unit_test(an_owner_may_leave_when_it_is_refused_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
