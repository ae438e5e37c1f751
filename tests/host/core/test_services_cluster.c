/* rh.cluster/1 and the host's side of membership: the one peer table, its events and notices. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void on_change(void *self, uint32_t changed)
{
    life_text_add(life_script_of(self)->trace, "changed:%u ", changed);
}

static struct rh_node_state peer_state(uint64_t version)
{
    return (struct rh_node_state){
        .size = (uint32_t)sizeof(struct rh_node_state),
        .node_id = RH_STR_LIT("n5"),
        .instance_id = RH_STR_LIT("i5"),
        .role = RH_STR_LIT("worker"),
        .address = RH_STR_LIT("n5:1"),
        .presence = RH_STR_LIT("{\"slots\":2}"),
        .generation = 1,
        .version = version,
    };
}

static void learn(void *self, void *script)
{
    const struct rh_node_state state = peer_state(1);
    struct life_script *s = script;

    (void)self;
    s->event_rc = s->membership->learn(s->rh->ctx, &state);
}

static void start(struct life_node *n)
{
    life_node_start(n, LIFE_MEMBERS | LIFE_EVENTS);
    n->trace = (struct life_text){0};
    n->script.events = n->script.payloads = (struct life_text){0};
}

static int32_t report(struct life_node *n, const char *node, uint32_t peer, const char *reason)
{
    return n->script.membership->report(n->script.rh->ctx, rh_str_from(node), peer, 1, reason);
}

static void a_learned_node_is_in_the_table_in_order(void **state)
{
    struct rh_peers peers = {.size = (uint32_t)sizeof peers};
    struct rh_peer peer = {.size = (uint32_t)sizeof peer};
    struct life_node n;

    (void)state;
    start(&n);

    life_call(n.net, &n.script, learn, 10);

    assert_int_equal(n.script.event_rc, RH_OK);
    n.script.rh->cluster->peers(n.script.rh->ctx, &peers);
    assert_int_equal(peers.count, 2);
    assert_string_equal(peers.peers[0].node_id.p, "n1");
    assert_string_equal(peers.peers[1].node_id.p, "n5");
    assert_int_equal(n.script.rh->cluster->peer(n.script.rh->ctx, RH_STR_LIT("n5"), &peer), RH_OK);
    assert_string_equal(peer.presence.p, "{\"slots\":2}");
    assert_int_equal(peer.state, RH_PEER_UNKNOWN);
    assert_int_equal(n.script.rh->cluster->peer(n.script.rh->ctx, RH_STR_LIT("n6"), &peer),
                     RH_ENOTFOUND);
    life_node_end(&n);
}

static void a_word_without_node_or_too_long_is_refused(void **state)
{
    char long_text[300];
    struct rh_node_state wrong = peer_state(1);
    struct life_node n;

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    start(&n);

    wrong.node_id = RH_STR_LIT("");
    assert_int_equal(n.script.membership->learn(n.script.rh->ctx, &wrong), RH_EINVAL);
    wrong.node_id = (struct rh_str){long_text, 65};
    assert_int_equal(n.script.membership->learn(n.script.rh->ctx, &wrong), RH_EINVAL);
    wrong = peer_state(1);
    wrong.address = (struct rh_str){long_text, 257};

    assert_int_equal(n.script.membership->learn(n.script.rh->ctx, &wrong), RH_EINVAL);
    life_node_end(&n);
}

static void edges_of_liveness_are_events_exactly_once(void **state)
{
    struct life_node n;

    (void)state;
    start(&n);
    life_call(n.net, &n.script, learn, 10);

    assert_int_equal(report(&n, "n5", RH_PEER_ALIVE, "heard of"), RH_OK);
    assert_int_equal(report(&n, "n5", RH_PEER_ALIVE, "again"), RH_OK);
    assert_int_equal(report(&n, "n5", RH_PEER_SUSPECT, "late"), RH_OK);
    assert_int_equal(report(&n, "n5", RH_PEER_ALIVE, "refuted"), RH_OK);
    rh_testnet_run(n.net, 100);
    assert_string_equal(n.script.events.text, "HOST_ONLINE ");
    assert_non_null(strstr(n.script.payloads.text, "\"node_id\":\"n5\",\"host_type\":\"worker\","
                                                   "\"capabilities\":{\"slots\":2}"));
    assert_int_equal(report(&n, "n5", RH_PEER_DEAD, "silent"), RH_OK);
    assert_int_equal(report(&n, "n5", RH_PEER_LEFT, "said so"), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_string_equal(n.script.events.text, "HOST_ONLINE HOST_OFFLINE ");
    assert_non_null(strstr(n.script.payloads.text, "\"reason\":\"silent\""));
    life_node_end(&n);
}

static void reports_about_strangers_and_states_that_are_none_are_refused(void **state)
{
    struct life_node n;

    (void)state;
    start(&n);

    assert_int_equal(report(&n, "n9", RH_PEER_ALIVE, ""), RH_ENOTFOUND);
    assert_int_equal(report(&n, "n1", RH_PEER_LEFT + 1, ""), RH_ENOTFOUND);
    assert_int_equal(n.script.membership->seen(n.script.rh->ctx, RH_STR_LIT("n9"), 1),
                     RH_ENOTFOUND);

    life_node_end(&n);
}

static void a_report_of_who_does_not_give_the_role_is_refused(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_EVENTS);

    assert_int_equal(report(&n, "n1", RH_PEER_DEAD, "so"), RH_EFORBIDDEN);

    life_node_end(&n);
}

static void seen_keeps_time_and_round_trip(void **state)
{
    struct rh_peer peer = {.size = (uint32_t)sizeof peer};
    struct life_node n;

    (void)state;
    start(&n);
    life_call(n.net, &n.script, learn, 10);

    assert_int_equal(n.script.membership->seen(n.script.rh->ctx, RH_STR_LIT("n5"), 12), RH_OK);
    assert_int_equal(n.script.membership->seen(n.script.rh->ctx, RH_STR_LIT("n5"), -1), RH_OK);

    assert_int_equal(n.script.rh->cluster->peer(n.script.rh->ctx, RH_STR_LIT("n5"), &peer), RH_OK);
    assert_int_equal(peer.rtt_ms, 12);
    assert_true(peer.last_seen_at_ms >= LIFE_WALL_MS);
    life_node_end(&n);
}

static void the_living_and_ourselves_are_not_forgotten(void **state)
{
    struct life_node n;

    (void)state;
    start(&n);
    life_call(n.net, &n.script, learn, 10);
    assert_int_equal(report(&n, "n5", RH_PEER_ALIVE, ""), RH_OK);

    assert_int_equal(n.script.membership->forget(n.script.rh->ctx, RH_STR_LIT("n5")), RH_ECONFLICT);
    assert_int_equal(n.script.membership->forget(n.script.rh->ctx, RH_STR_LIT("n1")), RH_ENOTFOUND);
    assert_int_equal(report(&n, "n5", RH_PEER_DEAD, ""), RH_OK);

    assert_int_equal(n.script.membership->forget(n.script.rh->ctx, RH_STR_LIT("n5")), RH_OK);
    life_node_end(&n);
}

static void watch_and_change_twice(void *self, void *script)
{
    struct life_script *s = script;
    const struct rh_node_state first = peer_state(1);
    const struct rh_node_state second = peer_state(2);

    (void)self;
    assert_int_equal(
        s->rh->cluster->watch(s->rh->ctx, RH_CHANGE_PEERS | RH_CHANGE_PRESENCE, on_change), RH_OK);
    assert_int_equal(s->membership->learn(s->rh->ctx, &first), RH_OK);
    assert_int_equal(s->membership->learn(s->rh->ctx, &second), RH_OK);
    assert_int_equal(s->membership->learn(s->rh->ctx, &second), RH_OK);
    assert_int_equal(life_text_count(s->trace, "changed:5"), 0); /* never inside the call */
}

static void changes_are_told_once_together_and_later(void **state)
{
    struct life_node n;

    (void)state;
    start(&n);

    life_call(n.net, &n.script, watch_and_change_twice, 10);

    assert_string_equal(n.trace.text, "changed:5 ");
    life_node_end(&n);
}

static void only_the_kinds_asked_for_are_told(void **state)
{
    struct life_node n;

    (void)state;
    start(&n);
    assert_int_equal(n.script.rh->cluster->watch(n.script.rh->ctx, RH_CHANGE_LEADER, on_change),
                     RH_OK);

    life_call(n.net, &n.script, learn, 10);

    assert_string_equal(n.trace.text, "");
    life_node_end(&n);
}

static void who_there_is_and_how_they_are_are_two_kinds(void **state)
{
    struct life_node n;

    (void)state;
    start(&n);
    assert_int_equal(n.script.rh->cluster->watch(n.script.rh->ctx, RH_CHANGE_MEMBERS, on_change),
                     RH_OK);
    life_call(n.net, &n.script, learn, 10);
    assert_string_equal(n.trace.text, "changed:8 ");

    assert_int_equal(report(&n, "n5", RH_PEER_DEAD, ""), RH_OK);
    life_call(n.net, &n.script, learn, 10); /* the same word again */
    assert_string_equal(n.trace.text, "changed:8 ");

    assert_int_equal(n.script.membership->forget(n.script.rh->ctx, RH_STR_LIT("n5")), RH_OK);
    life_call(n.net, &n.script, learn, 10);
    assert_string_equal(n.trace.text, "changed:8 changed:8 ");
    life_node_end(&n);
}

static void a_watch_can_be_ended(void **state)
{
    struct life_node n;

    (void)state;
    start(&n);
    assert_int_equal(n.script.rh->cluster->watch(n.script.rh->ctx, RH_CHANGE_PEERS, on_change),
                     RH_OK);
    assert_int_equal(n.script.rh->cluster->watch(n.script.rh->ctx, RH_CHANGE_PEERS, NULL), RH_OK);

    life_call(n.net, &n.script, learn, 10);

    assert_string_equal(n.trace.text, "");
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_learned_node_is_in_the_table_in_order),
        cmocka_unit_test(a_word_without_node_or_too_long_is_refused),
        cmocka_unit_test(edges_of_liveness_are_events_exactly_once),
        cmocka_unit_test(reports_about_strangers_and_states_that_are_none_are_refused),
        cmocka_unit_test(a_report_of_who_does_not_give_the_role_is_refused),
        cmocka_unit_test(seen_keeps_time_and_round_trip),
        cmocka_unit_test(the_living_and_ourselves_are_not_forgotten),
        cmocka_unit_test(changes_are_told_once_together_and_later),
        cmocka_unit_test(only_the_kinds_asked_for_are_told),
        cmocka_unit_test(who_there_is_and_how_they_are_are_two_kinds),
        cmocka_unit_test(a_watch_can_be_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
