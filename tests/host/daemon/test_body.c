/* Tests of host/daemon/body.c: from conf.d to what the core is given, or to words and an exit code.
 */
#include "tests/host/daemon/rig_body.h"

#include <string.h>
#include <sys/stat.h>

#define NODE                                                                                       \
    "kind: cluster\nvoters: [n1]\n---\nkind: node\nid: n1\nbind: 127.0.0.1:0\nrole: coordinator\n" \
    "data_dir: /nonexistent/data\n"
#define PLUGIN "---\nkind: plugin\nplugin: inner\n"

static void a_node_gets_its_plugins_with_their_sections(void **state)
{
    struct rig_body rig;
    const struct core_setup *setup;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_RUN, NODE PLUGIN "config: {fanout: 7}\n"), 0);

    setup = &rig.body->setup;
    assert_string_equal(setup->node_id, "n1");
    assert_string_equal(setup->data_dir, "/nonexistent/data");
    assert_int_equal(setup->plugin_count, 1);
    assert_string_equal(setup->plugins[0].entry->id, "inner");
    assert_int_equal(((const struct inner_config *)setup->plugins[0].config)->fanout, 7);
    assert_null(setup->token_text.p);
    assert_non_null(strstr(setup->config_json, "fanout"));
    rig_body_release(&rig);
}

static void a_wrong_section_is_told_with_its_place(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_RUN, NODE PLUGIN "config: {fanuot: 7}\n"),
                     CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "00-all.yaml:12:"));
    assert_non_null(strstr(rig.said.p, "did you mean \"fanout\""));
    rig_body_release(&rig);
}

static void a_grant_that_leaves_out_what_a_plugin_needs_is_told(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_CHECK, NODE PLUGIN "grants: [rh.state/1]\n"),
                     CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "00-all.yaml:12:9: error: plugin inner needs service "
                                       "rh.core/1, which it is not granted"));
    rig_body_release(&rig);
}

static void a_grant_of_what_a_plugin_needs_is_enough(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(
        rig_body_load(&rig, MODE_CHECK, NODE PLUGIN "grants: [rh.state/1, rh.core/1]\n"), 0);

    assert_int_equal(rig.body->setup.plugin_count, 1);
    assert_string_equal(rig.body->setup.plugins[0].grants[1], "rh.core/1");
    rig_body_release(&rig);
}

static void a_file_that_cannot_be_read_is_told_where_it_is_named(void **state)
{
    static const struct {
        const char *yaml;
        const char *said;
    } rows[] = {
        {NODE "token_file: /nonexistent/t\n", "00-all.yaml:9:13: error: token_file /nonexistent/t"},
        {"kind: cluster\nauth: {token_file: /nonexistent/t}\n---\nkind: node\nid: n1\n",
         "00-all.yaml:2:20: error: token_file /nonexistent/t"},
        {"kind: cluster\ninventory: /nonexistent/i\n---\nkind: node\nid: n1\n",
         "00-all.yaml:2:12: error: inventory /nonexistent/i"},
        {NODE "---\nkind: plugin\nplugin: outer\nfile: none.so\n",
         "00-all.yaml:12:7: error: plugin outer: no file none.so in "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig_body rig;

        assert_int_equal(rig_body_load(&rig, MODE_RUN, rows[i].yaml), CORE_EXIT_CONFIG);

        if (!strstr(rig.said.p, rows[i].said))
            fail_msg("row %zu: %s", i, rig.said.p);
        rig_body_release(&rig);
    }
}

static void a_plugin_without_a_file_is_told(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_RUN, NODE "---\nkind: plugin\nplugin: outer\n"),
                     CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "plugin outer: no file outer.so in "));
    rig_body_release(&rig);
}

static void a_missing_folder_is_told(void **state)
{
    struct options options = {.mode = MODE_RUN, .conf = "/nonexistent/conf.d"};
    struct body *body = calloc(1, sizeof *body);
    struct rh_buf said;

    (void)state;
    assert_non_null(body);
    rh_buf_init(&said, 65536);

    assert_int_equal(body_load(body, &options, &said), CORE_EXIT_CONFIG);

    assert_non_null(strstr(said.p, "/nonexistent/conf.d"));
    body_release(body);
    free(body);
    rh_buf_release(&said);
}

static void a_folder_without_a_node_is_an_error_of_a_check_alone(void **state)
{
    static const char only_plugin[] = "kind: plugin\nplugin: inner\n";
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_CHECK, only_plugin), CORE_EXIT_CONFIG);
    assert_non_null(strstr(rig.said.p, "error: no document of kind: node; without one"));
    rig_body_release(&rig);

    assert_int_equal(rig_body_load(&rig, MODE_ROUTES, only_plugin), 0);
    rig_body_release(&rig);
}

static void a_token_file_that_others_may_read_is_refused(void **state)
{
    char path[] = "/tmp/ringhost-test-tokens-XXXXXX";
    int fd = mkstemp(path);
    char yaml[512];
    struct rig_body rig;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0644), 0);
    (void)snprintf(yaml, sizeof yaml, NODE "token_file: %s\n", path);

    assert_int_equal(rig_body_load(&rig, MODE_RUN, yaml), CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "others may read it; chmod 0600"));
    rig_body_release(&rig);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
}

static void a_fifo_for_tokens_or_inventory_is_refused_and_not_waited_for(void **state)
{
    char dir[] = "/tmp/ringhost-test-fifo-XXXXXX";
    char path[64], yaml[512];
    struct rig_body rig;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/pipe", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)snprintf(yaml, sizeof yaml,
                   "kind: cluster\nvoters: [n1]\ninventory: %s\n---\n"
                   "kind: node\nid: n1\nbind: 127.0.0.1:0\ntoken_file: %s\n",
                   path, path);

    assert_int_equal(rig_body_load(&rig, MODE_CHECK, yaml), CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, "pipe: not a plain file"));
    assert_non_null(strstr(rig.said.p, "pipe: cannot be read: not a plain file"));
    rig_body_release(&rig);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void a_token_file_without_a_token_is_refused_by_name_and_line(void **state)
{
    static const char text[] = "# NAME SCOPES TOKEN\n\n";
    char path[] = "/tmp/ringhost-test-tokens-XXXXXX";
    int fd = mkstemp(path);
    char wanted[128];
    char yaml[512];
    struct rig_body rig;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), (int)sizeof text - 1);
    (void)snprintf(yaml, sizeof yaml, NODE "token_file: %s\n", path);
    (void)snprintf(wanted, sizeof wanted, "%s:2:1: error: no line holds a token", path);

    assert_int_equal(rig_body_load(&rig, MODE_RUN, yaml), CORE_EXIT_CONFIG);

    assert_non_null(strstr(rig.said.p, wanted));
    rig_body_release(&rig);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
}

static void without_a_node_every_plugin_is_opened(void **state)
{
    struct rig_body rig;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_ROUTES,
                                   "kind: plugin\nplugin: inner\nenable: {roles: [worker]}\n"),
                     0);

    assert_int_equal(rig.body->plugin_count, 1);
    rig_body_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_gets_its_plugins_with_their_sections),
        cmocka_unit_test(a_wrong_section_is_told_with_its_place),
        cmocka_unit_test(a_grant_that_leaves_out_what_a_plugin_needs_is_told),
        cmocka_unit_test(a_grant_of_what_a_plugin_needs_is_enough),
        cmocka_unit_test(a_file_that_cannot_be_read_is_told_where_it_is_named),
        cmocka_unit_test(a_plugin_without_a_file_is_told),
        cmocka_unit_test(a_missing_folder_is_told),
        cmocka_unit_test(a_folder_without_a_node_is_an_error_of_a_check_alone),
        cmocka_unit_test(a_token_file_that_others_may_read_is_refused),
        cmocka_unit_test(a_fifo_for_tokens_or_inventory_is_refused_and_not_waited_for),
        cmocka_unit_test(a_token_file_without_a_token_is_refused_by_name_and_line),
        cmocka_unit_test(without_a_node_every_plugin_is_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
