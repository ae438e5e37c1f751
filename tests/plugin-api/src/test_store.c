/* Tests of rows by kind, id and number, in a host of one node with a real store. */
#include "store_test.h"

static void commit(struct keeper *keeper, struct rh_batch_builder *batch)
{
    assert_int_equal(rh_batch_commit(batch, &keeper->rh, NULL, NULL), RH_OK);
}

/* a0 .. a199 of kind 's' with two numbered rows of kind 'r' each, and one row of kind 't'. */
static void fill(struct keeper *keeper)
{
    struct rh_batch_builder batch;
    struct rh_key key;
    char id[8];

    rh_batch_begin(&batch, SPACE);
    for (uint32_t i = 0; i < 200; i++) {
        (void)snprintf(id, sizeof(id), "a%03u", i);
        rh_store_put_id(&batch, 's', rh_str_from(id), rh_str_from(id));
        for (uint32_t k = 0; k < 2; k++) {
            rh_store_key(&key, 'r', rh_str_from(id));
            (void)rh_key_u32(&key, k);
            rh_store_put(&batch, &key, RH_STR_LIT("x"));
        }
    }
    rh_store_put_id(&batch, 't', RH_STR_LIT("a001"), RH_STR_LIT("other"));
    commit(keeper, &batch);
}

static void look_at_rows(struct keeper *keeper)
{
    struct rh_value value;

    assert_int_equal(rh_store_get_id(&keeper->store, 's', RH_STR_LIT("a007"), &value), RH_OK);
    assert_true(value.found);
    assert_true(rh_str_eq_c(value.data, "a007"));
    assert_int_equal(rh_store_get_id(&keeper->store, 't', RH_STR_LIT("a007"), &value), RH_OK);
    assert_false(value.found);
}

static void a_row_is_found_by_kind_and_id(void **state)
{
    do_it(*state, fill);
    do_it(*state, look_at_rows);
}

static void list_ids(struct keeper *keeper)
{
    char ids[10][8];
    uint32_t count = 0;

    assert_int_equal(rh_store_ids(&keeper->store, 's', (struct rh_str){NULL, 0}, 0, 10, ids[0],
                                  sizeof(ids[0]), &count),
                     RH_OK);
    assert_int_equal(count, 10);
    assert_string_equal(ids[0], "a000");
    assert_int_equal(rh_store_ids(&keeper->store, 's', RH_STR_LIT("a009"), 0, 10, ids[0],
                                  sizeof(ids[0]), &count),
                     RH_OK);
    assert_string_equal(ids[0], "a010");
    assert_int_equal(rh_store_ids(&keeper->store, 's', (struct rh_str){NULL, 0}, RH_SCAN_REVERSE,
                                  10, ids[0], sizeof(ids[0]), &count),
                     RH_OK);
    assert_string_equal(ids[0], "a199");
    assert_int_equal(rh_store_ids(&keeper->store, 's', RH_STR_LIT("a002"), RH_SCAN_REVERSE, 10,
                                  ids[0], sizeof(ids[0]), &count),
                     RH_OK);
    assert_int_equal(count, 2);
    assert_string_equal(ids[0], "a001");
}

static void ids_come_page_by_page_in_either_direction(void **state)
{
    do_it(*state, fill);
    do_it(*state, list_ids);
}

static void count_kinds(struct keeper *keeper)
{
    uint32_t count = 0;

    assert_int_equal(rh_store_count(&keeper->store, 's', &count), RH_OK);
    assert_int_equal(count, 200);
    assert_int_equal(rh_store_count(&keeper->store, 'z', &count), RH_OK);
    assert_int_equal(count, 0);
    /* Keys with a number are of another form. */
    assert_int_equal(rh_store_count(&keeper->store, 'r', &count), RH_EIO);
}

static void rows_of_a_kind_are_counted(void **state)
{
    do_it(*state, fill);
    do_it(*state, count_kinds);
}

static void read_numbers(struct keeper *keeper)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_rows rows;
    char id[8];

    rh_store_range(&from, &to, 'r', RH_STR_LIT("a005"));
    assert_int_equal(rh_store_scan(&keeper->store, &from, &to, 0, 0, &rows), RH_OK);
    assert_int_equal(rows.count, 2);
    for (uint32_t i = 0; i < rows.count; i++) {
        uint32_t number = 9;

        assert_int_equal(rh_store_key_number(rh_store_row(&rows, i)->key, &number), RH_OK);
        assert_int_equal(number, i);
        assert_int_equal(
            rh_store_key_numbered(rh_store_row(&rows, i)->key, id, sizeof(id), &number), RH_OK);
        assert_string_equal(id, "a005");
    }
}

static void delete_some(struct keeper *keeper)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_store_delete_all(&batch, 'r', RH_STR_LIT("a005"));
    rh_store_delete_id(&batch, 's', RH_STR_LIT("a006"));
    commit(keeper, &batch);
}

static void look_at_the_rest(struct keeper *keeper)
{
    struct rh_key from;
    struct rh_key to;
    struct rh_rows rows;
    struct rh_value value;

    rh_store_range(&from, &to, 'r', RH_STR_LIT("a005"));
    assert_int_equal(rh_store_scan(&keeper->store, &from, &to, 0, 0, &rows), RH_OK);
    assert_int_equal(rows.count, 0);
    rh_store_range(&from, &to, 'r', RH_STR_LIT("a006"));
    assert_int_equal(rh_store_scan(&keeper->store, &from, &to, 0, 0, &rows), RH_OK);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rh_store_get_id(&keeper->store, 's', RH_STR_LIT("a006"), &value), RH_OK);
    assert_false(value.found);
}

static void numbered_rows_are_a_range_that_can_be_deleted(void **state)
{
    do_it(*state, fill);
    do_it(*state, read_numbers);
    do_it(*state, delete_some);
    do_it(*state, look_at_the_rest);
}

static bool is_odd(void *self, struct rh_str id)
{
    (void)self;
    return (id.p[id.n - 1] - '0') % 2 == 1;
}

static void forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    (void)self;
    rh_store_delete_id(batch, 's', id);
}

static uint32_t prune_to(struct keeper *keeper, int64_t keep_max, uint32_t most)
{
    const struct rh_store_limit limit = {'s', most, keep_max, is_odd, forget};
    struct rh_batch_builder batch;
    uint32_t kept = 200;

    rh_batch_begin(&batch, SPACE);
    rh_store_prune(&keeper->store, &limit, keeper, &batch, &kept);
    commit(keeper, &batch);
    return kept;
}

static void prune(struct keeper *keeper)
{
    assert_int_equal(prune_to(keeper, 201, 100), 200);
    assert_int_equal(prune_to(keeper, 198, 100), 197);
    assert_int_equal(prune_to(keeper, 1, 4), 196);
}

static void prune_all(struct keeper *keeper)
{
    assert_int_equal(prune_to(keeper, 1, 1000), 200 - 96); /* 100 even ones less the four */
}

static void the_oldest_that_are_not_live_make_room(void **state)
{
    do_it(*state, fill);
    do_it(*state, prune);
    do_it(*state, prune_all);
}

static void a_key_that_cannot_be_made_is_no_row_and_fails_a_batch(void **state)
{
    static char longest[RH_KEY_BYTES_MAX + 1];
    struct rh_batch_builder batch;
    struct rh_key key;

    (void)state;
    memset(longest, 'i', sizeof(longest));
    rh_store_key(&key, 's', (struct rh_str){longest, sizeof(longest)});
    assert_int_equal(key.rc, RH_ETOOLARGE);

    rh_batch_begin(&batch, SPACE);
    rh_store_put(&batch, &key, RH_STR_LIT("x"));
    assert_int_equal(batch.rc, RH_ETOOLARGE);
    rh_batch_release(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_row_is_found_by_kind_and_id, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_come_page_by_page_in_either_direction, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_of_a_kind_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(numbered_rows_are_a_range_that_can_be_deleted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_oldest_that_are_not_live_make_room, setup, teardown),
        cmocka_unit_test(a_key_that_cannot_be_made_is_no_row_and_fails_a_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
