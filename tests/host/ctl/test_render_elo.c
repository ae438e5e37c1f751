/* Ratings as people see them. */
#include "render_test.h"

static void rankings_are_a_table_with_error_bars(void **state)
{
    (void)state;
    assert_render(
        render_elo_rankings,
        "{\"board_type\":\"hex8\",\"system\":\"bradley_terry\",\"games\":2,\"prior\":1,"
        "\"rankings\":[{\"rank\":1,\"player\":\"ann\",\"rating\":1516.04,\"error_95\":681.1,"
        "\"games\":2,\"wins\":1,\"losses\":0,\"draws\":1},{\"rank\":2,\"player\":\"bob\","
        "\"rating\":1484,\"error_95\":681.1,\"games\":2,\"wins\":0,\"losses\":1,\"draws\":1}]}",
        "RANK  PLAYER  RATING     +-  GAMES  WINS  DRAWS  LOSSES\n"
        "   1  ann     1516.0  681.1      2     1      1       0\n"
        "   2  bob     1484.0  681.1      2     0      1       1\n"
        "hex8, bradley_terry, 2 games, prior of 1.0 drawn games\n");
    assert_render(render_elo_rankings, "{\"boards\":[],\"rankings\":[]}", "no games\n");
    assert_render(render_elo_rankings,
                  "{\"boards\":[{\"board_type\":\"hex8\",\"games\":3}],\"rankings\":[]}",
                  "BOARD  GAMES\nhex8       3\n");
}

static void history_names_opponents_and_results(void **state)
{
    (void)state;
    assert_render(
        render_elo_history,
        "{\"player\":\"ann\",\"history\":[{\"game_id\":\"g2\",\"played_at\":1709294397000,"
        "\"players\":[\"bob\",\"ann\"],\"outcome\":\"ann\",\"place\":1,\"old_elo\":1500,"
        "\"new_elo\":1516,\"games_played\":2},{\"game_id\":\"g1\",\"played_at\":1709294390000,"
        "\"players\":[\"ann\",\"bob\",\"cy\"],\"outcome\":\"bob\",\"place\":2,\"old_elo\":1500,"
        "\"new_elo\":1500,\"games_played\":1}],\"next\":4}",
        "GAME  ENDED                 OPPONENT  RESULT    FROM  RATING  GAMES\n"
        "g2    2024-03-01T11:59:57Z  bob       won     1500.0  1516.0      2\n"
        "g1    2024-03-01T11:59:50Z  bob, cy   lost    1500.0  1500.0      1\n"
        "go on with --before 4\n");
    assert_render(render_elo_history, "{\"history\":[],\"next\":0}", "no games\n");
}

static void two_players_meet_on_one_line(void **state)
{
    (void)state;
    assert_render(render_elo_head_to_head,
                  "{\"a\":\"ann\",\"b\":\"bob\",\"board_type\":\"hex8\",\"games\":2,\"wins\":1,"
                  "\"losses\":0,\"draws\":1,\"score\":0.75,\"expected\":0.546}",
                  "ann against bob on hex8: 1 won, 1 drawn, 0 lost; score 0.750, expected "
                  "0.546\n");
}

static void what_was_not_taken_is_named(void **state)
{
    (void)state;
    assert_render(render_elo_added, "{\"accepted\":1,\"duplicates\":0,\"rejected\":[]}", "taken\n");
    assert_render(render_elo_added, "{\"duplicates\":1}", "it was there already\n");
    assert_render(render_elo_added,
                  "{\"rejected\":[{\"game_id\":\"g\",\"reason\":\"clock_ahead\"}]}",
                  "g was not taken: clock_ahead\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rankings_are_a_table_with_error_bars),
        cmocka_unit_test(history_names_opponents_and_results),
        cmocka_unit_test(two_players_meet_on_one_line),
        cmocka_unit_test(what_was_not_taken_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
