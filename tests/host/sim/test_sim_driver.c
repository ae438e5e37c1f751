/* Clocks of a simulated node. */
#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void wall_and_monotonic_time_pass_together(void **state)
{
    struct life_node n;
    int64_t wall_ms;
    int64_t now_us;

    (void)state;
    life_node_start(&n, 0);
    wall_ms = sim_driver_ops.wall_ms(n.host);
    now_us = sim_driver_ops.now_us(n.host);

    rh_testnet_run(n.net, 1234);

    assert_int_equal(sim_driver_ops.wall_ms(n.host) - wall_ms, 1234);
    assert_int_equal(sim_driver_ops.now_us(n.host) - now_us, 1234000);
    assert_int_equal(wall_ms, LIFE_WALL_MS + 2000);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_and_monotonic_time_pass_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
