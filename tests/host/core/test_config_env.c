/* The reference variables beat conf.d and lose to --set; wrong ones are named. */
#include "host/core/config_fixture.h"

#include "host/core/node_tree.h"

#define BASE                                                      \
    "kind: node\nid: n1\nextracted_loops: true\n---\n"            \
    "kind: plugin\nplugin: gossip\nconfig: {interval: 7s}\n---\n" \
    "kind: plugin\nplugin: election\n---\nkind: plugin\nplugin: work_queue\n"

static struct rh_str section_text(const struct fixture *f, const char *plugin, const char *key)
{
    return node_get_text(config_plugin(f->config, plugin)->config, key);
}

static void variables_beat_conf_d(void **state)
{
    (void)state;
    static const char *const env[] = {
        "RINGRIFT_GOSSIP_INTERVAL=15", "RINGRIFT_ELECTION_TIMEOUT=0.5",
        "RINGRIFT_WORK_CLAIM_TIMEOUT=300", "RINGRIFT_EXTRACTED_LOOPS=False", NULL};
    struct fixture f = {.text = BASE, .env = env};
    fixture_expect(&f, "");
    assert_true(rh_str_eq_c(section_text(&f, "gossip", "interval"), "15000ms"));
    assert_true(rh_str_eq_c(section_text(&f, "election", "timeout"), "500ms"));
    assert_true(rh_str_eq_c(section_text(&f, "work_queue", "claim_timeout"), "300000ms"));
    assert_int_equal(f.config->self->extracted_loops, 0);
    fixture_release(&f);
}

static void unset_and_empty_variables_change_nothing(void **state)
{
    (void)state;
    static const char *const env[] = {"RINGRIFT_GOSSIP_INTERVAL=", NULL};
    struct fixture f = {.text = BASE, .env = env};
    fixture_expect(&f, "");
    assert_true(rh_str_eq_c(section_text(&f, "gossip", "interval"), "7s"));
    assert_int_equal(section_text(&f, "election", "timeout").n, 0);
    assert_int_equal(f.config->self->extracted_loops, 1);
    fixture_release(&f);
}

static void a_variable_of_an_absent_plugin_is_no_error(void **state)
{
    (void)state;
    static const char *const env[] = {"RINGRIFT_GOSSIP_INTERVAL=3", NULL};
    struct fixture f = {.text = "kind: node\nid: n1\n", .env = env};
    fixture_expect(&f, "");
    fixture_release(&f);
}

static void wrong_values_name_variable_and_rule(void **state)
{
    (void)state;
    static const char *const env[] = {"RINGRIFT_GOSSIP_INTERVAL=15s", "RINGRIFT_ELECTION_TIMEOUT=0",
                                      "RINGRIFT_EXTRACTED_LOOPS=maybe", NULL};
    struct fixture f = {.text = BASE, .env = env};
    fixture_expect(&f,
                   "environment RINGRIFT_ELECTION_TIMEOUT: error: \"0\" is not a number of seconds "
                   "in [0.001, 86400]\n"
                   "environment RINGRIFT_GOSSIP_INTERVAL: error: \"15s\" is not a number of "
                   "seconds in [0.001, 86400]\n"
                   "environment RINGRIFT_EXTRACTED_LOOPS: error: \"maybe\" is not true or false\n");
    fixture_release(&f);
}

static void set_beats_a_variable(void **state)
{
    (void)state;
    static const char *const env[] = {"RINGRIFT_GOSSIP_INTERVAL=3", NULL};
    struct fixture f = {
        .text = BASE, .env = env, .sets = {"plugin.gossip.interval=9s"}, .set_count = 1};
    fixture_expect(&f, "");
    assert_true(rh_str_eq_c(section_text(&f, "gossip", "interval"), "9s"));
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_beat_conf_d),
        cmocka_unit_test(unset_and_empty_variables_change_nothing),
        cmocka_unit_test(a_variable_of_an_absent_plugin_is_no_error),
        cmocka_unit_test(wrong_values_name_variable_and_rule),
        cmocka_unit_test(set_beats_a_variable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
