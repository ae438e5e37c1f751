/* Scripted lines carried out on a cluster: what each verb does, seen by the probe, and expectations
 * that are met or not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/run/verbs.h"
#include "host/sim/run/world.h"
#include "tests/host/sim/run/probe.h"

static struct world_result run(const char *text)
{
    struct suite *suite = probe_suite(text);
    struct world_result result;

    world_run(suite, 1, NULL, &result);
    suite_close(suite);
    return result;
}

static void expect_good(const char *text)
{
    const struct world_result result = run(text);

    if (result.verdict != WORLD_GOOD)
        fail_msg("%s: %s: %s", text, result.invariant, result.text);
}

static void expect_script(const char *text, const char *says)
{
    const struct world_result result = run(text);

    assert_int_equal(result.verdict, WORLD_VIOLATION);
    assert_string_equal(result.invariant, "script");
    if (!strstr(result.text, says))
        fail_msg("%s: expected \"%s\", got \"%s\"", text, says, result.text);
}

static void a_leader_is_awaited(void **state)
{
    (void)state;

    expect_good("at 1s expect leader within 5s\nphase safety 10s\n");
    expect_script("at 1ms expect leader within 1ms\nphase safety 10s\n",
                  "line 4: no such leader in time");
}

static void without_a_majority_nobody_leads(void **state)
{
    (void)state;

    expect_good("at 5s crash n1\nat 5s crash n2\nat 9s expect leaderless within 1s\n"
                "at 10s restart n1\nat 10s expect leader within 10s\nphase safety 25s\n");
    expect_script("at 5s expect leaderless within 1s\nphase safety 10s\n", "somebody still leads");
}

static void an_isolated_leader_is_replaced_and_links_heal_by_themselves(void **state)
{
    (void)state;

    expect_good("at 5s isolate leader for 10s\nat 12s expect leader within 1s\n"
                "phase safety 20s\n");
    expect_good("at 5s cut n1 all\nat 5s cut n2 all\nat 10s expect leaderless within 1s\n"
                "at 12s heal\nat 12s expect leader within 12s\nphase safety 30s\n");
    expect_good("at 5s oneway all n1\nat 5s oneway all n2\nat 10s expect leaderless within 1s\n"
                "phase safety 12s\n");
}

static void power_stop_and_pause_take_a_node_away_for_a_while(void **state)
{
    static const char *const verbs_away[] = {"crash", "power", "stop", "pause"};
    char text[256];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(text, sizeof text,
                       "at 5s %s n1 for 6s\nat 5s %s n2 for 6s\n"
                       "at 9500ms expect leaderless within 1s\n"
                       "at 20s expect leader within 8s\nphase safety 30s\n",
                       verbs_away[i], verbs_away[i]);
        expect_good(text);
    }
    expect_good("at 5s pause all\nat 6s continue all\nat 7s expect leader within 5s\n");
}

static void requests_have_the_status_that_is_expected(void **state)
{
    (void)state;

    expect_good("at 4s request n2 GET /healthz expect 200\nphase safety 8s\n");
    expect_good("at 4s request all POST /gossip {\"x\": 1} expect 400\nphase safety 8s\n");
    expect_script("at 4s request n2 GET /healthz expect 404\nphase safety 8s\n",
                  "GET /healthz: status 200, not 404");
    expect_script("at 3s crash n2\nat 4s request n2 GET /healthz expect 200\nphase safety 8s\n",
                  "status 0, not 200");
}

/* What the verbs about one node changed, as the probe saw it. */
static struct rh_sim_node seen;
static int64_t ahead_ms;

static void look(struct rh_sim *sim)
{
    struct rh_sim_node first;

    rh_sim_node(sim, 1, &seen);
    rh_sim_node(sim, 0, &first);
    ahead_ms = seen.wall_ms - first.wall_ms;
}

static void see(const char *text)
{
    struct suite *suite = probe_suite(text);
    struct world_result result;

    probe.on_tick = look;
    world_run(suite, 1, NULL, &result);
    assert_int_equal(result.verdict, WORLD_GOOD);
    suite_close(suite);
}

static void clocks_and_reach_are_set(void **state)
{
    (void)state;

    see("at 2s step n2 by -30s\nphase safety 4s\n");
    assert_in_range(ahead_ms, -30001, -29999);
    see("at 2s drift n2 by 10%\nphase safety 12s\n");
    assert_int_equal(seen.clock_ppm, 100000);
    assert_in_range(ahead_ms, 980, 1000);
    see("at 2s nat n2 on\nphase safety 4s\n");
    assert_int_equal(seen.is_unreachable, 1);
    see("at 2s nat n2 on\nat 3s nat n2 off\nphase safety 4s\n");
    assert_int_equal(seen.is_unreachable, 0);
}

static void a_node_whose_disk_failed_starts_again_when_it_is_mended(void **state)
{
    (void)state;

    see("at 2s bad_disk n2 on\nat 3s crash n1 for 8s\nat 3s crash n3 for 8s\n"
        "at 12s bad_disk n2 off\nphase safety 20s\n");
    assert_int_equal(seen.is_up, 1);
    see("at 2s full_disk n2 on\nat 3s slow_disk n2 on\nphase safety 8s\n");
    assert_int_equal(seen.is_up, 1);
}

/* Whether n2 has the older build, as it says. */
static int is_older;

static void look_at_build(struct rh_sim *sim)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof answer};
    char body[8192];

    if (rh_sim_ask(sim, 1, "/plugins", &answer) != RH_OK)
        return;
    assert_int_equal(rh_str_copy(body, sizeof body, answer.body), RH_OK);
    is_older = strstr(body, "\"" PROBE_OLDER "\"") != NULL;
}

static void see_build(const char *text, bool never_heals, int expected)
{
    struct suite *suite = probe_suite(text);
    struct world_result result;

    probe.on_tick = look_at_build;
    probe.never_heals = never_heals;
    world_run(suite, 1, NULL, &result);
    suite_close(suite);

    assert_int_equal(result.verdict, never_heals ? WORLD_UNCONVERGED : WORLD_GOOD);
    assert_int_equal(is_older, expected);
}

#define OLDER "older election election_old\nphase safety 10s\n"

static void nodes_begin_with_the_older_build_and_have_what_they_are_given(void **state)
{
    (void)state;

    see_build("phase safety 4s\n", false, 0);
    see_build(OLDER, false, 1);
    see_build(OLDER "at 4s upgrade n1\n", false, 1);
    see_build(OLDER "at 4s upgrade n2\n", false, 0);
    see_build(OLDER "at 3s upgrade all\nat 6s downgrade n2\n", false, 1);
    see_build(OLDER "at 3s crash n2\nat 5s upgrade n2\n", false, 0);
}

static void a_crash_may_bring_the_other_build(void **state)
{
    (void)state;

    see_build(OLDER "faults build=100%\nat 4s crash n2 for 1s\n", false, 0);
    see_build(OLDER "faults build=100%\nat 3s crash n2 for 1s\nat 6s crash n2 for 1s\n", false, 1);
}

static void all_have_the_newer_build_once_all_is_healed(void **state)
{
    (void)state;

    see_build(OLDER "phase liveness 4beats\n", true, 0);
}

static void verbs_are_found_by_name(void **state)
{
    (void)state;

    for (uint32_t i = 0; i < verb_count; i++)
        assert_int_equal(verb_find(verbs[i].name), i);
    assert_int_equal(verb_find("dance"), verb_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leader_is_awaited),
        cmocka_unit_test(without_a_majority_nobody_leads),
        cmocka_unit_test(an_isolated_leader_is_replaced_and_links_heal_by_themselves),
        cmocka_unit_test(power_stop_and_pause_take_a_node_away_for_a_while),
        cmocka_unit_test(requests_have_the_status_that_is_expected),
        cmocka_unit_test(clocks_and_reach_are_set),
        cmocka_unit_test(a_node_whose_disk_failed_starts_again_when_it_is_mended),
        cmocka_unit_test(nodes_begin_with_the_older_build_and_have_what_they_are_given),
        cmocka_unit_test(a_crash_may_bring_the_other_build),
        cmocka_unit_test(all_have_the_newer_build_once_all_is_healed),
        cmocka_unit_test(verbs_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
