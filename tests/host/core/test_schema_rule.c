/* The rule about schema numbers, case by case and over all small numbers. */
#include "tests/host/core/cmocka_all.h"

#include "host/core/schema_rule.h"

#define MOST 5u

static void expect(struct schema_range range, uint32_t stored, uint32_t voters, uint32_t what,
                   uint32_t schema)
{
    const struct schema_verdict verdict = schema_decide(&range, stored, voters);

    assert_int_equal(verdict.what, what);
    assert_int_equal(verdict.schema, schema);
}

static void a_raise_waits_for_all_voters(void **state)
{
    const struct schema_range range = {1, 1, 2};

    (void)state;

    expect(range, 1, SCHEMA_ABLE, SCHEMA_RAISE, 2);
    expect(range, 1, SCHEMA_UNKNOWN, SCHEMA_USE, 1);
    expect(range, 1, SCHEMA_UNABLE, SCHEMA_USE, 1);
}

static void code_that_cannot_write_the_older_schema_waits(void **state)
{
    const struct schema_range range = {1, 2, 2};

    (void)state;

    expect(range, 1, SCHEMA_ABLE, SCHEMA_RAISE, 2);
    expect(range, 1, SCHEMA_UNKNOWN, SCHEMA_TOO_EARLY, 0);
    expect(range, 1, SCHEMA_UNABLE, SCHEMA_TOO_EARLY, 0);
}

static void what_is_outside_the_range_is_not_used(void **state)
{
    const struct schema_range range = {2, 2, 3};

    (void)state;

    expect(range, 1, SCHEMA_ABLE, SCHEMA_UNREADABLE, 0);
    expect(range, 4, SCHEMA_ABLE, SCHEMA_UNREADABLE, 0);
    expect(range, 3, SCHEMA_UNABLE, SCHEMA_USE, 3);
}

static void an_empty_namespace_begins_high_unless_somebody_objects(void **state)
{
    (void)state;

    expect((struct schema_range){1, 1, 3}, 0, SCHEMA_ABLE, SCHEMA_USE, 3);
    expect((struct schema_range){1, 1, 3}, 0, SCHEMA_UNKNOWN, SCHEMA_USE, 3);
    expect((struct schema_range){1, 1, 3}, 0, SCHEMA_UNABLE, SCHEMA_USE, 1);
    expect((struct schema_range){1, 3, 3}, 0, SCHEMA_UNABLE, SCHEMA_TOO_EARLY, 0);
}

/* Whatever the numbers: nothing but a raise with all voters leaves a stored schema, and what is to
 * be written can be read and written. */
static void no_numbers_break_the_rule(void **state)
{
    (void)state;

    for (uint32_t n = 0; n < MOST * MOST * MOST * (MOST + 2) * 3; n++) {
        const struct schema_range range = {1 + n % MOST, 1 + n / MOST % MOST,
                                           1 + n / MOST / MOST % MOST};
        const uint32_t stored = n / (MOST * MOST * MOST) % (MOST + 2);
        const uint32_t voters = n / (MOST * MOST * MOST * (MOST + 2));
        struct schema_verdict verdict;

        if (range.read_min > range.write_min || range.write_min > range.write)
            continue;
        verdict = schema_decide(&range, stored, voters);
        if (verdict.what == SCHEMA_RAISE)
            assert_int_equal(voters, SCHEMA_ABLE);
        else if (verdict.what == SCHEMA_USE && stored != 0)
            assert_int_equal(verdict.schema, stored);
        if (verdict.what == SCHEMA_USE || verdict.what == SCHEMA_RAISE)
            assert_true(schema_can_use(&range, verdict.schema));
        else
            assert_int_equal(verdict.schema, 0);
        assert_int_equal(verdict.what == SCHEMA_UNREADABLE,
                         stored != 0 && !schema_can_read(&range, stored));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_raise_waits_for_all_voters),
        cmocka_unit_test(code_that_cannot_write_the_older_schema_waits),
        cmocka_unit_test(what_is_outside_the_range_is_not_used),
        cmocka_unit_test(an_empty_namespace_begins_high_unless_somebody_objects),
        cmocka_unit_test(no_numbers_break_the_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
