/* Documents by kind and id: what has none, two, or a wrong one. */
#include "host/core/config_fixture.h"

#include "host/core/config_build.h"

static void ids_keep_their_alphabet(void **state)
{
    (void)state;
    assert_true(config_is_node_id(rh_str_from("gpu-7.a_B")));
    assert_false(config_is_node_id(rh_str_from("-a")));
    assert_false(config_is_node_id(rh_str_from("a b")));
    assert_false(config_is_node_id(rh_str_from("")));
    assert_true(config_is_plugin_id(rh_str_from("work_queue")));
    assert_true(config_is_plugin_id(rh_str_from("org.example.metrics-2")));
    assert_false(config_is_plugin_id(rh_str_from("Gossip")));
    assert_false(config_is_plugin_id(rh_str_from("org..x")));
    assert_false(config_is_plugin_id(rh_str_from("org.")));
    assert_false(config_is_plugin_id(rh_str_from("../x")));
}

static void a_document_needs_a_known_kind(void **state)
{
    (void)state;
    struct fixture f = {.text = "id: n1\n---\n[a]\n---\nkind: banana\n---\nkind: node\n",
                        .is_node_optional = 1};
    fixture_expect(
        &f, "c/10-a.yaml:1:1: error: \"kind\" is missing: cluster, node, plugin or override\n"
            "    id: n1\n"
            "    ^\n"
            "c/10-a.yaml:3:1: error: a document must be a map that begins with \"kind:\"\n"
            "    [a]\n"
            "    ^\n"
            "c/10-a.yaml:5:7: error: unknown kind \"banana\": cluster, node, plugin or override\n"
            "    kind: banana\n"
            "          ^\n"
            "c/10-a.yaml:7:1: error: this node needs \"id\"\n"
            "    kind: node\n"
            "    ^\n");
    fixture_release(&f);
}

static void two_definitions_name_both_places(void **state)
{
    (void)state;
    struct fixture f = {
        .text =
            "kind: cluster\n---\nkind: cluster\n---\nkind: plugin\nplugin: a\n---\nkind: plugin\n"
            "plugin: a\n",
        .is_node_optional = 1};
    fixture_expect(
        &f, "c/10-a.yaml:3:1: error: the cluster is defined twice, first at c/10-a.yaml:1:1\n"
            "    kind: cluster\n"
            "    ^\n"
            "c/10-a.yaml:9:9: error: plugin \"a\" is defined twice, first at c/10-a.yaml:6:9\n"
            "    plugin: a\n"
            "            ^\n");
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_keep_their_alphabet),
        cmocka_unit_test(a_document_needs_a_known_kind),
        cmocka_unit_test(two_definitions_name_both_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
