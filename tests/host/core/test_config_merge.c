/* Overrides: maps merge, scalars and lists replace, null returns to the default. */
#include "host/core/config_fixture.h"

#include "host/core/node_tree.h"

#define BASE                                                                              \
    "kind: cluster\nbeat: 2s\nvoters: [n1, n2]\n---\nkind: node\nid: n1\nrole: a\nbind: " \
    "127.0.0.1:1\n---\n"                                                                  \
    "kind: node\nid: n2\nrole: b\nbind: 127.0.0.1:2\n---\n"                               \
    "kind: plugin\nplugin: gossip\nconfig: {fanout: 3, peers: [a, b], deep: {x: 1, y: 2}}\n---\n"

static void expect_section(const struct fixture *f, const char *printed)
{
    struct rh_buf buf;
    rh_buf_init(&buf, 1000);
    assert_int_equal(node_print(config_plugin(f->config, "gossip")->config, &buf), RH_OK);
    assert_string_equal(buf.p, printed);
    rh_buf_release(&buf);
}

static void maps_merge_and_scalars_and_lists_replace(void **state)
{
    (void)state;
    struct fixture f = {.text = BASE "kind: override\nplugin: gossip\n"
                                     "config: {fanout: 5, peers: [c], deep: {y: 9, z: 1}}\n",
                        .node_id = "n1"};
    fixture_expect(&f, "");
    expect_section(&f, "{fanout: 5, peers: [c], deep: {x: 1, y: 9, z: 1}}");
    fixture_release(&f);
}

static void null_returns_to_the_default(void **state)
{
    (void)state;
    struct fixture f = {
        .text = BASE "kind: override\nplugin: gossip\nconfig: {fanout: null, deep: {x: ~}}\n---\n"
                     "kind: override\ncluster: true\nbeat: null\n",
        .node_id = "n1"};
    fixture_expect(&f, "");
    expect_section(&f, "{peers: [a, b], deep: {y: 2}}");
    assert_int_equal(f.config->cluster.beat, 15000);
    fixture_release(&f);
}

static void later_overrides_win_and_globs_reach_many_nodes(void **state)
{
    (void)state;
    struct fixture f = {.text = BASE
                        "kind: override\nnode: n*\nrole: worker\nlimits: {connections: 10}\n---\n"
                        "kind: override\nnode: n2\nlimits: {in_flight: 20}\nrole: last\n",
                        .node_id = "n2"};
    fixture_expect(&f, "");
    assert_true(rh_str_eq_c(f.config->nodes[0].role, "worker"));
    assert_true(rh_str_eq_c(f.config->self->role, "last"));
    assert_int_equal(f.config->self->limits.connections, 10);
    assert_int_equal(f.config->self->limits.in_flight, 20);
    assert_int_equal(f.config->nodes[0].limits.in_flight, 4096);
    fixture_release(&f);
}

static void an_override_of_nothing_is_an_error(void **state)
{
    (void)state;
    struct fixture f = {.text = BASE
                        "kind: override\nplugin: gosip\n---\nkind: override\nrole: x\n---\n"
                        "kind: override\nnode: n1\nid: n3\n",
                        .node_id = "n1"};
    fixture_expect(&f, "c/10-a.yaml:20:9: error: override of plugin \"gosip\", which no document "
                       "defines; did you mean "
                       "\"gossip\"?\n"
                       "    plugin: gosip\n"
                       "            ^\n"
                       "c/10-a.yaml:22:1: error: an override names one of \"cluster: true\", "
                       "\"node: ID\" or \"plugin: ID\"\n"
                       "    kind: override\n"
                       "    ^\n"
                       "c/10-a.yaml:27:1: error: an override cannot change an id\n"
                       "    id: n3\n"
                       "    ^\n");
    fixture_release(&f);
}

static void an_overridden_value_is_reported_where_it_was_written(void **state)
{
    (void)state;
    struct fixture f = {.text = BASE "kind: override\ncluster: true\nbeat: 1ms\n", .node_id = "n1"};
    fixture_expect(&f, "c/10-a.yaml:21:7: error: beat: \"1ms\" is not a duration (ns us ms s m h) "
                       "in [100ms, 10m]; default "
                       "15s\n"
                       "    beat: 1ms\n"
                       "          ^\n");
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_merge_and_scalars_and_lists_replace),
        cmocka_unit_test(null_returns_to_the_default),
        cmocka_unit_test(later_overrides_win_and_globs_reach_many_nodes),
        cmocka_unit_test(an_override_of_nothing_is_an_error),
        cmocka_unit_test(an_overridden_value_is_reported_where_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
