/* What documents must keep between each other, with the words and places of each breach. */
#include "host/core/config_fixture.h"

static void voters_are_unique_and_have_nodes(void **state)
{
    (void)state;
    struct fixture f = {
        .text = "kind: cluster\nvoters: [node1, node1, nod1]\n---\nkind: node\nid: node1\n"};
    fixture_expect(&f, "c/10-a.yaml:2:17: error: voters: \"node1\" is named twice, first at 2:10\n"
                       "    voters: [node1, node1, nod1]\n"
                       "                    ^\n"
                       "c/10-a.yaml:2:24: error: voters: \"nod1\" has no document of kind: node; "
                       "did you mean \"node1\"?\n"
                       "    voters: [node1, node1, nod1]\n"
                       "                           ^\n");
    fixture_release(&f);
}

static void several_nodes_need_voters(void **state)
{
    (void)state;
    struct fixture f = {
        .text =
            "kind: cluster\n---\nkind: node\nid: a\nbind: 127.0.0.1:1\n---\nkind: node\nid: b\n",
        .node_id = "a"};
    fixture_expect(&f,
                   "c/10-a.yaml:1:1: error: voters: 2 nodes and none may lead; name the voters\n"
                   "    kind: cluster\n"
                   "    ^\n");
    fixture_release(&f);
}

static void addresses_are_checked(void **state)
{
    (void)state;
    struct fixture f = {.text = "kind: cluster\nseeds: [\"127.0.0.1\", x:0]\n---\n"
                                "kind: node\nid: a\nbind: localhost:1\nadvertise: x\n"};
    fixture_expect(
        &f, "c/10-a.yaml:2:9: error: seeds: \"127.0.0.1\" is not HOST:PORT, port 1 to 65535\n"
            "    seeds: [\"127.0.0.1\", x:0]\n"
            "            ^\n"
            "c/10-a.yaml:2:22: error: seeds: \"x:0\" is not HOST:PORT, port 1 to 65535\n"
            "    seeds: [\"127.0.0.1\", x:0]\n"
            "                         ^\n"
            "c/10-a.yaml:6:7: error: bind: \"localhost:1\" is not IPv4:PORT or [IPv6]:PORT, port 0 "
            "to 65535\n"
            "    bind: localhost:1\n"
            "          ^\n"
            "c/10-a.yaml:7:12: error: advertise: \"x\" is not HOST:PORT, port 1 to 65535\n"
            "    advertise: x\n"
            "               ^\n");
    fixture_release(&f);
}

static void what_peers_dial_is_an_address_of_one_machine(void **state)
{
    (void)state;
    struct fixture any = {.text = "kind: node\nid: a\nadvertise: 0.0.0.0:1\n"};
    struct fixture named = {.text = "kind: node\nid: a\nadvertise: alpha.example:1\n"};
    fixture_expect(
        &any,
        "c/10-a.yaml:3:12: error: advertise: \"0.0.0.0:1\" is no address that a peer could dial\n"
        "    advertise: 0.0.0.0:1\n"
        "               ^\n");
    fixture_expect(&named, "");
    fixture_release(&any);
    fixture_release(&named);
}

static void one_address_is_for_one_node(void **state)
{
    (void)state;
    struct fixture f = {
        .text = "kind: cluster\nvoters: [a]\n---\nkind: node\nid: a\nbind: 127.0.0.1:5\n---\n"
                "kind: node\nid: b\nbind: 127.0.0.1:5\n",
        .node_id = "a"};
    struct fixture free_ports = {
        .text = "kind: cluster\nvoters: [a]\n---\nkind: node\nid: a\nbind: 127.0.0.1:0\n---\n"
                "kind: node\nid: b\nbind: 127.0.0.1:0\n",
        .node_id = "a"};
    fixture_expect(
        &f,
        "c/10-a.yaml:10:7: error: bind: \"127.0.0.1:5\" is taken by node \"a\" at c/10-a.yaml:6:7\n"
        "    bind: 127.0.0.1:5\n"
        "          ^\n");
    fixture_expect(&free_ports, "");
    fixture_release(&f);
    fixture_release(&free_ports);
}

static void an_open_address_needs_tokens_or_the_word(void **state)
{
    (void)state;
    struct fixture open = {.text = "kind: node\nid: a\nbind: 0.0.0.0:1\n"};
    struct fixture token = {.text = "kind: node\nid: a\nbind: 0.0.0.0:1\ntoken_file: /t\n"};
    struct fixture word = {.text = "kind: node\nid: a\nbind: \"[::]:1\"\ninsecure: true\n"};
    struct fixture cluster = {
        .text =
            "kind: cluster\nauth: {insecure: true}\n---\nkind: node\nid: a\nbind: 10.0.0.1:1\n"};
    fixture_expect(&open, "c/10-a.yaml:3:7: error: bind: \"0.0.0.0:1\" is not a loopback address; "
                          "give token_file, or write "
                          "insecure: true\n"
                          "    bind: 0.0.0.0:1\n"
                          "          ^\n");
    fixture_expect(&token, "");
    fixture_expect(&word, "");
    fixture_expect(&cluster, "");
    assert_int_equal(cluster.config->self->insecure, 1);
    fixture_release(&open);
    fixture_release(&token);
    fixture_release(&word);
    fixture_release(&cluster);
}

static void a_section_must_be_a_map(void **state)
{
    (void)state;
    struct fixture f = {.text = "kind: node\nid: a\n---\nkind: plugin\nplugin: p\nconfig: [1]\n"};
    fixture_expect(&f, "c/10-a.yaml:6:9: error: config: must be a map\n"
                       "    config: [1]\n"
                       "            ^\n");
    fixture_release(&f);
}

static void a_glob_that_could_match_nothing_is_refused(void **state)
{
    (void)state;
    struct fixture f = {.text = "kind: node\nid: a\n---\nkind: plugin\nplugin: p\nenable:\n"
                                "  nodes: [\"lower[\", \"gpu-*\"]\n  roles: [\"\", \"co?rd_.1*\"]\n"
                                "  not_roles: [\"!worker\"]\n"};
    fixture_expect(&f,
                   "c/10-a.yaml:7:11: error: nodes: \"lower[\" is no glob: letters, digits, . _ "
                   "-, * for any text and ? for one character\n"
                   "      nodes: [\"lower[\", \"gpu-*\"]\n"
                   "              ^\n"
                   "c/10-a.yaml:8:11: error: roles: \"\" is no glob: letters, digits, . _ -, * "
                   "for any text and ? for one character\n"
                   "      roles: [\"\", \"co?rd_.1*\"]\n"
                   "              ^\n"
                   "c/10-a.yaml:9:15: error: not_roles: \"!worker\" is no glob: letters, "
                   "digits, . _ -, * for any text and ? for one character\n"
                   "      not_roles: [\"!worker\"]\n"
                   "                  ^\n");
    fixture_release(&f);
}

static void what_may_be_in_broken_text_is_not_missed(void **state)
{
    (void)state;
    struct fixture f = {
        .text = "kind: cluster\nvoters: [a, b]\n---\nkind: node\nid: a\n---\nkind: node\nid: \"b\n",
        .node_id = "b"};
    fixture_load(&f);
    assert_int_equal(f.rc, RH_EINVAL);
    assert_int_equal(f.errors.error_count, 1);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(voters_are_unique_and_have_nodes),
        cmocka_unit_test(several_nodes_need_voters),
        cmocka_unit_test(addresses_are_checked),
        cmocka_unit_test(what_peers_dial_is_an_address_of_one_machine),
        cmocka_unit_test(one_address_is_for_one_node),
        cmocka_unit_test(an_open_address_needs_tokens_or_the_word),
        cmocka_unit_test(a_section_must_be_a_map),
        cmocka_unit_test(a_glob_that_could_match_nothing_is_refused),
        cmocka_unit_test(what_may_be_in_broken_text_is_not_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
