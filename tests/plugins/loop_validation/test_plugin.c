/* Tests of the wiring: the loop beside the real queue and the real gauntlets, through crashes. */
#include "loop_test.h"

const struct rh_plugin *rh_plugin_entry_v1_loop_validation(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_gauntlet(void);

#define PLAYERS                                                                                    \
    "{\"players\":{\"m1\":[\"x\"],\"m2\":[\"x\"],\"m3\":[\"x\"],\"m4\":[\"x\"],\"base\":[\"x\"]}," \
    "\"poll_interval\":\"60s\"}"
#define CONFIG                                                                             \
    "{\"loop_validation\":\"1h\",\"gauntlets\":[{\"config_key\":\"go9_*\",\"baselines\":[" \
    "\"base\"]}]%s}"

static struct loop_node *start(const char *more)
{
    char config[256];
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_gauntlet(), PLAYERS},
        {rh_plugin_entry_v1_loop_validation(), config},
    };

    (void)snprintf(config, sizeof(config), CONFIG, more);
    return loop_node_new(plugins, 3, "/gauntlet/list");
}

static int set_up(void **state)
{
    *state = start("");
    return 0;
}

/* A training that is done, with this result. */
static void train(struct loop_node *n, const char *result)
{
    char body[400];
    char id[32], token[64];
    const char *at;

    assert_int_equal(
        loop_post(n, "/work/add", "{\"work_type\":\"training\",\"config_key\":\"go9_2p\"}"), 201);
    assert_int_equal(
        loop_post(n, "/work/claim", "{\"node_id\":\"t\",\"work_types\":[\"training\"]}"), 200);
    at = strstr(n->reply.body, "\"work_id\":\"");
    assert_non_null(at);
    assert_int_equal(sscanf(at + 11, "%31[^\"]", id), 1);
    at = strstr(n->reply.body, "\"claim_token\":\"");
    assert_non_null(at);
    assert_int_equal(sscanf(at + 15, "%63[^\"]", token), 1);
    (void)snprintf(body, sizeof(body),
                   "{\"work_id\":\"%s\",\"node_id\":\"t\",\"claim_token\":\"%s\",\"result\":%s}",
                   id, token, result);
    assert_int_equal(loop_post(n, "/work/complete", body), 200);
}

static int gauntlets(struct loop_node *n)
{
    int count = 0;

    for (const char *at = loop_get(n, "/gauntlet/list"); (at = strstr(at, "\"gauntlet_id\"")); at++)
        count++;
    return count;
}

static void each_model_plays_one_thorough_gauntlet(void **state)
{
    struct loop_node *n = *state;

    train(n, "{\"model\":\"m1\"}");
    train(n, "{\"model\":\"m1\"}"); /* the same model again */
    train(n, "{\"loss\":1}");       /* none */
    train(n, "{\"model\":7}");      /* none either */

    loop_run(n, "validation");
    loop_says(n, "\"action\":\"run\",\"subject\":\"m1\"");
    loop_run(n, "validation");

    loop_says(n, "\"last_actions\":[]");
    assert_int_equal(gauntlets(n), 1);
    loop_says(n, "\"type\":\"thorough\"");
    (void)loop_get(n, "/validation/list");
    loop_says(n, "\"model\":\"m1\",\"state\":\"started\",\"work_id\":\"w1\"");
}

static void three_begin_in_a_run_and_the_others_in_the_next(void **state)
{
    struct loop_node *n = *state;

    for (int i = 4; i > 0; i--) {
        char result[32];

        (void)snprintf(result, sizeof(result), "{\"model\":\"m%d\"}", i);
        train(n, result);
        rh_testnet_run(n->net, 1000);
    }

    loop_run(n, "validation");

    assert_int_equal(gauntlets(n), 3);
    loop_silent_on(n, "\"model\":\"m1\"");
    loop_run(n, "validation");
    assert_int_equal(gauntlets(n), 4);
}

static void a_model_that_cannot_play_is_put_off_and_keeps_nobody_waiting(void **state)
{
    struct loop_node *n = *state;

    train(n, "{\"model\":\"stranger\"}");
    train(n, "{\"model\":\"m1\"}");

    loop_run(n, "validation");

    loop_says(n, "\"failures\":0");
    assert_int_equal(gauntlets(n), 1);
    (void)loop_get(n, "/validation/list");
    loop_says(n, "\"model\":\"stranger\",\"state\":\"wanted\"");
    loop_says(n, "\"attempts\":1");
}

static void what_was_trained_while_the_loop_was_away_is_found(void **state)
{
    struct loop_node *n = *state;

    train(n, "{\"model\":\"m1\"}");
    loop_run(n, "validation");
    train(n, "{\"model\":\"m2\"}");

    loop_node_restart(n);
    loop_run(n, "validation");
    loop_run(n, "validation");

    assert_int_equal(gauntlets(n), 2);
}

/* The node dies at each of many instants of a run; in the end each model has played once. */
static void a_crash_at_any_instant_doubles_no_gauntlet(void **state)
{
    (void)state;
    for (int64_t ms = 0; ms < 40; ms += 4) {
        struct loop_node *n = start("");
        void *as_state = n;

        train(n, "{\"model\":\"m1\"}");
        train(n, "{\"model\":\"m2\"}");
        assert_int_equal(loop_post(n, "/loops/run", "{\"loop\":\"validation\"}"), 202);
        rh_testnet_run(n->net, ms);
        loop_node_restart(n);
        loop_run(n, "validation");
        loop_run(n, "validation");

        assert_int_equal(gauntlets(n), 2);
        (void)loop_node_free(&as_state);
    }
}

static void a_dry_run_starts_nothing(void **state)
{
    struct loop_node *n = start(",\"dry_run\":true");
    void *as_state = n;

    (void)state;
    train(n, "{\"model\":\"m1\"}");
    loop_run(n, "validation");

    loop_says(n, "\"action\":\"want\",\"subject\":\"m1\"");
    loop_says(n, "\"dry_run\":true");
    assert_int_equal(gauntlets(n), 0);
    (void)loop_node_free(&as_state);
}

static void a_gauntlet_without_baselines_is_refused_unless_the_loop_is_off(void **state)
{
    struct loop_node *n = *state;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_int_equal(rh_testhost_reconfigure(n->host, "loop_validation",
                                             "{\"gauntlets\":[{\"baselines\":[]}]}", why),
                     RH_EINVAL);
    assert_non_null(strstr(why, "\"*\" has no baselines"));

    assert_int_equal(
        rh_testhost_reconfigure(n->host, "loop_validation",
                                "{\"enabled\":false,\"gauntlets\":[{\"baselines\":[]}]}", why),
        RH_OK);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, loop_node_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_model_plays_one_thorough_gauntlet),
        CASE(three_begin_in_a_run_and_the_others_in_the_next),
        CASE(a_model_that_cannot_play_is_put_off_and_keeps_nobody_waiting),
        CASE(what_was_trained_while_the_loop_was_away_is_found),
        CASE(a_gauntlet_without_baselines_is_refused_unless_the_loop_is_off),
        cmocka_unit_test(a_crash_at_any_instant_doubles_no_gauntlet),
        cmocka_unit_test(a_dry_run_starts_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
