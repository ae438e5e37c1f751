/* Values under way: seen at once, gone when settled, never older than the last write. */
#include "work_queue_test.h"

#include "overlay.h"

static bool has(const struct overlay *o, struct rh_str key, const char *expected)
{
    struct rh_str value = {NULL, 0};
    bool is_deleted = true;

    return overlay_get(o, key, &value, &is_deleted) && !is_deleted && rh_str_eq_c(value, expected);
}

static void a_write_is_seen_until_its_commit_is_settled(void **state)
{
    struct overlay o;

    (void)state;
    overlay_init(&o, 1);
    assert_int_equal(overlay_put(&o, S("k"), S("one"), 1), RH_OK);
    assert_int_equal(overlay_put(&o, S("l"), S("two"), 2), RH_OK);
    assert_true(has(&o, S("k"), "one"));

    overlay_settle(&o, 1);

    assert_false(has(&o, S("k"), "one"));
    assert_true(has(&o, S("l"), "two"));
    overlay_release(&o);
}

static void a_later_write_outlives_the_settling_of_an_earlier_one(void **state)
{
    struct overlay o;

    (void)state;
    overlay_init(&o, 1);
    overlay_put(&o, S("k"), S("one"), 1);
    overlay_put(&o, S("k"), S("two"), 2);

    overlay_settle(&o, 1);

    assert_true(has(&o, S("k"), "two"));
    overlay_release(&o);
}

static void a_deletion_hides_the_stored_value(void **state)
{
    struct rh_str value;
    struct overlay o;
    bool is_deleted = false;

    (void)state;
    overlay_init(&o, 1);
    overlay_put(&o, S("k"), S("one"), 1);
    overlay_delete(&o, S("k"), 1);

    assert_true(overlay_get(&o, S("k"), &value, &is_deleted));

    assert_true(is_deleted);
    overlay_release(&o);
}

static void undo_forgets_the_last_commit_only(void **state)
{
    struct overlay o;

    (void)state;
    overlay_init(&o, 1);
    overlay_put(&o, S("a"), S("1"), 1);
    overlay_put(&o, S("b"), S("2"), 2);
    overlay_put(&o, S("c"), S("3"), 2);

    overlay_undo(&o, 2);

    assert_true(has(&o, S("a"), "1"));
    assert_false(has(&o, S("b"), "2"));
    assert_false(has(&o, S("c"), "3"));
    overlay_release(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_is_seen_until_its_commit_is_settled),
        cmocka_unit_test(a_later_write_outlives_the_settling_of_an_earlier_one),
        cmocka_unit_test(a_deletion_hides_the_stored_value),
        cmocka_unit_test(undo_forgets_the_last_commit_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
