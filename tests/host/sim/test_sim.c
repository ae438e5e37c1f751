/* Virtual time: order, cancelling, and that one seed gives one run. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void append(void *arg)
{
    struct life_text *text = ((void **)arg)[0];

    life_text_add(text, "%s ", (const char *)((void **)arg)[1]);
}

static char word_a[] = "a";
static char word_b[] = "b";
static char word_c[] = "c";

static void events_happen_in_the_order_of_time_then_of_adding(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct life_text text = {0};
    void *a[] = {&text, word_a};
    void *b[] = {&text, word_b};
    void *c[] = {&text, word_c};

    (void)state;
    (void)sim_at(net, net->now_us + 2000, append, a);
    (void)sim_at(net, net->now_us + 1000, append, b);
    (void)sim_at(net, net->now_us + 2000, append, c);

    rh_testnet_run(net, 5);

    assert_string_equal(text.text, "b a c ");
    assert_int_equal(rh_testnet_now_ms(net), 1005);
    rh_testnet_free(net);
}

static void a_cancelled_event_does_not_happen(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct life_text text = {0};
    void *a[] = {&text, word_a};

    (void)state;

    sim_cancel(sim_at(net, net->now_us + 1000, append, a));
    sim_cancel(NULL);
    rh_testnet_run(net, 5);

    assert_string_equal(text.text, "");
    rh_testnet_free(net);
}

static void an_event_of_the_past_happens_now(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    struct life_text text = {0};
    void *a[] = {&text, word_a};

    (void)state;
    (void)sim_at(net, 0, append, a);

    rh_testnet_run(net, 0);

    assert_string_equal(text.text, "a ");
    assert_int_equal(rh_testnet_now_ms(net), 1000);
    rh_testnet_free(net);
}

static bool never(void *user)
{
    (void)user;
    return false;
}

static void running_until_something_ends_at_the_limit(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);

    (void)state;

    assert_false(rh_testnet_run_until(net, never, NULL, 500));

    assert_int_equal(rh_testnet_now_ms(net), 1500);
    rh_testnet_free(net);
}

static void a_paused_node_does_nothing_and_then_all_at_once(void **state)
{
    struct life_node n;
    struct life_text text = {0};
    void *a[] = {&text, word_a};
    void *b[] = {&text, word_b};
    void *c[] = {&text, word_c};

    (void)state;
    life_node_start(&n, 0);
    (void)sim_at_node(n.host, n.net->now_us + 1000, append, a);
    (void)sim_at(n.net, n.net->now_us + 2000, append, b);
    sim_cancel(sim_at_node(n.host, n.net->now_us + 3000, append, c));
    sim_pause(n.host);

    rh_testnet_run(n.net, 100);
    assert_string_equal(text.text, "b ");
    sim_resume(n.host, false);
    rh_testnet_run(n.net, 0);

    assert_string_equal(text.text, "b a ");
    life_node_end(&n);
}

static void a_timer_that_is_cancelled_while_it_waits_does_not_fire(void **state)
{
    struct life_node n;
    struct life_text text = {0};
    void *a[] = {&text, word_a};
    struct sim_event *event;

    (void)state;
    life_node_start(&n, 0);
    event = sim_at_node(n.host, n.net->now_us + 1000, append, a);
    sim_pause(n.host);
    rh_testnet_run(n.net, 100);

    sim_cancel(event);
    sim_resume(n.host, true);
    rh_testnet_run(n.net, 10);

    assert_string_equal(text.text, "");
    life_node_end(&n);
}

static void a_paused_leader_is_replaced_and_gives_way(void **state)
{
    struct life_cluster c;
    uint32_t old;
    uint32_t now;

    (void)state;
    life_cluster_start(&c, 3, 11);
    old = life_cluster_await(&c, 3);

    sim_pause(c.hosts[old]);
    rh_testnet_run(c.net, 10000);
    sim_resume(c.hosts[old], true);
    now = life_cluster_await(&c, old);

    assert_true(now != old);
    assert_false(c.hosts[old]->core->lead.is_self);
    life_cluster_end(&c);
}

/* A digest of a run of three nodes: who leads when, and all that was logged. */
static void digest(uint64_t seed, struct life_text *out)
{
    struct life_cluster c;

    life_cluster_start(&c, 3, seed);
    rh_testnet_latency(c.net, 1, 20);
    (void)life_cluster_await(&c, 3);
    rh_testnet_run(c.net, 20000);
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t line = 0; line < 8; line++)
            if (c.hosts[i]->log[line])
                life_text_add(out, "%s\n", c.hosts[i]->log[line]);
    life_text_add(out, "%lld\n", (long long)c.net->order);
    life_cluster_end(&c);
}

static void one_seed_gives_one_run_and_another_seed_another(void **state)
{
    struct life_text first = {0};
    struct life_text again = {0};
    struct life_text other = {0};

    (void)state;

    digest(5, &first);
    digest(5, &again);
    digest(6, &other);

    assert_string_equal(first.text, again.text);
    assert_string_not_equal(first.text, other.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_happen_in_the_order_of_time_then_of_adding),
        cmocka_unit_test(a_cancelled_event_does_not_happen),
        cmocka_unit_test(an_event_of_the_past_happens_now),
        cmocka_unit_test(running_until_something_ends_at_the_limit),
        cmocka_unit_test(a_paused_node_does_nothing_and_then_all_at_once),
        cmocka_unit_test(a_timer_that_is_cancelled_while_it_waits_does_not_fire),
        cmocka_unit_test(a_paused_leader_is_replaced_and_gives_way),
        cmocka_unit_test(one_seed_gives_one_run_and_another_seed_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
