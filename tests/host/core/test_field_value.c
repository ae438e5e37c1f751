/* Rules of values, reading of tables and defaults. */
#include "host/core/field_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_all.h"

static const struct rh_field *row(const char *name)
{
    uint32_t i = field_find(&all_table, rh_str_from(name), 0);

    assert_true(i < all_table.count);
    return &all_fields[i];
}

static void finds_fields_whatever_the_guess(void **state)
{
    (void)state;
    for (uint32_t guess = 0; guess < all_table.count + 2; guess++) {
        for (uint32_t i = 0; i < all_table.count; i++)
            assert_int_equal(field_find(&all_table, rh_str_from(all_fields[i].name), guess), i);
        assert_int_equal(field_find(&all_table, RH_STR_LIT("max_item"), guess), all_table.count);
        assert_int_equal(field_find(&all_table, RH_STR_LIT("max_items2"), guess), all_table.count);
        assert_int_equal(field_find(&all_table, RH_STR_LIT(""), guess), all_table.count);
    }
}

static void text_sets_each_scalar_and_nothing_on_failure(void **state)
{
    static const struct {
        const char *name;
        const char *good;
        const char *bad;
    } cases[] = {
        {"node_id", "n1", NULL},   {"kind", "standard", "fast"}, {"max_items", "64", "065"},
        {"seed", "7", "-7"},       {"ratio", "1", "1.01"},       {"steal", "false", "no"},
        {"wait", "100ms", "99ms"}, {"space", "1GiB", "2GiB"},    {"blob", "Zg==", "Zh=="},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct field_arena arena;
        struct all out;
        struct all before;

        field_arena_init(&arena, 1000);
        memset(&out, 0, sizeof(out));
        before = out;
        if (cases[i].bad) {
            assert_int_equal(
                field_set_text(row(cases[i].name), rh_str_from(cases[i].bad), &out, &arena),
                RH_EINVAL);
            assert_memory_equal(&out, &before, sizeof(out));
        }
        out.steal = 1;
        before = out;
        assert_int_equal(
            field_set_text(row(cases[i].name), rh_str_from(cases[i].good), &out, &arena), RH_OK);
        assert_memory_not_equal(&out, &before, sizeof(out));
        field_arena_release(&arena);
    }
}

static void strings_keep_their_length_limits(void **state)
{
    struct rh_field field = RH_TEXT(struct all, node_id, 0, 3, "short");

    (void)state;
    field.min = 2;
    assert_false(field_bytes_ok(&field, RH_STR_LIT("a")));
    assert_true(field_bytes_ok(&field, RH_STR_LIT("ab")));
    assert_true(field_bytes_ok(&field, RH_STR_LIT("abc")));
    assert_false(field_bytes_ok(&field, RH_STR_LIT("abcd")));
}

static void a_choice_is_a_whole_word(void **state)
{
    const struct rh_field *kind = row("kind");

    (void)state;
    assert_true(field_bytes_ok(kind, RH_STR_LIT("quick")));
    assert_true(field_bytes_ok(kind, RH_STR_LIT("thorough")));
    assert_false(field_bytes_ok(kind, RH_STR_LIT("quic")));
    assert_false(field_bytes_ok(kind, RH_STR_LIT("quick standard")));
    assert_false(field_bytes_ok(kind, RH_STR_LIT("")));
}

static void an_int_without_limits_has_53_bits(void **state)
{
    struct rh_field field = RH_INT(struct all, max_items, 0, 0, 0, "free");

    (void)state;
    assert_true(field_int_ok(&field, FIELD_INT_MAX));
    assert_true(field_int_ok(&field, -FIELD_INT_MAX));
    assert_false(field_int_ok(&field, FIELD_INT_MAX + 1));
    assert_false(field_int_ok(&field, -FIELD_INT_MAX - 1));
}

static void defaults_fill_the_struct_and_those_inside(void **state)
{
    struct field_arena arena;
    struct all out;

    (void)state;
    field_arena_init(&arena, 1000);
    memset(&out, 0xff, sizeof(out));

    assert_int_equal(field_default(&all_table, &out, &arena), RH_OK);

    assert_int_equal(out.node_id.n, 0);
    assert_true(rh_str_eq_c(out.kind, "quick"));
    assert_int_equal(out.wait, 15000);
    assert_int_equal(out.gpu.count, 1);
    assert_int_equal(out.hosts.count, 0);
    assert_int_equal(out.max_items_given, 0);
    assert_true(rh_str_eq_c(out.result, "{}"));
    field_arena_release(&arena);
}

static void a_default_list_is_split_at_spaces(void **state)
{
    struct rh_field field = RH_STR_LIST(struct all, boards, 0, "boards");
    struct rh_fields table = {&field, 1, sizeof(field), sizeof(struct all), 0};
    struct field_arena arena;
    struct all out;

    (void)state;
    field.fallback = "hex8 go9";
    field_arena_init(&arena, 1000);

    assert_int_equal(field_default(&table, &out, &arena), RH_OK);

    assert_int_equal(out.boards.count, 2);
    assert_true(rh_str_eq_c(out.boards.items[0], "hex8"));
    assert_true(rh_str_eq_c(out.boards.items[1], "go9"));
    field_arena_release(&arena);
    field_arena_init(&arena, 8);
    assert_int_equal(field_default(&table, &out, &arena), RH_ETOOLARGE);
    field_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_fields_whatever_the_guess),
        cmocka_unit_test(text_sets_each_scalar_and_nothing_on_failure),
        cmocka_unit_test(strings_keep_their_length_limits),
        cmocka_unit_test(a_choice_is_a_whole_word),
        cmocka_unit_test(an_int_without_limits_has_53_bits),
        cmocka_unit_test(defaults_fill_the_struct_and_those_inside),
        cmocka_unit_test(a_default_list_is_split_at_spaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
