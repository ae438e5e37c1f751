/* Tests of stored records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/record.h"

static struct letter make(void)
{
    return (struct letter){.id = RH_STR_LIT("work:7:0"),
                           .type = RH_STR_LIT("WORK_COMPLETED"),
                           .source = RH_STR_LIT("work_queue"),
                           .node_id = RH_STR_LIT("n1"),
                           .payload = RH_STR_LIT("{\"a\":1}"),
                           .at_ms = INT64_C(1800000000000),
                           .position = UINT64_MAX,
                           .is_cluster = true};
}

static void assert_same(const struct letter *a, const struct letter *b)
{
    assert_true(rh_str_eq(a->id, b->id));
    assert_true(rh_str_eq(a->type, b->type));
    assert_true(rh_str_eq(a->source, b->source));
    assert_true(rh_str_eq(a->node_id, b->node_id));
    assert_true(rh_str_eq(a->payload, b->payload));
    assert_int_equal(a->at_ms, b->at_ms);
    assert_true(a->position == b->position);
    assert_int_equal(a->is_cluster, b->is_cluster);
}

static void a_cursor_is_read_as_it_was_written(void **state)
{
    const struct cursor cursor = {1, 2, 3, 4, UINT64_MAX};
    struct cursor got = {0};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    record_put_cursor(&buf, &cursor);

    assert_int_equal(record_get_cursor(rh_buf_str(&buf), &got), RH_OK);

    assert_memory_equal(&got, &cursor, sizeof got);
    rh_buf_release(&buf);
}

static void a_letter_is_read_as_it_was_written(void **state)
{
    const struct letter letter = make();
    struct letter got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    record_put_letter(&buf, &letter);

    assert_int_equal(record_get_letter(rh_buf_str(&buf), &got), RH_OK);

    assert_same(&got, &letter);
    rh_buf_release(&buf);
}

static void a_dead_letter_is_read_as_it_was_written(void **state)
{
    const struct dead dead = {
        .letter = make(), .error = RH_STR_LIT("HTTP 400"), .attempts = 3, .dead_at_ms = 12345};
    struct dead got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    record_put_dead(&buf, &dead);

    assert_int_equal(record_get_dead(rh_buf_str(&buf), &got), RH_OK);

    assert_same(&got.letter, &dead.letter);
    assert_true(rh_str_eq(got.error, dead.error));
    assert_int_equal(got.attempts, 3);
    assert_int_equal(got.dead_at_ms, 12345);
    rh_buf_release(&buf);
}

static void what_is_cut_or_longer_or_of_another_version_is_refused(void **state)
{
    const struct dead dead = {.letter = make(), .error = RH_STR_LIT("x"), .attempts = 1};
    struct dead got;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RECORD_BYTES_MAX);
    record_put_dead(&buf, &dead);

    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(record_get_dead((struct rh_str){buf.p, n}, &got), RH_EINVAL);
    assert_int_equal(rh_buf_append_byte(&buf, 0), RH_OK);
    assert_int_equal(record_get_dead(rh_buf_str(&buf), &got), RH_EINVAL);
    buf.p[0] = 2;
    assert_int_equal(record_get_dead((struct rh_str){buf.p, buf.n - 1}, &got), RH_EINVAL);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_is_read_as_it_was_written),
        cmocka_unit_test(a_letter_is_read_as_it_was_written),
        cmocka_unit_test(a_dead_letter_is_read_as_it_was_written),
        cmocka_unit_test(what_is_cut_or_longer_or_of_another_version_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
