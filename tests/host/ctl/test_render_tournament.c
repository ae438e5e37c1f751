/* Tournaments as text: the whole of an elimination, of a round robin, and lists. */
#include "render_test.h"

#include "tournament_replies.h"

#define HEAD(format, state)                                                     \
    "\"tournament_id\":\"t1\",\"format\":\"" format "\",\"matches_decided\":1," \
    "\"matches_count\":4,\"state\":\"" state "\","

static void an_elimination_has_its_tree_its_trouble_and_its_places(void **state)
{
    (void)state;
    assert_render(render_tournament_bracket,
                  "{" HEAD("single_elimination", "running") SINGLE_MATCHES
                  ",\"standings\":[{\"rank\":null,\"player\":\"ann\",\"seed\":1,\"wins\":1,"
                  "\"losses\":0},{\"rank\":4,\"player\":\"dan\",\"seed\":4,\"wins\":0,"
                  "\"losses\":1}]}",
                  "tournament t1: single_elimination, 1/4 matches, running\n"
                  "\n"
                  "ann 2 ────┐\n"
                  "          ├─ann ──────┐\n"
                  "dan 0.5 ──┘           │\n"
                  "                      ├─\n"
                  "bob ──────┐           │\n"
                  "          ├─wW1.2 ────┘\n"
                  "cyd ──────┘\n"
                  "\n"
                  "third place\n"
                  "T1  dan - lW1.2\n"
                  "\n"
                  "W1.2: ready: game 1: dead\n"
                  "\n"
                  "RANK  PLAYER  SEED  WINS  LOSSES\n"
                  "   -  ann        1     1       0\n"
                  "   4  dan        4     0       1\n");
}

#define ROBIN_MATCHES                                                                             \
    "\"matches\":[" MATCH_OF(                                                                     \
        "R1.1", "round_robin", "1", "1", "decided", SIDE_OF("bob", "0.5"), SIDE_OF("ann", "1.5"), \
        ",\"winner\":\"ann\"") "," MATCH_OF("R2.1", "round_robin", "2", "1", "ready",             \
                                            SIDE_OF("ann", "null"), SIDE_OF("cyd", "null"),       \
                                            "") "," MATCH_OF("R3.1", "round_robin", "3", "1",     \
                                                             "decided", SIDE_OF("cyd", "null"),   \
                                                             SIDE_OF("bob", "null"),              \
                                                             ",\"draw\":true") "],"
#define ROBIN_ROW(rank, player, points, most, wins, koya)                                     \
    "{\"rank\":" rank ",\"player\":\"" player "\",\"points\":" points ",\"points_max\":" most \
    ",\"wins\":" wins ",\"tie_breaks\":{\"koya\":" koya "}}"

static const char robin_reply[] = "{" HEAD(
    "round_robin",
    "completed") "\"winner\":\"ann\",\"tie_breaks\":[\"koya\"]," ROBIN_MATCHES
                 "\"standings\":[" ROBIN_ROW("1", "ann", "1.5", "2", "1", "0.25") "," ROBIN_ROW(
                     "2", "bob", "1", "4", "0", "null") "," ROBIN_ROW("3", "cyd", "0.5", "2", "0",
                                                                      "0") "]}";

static void a_round_robin_has_its_cross_table_and_its_tie_breaks(void **state)
{
    (void)state;
    assert_render(render_tournament_bracket, robin_reply,
                  "tournament t1: round_robin, 1/4 matches, completed, won by ann\n"
                  "\n"
                  "          1   2   3\n"
                  "  1 ann   x 1.5   .\n"
                  "  2 bob 0.5   x 0.5\n"
                  "  3 cyd   . 0.5   x\n"
                  "\n"
                  "RANK  PLAYER  POINTS  OF  WINS  koya\n"
                  "   1  ann        1.5   2     1  0.25\n"
                  "   2  bob          1   4     0  -\n"
                  "   3  cyd        0.5   2     0  0\n");
}

static void a_report_shows_what_it_changed(void **state)
{
    (void)state;
    assert_render(render_tournament_matches, "{\"duplicate\":true," SINGLE_MATCHES "}",
                  "it was so already\n"
                  "decided  W1.1  ann 2 - dan 0.5\n"
                  "ready  W1.2  bob - cyd\n"
                  "waiting  W2.1  ann - wW1.2\n"
                  "waiting  T1  dan - lW1.2\n");
}

static void the_list_is_a_table_or_says_that_there_is_none(void **state)
{
    (void)state;
    assert_render(render_tournament_list,
                  "{\"tournaments\":[{\"tournament_id\":\"t1\",\"state\":\"running\",\"format\":"
                  "\"round_robin\",\"players_count\":4,\"matches_decided\":2,\"matches_count\":6,"
                  "\"matches_stuck\":1,\"winner\":null,\"created_at\":0}]}",
                  "TOURNAMENT  STATE    FORMAT       PLAYERS  MATCHES  STUCK  WINNER  CREATED\n"
                  "t1          running  round_robin        4      2/6      1  -       -\n");
    assert_render(render_tournament_list, "{\"tournaments\":[]}", "no tournaments\n");
}

static void a_started_one_is_a_line_that_scripts_read(void **state)
{
    (void)state;
    assert_render(render_tournament_started, "{\"tournament_id\":\"t1\",\"matches\":3}",
                  "tournament t1\n");
}

static void games_are_rows_with_who_played_where(void **state)
{
    (void)state;
    assert_render(
        render_tournament_games,
        "{\"matches\":[{\"match_id\":\"W1.1\",\"games\":[{\"game\":1,\"black\":\"ann\","
        "\"white\":\"bob\",\"outcome\":\"first\",\"winner\":\"ann\",\"result\":\"B+3.5\","
        "\"attempt\":1,\"node_id\":\"n1\",\"work_id\":\"w7\"},{\"game\":2,\"black\":"
        "\"bob\",\"white\":\"ann\",\"outcome\":\"error\",\"attempt\":2,\"node_id\":\"n2\","
        "\"work_id\":\"w8\",\"error\":{\"kind\":\"crash\"}}]},{\"match_id\":\"W1.2\","
        "\"games\":[]}]}",
        "MATCH  GAME  BLACK  WHITE  STATE         RESULT  ATTEMPT  NODE  WORK\n"
        "W1.1      1  ann    bob    won by ann    B+3.5         1  n1    w7\n"
        "W1.1      2  bob    ann    error: crash  -             2  n2    w8\n");
    assert_render(render_tournament_games, "{\"matches\":[]}", "no games yet\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_elimination_has_its_tree_its_trouble_and_its_places),
        cmocka_unit_test(a_round_robin_has_its_cross_table_and_its_tie_breaks),
        cmocka_unit_test(a_report_shows_what_it_changed),
        cmocka_unit_test(the_list_is_a_table_or_says_that_there_is_none),
        cmocka_unit_test(a_started_one_is_a_line_that_scripts_read),
        cmocka_unit_test(games_are_rows_with_who_played_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
