/* Simulations of whole clusters of election cores. RH_TEST_SEED runs one seed; RH_TEST_SEEDS says
 * how many. */
#include "sim.h"

#define SEEDS       1000u
#define FAULT_STEPS 40u

static uint64_t number_from(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 0) : fallback;
}

/* An operator lets a node stand, forced or not, or step down. */
static void sim_operate(struct sim *s, uint32_t node)
{
    struct sim_node *n = &s->nodes[node];
    const uint32_t wish = (uint32_t)rh_rng_below(&s->rng, 4);
    const int64_t now_ms = sim_local_ms(s, node);

    if (!n->is_up)
        return;
    if (wish == 0)
        election_resign(&n->core, NULL, (int64_t)rh_rng_below(&s->rng, 4 * SIM_BEAT_US) / 1000,
                        now_ms);
    else
        s->started[election_start(&n->core, wish >= 2, now_ms)]++;
    sim_act(s, node);
    sim_arm(s, node);
}

static void draw_faults(struct sim *s)
{
    const uint32_t kind = (uint32_t)rh_rng_below(&s->rng, 6);
    const uint32_t side = (uint32_t)rh_rng_below(&s->rng, 1u << s->node_count);

    s->loss_percent = (uint32_t)rh_rng_below(&s->rng, 30);
    s->delay_max_us = 1000 + (int64_t)rh_rng_below(&s->rng, 400000);
    for (uint32_t a = 0; a < s->node_count; a++) {
        for (uint32_t b = 0; b < s->node_count; b++) {
            const bool crosses = ((side >> a) & 1u) != ((side >> b) & 1u);

            s->cut[a][b] = (kind == 0 && crosses) || (kind == 1 && crosses && ((side >> a) & 1u));
        }
    }
    if (kind == 2) { /* the line between two nodes; both still reach the rest */
        const uint32_t a = (uint32_t)rh_rng_below(&s->rng, s->node_count);
        const uint32_t b = (uint32_t)rh_rng_below(&s->rng, s->node_count);

        s->cut[a][b] = s->cut[b][a] = a != b;
    }
    if (kind >= 3) {
        const uint32_t node = (uint32_t)rh_rng_below(&s->rng, s->node_count);

        if (s->nodes[node].is_up)
            sim_crash(s, node, 1000 + (int64_t)rh_rng_below(&s->rng, 4 * SIM_BEAT_US));
    }
    if (rh_rng_below(&s->rng, 4) == 0)
        sim_operate(s, (uint32_t)rh_rng_below(&s->rng, s->node_count));
}

static void heal(struct sim *s)
{
    memset(s->cut, 0, sizeof(s->cut));
    s->loss_percent = 0;
    s->delay_max_us = 20000;
    for (uint32_t i = 0; i < s->node_count; i++)
        s->nodes[i].up_at_us = s->now_us;
}

static void run_faults(struct sim *s, uint64_t seed)
{
    sim_init(s, seed, 3 + 2 * (uint32_t)(seed % 2), (uint32_t)(seed / 2 % 2));
    for (uint32_t step = 0; step < FAULT_STEPS; step++) {
        draw_faults(s);
        sim_run(s, (int64_t)rh_rng_below(&s->rng, 2 * SIM_BEAT_US));
    }
    heal(s);
}

static struct sim sim; /* large */

static void clusters_survive_every_seed(void **state)
{
    const uint64_t only = number_from("RH_TEST_SEED", 0);
    const uint64_t first = only ? only : 1;
    const uint64_t last = only ? only : number_from("RH_TEST_SEEDS", SEEDS);
    int64_t slowest_us = 0;
    uint64_t asked = 0;

    (void)state;
    for (uint64_t seed = first; seed <= last; seed++) {
        int64_t took_us;
        uint32_t who = 0;

        run_faults(&sim, seed);
        took_us = sim_until_led(&sim, 10 * SIM_BEAT_US);
        if (took_us > slowest_us)
            slowest_us = took_us;
        sim_run(&sim, 30 * SIM_BEAT_US);
        if (sim.violations || took_us < 0 || sim_leaders(&sim, &who) != 1)
            print_message("RH_TEST_SEED=%" PRIu64 ": %s, led after %" PRId64 " us\n", seed,
                          sim.violation ? sim.violation : "no leader", took_us);
        assert_int_equal(sim.violations, 0);
        assert_true(took_us >= 0);
        assert_int_equal(sim_leaders(&sim, &who), 1);
        assert_true(sim.nodes[who].home.epoch > 0);
        assert_string_equal(sim.nodes[who].home.node_id, sim.nodes[who].core.cfg.self);
        assert_true(sim.confirmations > 0);
        asked += sim.started[ELECTION_START_ASKED];
    }
    assert_true(only || asked > 0); /* leaders were asked to hand over by force */
    print_message("%" PRIu64 " seeds; led at the latest %.1f beats after the faults ended\n",
                  last - first + 1, (double)slowest_us / (double)SIM_BEAT_US);
}

static void a_seed_runs_the_same_twice(void **state)
{
    static struct sim other;

    (void)state;

    run_faults(&sim, 77);
    run_faults(&other, 77);

    assert_int_equal(sim.order, other.order);
    assert_int_equal(sim.now_us, other.now_us);
    assert_memory_equal(sim.leader_of, other.leader_of, sizeof(sim.leader_of));
}

static void forgotten_votes_are_noticed(void **state)
{
    uint32_t caught = 0;

    (void)state;

    for (uint64_t seed = 1; seed <= 300; seed++) {
        sim_init(&sim, seed, 3, 0);
        sim.mutant_forgets_votes = true;
        for (uint32_t step = 0; step < 20; step++) {
            draw_faults(&sim);
            sim.loss_percent = 50; /* rounds fail, so that terms see more than one candidate */
            sim_run(&sim, (int64_t)rh_rng_below(&sim.rng, SIM_BEAT_US));
            sim_crash(&sim, (uint32_t)rh_rng_below(&sim.rng, 3), 1000);
            for (uint32_t i = 0; i < sim.node_count; i++)
                sim.nodes[i].core.sticky_until_ms = 0;
        }
        caught += sim.violations > 0;
    }

    assert_true(caught > 0);
}

static void the_highest_id_leads_a_fresh_cluster_within_its_jitter(void **state)
{
    uint32_t who = 99;

    (void)state;

    sim_init(&sim, 5, 3, 1);
    int64_t took_us = sim_until_led(&sim, 10 * SIM_BEAT_US);

    assert_in_range(took_us, 1, 2 * SIM_BEAT_US);
    assert_int_equal(sim_leaders(&sim, &who), 1);
    assert_int_equal(who, 2);
}

static void a_minority_elects_nobody(void **state)
{
    (void)state;

    sim_init(&sim, 6, 5, 0);
    sim_run(&sim, 10 * SIM_BEAT_US);
    for (uint32_t i = 2; i < 5; i++)
        sim_crash(&sim, i, 1000 * SIM_BEAT_US);
    sim_run(&sim, 40 * SIM_BEAT_US);

    assert_int_equal(sim_leaders(&sim, NULL), 0);
    assert_non_null(strstr(sim.nodes[0].core.reason, "no quorum"));
}

static void leadership_returns_to_the_home_that_comes_back(void **state)
{
    uint32_t home = 99;
    uint32_t who = 99;

    (void)state;

    sim_init(&sim, 8, 3, 0);
    sim_run(&sim, 10 * SIM_BEAT_US);
    assert_int_equal(sim_leaders(&sim, &home), 1);
    sim_crash(&sim, home, 10 * SIM_BEAT_US);
    sim_run(&sim, 9 * SIM_BEAT_US);
    assert_int_equal(sim_leaders(&sim, &who), 1);
    assert_int_not_equal(who, home);
    sim_run(&sim, 12 * SIM_BEAT_US);

    assert_int_equal(sim_leaders(&sim, &who), 1);
    assert_int_equal(who, home);
    assert_int_equal(sim.violations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_survive_every_seed),
        cmocka_unit_test(a_seed_runs_the_same_twice),
        cmocka_unit_test(forgotten_votes_are_noticed),
        cmocka_unit_test(the_highest_id_leads_a_fresh_cluster_within_its_jitter),
        cmocka_unit_test(a_minority_elects_nobody),
        cmocka_unit_test(leadership_returns_to_the_home_that_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
