/* Tests of host/daemon/rehearsal.c: what a plugin's create refuses has a place, before anything is
 * started. */
#include "tests/host/daemon/rig_body.h"

#include <string.h>

#define CLUSTER "kind: cluster\nvoters: [n1]\n---\nkind: node\nid: n1\nbind: 127.0.0.1:0\n"
#define NODE    CLUSTER "data_dir: /nonexistent/data\n"
#define INNER   "---\nkind: plugin\nplugin: inner\n"

static void a_refusal_stands_at_the_key_that_the_plugin_names(void **state)
{
    static const uint32_t modes[] = {MODE_CHECK, MODE_RUN};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct rig_body rig;

        assert_int_equal(rig_body_load(&rig, modes[i], NODE INNER "config:\n  fanout: 8\n"),
                         CORE_EXIT_CONFIG);

        assert_non_null(strstr(rig.said.p, "00-all.yaml:12:3: error: plugin inner: fanout: 8 is "
                                           "one too many\n"));
        assert_non_null(strstr(rig.said.p, "  fanout: 8\n"));
        rig_body_release(&rig);
    }
}

static void a_refusal_of_the_whole_stands_at_the_section(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_CHECK, NODE INNER "config:\n  fanout: 9\n"),
                     CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "00-all.yaml:11:1: error: plugin inner: nine do not fit\n"));
    rig_body_release(&rig);
}

static void a_refusal_is_told_beside_other_errors(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_CHECK,
                                   NODE INNER "config: {fanout: 9}\n---\nkind: plugin\n"
                                              "plugin: outer\n"),
                     CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "nine do not fit"));
    assert_non_null(strstr(rig.said.p, "no file outer.so"));
    rig_body_release(&rig);
}

static void a_start_goes_on_without_one_that_it_can_do_without(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(
        rig_body_load(&rig, MODE_RUN, NODE INNER "on_failure: degrade\nconfig: {fanout: 8}\n"), 0);

    assert_non_null(strstr(rig.said.p, "00-all.yaml:12:10: note: plugin inner: fanout: 8 is one "
                                       "too many; the node goes on without it"));
    assert_non_null(strstr(rig.body->refusals[0], "00-all.yaml:12:10: fanout: 8 is one too many"));
    rig_body_release(&rig);
}

static void a_check_refuses_that_one_too(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(
        rig_body_load(&rig, MODE_CHECK, NODE INNER "on_failure: degrade\nconfig: {fanout: 8}\n"),
        CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "00-all.yaml:12:10: error: plugin inner: fanout"));
    rig_body_release(&rig);
}

static void without_a_node_each_is_tried_where_it_runs(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_CHECK,
                                   NODE
                                   "---\nkind: node\nid: n2\nbind: 127.0.0.1:1\nrole: other\n" INNER
                                   "enable: {roles: [other]}\nconfig: {fanout: 8}\n"),
                     CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "fanout: 8 is one too many"));
    rig_body_release(&rig);
}

static void what_only_prints_tries_nothing(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_ROUTES, NODE INNER "config: {fanout: 8}\n"), 0);

    rig_body_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_stands_at_the_key_that_the_plugin_names),
        cmocka_unit_test(a_refusal_of_the_whole_stands_at_the_section),
        cmocka_unit_test(a_refusal_is_told_beside_other_errors),
        cmocka_unit_test(a_start_goes_on_without_one_that_it_can_do_without),
        cmocka_unit_test(a_check_refuses_that_one_too),
        cmocka_unit_test(without_a_node_each_is_tried_where_it_runs),
        cmocka_unit_test(what_only_prints_tries_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
