/* Tests of host/daemon/refusal_place.c: the place of a refusal is that of the value in force. */
#include "host/core/config_fixture.h"

#include <stdlib.h>

#include "host/daemon/refusal_place.h"

static const char base[] = "kind: node\nid: n1\n---\nkind: plugin\nplugin: p\nconfig:\n"
                           "  ttl: 60s\n  poll: 25s\n  keys:\n    a: /a\n    b: /b\n";
static const char above[] = "kind: override\nplugin: p\nconfig:\n  ttl: 20s\n  keys: {b: /none}\n";

/* Where the two files, and --set of this text unless it is NULL, put a refusal. */
static void assert_place(const char *set, const char *field, const char *words,
                         const char *expected)
{
    const struct config_file files[] = {
        {.path = "50-p.yaml", .name = "50-p.yaml", .text = rh_str_from(base)},
        {.path = "90-o.yaml", .name = "90-o.yaml", .text = rh_str_from(above)}};
    struct fixture f = {.sets = {set}, .set_count = set ? 1 : 0};
    char said[256];

    fixture_load_files(&f, files, 2);
    assert_int_equal(f.rc, RH_OK);

    refusal_say(refusal_place(config_plugin(f.config, "p"), field, words), words, said,
                sizeof said);

    assert_string_equal(said, expected);
    fixture_release(&f);
}

static void a_named_key_stands_where_its_value_comes_from(void **state)
{
    (void)state;
    assert_place(NULL, "poll", "too long", "50-p.yaml:8:3: too long");
    assert_place(NULL, "ttl", "too short", "90-o.yaml:4:3: too short");
    assert_place(NULL, "keys.b", "no such file", "90-o.yaml:5:10: no such file");
}

static void a_map_gives_way_to_the_key_in_it_that_was_overridden(void **state)
{
    (void)state;
    assert_place(NULL, "keys", "keys.b: no such file", "90-o.yaml:5:10: keys.b: no such file");
    assert_place(NULL, "", "two polls must fit into ttl",
                 "90-o.yaml:4:3: two polls must fit into ttl");
}

static void words_that_name_no_overridden_key_stand_at_the_map(void **state)
{
    (void)state;
    assert_place(NULL, "keys", "keys.a: no such file", "50-p.yaml:9:3: keys.a: no such file");
    assert_place(NULL, "", "ttls are odd", "50-p.yaml:6:1: ttls are odd");
    assert_place(NULL, "none", "is missing", "50-p.yaml:6:1: is missing");
}

static void what_is_in_no_file_is_told_by_its_option(void **state)
{
    (void)state;
    assert_place("plugin.p.poll=1s", "poll", "too short", "--set plugin.p.poll=1s: too short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_named_key_stands_where_its_value_comes_from),
        cmocka_unit_test(a_map_gives_way_to_the_key_in_it_that_was_overridden),
        cmocka_unit_test(words_that_name_no_overridden_key_stand_at_the_map),
        cmocka_unit_test(what_is_in_no_file_is_told_by_its_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
