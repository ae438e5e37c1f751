/* Aliases become copies, and the copies have a cap. */
#include "host/core/yaml_fixture.h"

static void aliases_are_copied_and_keep_inner_places(void **state)
{
    (void)state;
    struct loaded loaded;

    load(&loaded, rh_str_from("a: &x {k: [1]}\nb: *x\n"), 0);

    const struct node *b = node_get(loaded.documents, "b");
    assert_int_equal(loaded.rc, RH_OK);
    assert_int_equal(b->line, 2);
    assert_int_equal(node_get(b, "k")->line, 1);
    assert_string_equal(node_get(b, "k")->first->text.p, "1");
    unload(&loaded);
}

static void alias_bomb_is_capped(void **state)
{
    (void)state;
    expect_problems("a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                    "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                    "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                    "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                    "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
                    "4:29: aliases expand to more than 10000 values in this file\n");
}

static void unknown_and_recursive_aliases_are_refused(void **state)
{
    (void)state;
    expect_problems("a: *no\nb: &b [*b]\n",
                    "1:4: alias *no has no anchor &no before it\n"
                    "2:8: alias *b stands inside its own anchor, or the anchor is at fault\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliases_are_copied_and_keep_inner_places),
        cmocka_unit_test(alias_bomb_is_capped),
        cmocka_unit_test(unknown_and_recursive_aliases_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
