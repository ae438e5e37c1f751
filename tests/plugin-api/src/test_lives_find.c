/* Tests of the things of a plugin that live: found and listed. */
#include "lives_test.h"

static void make_three(struct keeper *keeper)
{
    (void)keeper;
    make("t1", "", 7, 100);
    make("t2", "", 7, 100);
    make("t3", "", 7, 100);
}

/* t1 has ended, and the store alone has it. */
static void end_first(struct keeper *keeper)
{
    (void)keeper;
    put_end(own.lives.live[0]);
    rh_lives_remove(&own.lives, own.lives.live[0]);
}

static void find_both(struct keeper *keeper)
{
    struct rh_found found;

    (void)keeper;
    assert_int_equal(rh_lives_find(&own.lives, RH_STR_LIT("t2"), &found), RH_OK);
    assert_ptr_equal(found.thing, found.live->thing);
    rh_lives_release(&own.lives, &found);
    assert_int_equal(own.open, 2);

    assert_int_equal(rh_lives_find(&own.lives, RH_STR_LIT("t1"), &found), RH_OK);
    assert_null(found.live);
    assert_string_equal(((struct task *)found.thing)->id, "t1");
    assert_int_equal(own.open, 3);
    rh_lives_release(&own.lives, &found);
    assert_int_equal(own.open, 2);
}

static void one_is_found_in_memory_or_in_the_store(void **state)
{
    do_it(*state, make_three);
    do_it(*state, end_first);

    do_it(*state, find_both);
}

static int32_t find_none(struct keeper *keeper, rh_req req)
{
    struct rh_found found;

    (void)keeper;
    (void)req;
    return rh_lives_find(&own.lives, RH_STR_LIT("t9"), &found);
}

static void one_that_is_nowhere_is_named(void **state)
{
    struct world *world = *state;

    answer(world, find_none, 404);

    assert_non_null(strstr(world->reply.body, "no task \\\"t9\\\""));
}

static int32_t find_newest(struct keeper *keeper, rh_req req)
{
    struct rh_found found;
    const int32_t rc = rh_lives_find_or_newest(&own.lives, RH_STR_LIT(""), &found);

    if (rc != RH_OK)
        return rc;
    assert_string_equal(((struct task *)found.thing)->id, own.needed);
    rh_lives_release(&own.lives, &found);
    return rh_reply_ok(&keeper->rh, req);
}

static int32_t find_newest_of_memory(struct keeper *keeper, rh_req req)
{
    make("t4", "", 7, 100); /* which the store does not show yet */
    own.needed = "t4";
    return find_newest(keeper, req);
}

static void drop(struct keeper *keeper)
{
    (void)keeper;
    rh_lives_drop(&own.lives);
    own.needed = "t4";
}

static void the_newest_may_be_in_memory_alone(void **state)
{
    answer(*state, find_newest, 404);
    do_it(*state, make_three);

    answer(*state, find_newest_of_memory, 200);
    do_it(*state, drop);
    answer(*state, find_newest, 200);
}

static void go_through(struct keeper *keeper)
{
    struct rh_found found = {NULL, NULL};
    const void *first;

    (void)keeper;
    assert_int_equal(rh_lives_find_next(&own.lives, RH_STR_LIT("t1"), &found), RH_OK);
    first = found.thing;
    assert_true(((const struct task *)first)->is_head);
    assert_int_equal(rh_lives_find_next(&own.lives, RH_STR_LIT("t1"), &found), RH_OK);
    assert_ptr_equal(found.thing, first);
    assert_int_equal(rh_lives_find_next(&own.lives, RH_STR_LIT("t2"), &found), RH_OK);
    assert_non_null(found.live);
    assert_int_equal(own.open, 2);
    assert_int_equal(rh_lives_find_next(&own.lives, RH_STR_LIT("t9"), &found), RH_ENOTFOUND);
    assert_null(found.thing);
    rh_lives_release(&own.lives, &found);
}

static void going_through_opens_each_once(void **state)
{
    do_it(*state, make_three);
    do_it(*state, end_first);

    do_it(*state, go_through);
}

static void keep_first(struct keeper *keeper)
{
    struct rh_found found;

    (void)keeper;
    assert_int_equal(rh_lives_find(&own.lives, RH_STR_LIT("t1"), &found), RH_OK);
    assert_int_equal(rh_lives_keep(&own.lives, &found), RH_OK);
    assert_ptr_equal(rh_lives_get(&own.lives, RH_STR_LIT("t1")), found.live);
    rh_lives_release(&own.lives, &found);
}

static void keep_refused(struct keeper *keeper)
{
    struct rh_found found;

    (void)keeper;
    own.refused = "t1";
    assert_int_equal(rh_lives_find(&own.lives, RH_STR_LIT("t1"), &found), RH_OK);
    assert_int_equal(rh_lives_keep(&own.lives, &found), RH_EINVAL);
    assert_null(found.thing);
}

static void one_of_the_store_can_be_kept_in_memory(void **state)
{
    do_it(*state, make_three);
    do_it(*state, end_first);
    do_it(*state, keep_refused);
    assert_int_equal(own.open, 2);
    own.refused = NULL;

    do_it(*state, keep_first);

    assert_int_equal(own.lives.count, 3);
    assert_int_equal(own.open, 3);
}

static struct rh_lives_list asked;

static int32_t list(struct keeper *keeper, rh_req req)
{
    (void)keeper;
    return rh_lives_reply_list(&own.lives, req, &asked);
}

static void a_list_begins_with_the_newest_and_goes_on_where_it_ended(void **state)
{
    struct world *world = *state;

    do_it(world, make_three);
    do_it(world, end_first);
    asked = (struct rh_lives_list){.limit = 2};
    answer(world, list, 200);
    assert_string_equal(world->reply.body,
                        "{\"tasks\":[{\"id\":\"t3\",\"head\":false},{\"id\":\"t2\",\"head\":"
                        "false}],\"next\":\"t2\"}");

    asked.before = RH_STR_LIT("t2");
    answer(world, list, 200);
    assert_string_equal(world->reply.body,
                        "{\"tasks\":[{\"id\":\"t1\",\"head\":true}],\"next\":null}");
}

static void a_list_that_cannot_be_read_is_refused(void **state)
{
    struct world *world = *state;

    do_it(world, make_three);
    do_it(world, end_first);
    own.broken = "t1";
    asked = (struct rh_lives_list){.limit = 200};

    answer(world, list, 503);

    assert_non_null(strstr(world->reply.body, "t1\\\" cannot be read"));
    assert_int_equal(rh_testhost_logged(world->host, "records_damaged"), 0);
}

static void a_damaged_one_is_left_out_of_the_list(void **state)
{
    struct world *world = *state;

    do_it(world, make_three);
    do_it(world, end_first);
    own.damaged = "t1";
    asked = (struct rh_lives_list){.limit = 2, .before = RH_STR_LIT("t3")};

    answer(world, list, 200);

    assert_string_equal(world->reply.body,
                        "{\"tasks\":[{\"id\":\"t2\",\"head\":false}],\"next\":\"t1\"}");
    assert_int_equal(rh_testhost_logged(world->host, "records_damaged"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_is_found_in_memory_or_in_the_store, begin, end),
        cmocka_unit_test_setup_teardown(one_that_is_nowhere_is_named, begin, end),
        cmocka_unit_test_setup_teardown(the_newest_may_be_in_memory_alone, begin, end),
        cmocka_unit_test_setup_teardown(going_through_opens_each_once, begin, end),
        cmocka_unit_test_setup_teardown(one_of_the_store_can_be_kept_in_memory, begin, end),
        cmocka_unit_test_setup_teardown(a_list_begins_with_the_newest_and_goes_on_where_it_ended,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_list_that_cannot_be_read_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_one_is_left_out_of_the_list, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
