/* Statements of scenarios: what they set, and how mistakes are told. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/run/scenario.h"

static struct scenario *parse(const char *text)
{
    char why[SCENARIO_WHY_MAX] = "";
    struct scenario *s = NULL;

    if (scenario_parse("t.sim", rh_str_from(text), &s, why) != RH_OK)
        fail_msg("%s", why);
    return s;
}

static void every_statement_sets_what_it_says(void **state)
{
    struct scenario *s = parse("# a comment\n"
                               "suite all-of_1\n"
                               "nodes 7\n"
                               "voters 5   # of them\n"
                               "beat 2s\n"
                               "cluster c1\n"
                               "seeds 10 long 200\n"
                               "plugins election gossip\n"
                               "config gossip {\"fanout\": 2}\n"
                               "older gossip gossip_1\n"
                               "role worker n4 n6\n"
                               "role hub n7\n"
                               "invariants election ./mine.so\n"
                               "faults swarm loss=2.5% crash=10s fifo=100%\n"
                               "phase safety 90s\n"
                               "phase liveness 20beats\n");

    (void)state;

    assert_string_equal(s->name, "all-of_1");
    assert_int_equal(s->node_count, 7);
    assert_int_equal(s->voter_count, 5);
    assert_int_equal(s->beat_ms, 2000);
    assert_string_equal(s->cluster_id, "c1");
    assert_int_equal(s->seeds, 10);
    assert_int_equal(s->seeds_long, 200);
    assert_int_equal(s->plugin_count, 2);
    assert_null(s->plugins[0].config_json);
    assert_string_equal(s->plugins[1].config_json, "{\"fanout\": 2}");
    assert_null(s->plugins[0].older);
    assert_string_equal(s->plugins[1].older, "gossip_1");
    assert_true(s->faults.has_builds);
    assert_string_equal(s->roles[0].name, "worker");
    assert_int_equal(s->roles[0].first, 4);
    assert_int_equal(s->roles[0].last, 6);
    assert_int_equal(s->roles[1].first, 7);
    assert_string_equal(s->checks[1], "./mine.so");
    assert_true(s->faults.is_swarm);
    assert_int_equal(s->faults.fixed.strength[FAULT_LOSS], 25000);
    assert_int_equal(s->faults.fixed.strength[FAULT_CRASH], 10000000);
    assert_true(s->faults.is_given[FAULT_FIFO]);
    assert_int_equal(s->safety_us, 90000000);
    assert_int_equal(s->liveness_beats, 20);
    scenario_free(s);
}

static void what_is_not_said_has_a_default(void **state)
{
    struct scenario *s = parse("suite s\nplugins p\nnodes 5\n");

    (void)state;

    assert_int_equal(s->voter_count, 3);
    assert_int_equal(s->beat_ms, 1500);
    assert_null(s->cluster_id);
    assert_false(s->faults.has_builds);
    assert_int_equal(s->safety_us, SCENARIO_SAFETY_US);
    assert_int_equal(s->liveness_beats, SCENARIO_LIVENESS_BEATS);
    assert_int_equal(s->seeds_long, s->seeds);
    scenario_free(s);
}

static void mistakes_are_told_with_their_place_and_a_guess(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"suite s\nplugins p\nnoeds 5\n",
         "t.sim:3:1: error: unknown statement \"noeds\"; did you mean \"nodes\""},
        {"suite s\nplugins p\nnodes 0\n", "t.sim:3:7: error: nodes: \"0\" is not an integer in"},
        {"suite s\nplugins p\nnodes 3 4\n", "t.sim:3:9: error: \"4\" is too much"},
        {"plugins p\n", "there is no statement \"suite NAME\""},
        {"suite s\n", "there is no statement \"plugins ID...\""},
        {"suite A\n", "t.sim:1:7: error: a suite's name has only"},
        {"suite s\nplugins p p\n", "t.sim:2:11: error: plugin p is there already"},
        {"suite s\nplugins gossip\nconfig gosip {}\n",
         "t.sim:3:8: error: unknown plugin \"gosip\"; did you mean \"gossip\""},
        {"suite s\nplugins gossip\nolder gosip g\n", "did you mean \"gossip\""},
        {"suite s\nplugins p\nolder p\n", "the name of the older build of p is missing"},
        {"suite s\nplugins p\nconfig p 5\n", "must be a JSON object"},
        {"suite s\nplugins p\nfaults los=1%\n",
         "t.sim:3:8: error: unknown fault \"los\"; did you mean \"loss\""},
        {"suite s\nplugins p\nfaults loss=1s\n", "loss: \"1s\" is not a percentage"},
        {"suite s\nplugins p\nfaults loss=101%\n", "loss: more than 100%"},
        {"suite s\nplugins p\nfaults crash=2%\n", "crash: \"2%\" is not a duration"},
        {"suite s\nplugins p\nfaults crash\n", "crash needs a value"},
        {"suite s\nplugins p\nbeat 1ms\n", "beat: from 10ms to 1h"},
        {"suite s\nplugins p\nphase safty 5s\n", "did you mean \"safety\""},
        {"suite s\nplugins p\nphase liveness 5s\n", "is not a number of beats"},
        {"suite s\nplugins p\nnodes 2\nvoters 3\n", "more voters than nodes"},
        {"suite s\nplugins p\nrole w n9\n", "there is no node n9: nodes are n1 to n3"},
        {"suite s\nplugins p\nrole w n2 n1\n", "the last node comes before the first"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char why[SCENARIO_WHY_MAX] = "";
        struct scenario *s = NULL;

        assert_int_equal(scenario_parse("t.sim", rh_str_from(rows[i].text), &s, why), RH_EINVAL);
        if (!strstr(why, rows[i].why))
            fail_msg("expected \"%s\", got \"%s\"", rows[i].why, why);
        assert_null(s);
    }
}

static void a_file_that_is_not_there_is_named(void **state)
{
    char why[SCENARIO_WHY_MAX];
    struct scenario *s;

    (void)state;

    assert_int_equal(scenario_read("/nowhere/x.sim", &s, why), RH_ENOTFOUND);

    assert_non_null(strstr(why, "/nowhere/x.sim: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_sets_what_it_says),
        cmocka_unit_test(what_is_not_said_has_a_default),
        cmocka_unit_test(mistakes_are_told_with_their_place_and_a_guess),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
