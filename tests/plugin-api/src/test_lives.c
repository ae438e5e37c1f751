/* Tests of the things of a plugin that live: how they come and go. */
#include "lives_test.h"

static void make_two(struct keeper *keeper)
{
    (void)keeper;
    make("t1", "key-1", 7, 100);
    make("t2", "", 8, 100);
}

static void what_was_made_is_in_memory_and_counted(void **state)
{
    do_it(*state, make_two);

    assert_int_equal(own.lives.count, 2);
    assert_int_equal(own.lives.kept, 2);
    assert_int_equal(own.recorded, 2);
    assert_true(rh_lives_get(&own.lives, RH_STR_LIT("t1"))->serial <
                rh_lives_get(&own.lives, RH_STR_LIT("t2"))->serial);
    assert_null(rh_lives_get(&own.lives, RH_STR_LIT("t3")));
}

static void drop_and_load(struct keeper *keeper)
{
    (void)keeper;
    rh_lives_drop(&own.lives);
    assert_int_equal(own.open, 0);
    assert_int_equal(rh_lives_load(&own.lives), RH_OK);
}

static void end_first(struct keeper *keeper)
{
    (void)keeper;
    put_end(rh_lives_get(&own.lives, RH_STR_LIT("t1")));
}

static void only_what_lives_is_loaded_and_goes_on(void **state)
{
    const struct rh_live *live;

    do_it(*state, make_two);
    do_it(*state, end_first);
    do_it(*state, drop_and_load);

    live = rh_lives_get(&own.lives, RH_STR_LIT("t2"));
    assert_null(rh_lives_get(&own.lives, RH_STR_LIT("t1")));
    assert_int_equal(own.lives.kept, 2);
    assert_true(((const struct live_task *)live)->is_resumed);
    assert_int_equal(live->asked, 0);
}

static void load_broken(struct keeper *keeper)
{
    (void)keeper;
    rh_lives_drop(&own.lives);
    own.broken = "t2";
    assert_int_equal(rh_lives_load(&own.lives), RH_EIO);
}

static void nothing_is_in_memory_when_one_cannot_be_loaded(void **state)
{
    do_it(*state, make_two);

    do_it(*state, load_broken);

    assert_int_equal(own.lives.count, 0);
    assert_int_equal(own.open, 0);
}

static void load_damaged(struct keeper *keeper)
{
    (void)keeper;
    rh_lives_drop(&own.lives);
    own.damaged = "t1";
    assert_int_equal(rh_lives_load(&own.lives), RH_OK);
}

static void a_damaged_one_costs_itself_alone(void **state)
{
    struct world *world = *state;

    do_it(world, make_two);

    do_it(world, load_damaged);

    assert_null(rh_lives_get(&own.lives, RH_STR_LIT("t1")));
    assert_non_null(rh_lives_get(&own.lives, RH_STR_LIT("t2")));
    assert_int_equal(own.lives.kept, 2);
    assert_int_equal(rh_testhost_logged(world->host, "task=t1"), 1);
}

static void add_too_many(struct keeper *keeper)
{
    struct rh_live *live = NULL;

    (void)keeper;
    own.refused = "bad";
    assert_int_equal(rh_lives_add(&own.lives, task_new("bad", ""), &live), RH_EINVAL);
    for (uint32_t i = 0; i < TASKS_MAX; i++)
        assert_int_equal(rh_lives_add(&own.lives, task_new("t", ""), &live), RH_OK);
    assert_int_equal(rh_lives_add(&own.lives, task_new("t", ""), &live), RH_EFULL);
}

static void what_cannot_be_added_is_closed(void **state)
{
    do_it(*state, add_too_many);

    assert_int_equal(own.lives.count, TASKS_MAX);
    assert_int_equal(own.open, TASKS_MAX);
}

static void remove_middle(struct keeper *keeper)
{
    struct rh_live *live[3];

    (void)keeper;
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(rh_lives_add(&own.lives, task_new("t", ""), &live[i]), RH_OK);
    rh_lives_remove(&own.lives, live[1]);
    assert_ptr_equal(own.lives.live[0], live[0]);
    assert_ptr_equal(own.lives.live[1], live[2]);
}

static void removal_closes_one_and_keeps_the_order(void **state)
{
    do_it(*state, remove_middle);

    assert_int_equal(own.lives.count, 2);
    assert_int_equal(own.open, 2);
}

static void commit_twice(struct keeper *keeper)
{
    struct rh_live *live = make("t1", "", 7, 100);

    (void)keeper;
    put_end(live);
    assert_int_equal(live->unrecorded, 2);
}

static void a_thing_comes_back_once_all_of_it_is_recorded(void **state)
{
    do_it(*state, commit_twice);

    assert_int_equal(own.recorded, 1);
    assert_int_equal(own.lives.live[0]->unrecorded, 0);
}

static void commit_and_drop(struct keeper *keeper)
{
    (void)keeper;
    make("t1", "", 7, 100);
    rh_lives_drop(&own.lives);
}

static void a_commit_of_what_is_gone_gives_nothing_back(void **state)
{
    do_it(*state, commit_and_drop);

    assert_int_equal(own.recorded, 0);
}

static void commit_too_much(struct keeper *keeper)
{
    struct rh_batch_builder batch;

    (void)keeper;
    rh_batch_begin(&batch, SPACE);
    batch.rc = RH_ETOOLARGE;
    rh_lives_commit(&own.lives, &batch, NULL, task_on_recorded);
}

static void a_batch_that_cannot_be_submitted_is_named_in_the_log(void **state)
{
    struct world *world = *state;

    do_it(world, commit_too_much);

    assert_int_equal(rh_testhost_logged(world->host, "commit_refused code=-"), 1);
}

static void make_a_fourth_of_three(struct keeper *keeper)
{
    (void)keeper;
    own.needed = "t2";
    for (uint32_t i = 0; i < 3; i++) {
        put_end(own.lives.live[0]);
        rh_lives_remove(&own.lives, own.lives.live[0]);
    }
    make("t4", "", 9, 3);
}

static void make_three(struct keeper *keeper)
{
    make_two(keeper);
    make("t3", "", 8, 100);
}

static void look_who_is_left(struct keeper *keeper)
{
    char ids[TASKS_MAX][8];
    uint32_t count = 0;

    assert_int_equal(rh_store_ids(&keeper->store, 's', (struct rh_str){NULL, 0}, 0, TASKS_MAX,
                                  ids[0], sizeof(ids[0]), &count),
                     RH_OK);
    assert_int_equal(count, 3);
    assert_string_equal(ids[0], "t2");
    assert_string_equal(ids[1], "t3");
    assert_string_equal(ids[2], "t4");
}

static void a_new_one_pushes_out_the_oldest_that_nobody_needs(void **state)
{
    do_it(*state, make_three);

    do_it(*state, make_a_fourth_of_three);

    assert_int_equal(own.lives.kept, 3);
    do_it(*state, look_who_is_left);
}

static void find_requests(struct keeper *keeper)
{
    const struct rh_request_key same = {.key = RH_STR_LIT("key-1"), .asked = 7};
    const struct rh_request_key other = {.key = RH_STR_LIT("key-1"), .asked = 70};
    const struct rh_request_key fresh = {.key = RH_STR_LIT("key-2"), .asked = 7};
    char id[RH_STORE_ID_SIZE];

    (void)keeper;
    assert_int_equal(rh_lives_find_request(&own.lives, &same, id), RH_OK);
    assert_string_equal(id, "t1");
    assert_int_equal(rh_lives_find_request(&own.lives, &other, id), RH_ECONFLICT);
    assert_int_equal(rh_lives_find_request(&own.lives, &fresh, id), RH_ENOTFOUND);
}

static void make_and_find_requests(struct keeper *keeper)
{
    make_two(keeper);
    find_requests(keeper); /* the store does not show them yet */
}

static void a_request_is_known_before_and_after_it_is_recorded(void **state)
{
    do_it(*state, make_and_find_requests);

    do_it(*state, drop_and_load);
    do_it(*state, find_requests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_made_is_in_memory_and_counted, begin, end),
        cmocka_unit_test_setup_teardown(only_what_lives_is_loaded_and_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_one_costs_itself_alone, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_in_memory_when_one_cannot_be_loaded, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_added_is_closed, begin, end),
        cmocka_unit_test_setup_teardown(removal_closes_one_and_keeps_the_order, begin, end),
        cmocka_unit_test_setup_teardown(a_thing_comes_back_once_all_of_it_is_recorded, begin, end),
        cmocka_unit_test_setup_teardown(a_commit_of_what_is_gone_gives_nothing_back, begin, end),
        cmocka_unit_test_setup_teardown(a_batch_that_cannot_be_submitted_is_named_in_the_log, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_new_one_pushes_out_the_oldest_that_nobody_needs, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_request_is_known_before_and_after_it_is_recorded, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
