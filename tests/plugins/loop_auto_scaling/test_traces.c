/* Scripted demand: how a pool follows steps, ramps, sawteeth and nothing, with metrics that get
 * lost and drivers that fail. What must hold: no flapping, and nobody who is busy, leads, votes or
 * is protected is ever stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "plugins/loop_auto_scaling/fleet.h"
#include "plugins/loop_auto_scaling/scale.h"

#define S          1000
#define TICK_S     120
#define BOOT_S     90
#define JOB_S      300
#define WORLD_MAX  64u
#define HOUR_TICKS 30

static const struct fleet_limits fleet_limits = {
    .boot_ms = 900 * S, .retry_base_ms = 60 * S, .retry_most_ms = 960 * S, .driver_ms = 600 * S};

/* A pool on a clock of its own; a machine holds as much of the demand as it may, for JOB_S. */
struct world {
    struct scale_limits limits;
    struct scale_history history;
    struct fleet_machine machines[WORLD_MAX];
    struct fleet_view views[WORLD_MAX];
    int64_t busy_until_s[WORLD_MAX];
    uint32_t count;
    int64_t now_s;
    int64_t most;   /* machines there were */
    int64_t starts; /* drivers that succeeded */
    int64_t stops;
    int64_t turns; /* changes of direction of the number desired */
    int64_t last_desired;
    int last_direction;
    uint32_t failing; /* drivers that fail from now on */
};

static void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    w->limits = (struct scale_limits){.most = 50,
                                      .target = 10,
                                      .tolerance = 0.1,
                                      .window_ms = 300 * S,
                                      .up_least = 4,
                                      .up_percent = 100,
                                      .up_window_ms = 60 * S};
    w->now_s = 100000;
}

static void stop_machine(struct world *w, uint32_t i)
{
    const struct fleet_view *view = &w->views[i];

    assert_false(view->is_leader);
    assert_false(view->is_voter);
    assert_false(view->is_protected);
    assert_int_equal(view->leases, 0);
    if (w->failing > 0) {
        w->failing--;
        fleet_failed(&w->machines[i], "the cloud is down", false, &fleet_limits, w->now_s * S);
        return;
    }
    w->stops++;
    w->count--;
    w->machines[i] = w->machines[w->count];
    w->views[i] = w->views[w->count];
    w->busy_until_s[i] = w->busy_until_s[w->count];
}

static void do_op(struct world *w, uint32_t i, enum fleet_op op)
{
    if (op == FLEET_STOP) {
        stop_machine(w, i);
    } else if (op == FLEET_START && w->failing > 0) {
        w->failing--;
        fleet_failed(&w->machines[i], "no quota", false, &fleet_limits, w->now_s * S);
    } else if (op == FLEET_START) {
        fleet_move(&w->machines[i], FLEET_BOOTING, w->now_s * S);
        w->starts++;
    } else if (op == FLEET_DRAIN) {
        w->machines[i].is_drained = true;
        w->machines[i].since_ms = w->now_s * S;
    } else if (op == FLEET_UNDRAIN) {
        w->machines[i].is_drained = false;
    }
}

static void note_direction(struct world *w, int64_t desired)
{
    const int direction = desired > w->last_desired ? 1 : desired < w->last_desired ? -1 : 0;

    if (direction != 0 && w->last_direction != 0 && direction != w->last_direction)
        w->turns++;
    if (direction != 0)
        w->last_direction = direction;
    w->last_desired = desired;
}

static void live(struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        struct fleet_machine *machine = &w->machines[i];

        w->views[i].is_alive =
            machine->state != FLEET_STARTING &&
            (machine->state != FLEET_BOOTING || w->now_s * S - machine->since_ms >= BOOT_S * S);
        w->views[i].leases = w->busy_until_s[i] > w->now_s ? 1 : 0;
    }
}

/* One run of the loop; demand < 0: the metric is lost. */
static void tick(struct world *w, double demand)
{
    struct scale_input input = {.now_ms = w->now_s * S, .has_total = demand >= 0, .total = demand};
    struct fleet_machine *list[WORLD_MAX];
    enum fleet_op ops[WORLD_MAX] = {FLEET_NOTHING};
    struct scale_verdict verdict;
    int64_t current;

    live(w);
    for (uint32_t i = 0; i < w->count; i++) {
        list[i] = &w->machines[i];
        ops[i] = fleet_advance(list[i], &w->views[i], &fleet_limits, w->now_s * S);
        input.ready += fleet_is_ready(list[i]);
        input.booting += fleet_counts(list[i]) && !fleet_is_ready(list[i]);
    }
    current = input.ready + input.booting;
    verdict = scale_decide(&w->history, &w->limits, &input);
    if (demand < 0)
        assert_true(verdict.desired >= current);
    note_direction(w, verdict.desired);
    if (verdict.desired > current) {
        const int64_t kept =
            fleet_keep(list, ops, w->count, verdict.desired - current, w->now_s * S);

        scale_note_added(&w->history, w->now_s * S, verdict.desired - current);
        for (int64_t n = current + kept; n < verdict.desired; n++) {
            assert_true(w->count < WORLD_MAX);
            w->machines[w->count] =
                (struct fleet_machine){.state = FLEET_STARTING, .since_ms = w->now_s * S};
            w->views[w->count] = (struct fleet_view){.leases = 0};
            w->busy_until_s[w->count] = 0;
            ops[w->count++] = FLEET_START;
        }
    } else if (verdict.desired < current) {
        (void)fleet_shrink(list, w->views, ops, w->count, current - verdict.desired, &fleet_limits,
                           w->now_s * S);
    }
    w->most = (int64_t)w->count > w->most ? (int64_t)w->count : w->most;
    for (uint32_t i = w->count; i-- > 0;)
        do_op(w, i, ops[i]);
    /* As much work as there is goes to whoever is ready. */
    for (uint32_t i = 0; i < w->count && demand > 0; i++)
        if (fleet_is_ready(&w->machines[i]) && w->busy_until_s[i] <= w->now_s) {
            w->busy_until_s[i] = w->now_s + JOB_S;
            demand -= w->limits.target;
        }
    w->now_s += TICK_S;
}

static void run(struct world *w, int ticks, double demand)
{
    while (ticks-- > 0)
        tick(w, demand);
}

static void a_step_up_and_down_turns_once(void **state)
{
    static struct world w;

    (void)state;
    world_init(&w);
    run(&w, 5, 0);
    run(&w, HOUR_TICKS, 200);
    assert_int_equal(w.last_desired, 20);
    run(&w, HOUR_TICKS, 0);

    assert_int_equal(w.count, 0);
    assert_int_equal(w.turns, 1);
    assert_int_equal(w.starts, w.stops);
    assert_int_equal(w.most, 20);
}

static void a_ramp_is_followed_without_going_back(void **state)
{
    static struct world w;

    (void)state;
    world_init(&w);
    for (int i = 0; i <= 40; i++)
        tick(&w, i * 10);
    assert_int_equal(w.turns, 0);
    assert_in_range(w.last_desired, 36, 40);
    for (int i = 40; i >= 0; i--)
        tick(&w, i * 10);
    run(&w, 10, 0);

    assert_int_equal(w.turns, 1);
    assert_int_equal(w.count, 0);
}

static void a_sawtooth_within_the_window_moves_nothing(void **state)
{
    static struct world w;
    int64_t starts;

    (void)state;
    world_init(&w);
    run(&w, 10, 100);
    starts = w.starts;
    for (int i = 0; i < 60; i++)
        tick(&w, i % 2 ? 100 : 20);

    assert_int_equal(w.starts, starts);
    assert_int_equal(w.stops, 0);
    assert_int_equal(w.turns, 0);
}

static void noise_within_the_tolerance_moves_nothing(void **state)
{
    static struct world w;

    (void)state;
    world_init(&w);
    run(&w, 10, 200);
    for (int i = 0; i < 60; i++)
        tick(&w, 200 + (i * 7 % 39) - 19);

    assert_int_equal(w.starts, 20);
    assert_int_equal(w.stops, 0);
}

static void a_metric_that_is_lost_freezes_the_pool(void **state)
{
    static struct world w;

    (void)state;
    world_init(&w);
    run(&w, 10, 100);
    run(&w, HOUR_TICKS, -1);

    assert_int_equal(w.last_desired, 10);
    assert_int_equal(w.stops, 0);
    run(&w, 10, 100); /* and when it comes back, nothing is taken away either */
    assert_int_equal(w.stops, 0);
}

static void drivers_that_fail_start_none_twice_and_lose_none(void **state)
{
    static struct world w;

    (void)state;
    world_init(&w);
    w.failing = 12;
    run(&w, HOUR_TICKS, 50);
    assert_int_equal(w.starts, 5);
    assert_int_equal(w.count, 5);
    w.failing = 9;
    run(&w, 2 * HOUR_TICKS, 0);

    assert_int_equal(w.stops, 5);
    assert_int_equal(w.count, 0);
}

static void those_that_are_guarded_outlive_the_demand(void **state)
{
    static struct world w;

    (void)state;
    world_init(&w);
    run(&w, 10, 80);
    assert_int_equal(w.count, 8);
    w.views[1].is_voter = true;
    w.views[4].is_leader = true;
    w.views[6].is_protected = true;
    run(&w, HOUR_TICKS, 0);

    assert_int_equal(w.count, 3);
}

static void demand_that_comes_back_keeps_those_that_were_going(void **state)
{
    static struct world w;

    (void)state;
    world_init(&w);
    run(&w, 10, 100);
    for (uint32_t i = 0; i < w.count; i++)
        w.busy_until_s[i] = w.now_s + 10000;
    run(&w, 6, 0);
    assert_int_equal(w.last_desired, 0);
    assert_int_equal(w.stops, 0); /* all of them are busy */

    run(&w, 3, 100);

    assert_int_equal(w.starts, 10);
    assert_int_equal(w.last_desired, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_up_and_down_turns_once),
        cmocka_unit_test(a_ramp_is_followed_without_going_back),
        cmocka_unit_test(a_sawtooth_within_the_window_moves_nothing),
        cmocka_unit_test(noise_within_the_tolerance_moves_nothing),
        cmocka_unit_test(a_metric_that_is_lost_freezes_the_pool),
        cmocka_unit_test(drivers_that_fail_start_none_twice_and_lose_none),
        cmocka_unit_test(those_that_are_guarded_outlive_the_demand),
        cmocka_unit_test(demand_that_comes_back_keeps_those_that_were_going),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
