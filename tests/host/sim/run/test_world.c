/* Whole runs: the same twice, checks told of everything, verdicts with place and time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/world.h"
#include "tests/host/sim/run/probe.h"

static struct world_result run(const char *text, uint64_t seed)
{
    struct suite *suite = probe_suite(text);
    struct world_result result;

    world_run(suite, seed, NULL, &result);
    suite_close(suite);
    return result;
}

static void one_seed_gives_one_run_and_another_seed_another(void **state)
{
    static const char text[] = "nodes 4\nfaults swarm\nphase safety 20s\n";
    const struct world_result first = run(text, 5);
    const struct world_result again = run(text, 5);
    const struct world_result other = run(text, 6);

    (void)state;

    assert_int_equal(first.verdict, WORLD_GOOD);
    assert_true(first.hash == again.hash);
    assert_int_equal(first.events, again.events);
    assert_true(first.hash != other.hash);
}

static void checks_are_told_of_everything(void **state)
{
    struct suite *suite = probe_suite("phase safety 10s\n");
    struct world_result result;

    (void)state;

    world_run(suite, 1, NULL, &result);

    assert_int_equal(result.verdict, WORLD_GOOD);
    assert_int_equal(probe.creates, 1);
    assert_int_equal(probe.destroys, 1);
    assert_int_equal(probe.heals, 1);
    assert_int_equal(probe.asks, 1);
    assert_int_equal(probe.ends, 1);
    assert_in_range(probe.ticks, 98, 100);
    assert_int_equal(probe.events, result.events);
    assert_true(probe.messages > 100);
    assert_true(probe.published >= 3); /* each node has seen a leader */
    suite_close(suite);
}

static void a_check_that_fails_ends_the_run_with_its_words(void **state)
{
    struct suite *suite = probe_suite("phase safety 10s\n");
    struct world_result result;

    (void)state;
    probe.fails_at_us = 4000000;

    world_run(suite, 1, NULL, &result);

    assert_int_equal(result.verdict, WORLD_VIOLATION);
    assert_string_equal(result.invariant, "probe_is_happy");
    assert_string_equal(result.node, "n2");
    assert_string_equal(result.text, "it is not");
    assert_in_range(result.at_us, 4000000, 4200000);
    assert_int_equal(result.virtual_us, result.at_us);
    assert_int_equal(probe.ends, 0);
    assert_int_equal(probe.destroys, 1);
    suite_close(suite);
}

static void what_does_not_converge_in_time_is_unconverged(void **state)
{
    struct suite *suite = probe_suite("phase safety 1s\nphase liveness 4beats\n");
    struct world_result result;

    (void)state;
    probe.never_heals = true;

    world_run(suite, 1, NULL, &result);

    assert_int_equal(result.verdict, WORLD_UNCONVERGED);
    assert_string_equal(result.invariant, "probe_converges");
    assert_string_equal(result.node, "-");
    assert_int_equal(result.virtual_us, 1000000 + 4 * 1500000);
    assert_int_equal(probe.asks, 4 * 4 + 1);
    suite_close(suite);
}

static void a_trace_shows_messages_and_changes_nothing(void **state)
{
    struct suite *suite = probe_suite("phase safety 5s\n");
    struct world_result silent, told;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    world_run(suite, 9, NULL, &silent);

    world_run(suite, 9, out, &told);

    (void)fclose(out);
    assert_true(silent.hash == told.hash);
    assert_non_null(strstr(text, "n1 starts, life 1"));
    assert_non_null(strstr(text, "POST /election/vote"));
    assert_non_null(strstr(text, "leader_changed"));
    free(text);
    suite_close(suite);
}

static void many_nodes_find_each_other(void **state)
{
    const struct world_result result =
        run("nodes 60\nphase safety 15s\nat 12s expect leader within 1s\n", 1);

    (void)state;

    assert_int_equal(result.verdict, WORLD_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_gives_one_run_and_another_seed_another),
        cmocka_unit_test(checks_are_told_of_everything),
        cmocka_unit_test(a_check_that_fails_ends_the_run_with_its_words),
        cmocka_unit_test(what_does_not_converge_in_time_is_unconverged),
        cmocka_unit_test(a_trace_shows_messages_and_changes_nothing),
        cmocka_unit_test(many_nodes_find_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
