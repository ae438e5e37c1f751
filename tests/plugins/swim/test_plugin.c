/* Tests of the plugin in several hosts on virtual time: what they believe of each other. */
#include "world.h"

static void peers_and_members_agree(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testnet_run(w.net, 60000);

    for (uint32_t i = 0; i < w.count; i++) {
        const char *last = "";

        assert_true(sees(&w, i, i, "alive"));
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=suspect"), 0);
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
        assert_non_null(strstr(get(&w, i, "/swim/members"), "\"local_health\":0"));
        if (rh_testhost_errors(w.hosts[i], &last))
            fail_msg("%s", last);
    }
    assert_true(all_alive(&w));
    rh_testnet_free(w.net);
}

static void a_crashed_node_is_dead_everywhere_and_its_leases_end_at_once(void **state)
{
    struct world w;
    int64_t took_ms;

    (void)state;
    begin(&w, 5);
    rh_testnet_run(w.net, 10000);
    assert_int_equal(rh_testhost_request(w.hosts[0], "POST", "/work/add",
                                         "{\"work_type\":\"t\",\"timeout_s\":3000}", &w.reply),
                     201);
    assert_int_equal(
        rh_testhost_request(w.hosts[4], "POST", "/work/claim", "{\"node_id\":\"n5\"}", &w.reply),
        200);
    assert_non_null(strstr(w.reply.body, "claim_token"));

    rh_testhost_crash(w.hosts[4]);
    took_ms = await(&w, 4, "dead", FIND_MS);

    print_message("FIGURE swim.plugin.crash_known_everywhere_s %.3f\n", (double)took_ms / 1000);
    rh_testnet_run(w.net, 1000);
    assert_non_null(strstr(get(&w, 0, "/work/pending"), "\"total\":1"));
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 1);
    rh_testnet_free(w.net);
}

static void a_returned_node_is_alive_everywhere(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;
    int64_t took_ms;

    (void)state;
    begin(&w, 5);
    rh_testhost_crash(w.hosts[3]);
    (void)await(&w, 3, "dead", FIND_MS);

    assert_int_equal(rh_testhost_start(w.hosts[3], why), RH_OK);
    took_ms = await(&w, 3, "alive", FIND_MS);

    print_message("FIGURE swim.plugin.return_known_everywhere_s %.3f\n", (double)took_ms / 1000);
    await_all_alive(&w, 1000);
    rh_testnet_free(w.net);
}

static void a_restart_before_anyone_noticed_is_no_death(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testhost_crash(w.hosts[2]);
    rh_testnet_run(w.net, 300);
    assert_int_equal(rh_testhost_start(w.hosts[2], why), RH_OK);
    rh_testnet_run(w.net, FIND_MS);

    await_all_alive(&w, 1000);
    for (uint32_t i = 0; i < w.count; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    rh_testnet_free(w.net);
}

static void all_crash_and_come_back(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin(&w, 5);

    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < w.count; i++)
            rh_testhost_crash(w.hosts[i]);
        for (uint32_t i = 0; i < w.count; i++) {
            assert_int_equal(rh_testhost_start(w.hosts[i], why), RH_OK);
            rh_testnet_run(w.net, 100);
        }
        rh_testnet_run(w.net, 5000);
        await_all_alive(&w, 60000);
    }

    rh_testnet_free(w.net);
}

static void a_cut_node_comes_back_by_itself(void **state)
{
    struct world w;
    int64_t took_ms;

    (void)state;
    begin(&w, 5);
    cut_off(&w, 4, true);
    (void)await(&w, 4, "dead", FIND_MS);
    rh_testnet_run(w.net, 60000);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(sees(&w, 4, i, "dead"));

    cut_off(&w, 4, false);
    took_ms = await(&w, 4, "alive", 2 * 20 * BEAT_MS);

    print_message("FIGURE swim.plugin.heal_s %.3f\n", (double)took_ms / 1000);
    await_all_alive(&w, 2 * 20 * BEAT_MS);
    rh_testnet_free(w.net);
}

static void one_broken_line_condemns_nobody(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testnet_cut(w.net, "n1", "n2", true);
    rh_testnet_run(w.net, 120000);

    assert_true(all_alive(&w));
    for (uint32_t i = 0; i < w.count; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    rh_testnet_free(w.net);
}

static void a_node_that_says_goodbye_has_left(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin(&w, 5);

    assert_int_equal(rh_testhost_stop(w.hosts[4]), 0);
    (void)await(&w, 4, "left", 2000);
    rh_testnet_run(w.net, 60000);

    assert_true(all_see(&w, 4, "left"));
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=suspect"), 0);
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    }
    assert_int_equal(rh_testhost_start(w.hosts[4], why), RH_OK);
    (void)await(&w, 4, "alive", FIND_MS);
    rh_testnet_free(w.net);
}

static void a_node_known_only_by_gossip_becomes_a_member(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    add(&w, 3, NULL); /* no voter: the others have never heard of it */
    rh_testnet_run(w.net, 5000);

    (void)await(&w, 5, "alive", 30000);
    await_all_alive(&w, 10000);
    rh_testnet_free(w.net);
}

static void gossip_forgets_those_that_swim_gave_up_and_nobody_else(void **state)
{
    char why[RH_TESTHOST_WHY_MAX];
    struct world w;

    (void)state;
    begin_with(&w, 5, "{\"prune_after\":\"30s\"}");

    rh_testhost_crash(w.hosts[4]);
    (void)await(&w, 4, "dead", FIND_MS);
    rh_testnet_run(w.net, 25000);
    assert_true(all_see(&w, 4, "dead"));
    rh_testnet_run(w.net, 10000);

    for (uint32_t i = 0; i < 4; i++) {
        assert_null(strstr(get(&w, i, "/peers"), "\"n5\""));
        assert_null(strstr(get(&w, i, "/swim/members"), "\"n5\""));
        assert_true(all_see(&w, i, "alive"));
    }
    assert_int_equal(rh_testhost_start(w.hosts[4], why), RH_OK);
    rh_testnet_run(w.net, 2000);
    (void)await(&w, 4, "alive", FIND_MS);
    rh_testnet_free(w.net);
}

static void members_survive_a_change_of_activation(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5);

    rh_testhost_reactivate(w.hosts[1], "swim");
    rh_testnet_run(w.net, FIND_MS);

    assert_true(all_alive(&w));
    for (uint32_t i = 0; i < w.count; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    rh_testnet_free(w.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers_and_members_agree),
        cmocka_unit_test(a_crashed_node_is_dead_everywhere_and_its_leases_end_at_once),
        cmocka_unit_test(a_returned_node_is_alive_everywhere),
        cmocka_unit_test(a_restart_before_anyone_noticed_is_no_death),
        cmocka_unit_test(all_crash_and_come_back),
        cmocka_unit_test(a_cut_node_comes_back_by_itself),
        cmocka_unit_test(one_broken_line_condemns_nobody),
        cmocka_unit_test(a_node_that_says_goodbye_has_left),
        cmocka_unit_test(a_node_known_only_by_gossip_becomes_a_member),
        cmocka_unit_test(gossip_forgets_those_that_swim_gave_up_and_nobody_else),
        cmocka_unit_test(members_survive_a_change_of_activation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
