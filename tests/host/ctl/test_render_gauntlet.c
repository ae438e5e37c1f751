/* Gauntlets: the lines that scripts read, and tables. */
#include "render_test.h"

#include "gauntlet_replies.h"

static void the_end_of_one_baseline_is_the_line_that_scripts_read(void **state)
{
    (void)state;
    assert_render(render_gauntlet_end, GAUNTLET_GOOD,
                  "gauntlet g1: 20/20 games, 0 errors, A 14-6 B, 70.0 % [48.1, 85.5], played n1:7 "
                  "n2:7 n3:6\n");
}

static void draws_stand_behind_losses(void **state)
{
    (void)state;
    assert_render(render_gauntlet_end,
                  GAUNTLET_HEAD("completed") "\"baselines\":[{\"baseline\":\"B\",\"games\":20,"
                                             "\"played\":20,\"wins\":14,\"losses\":5,\"draws\":1,"
                                             "\"errors\":0,\"win_rate\":0.725,\"wilson_low\":0.5,"
                                             "\"wilson_high\":0.9}],\"total\":{}}",
                  "gauntlet g1: 20/20 games, 0 errors, A 14-5-1 B, 72.5 % [50.0, 90.0]\n");
}

static void several_baselines_end_with_a_sum(void **state)
{
    (void)state;
    assert_render(
        render_gauntlet_end,
        GAUNTLET_HEAD("cancelled") "\"baselines\":[" GAUNTLET_ROW(
            "B", GAUNTLET_14_6 GAUNTLET_INTERVAL) ",{\"baseline\":\"C\",\"games\":20,\"played\":0,"
                                                  "\"win_rate\":null}],\"total\":{\"games\":40,"
                                                  "\"played\":20,\"wins\":14,\"losses\":6,"
                                                  "\"win_rate\":0.7},\"other_nodes_games\":1,"
                                                  "" GAUNTLET_NODES "}",
        "gauntlet g1: 20/20 games, 0 errors, A 14-6 B, 70.0 % [48.1, 85.5]\n"
        "gauntlet g1: 0/20 games, 0 errors, A 0-0 C, - % [-, -]\n"
        "gauntlet g1: 20/40 games, 0 errors, A 14-6 all, 70.0 %, played n1:7 n2:7 n3:6 others:1, "
        "cancelled\n");
}

static void progress_has_no_interval_yet(void **state)
{
    (void)state;
    assert_render(render_gauntlet_progress, GAUNTLET_HALF,
                  "gauntlet g1: 2/20 games, 0 errors, A 1-1 B, played n1:2");
}

static void results_have_figures_and_games(void **state)
{
    (void)state;
    assert_render(
        render_gauntlet_results,
        GAUNTLET_HEAD(
            "completed") "\"verdict\":\"undecided\",\"reason\":\"interval_contains_half\","
                         "\"baselines\":[" GAUNTLET_ROW(
                             "B",
                             GAUNTLET_14_6
                                 GAUNTLET_INTERVAL) "],\"total\":"
                                                    "{" GAUNTLET_14_6
                                                    "},\"games\":[{\"index\":0,\"black\":\"A\","
                                                    "\"white\":\"B\",\"outcome\":\"win\","
                                                    "\"result\":\"B+3.5\","
                                                    "\"moves\":81,\"duration_ms\":2500,\"node_id\":"
                                                    "\"n1\"},"
                                                    "{\"index\":1,\"outcome\":\"pending\"}]}",
        "gauntlet g1: 20/20 games, 0 errors, A 14-6 B, completed, undecided "
        "(interval_contains_half)\n"
        "BASELINE  PLAYED  WINS  LOSSES  DRAWS  ERRORS  WIN %   LOW  HIGH  ELO   +-  VERDICT\n"
        "B             20    14       6      0       0   70.0  48.1  85.5  147  170  undecided\n"
        "\n"
        "GAME  BLACK  WHITE  OUTCOME  RESULT  MOVES  TIME  NODE  WHY\n"
        "   0  A      B      win      B+3.5      81   2 s  n1    -\n");
}

static void a_test_shows_its_ratio_and_odd_nodes_are_named(void **state)
{
    (void)state;
    assert_render(render_gauntlet_end, GAUNTLET_TESTED,
                  "gauntlet g1: 40/100 games, 0 errors, A 30-10 B, 75.0 % [59.8, 85.8], LLR 2.95 "
                  "[-2.94, 2.94] h1, played n1:40, outlier n1\n");
}

static void the_list_names_all_baselines(void **state)
{
    (void)state;
    assert_render(
        render_gauntlet_list,
        "{\"gauntlets\":[{\"gauntlet_id\":\"g1\",\"state\":\"completed\",\"model\":\"A\","
        "\"created_at\":1709294400000,\"baselines\":[\"B\",\"C\"]," GAUNTLET_14_6
        ",\"verdict\":\"stronger\"}],\"next\":null}",
        "GAUNTLET  STATE      MODEL  BASELINES  PLAYED  SCORE  ERRORS  VERDICT   CREATED\n"
        "g1        completed  A      B,C         20/20  14-6        0  stronger  "
        "2024-03-01T12:00:00Z\n");
    assert_render(render_gauntlet_list, "{\"gauntlets\":[]}", "no gauntlets\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_one_baseline_is_the_line_that_scripts_read),
        cmocka_unit_test(draws_stand_behind_losses),
        cmocka_unit_test(several_baselines_end_with_a_sum),
        cmocka_unit_test(progress_has_no_interval_yet),
        cmocka_unit_test(results_have_figures_and_games),
        cmocka_unit_test(a_test_shows_its_ratio_and_odd_nodes_are_named),
        cmocka_unit_test(the_list_names_all_baselines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
