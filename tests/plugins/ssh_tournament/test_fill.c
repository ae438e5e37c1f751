/* Tests of values in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/fill.h"

static void filled(const char *word, const char *expected)
{
    const struct fill_values values = {.match = RH_STR_LIT("{host}"),
                                       .index = RH_STR_LIT("7"),
                                       .host = RH_STR_LIT("h"),
                                       .first = RH_STR_LIT("a"),
                                       .second = RH_STR_LIT("b")};
    struct rh_buf buf;

    rh_buf_init(&buf, 256);
    assert_int_equal(fill_word(rh_str_from(word), &values, &buf), RH_OK);
    assert_string_equal(buf.n ? buf.p : "", expected);
    rh_buf_release(&buf);
}

static void names_in_braces_are_replaced(void **state)
{
    (void)state;
    filled("{first} against {second} on {host}: {index}", "a against b on h: 7");
    filled("{index}{index}", "77");
    filled("{run}", "");
}

static void other_braces_stay(void **state)
{
    (void)state;
    filled("awk '{print $1}' {} {hosts} {first", "awk '{print $1}' {} {hosts} {first");
    filled("{{host}}", "{h}");
    filled("", "");
}

static void values_are_not_looked_at_again(void **state)
{
    (void)state;
    filled("{match}", "{host}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_braces_are_replaced),
        cmocka_unit_test(other_braces_stay),
        cmocka_unit_test(values_are_not_looked_at_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
