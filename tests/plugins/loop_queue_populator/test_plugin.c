/* Tests of the wiring: the loop beside the real queue, through crashes. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_loop_queue_populator(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

#define TEMPLATES                                                                         \
    "\"templates\":[{\"work_type\":\"selfplay\",\"weight\":3,\"payload\":{\"games\":7}}," \
    "{\"work_type\":\"training\",\"weight\":1}],"                                         \
    "\"configs\":[{\"config_key\":\"hex8_2p\",\"nodes\":[\"gpu-*\"]},"                    \
    "{\"config_key\":\"sq8_2p\",\"depth\":4,\"work_types\":[\"selfplay\"],\"nodes\":[\"cpu-*\"]}]"
#define CONFIG "{\"loop_queue_populator\":\"1h\",\"depth\":8," TEMPLATES "}"

static struct loop_node *start(const char *config, const char *queue_config)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), queue_config},
        {rh_plugin_entry_v1_loop_queue_populator(), config},
    };

    return loop_node_new(plugins, 2, "/work/stats");
}

static int set_up(void **state)
{
    *state = start(CONFIG, NULL);
    return 0;
}

static long long pending(struct loop_node *n, const char *filter)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/work/pending?limit=1000%s", filter);
    (void)loop_get(n, path);
    return loop_number(n, "total");
}

static void each_config_is_filled_once_in_its_mix(void **state)
{
    struct loop_node *n = *state;

    loop_run(n, "queue_populator");
    loop_says(n, "{\"action\":\"add\",\"subject\":\"hex8_2p\",\"why\":\"6 of selfplay\"}");
    loop_run(n, "queue_populator");

    loop_says(n, "\"last_actions\":[]");
    assert_int_equal(pending(n, "&config_key=hex8_2p&work_type=selfplay"), 6);
    assert_int_equal(pending(n, "&config_key=hex8_2p&work_type=training"), 2);
    assert_int_equal(pending(n, "&config_key=sq8_2p"), 4);
    (void)loop_get(n, "/work/item?work_id=w1");
    loop_says(n, "\"payload\":{\"games\":7}");
    loop_says(n, "\"board_type\":\"hex8\"");
}

static void what_is_taken_is_counted_and_what_is_done_is_replaced(void **state)
{
    struct loop_node *n = *state;

    loop_run(n, "queue_populator");
    assert_int_equal(loop_post(n, "/work/claim",
                               "{\"node_id\":\"a\",\"work_types\":[\"training\"],\"max_items\":2}"),
                     200);
    loop_run(n, "queue_populator");
    assert_int_equal(pending(n, ""), 10);
    assert_int_equal(loop_post(n, "/work/cancel", "{\"work_id\":\"w1\"}"), 200);

    loop_run(n, "queue_populator");

    assert_int_equal(pending(n, ""), 10);
    assert_int_equal(pending(n, "&work_type=training"), 0);
}

static void an_idle_node_has_its_configs_filled_at_once(void **state)
{
    struct loop_node *n = *state;

    assert_int_equal(loop_post(n, "/populator/top-up", "{\"node_id\":\"cpu-7\"}"), 202);
    rh_testnet_run(n->net, 1000);

    assert_int_equal(pending(n, "&config_key=sq8_2p"), 4);
    assert_int_equal(pending(n, "&config_key=hex8_2p"), 0);
    assert_int_equal(loop_post(n, "/populator/top-up", "{\"node_id\":\"gpu-1\"}"), 202);
    assert_int_equal(loop_post(n, "/populator/top-up", "{\"node_id\":\"cpu-7\"}"), 202);
    rh_testnet_run(n->net, 1000);
    assert_int_equal(pending(n, ""), 12);
}

/* The node dies at each of many instants of a run; after the next run every config has its depth
 * and no more. */
static void a_crash_at_any_instant_doubles_nothing(void **state)
{
    (void)state;
    for (int64_t ms = 0; ms < 24; ms += 2) {
        struct loop_node *n = start(CONFIG, NULL);
        void *as_state = n;

        assert_int_equal(loop_post(n, "/loops/run", "{\"loop\":\"queue_populator\"}"), 202);
        rh_testnet_run(n->net, ms);
        loop_node_restart(n);
        loop_run(n, "queue_populator");
        loop_run(n, "queue_populator");

        assert_int_equal(pending(n, ""), 12);
        (void)loop_node_free(&as_state);
    }
}

static void a_full_queue_is_waited_for(void **state)
{
    struct loop_node *n = start(CONFIG, "{\"queue_max\":5}");
    void *as_state = n;

    (void)state;
    loop_run(n, "queue_populator");
    loop_says(n, "\"failures\":0");

    assert_int_equal(pending(n, ""), 0); /* a batch is added whole or not at all */

    (void)loop_node_free(&as_state);
}

static void a_dry_run_adds_nothing(void **state)
{
    struct loop_node *n = start("{\"dry_run\":true," TEMPLATES "}", NULL);
    void *as_state = n;

    (void)state;
    loop_run(n, "queue_populator");

    loop_says(n, "\"dry_run\":true");
    assert_int_equal(pending(n, ""), 0);
    (void)loop_node_free(&as_state);
}

static void what_is_named_twice_is_refused(void **state)
{
    const struct rh_testhost_plugin plugin = {
        rh_plugin_entry_v1_loop_queue_populator(),
        "{\"configs\":[{\"config_key\":\"a\"},{\"config_key\":\"a\"}]}"};
    const struct rh_testhost_setup setup = {.plugins = &plugin, .plugin_count = 1};
    struct rh_testnet *net = rh_testnet_new(1, LOOP_WALL_MS);
    struct rh_testhost *host = NULL;
    char why[RH_TESTHOST_WHY_MAX] = "";

    (void)state;
    assert_non_null(net);
    if (rh_testhost_new(net, &setup, &host, why) == RH_OK)
        rh_testnet_run(net, 1000);

    assert_true(!host || rh_testhost_logged(host, "is there twice") > 0 || strstr(why, "twice"));
    rh_testnet_free(net);
}

static void a_work_type_without_a_template_is_refused(void **state)
{
    struct loop_node *n = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_int_equal(rh_testhost_reconfigure(n->host, "loop_queue_populator",
                                             "{\"templates\":[{\"work_type\":\"selfplay\"}],"
                                             "\"configs\":[{\"config_key\":\"hex8_2p\","
                                             "\"work_types\":[\"selfplay\",\"nope\"]}]}",
                                             why),
                     RH_EINVAL);

    assert_non_null(strstr(why, "\"hex8_2p\" names the work type \"nope\""));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_config_is_filled_once_in_its_mix),
        CASE(what_is_taken_is_counted_and_what_is_done_is_replaced),
        CASE(an_idle_node_has_its_configs_filled_at_once),
        cmocka_unit_test(a_crash_at_any_instant_doubles_nothing),
        cmocka_unit_test(a_full_queue_is_waited_for),
        cmocka_unit_test(a_dry_run_adds_nothing),
        CASE(a_work_type_without_a_template_is_refused),
        cmocka_unit_test(what_is_named_twice_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
