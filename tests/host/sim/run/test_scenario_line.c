/* Scripted lines: verbs, targets, amounts and requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/run/scenario.h"
#include "host/sim/run/verbs.h"

#define HEAD "suite s\nplugins p\nnodes 5\n"

static struct scenario *parse(const char *text)
{
    char why[SCENARIO_WHY_MAX] = "";
    struct scenario *s = NULL;

    if (scenario_parse("t.sim", rh_str_from(text), &s, why) != RH_OK)
        fail_msg("%s", why);
    return s;
}

static void lines_are_sorted_by_time_and_keep_their_order(void **state)
{
    struct scenario *s =
        parse(HEAD "at 9s crash n1\nat 5s crash n2 for 3s\nat 5s restart leader\n");

    (void)state;

    assert_int_equal(s->line_count, 3);
    assert_int_equal(s->lines[0].at_us, 5000000);
    assert_int_equal(s->lines[0].targets[0].kind, TARGET_NODE);
    assert_int_equal(s->lines[0].targets[0].node, 1);
    assert_int_equal(s->lines[0].duration_us, 3000000);
    assert_string_equal(verbs[s->lines[1].verb].name, "restart");
    assert_int_equal(s->lines[1].targets[0].kind, TARGET_LEADER);
    assert_int_equal(s->lines[2].at_us, 9000000);
    assert_int_equal(s->lines[2].number, 4);
    scenario_free(s);
}

static void verbs_take_what_they_need(void **state)
{
    struct scenario *s =
        parse(HEAD "at 1s cut n1 all for 2s\nat 2s step n3 by -30s\nat 3s drift all by -5%\n"
                   "at 4s nat n4 on\nat 5s heal\nat 6s expect leader within 10s\n"
                   "at 7s expect leader n2 within 1s\nat 8s expect leaderless within 2s\n");

    (void)state;

    assert_int_equal(s->lines[0].targets[1].kind, TARGET_ALL);
    assert_int_equal(s->lines[0].duration_us, 2000000);
    assert_int_equal(s->lines[1].duration_us, -30000000);
    assert_int_equal(s->lines[2].value, -50000);
    assert_int_equal(s->lines[3].value, 1);
    assert_int_equal(s->lines[4].targets[0].kind, TARGET_ALL);
    assert_int_equal(s->lines[5].targets[0].kind, TARGET_ALL);
    assert_int_equal(s->lines[5].duration_us, 10000000);
    assert_int_equal(s->lines[6].targets[0].node, 1);
    assert_string_equal(verbs[s->lines[7].verb].name, "expect leaderless");
    scenario_free(s);
}

static void a_request_has_method_path_body_and_status(void **state)
{
    struct scenario *s =
        parse(HEAD "at 1s request n1 POST /work/add {\"a\": [1, 2]} expect 201 within 3s\n"
                   "at 2s request leader GET /work/stats expect 200\n");

    (void)state;

    assert_string_equal(s->lines[0].method, "POST");
    assert_string_equal(s->lines[0].path, "/work/add");
    assert_string_equal(s->lines[0].body, "{\"a\": [1, 2]}");
    assert_int_equal(s->lines[0].value, 201);
    assert_int_equal(s->lines[0].duration_us, 3000000);
    assert_null(s->lines[1].body);
    assert_int_equal(s->lines[1].value, 200);
    scenario_free(s);
}

static void mistakes_are_told_with_their_place_and_a_guess(void **state)
{
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"at 5s crahs n1", "t.sim:4:7: error: unknown verb \"crahs\"; did you mean \"crash\""},
        {"at 5s crash n6", "there is no node n6: nodes are n1 to n5"},
        {"at 5s crash x", "is not a node (n1, n2, ...), \"leader\", \"random\" or \"all\""},
        {"at soon crash n1", "t.sim:4:4: error: at: \"soon\" is not a duration"},
        {"at 5s crash n1 n2", "t.sim:4:16: error: \"n2\" is too much"},
        {"at 5s expect leder within 5s", "did you mean \"expect leader\""},
        {"at 5s expect leader", "expected \"within\""},
        {"at 5s step n1 30s", "expected \"by\""},
        {"at 5s nat n1 maybe", "expected \"off\""},
        {"at 5s request n1 GET work expect 200", "\"work\" is not a path"},
        {"at 5s request n1 GET /work", "expected \"expect\""},
        {"at 5s request n1 GET /work expect yes", "status: \"yes\" is not an integer"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        char why[SCENARIO_WHY_MAX] = "";
        struct scenario *s = NULL;

        (void)snprintf(text, sizeof text, "%s%s\n", HEAD, rows[i].line);
        assert_int_equal(scenario_parse("t.sim", rh_str_from(text), &s, why), RH_EINVAL);
        if (!strstr(why, rows[i].why))
            fail_msg("expected \"%s\", got \"%s\"", rows[i].why, why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_sorted_by_time_and_keep_their_order),
        cmocka_unit_test(verbs_take_what_they_need),
        cmocka_unit_test(a_request_has_method_path_body_and_status),
        cmocka_unit_test(mistakes_are_told_with_their_place_and_a_guess),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
