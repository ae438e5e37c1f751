/* --set: keys find their section, values are YAML, mistakes are named. */
#include "host/core/config_fixture.h"

#include "host/core/node_tree.h"

#define BASE                                                                               \
    "kind: cluster\nvoters: [n1]\n---\nkind: node\nid: n1\nbind: 127.0.0.1:1\n---\nkind: " \
    "node\nid: n2\n---\n"                                                                  \
    "kind: plugin\nplugin: org.a\n---\nkind: plugin\nplugin: org.a.b\nconfig: {x: {y: 1, z: 2}}\n"

static void keys_reach_cluster_node_and_plugins(void **state)
{
    (void)state;
    struct fixture f = {.text = BASE,
                        .node_id = "n1",
                        .sets = {"cluster.beat=500ms", "node.bind=127.0.0.1:9",
                                 "plugin.org.a.b.x.y=[1, 2]", "node.limits.connections=9"},
                        .set_count = 4};
    fixture_expect(&f, "");
    const struct node *section = config_plugin(f.config, "org.a.b")->config;
    assert_int_equal(f.config->cluster.beat, 500);
    assert_int_equal(f.config->self->address.port, 9);
    assert_int_equal(f.config->self->limits.connections, 9);
    assert_int_equal(node_get(node_get(section, "x"), "y")->kind, NODE_LIST);
    assert_true(rh_str_eq_c(node_get_text(node_get(section, "x"), "z"), "2"));
    assert_int_equal(config_plugin(f.config, "org.a")->config->child_count, 0);
    assert_true(rh_str_eq_c(f.config->nodes[1].bind, "127.0.0.1:8770"));
    fixture_release(&f);
}

static void an_empty_value_returns_to_the_default(void **state)
{
    (void)state;
    struct fixture f = {.text = BASE, .node_id = "n1", .sets = {"node.bind="}, .set_count = 1};
    fixture_expect(&f, "");
    assert_int_equal(f.config->self->address.port, 8770);
    fixture_release(&f);
}

static void mistakes_are_named_with_their_text(void **state)
{
    (void)state;
    struct fixture f = {.text = BASE,
                        .node_id = "n1",
                        .sets = {"cluster.beat", "plugin.orga.x=1", "beat=1s", "node.id=n3"},
                        .set_count = 4};
    fixture_expect(
        &f, "--set cluster.beat: error: KEY=VALUE is expected\n"
            "--set plugin.orga.x=1: error: no plugin \"orga\" is defined; did you mean \"org.a\"?\n"
            "--set beat=1s: error: KEY begins with \"cluster.\", \"node.\" or \"plugin.ID.\"\n"
            "--set node.id=n3: error: the id of a node cannot be set; choose a node with --node\n");
    fixture_release(&f);
}

static void wrong_values_and_keys_fail_like_those_of_files(void **state)
{
    (void)state;
    struct fixture f = {
        .text = BASE,
        .node_id = "n1",
        .sets = {"cluster.beat=1ms", "cluster.baet=1s", "cluster.beat.=1", "node.insecure=yes"},
        .set_count = 4};
    fixture_expect(&f, "--set cluster.beat.=1: error: KEY is words between single dots\n"
                       "--set node.insecure=yes: error: \"yes\" is not a boolean in YAML 1.2; "
                       "write true, or quote it to mean the text\n"
                       "--set cluster.beat=1ms: error: beat: \"1ms\" is not a duration (ns us ms s "
                       "m h) in [100ms, 10m]; default 15s\n"
                       "--set cluster.baet=1s: error: unknown key \"baet\" in kind cluster; did "
                       "you mean \"beat\"?\n");
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_reach_cluster_node_and_plugins),
        cmocka_unit_test(an_empty_value_returns_to_the_default),
        cmocka_unit_test(mistakes_are_named_with_their_text),
        cmocka_unit_test(wrong_values_and_keys_fail_like_those_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
