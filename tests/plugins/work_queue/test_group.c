/* Groups: live counts, totals, and when they go. */
#include "work_queue_test.h"

#include "group.h"

static void a_group_lives_as_long_as_its_items(void **state)
{
    struct groups groups;
    struct group *a = NULL;
    struct group *b = NULL;

    (void)state;
    groups_init(&groups, 1);
    assert_int_equal(group_join(&groups, S("g"), ITEM_PENDING, &a), RH_OK);
    assert_int_equal(group_join(&groups, S("g"), ITEM_PENDING, &b), RH_OK);
    assert_ptr_equal(a, b);

    group_move(a, ITEM_PENDING, ITEM_LEASED);
    group_finish(a, ITEM_LEASED, ITEM_DONE);
    assert_int_equal(a->totals.finished[ITEM_DONE], 1);
    group_forget(&groups, a);
    assert_ptr_equal(group_find(&groups, S("g")), a);
    group_leave(&groups, a, ITEM_PENDING);

    assert_null(group_find(&groups, S("g")));
    groups_release(&groups);
}

static void loading_adds_to_what_was_counted_since(void **state)
{
    struct groups groups;
    struct group *g = NULL;
    const struct group_totals stored = {.added = 5, .finished = {[ITEM_DEAD] = 2}, .pruned = 1};

    (void)state;
    groups_init(&groups, 1);
    assert_int_equal(group_join(&groups, S("g"), ITEM_PENDING, &g), RH_OK);
    g->totals.added++;

    group_load(g, &stored);

    assert_int_equal(g->totals.added, 6);
    assert_int_equal(g->totals.finished[ITEM_DEAD], 2);
    assert_true(g->is_loaded);
    groups_release(&groups);
}

static void totals_come_back_and_broken_ones_are_refused(void **state)
{
    const struct group_totals totals = {
        .added = 1000, .finished = {[ITEM_DONE] = 1, [ITEM_CANCELLED] = 300}, .pruned = 2};
    struct group_totals out;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 100);
    group_encode(&totals, &buf);

    assert_int_equal(group_decode(rh_buf_str(&buf), &out), RH_OK);
    assert_memory_equal(&out, &totals, sizeof(out));
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(group_decode((struct rh_str){buf.p, n}, &out), RH_EINVAL);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_lives_as_long_as_its_items),
        cmocka_unit_test(loading_adds_to_what_was_counted_since),
        cmocka_unit_test(totals_come_back_and_broken_ones_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
