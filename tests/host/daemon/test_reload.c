/* The configuration read again: what takes a restart, and that errors change nothing. Sections that
 * change are given to plugins of whole nodes in tests/cluster/test_reload.py. */
#include "tests/host/daemon/rig_body.h"

#include <string.h>

#include "host/core/core_internal.h"
#include "host/daemon/reload.h"

#define CLUSTER "kind: cluster\nbeat: 1500ms\nvoters: [n1]\n---\n"
#define NODE    "kind: node\nid: n1\nbind: 127.0.0.1:8770\ndata_dir: /tmp/x\n"
#define PLUGIN  "---\nkind: plugin\nplugin: inner\nconfig: {fanout: 4}\n"

/* A first configuration, and what came of the next. */
struct rig_reload {
    struct rig_body first;
    struct reload reload;
    struct rh_buf report;
    struct core *core; /* without plugins: no section changes, and none has failed */
};

static void start(struct rig_reload *rig)
{
    if (rig_body_load(&rig->first, MODE_RUN, CLUSTER NODE PLUGIN) != 0)
        fail_msg("%s", rig->first.said.p);
    reload_init(&rig->reload, rig->first.body, &rig->first.options);
    rig->core = calloc(1, sizeof *rig->core);
    assert_non_null(rig->core);
}

static int32_t read_again(struct rig_reload *rig, const char *yaml)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/00-all.yaml", rig->first.dir);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(yaml, file) >= 0);
    assert_int_equal(fclose(file), 0);
    rh_buf_init(&rig->report, 65536);
    return reload_run(&rig->reload, rig->core, &rig->report);
}

static void end(struct rig_reload *rig)
{
    rh_buf_release(&rig->report);
    reload_release(&rig->reload);
    rig_body_release(&rig->first);
    free(rig->core);
}

static void says(struct rig_reload *rig, const char *text)
{
    assert_int_equal(rh_buf_append_byte(&rig->report, '\0'), RH_OK);
    if (!strstr(rig->report.p, text))
        fail_msg("no '%s' in %s", text, rig->report.p);
}

static void what_create_refuses_is_an_error_with_its_place(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);

    assert_int_equal(
        read_again(&rig, CLUSTER NODE "---\nkind: plugin\nplugin: inner\nconfig: {fanout: 8}\n"),
        RH_EINVAL);

    says(&rig, "00-all.yaml:12:10: error: plugin inner: fanout: 8 is one too many");
    end(&rig);
}

static void the_same_again_changes_nothing(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);

    assert_int_equal(read_again(&rig, CLUSTER NODE PLUGIN), RH_OK);

    says(&rig, "{\"reconfigured\":[],\"started\":[],\"refused\":[],\"needs_restart\":[]}");
    end(&rig);
}

static void keys_of_the_node_and_the_cluster_take_a_restart(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);

    assert_int_equal(read_again(&rig, "kind: cluster\nbeat: 3s\nvoters: [n1]\n---\n"
                                      "kind: node\nid: n1\nbind: 127.0.0.1:9000\n"
                                      "data_dir: /tmp/y\n" PLUGIN),
                     RH_OK);

    says(&rig, "\"needs_restart\":[\"cluster.beat\",\"node.bind\",\"node.data_dir\",");
    assert_string_equal(rig.first.body->setup.data_dir, "/tmp/x");
    end(&rig);
}

static void another_node_of_the_cluster_takes_a_restart(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);
    rig.first.options.node = "n1";

    assert_int_equal(read_again(&rig, CLUSTER NODE "---\nkind: node\nid: n2\nbind: 127.0.0.1:8771\n"
                                                   "data_dir: /tmp/z\n" PLUGIN),
                     RH_OK);

    says(&rig, "\"nodes\"");
    end(&rig);
}

static void a_plugin_that_goes_takes_a_restart(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);

    assert_int_equal(read_again(&rig, CLUSTER NODE), RH_OK);

    says(&rig, "\"plugin_set.inner\"");
    end(&rig);
}

static void a_definition_that_changes_takes_a_restart(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);

    assert_int_equal(read_again(&rig, CLUSTER NODE PLUGIN "on_failure: degrade\n"
                                                          "limits: {calls: 5}\n"),
                     RH_OK);

    says(&rig, "\"needs_restart\":[\"plugin_definition.inner.on_failure\","
               "\"plugin_definition.inner.limits.calls\"]");
    end(&rig);
}

static void all_errors_are_told_and_nothing_changes(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);

    assert_int_equal(read_again(&rig, "kind: cluster\nbaet: 3s\nvoters: [n1]\n---\n" NODE
                                      "---\nkind: plugin\nplugin: inner\nconfig: {fanout: 99}\n"),
                     RH_EINVAL);

    says(&rig, ":2:1: error: unknown key \"baet\"");
    says(&rig, "fanout: 99 is not an integer in [1, 9]");
    assert_int_equal(((const struct inner_config *)rig.first.body->plugins[0].config)->fanout, 4);
    end(&rig);
}

static void the_explanation_stays_that_of_what_is_in_force(void **state)
{
    struct rig_reload rig;

    (void)state;
    start(&rig);

    assert_int_equal(read_again(&rig, "kind: cluster\nbeat: 3s\nvoters: [n1]\n---\n" NODE PLUGIN),
                     RH_OK);

    assert_non_null(strstr(rig.first.body->setup.config_json,
                           "{\"key\":\"cluster.beat\",\"value\":\"1500ms\""));
    assert_non_null(
        strstr(rig.first.body->setup.config_json, "{\"key\":\"plugin.inner.fanout\",\"value\":4"));
    end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_create_refuses_is_an_error_with_its_place),
        cmocka_unit_test(the_same_again_changes_nothing),
        cmocka_unit_test(keys_of_the_node_and_the_cluster_take_a_restart),
        cmocka_unit_test(another_node_of_the_cluster_takes_a_restart),
        cmocka_unit_test(a_plugin_that_goes_takes_a_restart),
        cmocka_unit_test(a_definition_that_changes_takes_a_restart),
        cmocka_unit_test(all_errors_are_told_and_nothing_changes),
        cmocka_unit_test(the_explanation_stays_that_of_what_is_in_force),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
