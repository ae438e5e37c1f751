/* Health and leadership as people see them. */
#include "render_test.h"

static void status_says_what_is_not_well(void **state)
{
    (void)state;
    assert_render(
        render_status,
        "{\"status\":\"degraded\",\"node_id\":\"n1\",\"role\":\"coordinator\",\"version\":\"0.1."
        "0\","
        "\"uptime_s\":11520,\"leader\":\"n1\",\"epoch\":7,\"state_home\":\"n2\",\"maintenance\":"
        "true,"
        "\"checks\":[{\"name\":\"node\",\"status\":\"ok\",\"reason\":\"\"},{\"name\":\"leader\","
        "\"status\":\"degraded\",\"reason\":\"the state is at home on n2\"}],"
        "\"plugins\":[{\"id\":\"admin\",\"state\":\"active\",\"reason\":\"\"},"
        "{\"id\":\"work_queue\",\"state\":\"waiting\",\"reason\":\"state is on n2\"}]}",
        "node      n1, coordinator, version 0.1.0, up 3 h 12 min\n"
        "status    degraded\n"
        "leader    n1 (this node), epoch 7\n"
        "home      n2\n"
        "mode      maintenance: takes no new work\n"
        "checks    node ok\n"
        "          leader degraded: the state is at home on n2\n"
        "plugins   1 of 2 active\n"
        "          work_queue is waiting: state is on n2\n");
}

static void status_bears_missing_members(void **state)
{
    (void)state;
    assert_render(render_status, "{\"leader\":null}",
                  "node      -\nstatus    -\nleader    none\nhome      none yet\n"
                  "plugins   0 of 0 active\n");
}

static void status_says_who_replicates(void **state)
{
    (void)state;
    assert_render(render_status,
                  "{\"leader\":null,\"replication\":{\"member\":true,\"provider\":\"raft\","
                  "\"applied_index\":7}}",
                  "node      -\nstatus    -\nleader    none\n"
                  "state     replicated by raft, applied up to 7\nplugins   0 of 0 active\n");
    assert_render(render_status, "{\"leader\":null,\"replication\":{\"member\":false}}",
                  "node      -\nstatus    -\nleader    none\n"
                  "state     replicated elsewhere; this node is no member\n"
                  "plugins   0 of 0 active\n");
}

static void a_leader_by_raft_has_no_home(void **state)
{
    (void)state;
    assert_render(render_leader,
                  "{\"leader\":\"n1\",\"epoch\":3,\"source\":\"raft\",\"home\":\"\"}",
                  "leader    n1\nepoch     3\nsource    raft\n");
}

static void leader_has_lease_and_quorum(void **state)
{
    (void)state;
    assert_render(
        render_leader,
        "{\"leader\":\"n2\",\"epoch\":3,\"lease_expires_at\":1709294408500,\"quorum\":{"
        "\"have\":2,\"need\":2,\"voters\":[\"n1\",\"n2\",\"n3\"]},\"source\":\"election\","
        "\"reason\":\"\",\"home\":\"n1\"}",
        "leader    n2\nepoch     3\nlease     ends in 8 s\n"
        "quorum    2 of 2 needed; voters: n1, n2, n3\nsource    election\nhome      n1\n");
}

static void no_leader_has_a_reason(void **state)
{
    (void)state;
    assert_render(
        render_leader,
        "{\"leader\":null,\"epoch\":3,\"lease_expires_at\":null,\"reason\":\"no majority\"}",
        "leader    none: no majority\nepoch     3\nsource    -\nhome      none yet\n");
}

static void a_reload_says_what_changed_and_what_takes_a_restart(void **state)
{
    (void)state;
    assert_render(
        render_reload,
        "{\"reconfigured\":[\"gossip\"],\"started\":[\"elo_sync\"],\"refused\":[{\"plugin\":"
        "\"worker\",\"reason\":"
        "\"no such program\"}],\"needs_restart\":[\"node.bind\",\"plugin_set.x\"]}",
        "reconfigured  gossip\nstarted       elo_sync\nrefused       worker: no such program\n"
        "needs restart node.bind\nneeds restart plugin_set.x\n");
    assert_render(render_reload, "{\"reconfigured\":[],\"refused\":[],\"needs_restart\":[]}",
                  "nothing has changed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_says_what_is_not_well),
        cmocka_unit_test(status_bears_missing_members),
        cmocka_unit_test(status_says_who_replicates),
        cmocka_unit_test(a_leader_by_raft_has_no_home),
        cmocka_unit_test(leader_has_lease_and_quorum),
        cmocka_unit_test(no_leader_has_a_reason),
        cmocka_unit_test(a_reload_says_what_changed_and_what_takes_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
