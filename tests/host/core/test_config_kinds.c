/* The tables of the kinds are sound, and unknown keys name where they stand. */
#include "host/core/config_fixture.h"

#include "host/core/config_kinds.h"
#include "host/core/field_check.h"

static void every_table_is_sound(void **state)
{
    (void)state;
    char why[256];
    assert_int_equal(field_check(&config_cluster_fields, why, sizeof(why)), RH_OK);
    assert_int_equal(field_check(&config_node_fields, why, sizeof(why)), RH_OK);
    assert_int_equal(field_check(&config_plugin_fields, why, sizeof(why)), RH_OK);
}

static void the_beat_keeps_its_range(void **state)
{
    (void)state;
    struct fixture f = {.text = "kind: cluster\nbeat: 11m\n---\nkind: node\nid: a\n"};
    fixture_expect(&f, "c/10-a.yaml:2:7: error: beat: \"11m\" is not a duration (ns us ms s m h) "
                       "in [100ms, 10m]; default "
                       "15s\n"
                       "    beat: 11m\n"
                       "          ^\n");
    fixture_release(&f);
}

static void inner_keys_are_suggested_too(void **state)
{
    (void)state;
    struct fixture f = {
        .text = "kind: node\nid: a\nlimits: {conections: 5}\n---\nkind: plugin\nplugin: p\n"
                "on_failure: degarde\nenable: {rolls: [x]}\n"};
    fixture_expect(
        &f, "c/10-a.yaml:3:10: error: unknown key \"limits.conections\" in kind node; did you mean "
            "\"connections\"?\n"
            "    limits: {conections: 5}\n"
            "             ^\n"
            "c/10-a.yaml:7:13: error: on_failure: \"degarde\" is not one of \"abort\", "
            "\"degrade\"; did you mean "
            "\"degrade\"?; default abort\n"
            "    on_failure: degarde\n"
            "                ^\n"
            "c/10-a.yaml:8:10: error: unknown key \"enable.rolls\" in kind plugin; did you mean "
            "\"roles\"?\n"
            "    enable: {rolls: [x]}\n"
            "             ^\n");
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_sound),
        cmocka_unit_test(the_beat_keeps_its_range),
        cmocka_unit_test(inner_keys_are_suggested_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
