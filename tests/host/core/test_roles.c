/* Roles that plugins give the host: who is active, who is told when the node leaves. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "tests/host/core/agree.h"
#include "tests/host/core/life_net.h"

/* Two providers of one role on one node. */
struct pair {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct life_script scripts[2];
    struct life_plugin plugins[2];
    const void *second_table; /* of the second's role; NULL = the usual one */
};

static void pair_start(struct pair *p, uint32_t flags, uint32_t first_rank, uint32_t second_rank)
{
    struct rh_testhost_plugin rows[2];
    const struct rh_testhost_setup setup = {.plugins = rows, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX];

    p->net = rh_testnet_new(1, LIFE_WALL_MS);
    for (uint32_t i = 0; i < 2; i++) {
        p->scripts[i].is_active = 7; /* not told */
        life_describe(&p->plugins[i], i == 0 ? "admin" : "second", NULL, flags, &p->scripts[i]);
        p->plugins[i].role.rank = i == 0 ? first_rank : second_rank;
        if (i == 1 && p->second_table)
            p->plugins[i].role.table = p->second_table;
        rows[i] = life_entry(&p->plugins[i]);
    }
    if (rh_testhost_new(p->net, &setup, &p->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testnet_run(p->net, 1000);
}

static void the_highest_rank_is_active_and_the_others_stand_by(void **state)
{
    struct pair p = {0};

    (void)state;

    pair_start(&p, LIFE_MEMBERS, 10, 20);

    assert_int_equal(p.scripts[0].is_active, 0);
    assert_int_equal(p.scripts[1].is_active, 1);
    rh_testnet_free(p.net);
}

static void of_equal_ranks_the_first_in_the_configuration_is_active(void **state)
{
    struct pair p = {0};

    (void)state;

    pair_start(&p, LIFE_MEMBERS, 10, 10);

    assert_int_equal(p.scripts[0].is_active, 1);
    assert_int_equal(p.scripts[1].is_active, 0);
    rh_testnet_free(p.net);
}

static void lead_from_standby(void *self, void *script)
{
    struct life_script *s = script;

    (void)self;
    s->event_rc = s->leader->leading(s->rh->ctx, 5, INT64_MAX, 1, 1);
}

static void a_provider_that_stands_by_may_not_say_who_leads(void **state)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof leader};
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_LEADS, 10, 20);

    life_call(p.net, &p.scripts[0], lead_from_standby, 10);

    assert_int_equal(p.scripts[0].event_rc, RH_EFORBIDDEN);
    p.scripts[0].rh->cluster->leader(p.scripts[0].rh->ctx, &leader);
    assert_int_equal(leader.node_id.n, 0);
    rh_testnet_free(p.net);
}

static void a_stop_steps_down_once(void **state)
{
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_LEADS, 10, 20);

    assert_int_equal(rh_testhost_stop(p.host), 0);

    assert_int_equal(p.scripts[0].steps_down, 0);
    assert_int_equal(p.scripts[1].steps_down, 1);
    rh_testnet_free(p.net);
}

static void a_stop_says_goodbye_to_the_members(void **state)
{
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_MEMBERS, 10, 20);

    assert_int_equal(rh_testhost_stop(p.host), 0);

    assert_int_equal(p.scripts[0].has_left, 0);
    assert_int_equal(p.scripts[1].has_left, 1);
    rh_testnet_free(p.net);
}

static void shut_down(void *self, void *script)
{
    struct life_script *s = script;

    (void)self;
    (void)s->rh->control->shutdown(s->rh->ctx, 1000);
}

static void a_shutdown_asked_for_by_a_callback_steps_down_too(void **state)
{
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_LEADS | LIFE_CONTROL, 10, 20);

    life_call(p.net, &p.scripts[0], shut_down, 3000);

    assert_int_equal(p.scripts[1].steps_down, 1);
    rh_testnet_free(p.net);
}

static void ask_for_a_transfer(void *self, void *script)
{
    struct life_script *s = script;

    (void)self;
    s->event_rc = s->leader->transfer(s->rh->ctx, RH_STR_LIT("n3"));
}

static void a_provider_that_stands_by_may_ask_for_a_transfer(void **state)
{
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_LEADS, 10, 20);
    p.scripts[0].event_rc = 7;

    life_call(p.net, &p.scripts[0], ask_for_a_transfer, 10);

    assert_int_equal(p.scripts[0].event_rc, RH_OK);
    assert_string_equal(p.scripts[1].transfers.text, "n3 ");
    rh_testnet_free(p.net);
}

static void the_words_of_a_refused_transfer_reach_who_asked(void **state)
{
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_LEADS, 10, 20);
    p.scripts[1].transfer_rc = RH_EAGAIN;
    p.scripts[1].fail_text = "n3 is 12 entries behind";

    life_call(p.net, &p.scripts[0], ask_for_a_transfer, 10);

    assert_int_equal(p.scripts[0].event_rc, RH_EAGAIN);
    assert_string_equal(p.scripts[0].rh->ctx->fail_text, "n3 is 12 entries behind");
    rh_testnet_free(p.net);
}

static void the_active_provider_has_its_own_transfer(void **state)
{
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_LEADS, 10, 20);

    life_call(p.net, &p.scripts[1], ask_for_a_transfer, 10);

    assert_int_equal(p.scripts[1].event_rc, RH_EINVAL);
    assert_int_equal(p.scripts[1].transfers.n, 0);
    rh_testnet_free(p.net);
}

static void a_provider_without_a_transfer_is_unsupported(void **state)
{
    static const struct rh_leader_role_v1 bare = {.size = (uint32_t)sizeof bare};
    struct pair p = {0};

    (void)state;
    p.second_table = &bare;
    pair_start(&p, LIFE_LEADS, 10, 20);

    life_call(p.net, &p.scripts[0], ask_for_a_transfer, 10);

    assert_int_equal(p.scripts[0].event_rc, RH_EUNSUPPORTED);
    rh_testnet_free(p.net);
}

static void ask_to_step_down(void *self, void *script)
{
    struct life_script *s = script;

    (void)self;
    s->event_rc = s->leader->step_down(s->rh->ctx, 5000, "a test");
}

static void a_provider_that_stands_by_may_ask_to_step_down(void **state)
{
    struct pair p = {0};

    (void)state;
    pair_start(&p, LIFE_LEADS, 10, 20);

    life_call(p.net, &p.scripts[0], ask_to_step_down, 10);

    assert_int_equal(p.scripts[0].event_rc, RH_OK);
    assert_int_equal(p.scripts[1].steps_down, 1);
    assert_int_equal(p.scripts[0].steps_down, 0);
    rh_testnet_free(p.net);
}

/* A provider of rank 50 that may stand by, and one of leader/1 with rank 10. */
struct ranks {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct agree *all;
    struct agree_plugin agree;
    struct life_script script;
    struct life_plugin life;
};

static void ranks_start(struct ranks *r, bool stands_by)
{
    struct rh_testhost_plugin rows[2];
    const struct rh_testhost_setup setup = {.plugins = rows, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX];

    r->net = rh_testnet_new(1, LIFE_WALL_MS);
    r->all = agree_new();
    agree_describe(&r->agree, r->all, 0, "n1");
    life_describe(&r->life, "life", NULL, LIFE_LEADS, &r->script);
    r->script.is_active = 7; /* not told */
    r->all->nodes[0].stands_by = stands_by;
    rows[0] = agree_entry_of(&r->agree);
    rows[1] = life_entry(&r->life);
    if (rh_testhost_new(r->net, &setup, &r->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testnet_run(r->net, 500);
}

static void ranks_end(struct ranks *r)
{
    rh_testnet_free(r->net);
    agree_free(r->all);
}

static void who_stands_by_gives_none_of_its_roles(void **state)
{
    struct ranks r = {0};

    (void)state;

    ranks_start(&r, true);

    assert_false(r.all->nodes[0].leads_active);
    assert_false(r.all->nodes[0].is_active);
    assert_int_equal(r.script.is_active, 1);
    ranks_end(&r);
}

static void the_next_rank_takes_over_from_who_stands_by(void **state)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof leader};
    struct ranks r = {0};
    struct agree_node *node;

    (void)state;
    ranks_start(&r, false);
    node = &r.all->nodes[0];
    assert_true(node->leads_active);
    assert_int_equal(r.script.is_active, 0);
    agree_lead(r.all, 0);
    rh_testnet_run(r.net, 500);

    assert_int_equal(node->host->stand_by(node->rh->ctx, 1), RH_OK);
    rh_testnet_run(r.net, 500);

    assert_false(node->leads_active);
    assert_int_equal(r.script.is_active, 1);
    r.script.rh->cluster->leader(r.script.rh->ctx, &leader);
    assert_int_equal(leader.node_id.n, 0); /* what the former said does not hold any more */
    assert_int_equal(node->host->stand_by(node->rh->ctx, 0), RH_OK);
    rh_testnet_run(r.net, 500);
    assert_true(node->leads_active);
    assert_int_equal(r.script.is_active, 0);
    r.script.rh->cluster->leader(r.script.rh->ctx, &leader);
    assert_int_equal(leader.is_self, 1);
    ranks_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_rank_is_active_and_the_others_stand_by),
        cmocka_unit_test(of_equal_ranks_the_first_in_the_configuration_is_active),
        cmocka_unit_test(a_provider_that_stands_by_may_not_say_who_leads),
        cmocka_unit_test(a_stop_steps_down_once),
        cmocka_unit_test(a_stop_says_goodbye_to_the_members),
        cmocka_unit_test(a_shutdown_asked_for_by_a_callback_steps_down_too),
        cmocka_unit_test(a_provider_that_stands_by_may_ask_for_a_transfer),
        cmocka_unit_test(the_words_of_a_refused_transfer_reach_who_asked),
        cmocka_unit_test(the_active_provider_has_its_own_transfer),
        cmocka_unit_test(a_provider_without_a_transfer_is_unsupported),
        cmocka_unit_test(a_provider_that_stands_by_may_ask_to_step_down),
        cmocka_unit_test(who_stands_by_gives_none_of_its_roles),
        cmocka_unit_test(the_next_rank_takes_over_from_who_stands_by),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
