/* Rules, suggestions and paths read as sentences and never overflow. */
#include "host/core/field_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_all.h"

static void assert_rule(struct rh_field field, uint32_t notation, const char *want)
{
    char rule[FIELD_RULE_SIZE];

    field_rule(&field, notation, rule);
    assert_string_equal(rule, want);
}

static void rules_name_type_and_limits(void **state)
{
    struct rh_field exact = RH_STR_LIST(struct all, boards, 0, "boards");
    struct rh_field some = RH_STR_LIST(struct all, boards, 0, "boards");
    struct rh_field wide = RH_NUMBER(struct all, ratio, 0, -1.5, 2.5, "ratio");

    (void)state;
    exact.min = exact.max = 3;
    some.min = 1;
    some.allowed = "a b";
    assert_rule(exact, FIELD_IN_JSON, "a list of exactly 3 strings");
    assert_rule(some, FIELD_IN_JSON, "a list of 1 to 256 strings, each one of \"a\", \"b\"");
    assert_rule(wide, FIELD_IN_JSON, "a number in [-1.5, 2.5]");
    wide.number_min = wide.number_max = 0;
    assert_rule(wide, FIELD_IN_JSON, "a number");
    assert_rule((struct rh_field)RH_STR(struct all, kind, 0, "x"), FIELD_IN_JSON,
                "a string of at most 512 bytes");
    assert_rule((struct rh_field)RH_DURATION(struct all, wait, "1s", 0, 90000, "x"), FIELD_IN_TEXT,
                "a duration (ns us ms s m h) in [0ms, 90s]");
    assert_rule((struct rh_field)RH_UINT64(struct all, seed, 0, "x"), FIELD_IN_TEXT,
                "an integer in [0, 18446744073709551615]");
    assert_rule((struct rh_field)RH_RAW(struct all, payload, 0, "x"), FIELD_IN_JSON,
                "a JSON value");
}

static void long_choices_are_cut(void **state)
{
    char allowed[1000];
    char rule[FIELD_RULE_SIZE];
    struct rh_field field = RH_CHOICE(struct all, kind, 0, NULL, allowed, "x");

    (void)state;
    memset(allowed, 'a', sizeof(allowed));
    for (size_t i = 10; i < sizeof(allowed); i += 10)
        allowed[i] = ' ';
    allowed[sizeof(allowed) - 1] = '\0';

    field_rule(&field, FIELD_IN_JSON, rule);

    assert_int_equal(strlen(rule), sizeof(rule) - 1);
}

static void suggests_the_near_choice_and_name_only(void **state)
{
    char choice[FIELD_NAME_MAX + 1];

    (void)state;
    assert_true(field_suggest_choice(&all_fields[1], RH_STR_LIT("standart"), choice));
    assert_string_equal(choice, "standard");
    assert_false(field_suggest_choice(&all_fields[1], RH_STR_LIT("xyz"), choice));
    assert_string_equal(field_suggest_name(&all_table, RH_STR_LIT("nodeid")), "node_id");
    assert_null(field_suggest_name(&all_table, RH_STR_LIT("qqqqqqq")));
}

static void paths_join_names_and_items(void **state)
{
    struct field_place items = {.name = RH_STR_INIT("items")};
    struct field_place item = {.up = &items, .index = 3};
    struct field_place payload = {.up = &item, .name = RH_STR_INIT("payload")};
    char path[32];
    char small[8];

    (void)state;
    field_path(&payload, path, sizeof(path));
    field_path(&payload, small, sizeof(small));
    assert_string_equal(path, "items[3].payload");
    assert_string_equal(small, "items[3");
    field_path(NULL, path, sizeof(path));
    assert_string_equal(path, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_name_type_and_limits),
        cmocka_unit_test(long_choices_are_cut),
        cmocka_unit_test(suggests_the_near_choice_and_name_only),
        cmocka_unit_test(paths_join_names_and_items),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
