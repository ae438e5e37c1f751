/* The wire: delays within their bounds, loss and duplicates as often as asked for, cuts of one way.
 */
#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim_link.h"

#define DRAWS 10000

static void latency_stays_within_its_bounds(void **state)
{
    struct sim_wire wire;
    struct rh_rng rng;

    (void)state;
    sim_wire_init(&wire);
    rh_rng_seed(&rng, 7);
    wire.faults.least_us = 3000;
    wire.faults.most_us = 9000;

    for (int i = 0; i < DRAWS; i++) {
        int64_t at_us = 0;

        assert_true(sim_wire_send(&wire, 0, 1, 100, &rng, &at_us));
        assert_in_range(at_us, 3100, 9100);
    }

    sim_wire_release(&wire);
}

static void a_tail_comes_on_top_and_has_an_end(void **state)
{
    struct sim_wire wire;
    struct rh_rng rng;
    int late = 0;

    (void)state;
    sim_wire_init(&wire);
    rh_rng_seed(&rng, 7);
    wire.faults.tail_ppm = 100000;
    wire.faults.tail_us = 1000000;

    for (int i = 0; i < DRAWS; i++) {
        int64_t at_us = 0;

        assert_true(sim_wire_send(&wire, 0, 1, 0, &rng, &at_us));
        assert_in_range(at_us, 1000, 1001000);
        late += at_us > 1000;
    }

    assert_in_range(late, 800, 1200);
    sim_wire_release(&wire);
}

static void messages_are_lost_as_often_as_asked_for(void **state)
{
    struct sim_wire wire;
    struct rh_rng rng;
    int lost = 0;

    (void)state;
    sim_wire_init(&wire);
    rh_rng_seed(&rng, 7);
    wire.faults.loss_ppm = 200000;

    for (int i = 0; i < DRAWS; i++) {
        int64_t at_us;

        lost += !sim_wire_send(&wire, 0, 1, 0, &rng, &at_us);
    }

    assert_in_range(lost, 1800, 2200);
    sim_wire_release(&wire);
}

static void a_cut_has_one_direction_and_is_healed(void **state)
{
    const struct sim_faults calm = {.least_us = 1, .most_us = 2};
    struct sim_wire wire;
    struct rh_rng rng;
    int64_t at_us;

    (void)state;
    sim_wire_init(&wire);
    rh_rng_seed(&rng, 7);

    sim_wire_cut(&wire, 1, 2, true);

    assert_false(sim_wire_send(&wire, 1, 2, 0, &rng, &at_us));
    assert_true(sim_wire_send(&wire, 2, 1, 0, &rng, &at_us));
    sim_wire_heal(&wire, &calm);
    assert_true(sim_wire_send(&wire, 1, 2, 0, &rng, &at_us));
    assert_in_range(at_us, 1, 2);
    sim_wire_release(&wire);
}

static void on_a_fifo_wire_nothing_overtakes(void **state)
{
    struct sim_wire wire;
    struct rh_rng rng;
    int64_t last_us = 0;

    (void)state;
    sim_wire_init(&wire);
    rh_rng_seed(&rng, 7);
    wire.faults.most_us = 500000;
    wire.faults.is_fifo = true;

    for (int i = 0; i < DRAWS; i++) {
        int64_t at_us = 0;

        assert_true(sim_wire_send(&wire, 0, 1, i, &rng, &at_us));
        assert_true(at_us >= last_us);
        last_us = at_us;
    }

    sim_wire_release(&wire);
}

static void a_link_may_have_faults_of_its_own(void **state)
{
    struct sim_wire wire;
    struct sim_link *link;

    (void)state;
    sim_wire_init(&wire);

    link = sim_wire_link(&wire, 4, 5);
    link->has_faults = true;
    link->faults.loss_ppm = 5;

    assert_int_equal(sim_wire_faults(&wire, 4, 5)->loss_ppm, 5);
    assert_int_equal(sim_wire_faults(&wire, 5, 4)->loss_ppm, 0);
    sim_wire_release(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latency_stays_within_its_bounds),
        cmocka_unit_test(a_tail_comes_on_top_and_has_an_end),
        cmocka_unit_test(messages_are_lost_as_often_as_asked_for),
        cmocka_unit_test(a_cut_has_one_direction_and_is_healed),
        cmocka_unit_test(on_a_fifo_wire_nothing_overtakes),
        cmocka_unit_test(a_link_may_have_faults_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
