/* Tests of host/daemon/unused_plugins.c: what runs nowhere is told by --check, and is no error. */
#include "tests/host/daemon/rig_body.h"

#include <string.h>

#define NODE \
    "kind: node\nid: n1\nbind: 127.0.0.1:0\nrole: coordinator\ndata_dir: /nonexistent/data\n"
#define INNER "---\nkind: plugin\nplugin: inner\n"

static void assert_said(uint32_t mode, const char *yaml, const char *words)
{
    struct rig_body rig;

    assert_int_equal(rig_body_load(&rig, mode, yaml), 0);

    if (words[0] == '\0')
        assert_int_equal(rig.said.n, 0);
    else if (!rig.said.p || !strstr(rig.said.p, words))
        fail_msg("wanted: %s\nsaid: %s", words, rig.said.p ? rig.said.p : "");
    rig_body_release(&rig);
}

static void a_mistyped_role_or_node_is_told_with_what_is_near(void **state)
{
    (void)state;
    assert_said(MODE_CHECK, NODE INNER "enable: {roles: [worker, coordinatr]}\n",
                "00-all.yaml:9:26: note: plugin inner: roles: no configured node has the role "
                "\"coordinatr\"; did you mean \"coordinator\"?");
    assert_said(MODE_CHECK, NODE INNER "enable: {nodes: [m1]}\n",
                "00-all.yaml:9:18: note: plugin inner: nodes: no configured node has the id "
                "\"m1\"; did you mean \"n1\"?");
}

static void what_runs_on_no_node_is_told(void **state)
{
    (void)state;
    assert_said(MODE_CHECK, NODE INNER "enable: {nodes: [\"zz*\"]}\n",
                "00-all.yaml:9:1: note: plugin inner: enable: it runs on no configured node");
    assert_said(MODE_CHECK, NODE INNER "enable: {not_roles: [\"*\"]}\n",
                "00-all.yaml:9:1: note: plugin inner: enable: it runs on no configured node");
}

static void a_role_of_no_node_is_nothing_where_another_one_matches(void **state)
{
    (void)state;
    assert_said(MODE_CHECK, NODE INNER "enable: {roles: [worker, coordinator]}\n", "");
    assert_said(MODE_CHECK, NODE INNER, "");
}

static void a_start_says_nothing_of_it(void **state)
{
    (void)state;
    assert_said(MODE_RUN, NODE INNER "enable: {roles: [coordinatr]}\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistyped_role_or_node_is_told_with_what_is_near),
        cmocka_unit_test(what_runs_on_no_node_is_told),
        cmocka_unit_test(a_role_of_no_node_is_nothing_where_another_one_matches),
        cmocka_unit_test(a_start_says_nothing_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
