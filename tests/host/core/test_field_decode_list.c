/* A list in place of an object is decoded as the object's first field. */
#include "host/core/field_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_short.h"

struct bench {
    struct field_arena arena;
    struct field_error error;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    if (!b)
        return -1;
    field_arena_init(&b->arena, 1 << 16);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    field_arena_release(&b->arena);
    free(b);
    return 0;
}

static void a_list_in_place_of_an_object_is_its_first_field(void **state)
{
    struct bench *b = *state;
    struct engines out;
    const struct engine *engines;

    assert_int_equal(field_decode(&short_table,
                                  RH_STR_LIT("{\"engines\":{\"a\":[\"x\",\"y\"],"
                                             "\"b\":{\"argv\":[\"z\"],\"level\":3}}}"),
                                  0, 0, &out, &b->arena, &b->error),
                     RH_OK);

    engines = out.engines.items;
    assert_int_equal(out.engines.count, 2);
    assert_true(rh_str_eq_c(engines[0].name, "a"));
    assert_true(rh_str_eq_c(engines[0].argv.items[1], "y"));
    assert_int_equal(engines[0].level, 7);
    assert_true(rh_str_eq_c(engines[1].argv.items[0], "z"));
    assert_int_equal(engines[1].level, 3);
}

static void what_is_wrong_in_a_short_object_is_told_by_its_field(void **state)
{
    struct bench *b = *state;
    struct engines out;

    assert_int_equal(field_decode(&short_table, RH_STR_LIT("{\"engines\":{\"a\":[\"x\",7]}}"), 0, 0,
                                  &out, &b->arena, &b->error),
                     RH_EINVAL);
    assert_string_equal(b->error.message, "\"engines.a.argv[1]\" must be a string");
    assert_int_equal(field_decode(&short_table, RH_STR_LIT("{\"engines\":{\"a\":7}}"), 0, 0, &out,
                                  &b->arena, &b->error),
                     RH_EINVAL);
    assert_string_equal(b->error.message, "\"engines.a\" must be an object");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_list_in_place_of_an_object_is_its_first_field),
        TEST(what_is_wrong_in_a_short_object_is_told_by_its_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
