/* Tests of rows of games that wait for the ratings, in a host of one node with a real store. */
#include "store_test.h"

#include <ringhost/sdk/rated_rows.h>

#define KIND 'u'

/* What is found; one test at a time. */
static struct {
    const char *broken[2]; /* ids that cannot be read */
    uint32_t shown;
    char written[32768]; /* "id/number:value " */
    struct rh_rated_rows rows;
} now;

static int begin(void **state)
{
    memset(&now, 0, sizeof(now));
    return setup(state);
}

static void put(struct keeper *keeper, const char *id, uint32_t first, uint32_t count)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    for (uint32_t i = first; i < first + count; i++)
        rh_rated_rows_put(&batch, KIND, rh_str_from(id), i, RH_STR_LIT("v"));
    assert_int_equal(rh_batch_commit(&batch, &keeper->rh, NULL, NULL), RH_OK);
}

static void fill(struct keeper *keeper)
{
    put(keeper, "a", 0, 2);
    put(keeper, "b", 0, 500); /* more than a page, and broken in some tests */
    put(keeper, "c", 7, 1);
}

static enum rh_rated_take show(void *user, const struct rh_rated_row *row)
{
    const size_t n = strlen(now.written);

    (void)user;
    now.shown++;
    for (size_t i = 0; i < 2; i++) {
        if (now.broken[i] && strcmp(now.broken[i], row->id) == 0)
            return RH_RATED_BROKEN;
    }
    if (row->number == 1)
        return RH_RATED_LEFT_OUT;
    snprintf(now.written + n, sizeof(now.written) - n, "%s/%u:%.*s ", row->id, row->number,
             (int)row->value_size, row->value);
    return RH_RATED_WRITTEN;
}

static void collect(struct keeper *keeper)
{
    now.shown = 0;
    now.written[0] = '\0';
    rh_rated_rows_collect(&now.rows, &keeper->store, KIND, RH_RATED_PAGE_MAX, "thing", show, NULL);
}

static void take(struct keeper *keeper)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_rated_rows_delete(&now.rows, KIND, &batch);
    assert_int_equal(rh_batch_commit(&batch, &keeper->rh, NULL, NULL), RH_OK);
}

static void look(struct keeper *keeper)
{
    assert_true(rh_rated_rows_wait(&keeper->store, KIND, RH_STR_LIT("a")));
    assert_true(rh_rated_rows_wait(&keeper->store, KIND, RH_STR_LIT("c")));
    assert_false(rh_rated_rows_wait(&keeper->store, KIND, RH_STR_LIT("x")));
}

static void look_again(struct keeper *keeper)
{
    assert_true(rh_rated_rows_wait(&keeper->store, KIND, RH_STR_LIT("a"))); /* a/1 was left out */
    assert_false(rh_rated_rows_wait(&keeper->store, KIND, RH_STR_LIT("c")));
}

static void put_too_much(struct keeper *keeper)
{
    char value[RH_RATED_VALUE_MAX + 1] = {0};
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_rated_rows_put(&batch, KIND, RH_STR_LIT("a"), 0, (struct rh_str){value, sizeof(value)});
    assert_int_equal(rh_batch_commit(&batch, &keeper->rh, NULL, NULL), RH_ETOOLARGE);
}

static void rows_are_shown_in_order_and_deleted_once_taken(void **state)
{
    struct world *world = *state;

    now.broken[0] = "b";
    do_it(world, fill);
    do_it(world, look);
    do_it(world, collect);
    assert_string_equal(now.written, "a/0:v c/7:v ");
    do_it(world, take);
    do_it(world, collect);

    assert_string_equal(now.written, "");
    do_it(world, look_again);
    do_it(world, put_too_much);
}

static void a_broken_thing_holds_up_nothing_and_is_named_once(void **state)
{
    struct world *world = *state;

    now.broken[0] = "b";
    do_it(world, fill);
    do_it(world, collect);
    assert_true(now.shown < 10); /* its 500 rows are passed over at once */
    do_it(world, collect);

    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=b"), 1);
    now.broken[1] = "a";
    do_it(world, collect);
    assert_string_equal(now.written, "c/7:v ");
    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=a"), 1);
    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=b"), 1);
}

static void what_is_mended_is_told_and_named_again_when_it_breaks(void **state)
{
    struct world *world = *state;

    now.broken[0] = "b";
    do_it(world, fill);
    do_it(world, collect);
    now.broken[0] = NULL;
    do_it(world, collect);
    assert_non_null(strstr(now.written, "b/0:v"));
    assert_null(strstr(now.written, "b/1:v"));
    now.broken[0] = "b";
    do_it(world, collect);

    assert_int_equal(rh_testhost_logged(world->host, "unrated_unreadable thing=b"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_shown_in_order_and_deleted_once_taken, begin,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_broken_thing_holds_up_nothing_and_is_named_once, begin,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_mended_is_told_and_named_again_when_it_breaks,
                                        begin, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
