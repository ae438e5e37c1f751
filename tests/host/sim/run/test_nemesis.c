/* Each kind of fault by itself leaves its mark on a run, and none after all is healed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/world.h"
#include "tests/host/sim/run/probe.h"

/* A run with these faults, and its trace; free it. */
static char *trace_of(const char *faults)
{
    char text[256];
    char *trace = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&trace, &size);
    struct suite *suite;
    struct world_result result;

    (void)snprintf(text, sizeof text, "nodes 5\n%s\nphase safety 30s\n", faults);
    suite = probe_suite(text);
    world_run(suite, 3, out, &result);
    suite_close(suite);
    (void)fclose(out);
    assert_int_equal(result.verdict, WORLD_GOOD);
    return trace;
}

static void expect_marks(const char *faults, const char *first, const char *second)
{
    char *trace = trace_of(faults);

    if (!strstr(trace, first) || (second && !strstr(trace, second)))
        fail_msg("%s leaves neither \"%s\" nor \"%s\"", faults, first, second ? second : "");
    free(trace);
}

static void what_comes_again_and_again_leaves_its_mark(void **state)
{
    (void)state;

    expect_marks("faults crash=2s", " crashes", "life 2");
    expect_marks("faults crash=2s power=100%", " loses its power", "life 2");
    expect_marks("faults crash=2s reboot=100%", " crashes", "life 2");
    expect_marks("faults pause=2s", " pauses", " goes on");
    expect_marks("faults cut=2s", " <-> ", NULL);
    expect_marks("faults oneway=2s", "cut n", " -> n");
    expect_marks("faults isolate=3s", "isolate n", "join n");
    expect_marks("faults split=3s", "split ", "join the halves");
    expect_marks("faults swizzle=3s", "isolate n", "join n");
    expect_marks("faults step=2s", "the wall clock is set by", NULL);
    expect_marks("faults slow_disk=2s", "the disk is slow", NULL);
    expect_marks("faults full_disk=2s", "the disk is full", NULL);
    expect_marks("faults bad_disk=2s", "the disk fails", NULL);
}

/* What the nodes are like from the start. */
static uint32_t unreachable, drifting, starts_apart;

static void look(struct rh_sim *sim)
{
    struct rh_sim_node first;

    unreachable = drifting = starts_apart = 0;
    rh_sim_node(sim, 0, &first);
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++) {
        struct rh_sim_node node;

        rh_sim_node(sim, i, &node);
        unreachable += node.is_unreachable;
        drifting += node.clock_ppm != 0;
        starts_apart += i > 0 && node.now_ms != first.now_ms;
        assert_in_range(node.clock_ppm + 100000, 0, 200000);
        assert_true(!node.is_unreachable || !node.is_voter);
    }
}

static void see(const char *faults)
{
    struct suite *suite = probe_suite(faults);
    struct world_result result;

    probe.on_tick = look;
    world_run(suite, 3, NULL, &result);
    suite_close(suite);
    assert_int_equal(result.verdict, WORLD_GOOD);
}

static void clocks_and_reach_are_so_from_the_beginning(void **state)
{
    (void)state;

    see("nodes 5\nphase safety 1s\n");
    assert_int_equal(unreachable, 0);
    assert_int_equal(drifting, 0);
    assert_int_equal(starts_apart, 4);
    see("nodes 5\nfaults nat=100% drift=10%\nphase safety 1s\n");
    assert_int_equal(unreachable, 2);
    assert_int_equal(drifting, 5);
}

static void nothing_is_injected_after_the_heal(void **state)
{
    char *trace;
    char *rest;

    (void)state;
    trace = trace_of("faults crash=1s cut=1s isolate=1s full_disk=1s pause=1s");
    rest = strstr(trace, "--- all is healed");

    assert_non_null(rest);
    assert_null(strstr(rest, " crashes"));
    assert_null(strstr(rest, " pauses"));
    assert_null(strstr(rest, "isolate"));
    assert_null(strstr(rest, "the disk is full"));
    free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_again_and_again_leaves_its_mark),
        cmocka_unit_test(clocks_and_reach_are_so_from_the_beginning),
        cmocka_unit_test(nothing_is_injected_after_the_heal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
