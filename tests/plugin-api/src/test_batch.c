/* Tests of the batch builder. */
#include "fake_host.h"

static void pieces_arrive_in_order_with_their_bytes(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    char key[] = "k1";

    (void)state;

    rh_batch_begin(&batch, "votes");
    rh_batch_check(&batch, RH_STR_LIT("k0"), 7);
    rh_batch_put(&batch, rh_str_from(key), RH_STR_LIT("value"));
    key[1] = '9'; /* keys are copied */
    rh_batch_delete(&batch, RH_STR_LIT("k2"));
    rh_batch_delete_range(&batch, RH_STR_LIT("a"), RH_STR_LIT("b"));
    rh_batch_event(&batch, "WORK_FAILED", RH_STR_LIT("{\"a\":1}"));
    rh_batch_event_from(&batch, "MY_EVENT", RH_STR_LIT("{}"), "someone");
    int32_t rc = rh_batch_commit(&batch, &rh, NULL, NULL);

    assert_int_equal(rc, RH_OK);
    assert_string_equal(fake.name_space, "votes");
    assert_int_equal(fake.op_count, 4);
    assert_int_equal(fake.ops[0].op, RH_OP_CHECK);
    assert_int_equal(fake.ops[0].version, 7);
    assert_string_equal(fake.ops[1].key, "k1");
    assert_string_equal(fake.ops[1].value, "value");
    assert_int_equal(fake.ops[2].op, RH_OP_DELETE);
    assert_int_equal(fake.ops[3].op, RH_OP_DELETE_RANGE);
    assert_string_equal(fake.ops[3].value, "b");
    assert_int_equal(fake.event_count, 2);
    assert_string_equal(fake.event_types[0], "WORK_FAILED");
    assert_string_equal(fake.payloads[0], "{\"a\":1}");
    assert_string_equal(fake.sources[0], "");
    assert_string_equal(fake.event_types[1], "MY_EVENT");
    assert_string_equal(fake.sources[1], "someone");
    assert_int_equal(fake.flags, 0);
}

static void growth_does_not_move_what_was_added(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    static char large[100000];

    (void)state;
    memset(large, 'v', sizeof(large));

    rh_batch_begin(&batch, "n");
    for (int i = 0; i < 3; i++)
        rh_batch_put(&batch, RH_STR_LIT("early"), RH_STR_LIT("small"));
    for (uint32_t i = 0; i < 8; i++)
        rh_batch_check(&batch, (struct rh_str){large, 60}, i);
    int32_t rc = rh_batch_commit(&batch, &rh, NULL, NULL);

    assert_int_equal(rc, RH_OK);
    assert_string_equal(fake.ops[2].value, "small");
    assert_int_equal(strlen(fake.ops[7].key), 60);
}

static void done(void *self, void *user, int32_t rc, uint64_t revision)
{
    (void)self;
    (void)user;
    (void)rc;
    (void)revision;
}

static void an_empty_batch_is_submitted_only_for_its_callback(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;

    (void)state;

    rh_batch_begin(&batch, "n");
    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_OK);
    assert_int_equal(fake.commit_count, 0);
    assert_int_equal(rh_batch_commit(&batch, &rh, done, NULL), RH_OK);
    assert_int_equal(fake.commit_count, 1);
}

static void the_first_error_sticks_and_nothing_is_submitted(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    char key[RH_KEY_MAX + 1];

    (void)state;
    memset(key, 'k', sizeof(key));

    rh_batch_begin(&batch, "n");
    rh_batch_put(&batch, (struct rh_str){key, sizeof(key)}, RH_STR_LIT("v"));
    rh_batch_put(&batch, RH_STR_LIT("good"), RH_STR_LIT("v"));

    assert_int_equal(rh_batch_commit(&batch, &rh, done, NULL), RH_EINVAL);
    assert_int_equal(fake.commit_count, 0);
}

static void an_empty_key_is_refused(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;

    (void)state;

    rh_batch_begin(&batch, "n");
    rh_batch_put(&batch, RH_STR_LIT(""), RH_STR_LIT("v"));

    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_EINVAL);
}

static void more_operations_than_the_limit_are_too_large(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;

    (void)state;

    rh_batch_begin(&batch, "n");
    for (uint32_t i = 0; i <= RH_BATCH_OPS_MAX; i++)
        rh_batch_delete(&batch, RH_STR_LIT("k"));

    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_ETOOLARGE);
}

static void more_bytes_than_the_limit_are_too_large(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    static char value[RH_VALUE_MAX];

    (void)state;
    memset(value, 'v', sizeof(value));

    rh_batch_begin(&batch, "n");
    rh_batch_put(&batch, RH_STR_LIT("k"), (struct rh_str){value, sizeof(value)});

    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_ETOOLARGE);
}

static void lazy_and_the_hosts_refusal_pass_through(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;

    (void)state;
    fake.commit_rc = RH_EIO;

    rh_batch_begin(&batch, "n");
    rh_batch_lazy(&batch);
    rh_batch_delete(&batch, RH_STR_LIT("k"));

    assert_int_equal(rh_batch_commit(&batch, &rh, done, NULL), RH_EIO);
    assert_int_equal(fake.flags, RH_BATCH_LAZY);
}

static void each_failing_allocation_is_reported(void **state)
{
    uint32_t failures = 0;

    (void)state;

    for (int n = 0; n < 4; n++) {
        struct rh_services rh = fake_host();
        struct rh_batch_builder batch;

        allocations_left = n;
        rh_batch_begin(&batch, "n");
        rh_batch_put(&batch, RH_STR_LIT("k"), RH_STR_LIT("v"));
        rh_batch_event(&batch, "NODE_TEST", RH_STR_LIT("{}"));
        int32_t rc = rh_batch_commit(&batch, &rh, done, NULL);
        allocations_left = -1;
        failures += rc == RH_ENOMEM;
        assert_int_equal(fake.commit_count, rc == RH_OK);
    }

    assert_int_equal(failures, 3);
}

static void a_batch_that_is_filled_piece_by_piece_begins_once(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch = {.rc = RH_OK};

    (void)state;
    rh_batch_release(&batch);
    assert_false(rh_batch_is_begun(&batch));

    rh_batch_continue(&batch, "n");
    rh_batch_put(&batch, RH_STR_LIT("a"), RH_STR_LIT("1"));
    rh_batch_continue(&batch, "n");
    rh_batch_put(&batch, RH_STR_LIT("b"), RH_STR_LIT("2"));
    assert_true(rh_batch_is_begun(&batch));
    assert_int_equal(batch.op_count, 2);

    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_OK);
    assert_false(rh_batch_is_begun(&batch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_that_is_filled_piece_by_piece_begins_once),
        cmocka_unit_test(pieces_arrive_in_order_with_their_bytes),
        cmocka_unit_test(growth_does_not_move_what_was_added),
        cmocka_unit_test(an_empty_batch_is_submitted_only_for_its_callback),
        cmocka_unit_test(the_first_error_sticks_and_nothing_is_submitted),
        cmocka_unit_test(an_empty_key_is_refused),
        cmocka_unit_test(more_operations_than_the_limit_are_too_large),
        cmocka_unit_test(more_bytes_than_the_limit_are_too_large),
        cmocka_unit_test(lazy_and_the_hosts_refusal_pass_through),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
