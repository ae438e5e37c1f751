/* Items of an answer, taken apart without reading them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/worker/answer.h"

static struct rh_str rest;

static void want(const char *text)
{
    struct rh_str item = {NULL, 0};

    assert_true(answer_next(&rest, &item));
    assert_int_equal(item.n, strlen(text));
    assert_memory_equal(item.p, text, item.n);
}

static void want_end(void)
{
    struct rh_str item;

    assert_false(answer_next(&rest, &item));
}

static void items_come_one_by_one(void **state)
{
    (void)state;

    rest = answer_items(RH_STR_LIT("{\"items\":[{\"a\":[1]} , {\"b\":{}}],\"refused\":{}}"));

    want("{\"a\":[1]}");
    want("{\"b\":{}}");
    want_end();
}

static void brackets_and_names_in_strings_are_text(void **state)
{
    (void)state;

    rest = answer_items(RH_STR_LIT("{\"x\":\"\\\"items\",\"y\":{\"items\":[{\"no\":1}]},"
                                   "\"z\":\"items\",\"items\" : [ {\"}]\\\"\":\"{\"}]}"));

    want("{\"}]\\\"\":\"{\"}");
    want_end();
}

static void depth_does_not_matter(void **state)
{
    char text[512] = "{\"items\":[{\"p\":";

    (void)state;
    for (int i = 0; i < 100; i++)
        strncat(text, "[", sizeof(text) - strlen(text) - 1);
    for (int i = 0; i < 100; i++)
        strncat(text, "]", sizeof(text) - strlen(text) - 1);
    strncat(text, "},{\"q\":1}]}", sizeof(text) - strlen(text) - 1);

    rest = answer_items(rh_str_from(text));

    assert_true(answer_next(&rest, &(struct rh_str){NULL, 0}));
    want("{\"q\":1}");
    want_end();
}

static void what_is_cut_or_no_answer_has_no_items(void **state)
{
    static const char *const texts[] = {
        "",  "{}", "{\"items\"",     "{\"items\":",      "{\"items\":7}",         "{\"items\":[]}",
        "[", "\"", "{\"items\":[7]", "{\"items\":[{\"a", "{\"items\":[{\"a\":[1]"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        rest = answer_items(rh_str_from(texts[i]));

        want_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_one_by_one),
        cmocka_unit_test(brackets_and_names_in_strings_are_text),
        cmocka_unit_test(depth_does_not_matter),
        cmocka_unit_test(what_is_cut_or_no_answer_has_no_items),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
