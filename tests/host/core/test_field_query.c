/* Queries fill structs by the same rules as JSON. */
#include "host/core/field_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_all.h"
#include "host/core/field_decode.h"

static void fills_scalars_and_lists(void **state)
{
    struct field_arena arena;
    struct all out;

    (void)state;
    field_arena_init(&arena, 4096);

    assert_int_equal(field_decode_query(
                         &all_table,
                         RH_STR_LIT("&node%5Fid=a+b%2fc%3D&max_items=7&seed=18446744073709551615&"
                                    "steal=0&wait=1s&boards=x,y%2Cz&&boards=w&boards=&ratio=1e-1"),
                         FIELD_STRICT, &out, &arena, NULL),
                     RH_OK);

    assert_true(rh_str_eq_c(out.node_id, "a b/c="));
    assert_int_equal(out.max_items, 7);
    assert_int_equal(out.max_items_given, 1);
    assert_true(out.seed == UINT64_MAX);
    assert_int_equal(out.steal, 0);
    assert_int_equal(out.wait, 1000);
    assert_true(out.ratio == 0.1);
    assert_int_equal(out.boards.count, 3);
    assert_true(rh_str_eq_c(out.boards.items[0], "x"));
    assert_true(rh_str_eq_c(out.boards.items[1], "y,z"));
    assert_true(rh_str_eq_c(out.boards.items[2], "w"));
    assert_true(rh_str_eq_c(out.kind, "quick"));
    assert_true(rh_str_eq_c(out.result, "{}"));
    field_arena_release(&arena);
}

static void refuses_with_parameter_and_rule(void **state)
{
    static const struct {
        const char *query; /* after node_id=a& */
        const char *message;
    } cases[] = {
        {"max_items=0", "\"max_items\" must be an integer in [1, 64]"},
        {"max_items=", "\"max_items\" must be an integer in [1, 64]"},
        {"max_items", "\"max_items\" must be an integer in [1, 64]"},
        {"max_items=1&max_items=1", "\"max_items\" is given twice"},
        {"kind=quik", "\"kind\" must be one of \"quick\", \"standard\", \"thorough\"; did you "
                      "mean \"quick\"?"},
        {"max_itemz=1", "\"max_itemz\" is not a parameter here; did you mean \"max_items\"?"},
        {"wait=15", "\"wait\" must be a duration (ns us ms s m h) in [100ms, 10m]"},
        {"payload=1", "\"payload\" cannot be given in a query"},
        {"gpu=1", "\"gpu\" cannot be given in a query"},
        {"kind=%zz", "\"kind\" is not percent-encoded UTF-8"},
        {"kind=%4", "\"kind\" is not percent-encoded UTF-8"},
        {"kind=%ff", "\"kind\" is not percent-encoded UTF-8"},
        {"kind=%00", "\"kind\" is not percent-encoded UTF-8"},
        {"boards=a,%80", "\"boards\" is not percent-encoded UTF-8"},
        {"%ff=1", "\"query\" has a name that is not percent-encoded UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct field_error error = {"", ""};
        struct field_arena arena;
        struct all out;
        char query[128] = "node_id=a&";

        assert_int_equal(rh_str_copy(query + 10, sizeof(query) - 10, rh_str_from(cases[i].query)),
                         RH_OK);
        field_arena_init(&arena, 4096);
        if (field_decode_query(&all_table, rh_str_from(query), FIELD_STRICT, &out, &arena,
                               &error) != RH_EINVAL ||
            strcmp(error.message, cases[i].message) != 0)
            fail_msg("%s gave %s", cases[i].query, error.message);
        assert_int_equal(out.node_id.n, 0);
        field_arena_release(&arena);
    }
}

static void required_parameters_must_be_there(void **state)
{
    struct field_error error;
    struct field_arena arena;
    struct all out;

    (void)state;
    field_arena_init(&arena, 4096);

    assert_int_equal(
        field_decode_query(&all_table, (struct rh_str){NULL, 0}, 0, &out, &arena, &error),
        RH_EINVAL);

    assert_string_equal(error.message, "\"node_id\" is required");
    field_arena_release(&arena);
}

static void unknown_parameters_are_ignored_unless_strict(void **state)
{
    struct field_arena arena;
    struct all out;

    (void)state;
    field_arena_init(&arena, 4096);
    assert_int_equal(
        field_decode_query(&all_table, RH_STR_LIT("x=1&node_id=a&y"), 0, &out, &arena, NULL),
        RH_OK);
    assert_int_equal(field_decode_query(&all_table, RH_STR_LIT("x=1&node_id=a&y"), FIELD_STRICT,
                                        &out, &arena, NULL),
                     RH_EINVAL);
    field_arena_release(&arena);
}

static void a_full_arena_is_told(void **state)
{
    struct field_error error;
    struct field_arena arena;
    struct all out;

    (void)state;
    field_arena_init(&arena, 9);
    assert_int_equal(
        field_decode_query(&all_table, RH_STR_LIT("node_id=abc"), 0, &out, &arena, &error),
        RH_ETOOLARGE);
    assert_string_equal(error.field, "node_id");
    field_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_scalars_and_lists),
        cmocka_unit_test(refuses_with_parameter_and_rule),
        cmocka_unit_test(required_parameters_must_be_there),
        cmocka_unit_test(unknown_parameters_are_ignored_unless_strict),
        cmocka_unit_test(a_full_arena_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
