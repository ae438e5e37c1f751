/* Whole configurations: what they decode to, and all errors of a file in one run, word for word. */
#include "host/core/config_fixture.h"

#include "host/core/config_error.h"

struct gossip {
    int64_t fanout;
    int64_t interval; /* ms */
};
static const struct rh_field gossip_rows[] = {
    RH_INT(struct gossip, fanout, 3, 1, 16, "peers a round"),
    RH_DURATION(struct gossip, interval, "15s", 0, 0, "between rounds"),
};
static const struct rh_fields gossip_fields = RH_FIELDS(struct gossip, gossip_rows);

static const char cluster_text[] = "kind: cluster\n"
                                   "voters: [n1, n2]\n"
                                   "beat: 1500ms\n"
                                   "auth: {token_file: /t}\n"
                                   "---\n"
                                   "kind: node\n"
                                   "id: n1\n"
                                   "bind: 127.0.0.1:8770\n"
                                   "data_dir: ${DATA}/n1\n"
                                   "---\n"
                                   "kind: node\n"
                                   "id: n2\n"
                                   "bind: 0.0.0.0:8770\n"
                                   "role: worker\n"
                                   "---\n"
                                   "kind: plugin\n"
                                   "plugin: gossip\n"
                                   "enable: {roles: [coord*, worker]}\n"
                                   "config: {fanout: 4}\n"
                                   "---\n"
                                   "kind: plugin\n"
                                   "plugin: relay\n"
                                   "file: /x/relay.so\n"
                                   "enable: {not_roles: [worker]}\n"
                                   "---\n"
                                   "kind: plugin\n"
                                   "plugin: worker\n"
                                   "enable: {nodes: [n2]}\n";
static const char *const data_env[] = {"DATA=/d", NULL};

static void a_cluster_decodes_with_defaults(void **state)
{
    (void)state;
    struct fixture f = {.text = cluster_text, .env = data_env, .node_id = "n1"};

    fixture_expect(&f, "");

    const struct config *c = f.config;
    assert_int_equal(c->cluster.beat, 1500);
    assert_int_equal(c->cluster.voters.count, 2);
    assert_int_equal(c->node_count, 2);
    assert_true(rh_str_eq_c(c->self->data_dir, "/d/n1"));
    assert_true(rh_str_eq_c(c->self->role, "coordinator"));
    assert_true(rh_str_eq_c(c->self->advertise, "127.0.0.1:8770"));
    assert_true(rh_str_eq_c(c->self->token_file, "/t"));
    assert_int_equal(c->self->address.port, 8770);
    assert_int_equal(c->self->extracted_loops, 1);
    assert_int_equal(c->self->limits.connections, 1024);
    assert_int_equal(c->self->limits.body_bytes, 1048576);
    assert_int_equal(config_node(c, rh_str_from("n2"))->advertise.n, 0);
    fixture_release(&f);
}

static void plugins_are_enabled_by_role_and_node(void **state)
{
    (void)state;
    struct fixture one = {.text = cluster_text, .env = data_env, .node_id = "n1"};
    struct fixture two = {.text = cluster_text, .env = data_env, .node_id = "n2"};

    fixture_expect(&one, "");
    fixture_expect(&two, "");

    assert_int_equal(one.config->enabled_count, 2);
    assert_true(rh_str_eq_c(one.config->enabled[0]->plugin, "gossip"));
    assert_true(rh_str_eq_c(one.config->enabled[0]->file, "gossip.so"));
    assert_true(rh_str_eq_c(one.config->enabled[1]->file, "/x/relay.so"));
    assert_int_equal(two.config->enabled_count, 2);
    assert_true(rh_str_eq_c(two.config->enabled[1]->plugin, "worker"));
    fixture_release(&one);
    fixture_release(&two);
}

static void five_errors_of_one_file_come_in_one_run(void **state)
{
    (void)state;
    struct fixture f = {.text = "kind: node\n"
                                "id: n1\n"
                                "bnid: 127.0.0.1:1\n"
                                "insecure: yes\n"
                                "log_level: infos\n"
                                "---\n"
                                "kind: plugn\n"
                                "---\n"
                                "kind: plugin\n"
                                "plugin: Gossip\n"
                                "---\n"
                                "kind: node\n"
                                "id: n1\n"};
    fixture_expect(
        &f, "c/10-a.yaml:3:1: error: unknown key \"bnid\" in kind node; did you mean \"bind\"?\n"
            "    bnid: 127.0.0.1:1\n"
            "    ^\n"
            "c/10-a.yaml:4:11: error: \"yes\" is not a boolean in YAML 1.2; write true, or quote "
            "it to mean the text\n"
            "    insecure: yes\n"
            "              ^\n"
            "c/10-a.yaml:5:12: error: log_level: \"infos\" is not one of \"debug\", \"info\", "
            "\"warn\", \"error\"; did "
            "you mean \"info\"?; default info\n"
            "    log_level: infos\n"
            "               ^\n"
            "c/10-a.yaml:7:7: error: unknown kind \"plugn\"; did you mean \"plugin\"?\n"
            "    kind: plugn\n"
            "          ^\n"
            "c/10-a.yaml:10:9: error: plugin: \"Gossip\" is not an id (lower-case letters, digits, "
            "_ and -, parts "
            "joined by dots)\n"
            "    plugin: Gossip\n"
            "            ^\n"
            "c/10-a.yaml:13:5: error: node \"n1\" is defined twice, first at c/10-a.yaml:2:5\n"
            "    id: n1\n"
            "        ^\n");
    fixture_release(&f);
}

static void section_errors_read_as_documented(void **state)
{
    (void)state;
    struct gossip gossip;
    struct field_arena arena;
    struct fixture f = {.text = "kind: node\n"
                                "id: n1\n"
                                "---\n"
                                "kind: plugin\n"
                                "plugin: gossip\n"
                                "config:\n"
                                "  interval: 15 parsecs\n"
                                "  fanuot: 3\n"};
    fixture_expect(&f, "");
    field_arena_init(&arena, 4096);

    int32_t rc =
        config_plugin_section(f.config, "gossip", &gossip_fields, &gossip, &arena, &f.errors);
    (void)config_errors_print(&f.errors, &f.printed);

    assert_int_equal(rc, RH_EINVAL);
    assert_string_equal(f.printed.p, "c/10-a.yaml:7:13: error: interval: \"15 parsecs\" is not a "
                                     "duration (ns us ms s m h); default 15s\n"
                                     "      interval: 15 parsecs\n"
                                     "                ^\n"
                                     "c/10-a.yaml:8:3: error: unknown key \"fanuot\" in config of "
                                     "plugin gossip; did you mean \"fanout\"?\n"
                                     "      fanuot: 3\n"
                                     "      ^\n");
    field_arena_release(&arena);
    fixture_release(&f);
}

static void a_section_decodes_and_defaults(void **state)
{
    (void)state;
    struct gossip gossip;
    struct field_arena arena;
    struct fixture f = {.text = cluster_text, .env = data_env, .node_id = "n1"};
    fixture_expect(&f, "");
    field_arena_init(&arena, 4096);

    int32_t rc =
        config_plugin_section(f.config, "gossip", &gossip_fields, &gossip, &arena, &f.errors);
    int32_t absent =
        config_plugin_section(f.config, "nope", &gossip_fields, &gossip, &arena, &f.errors);

    assert_int_equal(rc, RH_OK);
    assert_int_equal(gossip.fanout, 4);
    assert_int_equal(gossip.interval, 15000);
    assert_int_equal(absent, RH_ENOTFOUND);
    field_arena_release(&arena);
    fixture_release(&f);
}

static void the_node_is_chosen_by_flag_variable_or_being_alone(void **state)
{
    (void)state;
    static const char *const env[] = {"DATA=/d", "RINGHOST_NODE=n2", NULL};
    struct fixture by_variable = {.text = cluster_text, .env = env};
    struct fixture by_flag = {.text = cluster_text, .env = env, .node_id = "n1"};
    struct fixture alone = {.text = "kind: node\nid: x\n"};

    fixture_expect(&by_variable, "");
    fixture_expect(&by_flag, "");
    fixture_expect(&alone, "");

    assert_true(rh_str_eq_c(by_variable.config->self->id, "n2"));
    assert_true(rh_str_eq_c(by_flag.config->self->id, "n1"));
    assert_true(rh_str_eq_c(alone.config->self->id, "x"));
    assert_int_equal(alone.config->cluster.voters.count, 1);
    fixture_release(&by_variable);
    fixture_release(&by_flag);
    fixture_release(&alone);
}

static void an_open_choice_lists_the_ids(void **state)
{
    (void)state;
    struct fixture open = {.text = cluster_text, .env = data_env};
    struct fixture wrong = {.text = cluster_text, .env = data_env, .node_id = "n9"};
    struct fixture none = {.text = "kind: cluster\n"};
    struct fixture optional = {.text = cluster_text, .env = data_env, .is_node_optional = 1};

    fixture_expect(&open, "error: which node? give --node or $RINGHOST_NODE: n1, n2\n");
    fixture_expect(&wrong, "error: no node \"n9\"; there are n1, n2\n");
    fixture_expect(&none, "error: no document of kind: node\n");
    fixture_expect(&optional, "");

    assert_null(optional.config->self);
    assert_int_equal(optional.config->plugin_count, 3);
    fixture_release(&open);
    fixture_release(&wrong);
    fixture_release(&none);
    fixture_release(&optional);
}

static void directories_replace_mask_and_note(void **state)
{
    (void)state;
    struct fixture f = {0};
    const struct config_file files[] = {
        {1, "/etc/10-a.yaml", "10-a.yaml", rh_str_from("kind: node\nid: from_etc\n")},
        {0, "/usr/10-a.yaml", "10-a.yaml", rh_str_from("kind: node\nid: from_usr\n")},
        {0, "/usr/20-b.yaml", "20-b.yaml", rh_str_from("kind: plugin\nplugin: b\n")},
        {1, "/etc/20-b.yaml", "20-b.yaml", rh_str_from("")},
        {0, "/usr/30-c.yaml", "30-c.yaml", rh_str_from("kind: plugin\nplugin: c\n")},
        {1, "/etc/10-a.yaml~", "10-a.yaml~", rh_str_from("")},
    };

    fixture_load_files(&f, files, 6);

    assert_int_equal(f.rc, RH_OK);
    assert_string_equal(fixture_printed(&f), "/etc/10-a.yaml~: note: ignored: editor backup\n");
    assert_true(rh_str_eq_c(f.config->self->id, "from_etc"));
    assert_int_equal(f.config->plugin_count, 1);
    assert_true(rh_str_eq_c(f.config->plugins[0].plugin, "c"));
    fixture_release(&f);
}

static void a_configuration_outlives_its_texts(void **state)
{
    (void)state;
    char text[] = "kind: node\nid: n1\nrole: keeper\n";
    struct fixture f = {.text = text};
    fixture_expect(&f, "");

    memset(text, 'x', sizeof(text) - 1);

    assert_true(rh_str_eq_c(f.config->self->role, "keeper"));
    assert_string_equal(f.config->files[0].text.p, "kind: node\nid: n1\nrole: keeper\n");
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_decodes_with_defaults),
        cmocka_unit_test(plugins_are_enabled_by_role_and_node),
        cmocka_unit_test(five_errors_of_one_file_come_in_one_run),
        cmocka_unit_test(section_errors_read_as_documented),
        cmocka_unit_test(a_section_decodes_and_defaults),
        cmocka_unit_test(the_node_is_chosen_by_flag_variable_or_being_alone),
        cmocka_unit_test(an_open_choice_lists_the_ids),
        cmocka_unit_test(directories_replace_mask_and_note),
        cmocka_unit_test(a_configuration_outlives_its_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
