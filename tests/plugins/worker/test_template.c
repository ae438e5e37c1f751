/* Words with placeholders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/template.h"

static const struct template_values values = {
    .work_id = RH_STR_INIT("w7"),
    .work_type = RH_STR_INIT("gauntlet"),
    .config_key = RH_STR_INIT(""),
    .attempt = RH_STR_INIT("2"),
    .node_id = RH_STR_INIT("n{slot}"),
    .slot = RH_STR_INIT("3"),
};

static void assert_expands(const char *word, const char *wanted)
{
    struct rh_buf out;

    rh_buf_init(&out, 256);
    assert_int_equal(template_expand(rh_str_from(word), &values, &out, NULL), RH_OK);
    assert_true(rh_str_eq_c(rh_buf_str(&out), wanted));
    assert_int_equal(template_expand(rh_str_from(word), NULL, NULL, NULL), RH_OK);
    rh_buf_release(&out);
}

static void assert_refused_at(const char *word, size_t wanted)
{
    struct rh_buf out;
    size_t at = SIZE_MAX;

    rh_buf_init(&out, 256);
    assert_int_equal(template_expand(rh_str_from(word), &values, &out, NULL), RH_EINVAL);
    assert_int_equal(template_expand(rh_str_from(word), NULL, NULL, &at), RH_EINVAL);
    assert_int_equal(at, wanted);
    rh_buf_release(&out);
}

static void plain_word_stays_as_it_is(void **state)
{
    (void)state;

    assert_expands("--spec", "--spec");
    assert_expands("", "");
    assert_expands("a}b", "a}b");
}

static void every_placeholder_is_replaced(void **state)
{
    (void)state;

    assert_expands("{work_id}/{work_type}/{config_key}/{attempt}/{slot}", "w7/gauntlet//2/3");
}

static void values_are_not_expanded_again(void **state)
{
    (void)state;

    assert_expands("{node_id}", "n{slot}");
}

static void doubled_braces_are_braces(void **state)
{
    (void)state;

    assert_expands("{{\"a\":{slot}}}", "{\"a\":3}");
    assert_expands("{{slot}}", "{slot}");
}

static void unknown_names_are_refused_with_their_place(void **state)
{
    (void)state;

    assert_refused_at("--x={nope}", 4);
    assert_refused_at("{", 0);
    assert_refused_at("ab{slot", 2);
    assert_refused_at("{}", 0);
    assert_refused_at("{slot }", 0);
}

static void full_buffer_is_told(void **state)
{
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, 4);

    assert_int_equal(template_expand(rh_str_from("{work_type}"), &values, &out, NULL),
                     RH_ETOOLARGE);
    rh_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_word_stays_as_it_is),
        cmocka_unit_test(every_placeholder_is_replaced),
        cmocka_unit_test(values_are_not_expanded_again),
        cmocka_unit_test(doubled_braces_are_braces),
        cmocka_unit_test(unknown_names_are_refused_with_their_place),
        cmocka_unit_test(full_buffer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
