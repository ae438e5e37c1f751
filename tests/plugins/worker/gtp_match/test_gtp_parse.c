/* Claims about reading and writing GTP words. */
#include "gtp_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum gtp_scan scan(const char *text, char *buf, size_t *used, struct gtp_response *out)
{
    size_t len = strlen(text);
    memcpy(buf, text, len);
    return gtp_scan_response(buf, len, used, out);
}

static void response_with_id_and_body_is_read(void **state)
{
    char buf[64];
    size_t used = 0;
    struct gtp_response response;
    (void)state;

    enum gtp_scan result = scan("\n=12 D4 \n\n=13", buf, &used, &response);

    assert_int_equal(result, GTP_SCAN_DONE);
    assert_true(response.is_success && response.has_id);
    assert_int_equal(response.id, 12);
    assert_string_equal(response.body, "D4");
    assert_int_equal(used, strlen("\n=12 D4 \n\n"));
}

static void response_over_lines_keeps_its_lines(void **state)
{
    char buf[64];
    size_t used = 0;
    struct gtp_response response;
    (void)state;

    enum gtp_scan result = scan("= play\ngenmove\n\n", buf, &used, &response);

    assert_int_equal(result, GTP_SCAN_DONE);
    assert_false(response.has_id);
    assert_string_equal(response.body, "play\ngenmove");
}

static void error_response_is_told_apart(void **state)
{
    char buf[64];
    size_t used = 0;
    struct gtp_response response;
    (void)state;

    enum gtp_scan result = scan("?7 illegal move\n\n", buf, &used, &response);

    assert_int_equal(result, GTP_SCAN_DONE);
    assert_false(response.is_success);
    assert_string_equal(response.body, "illegal move");
}

static void half_a_response_asks_for_more(void **state)
{
    char buf[64];
    size_t used = 0;
    struct gtp_response response;
    (void)state;

    assert_int_equal(scan("", buf, &used, &response), GTP_SCAN_MORE);
    assert_int_equal(scan("=1 D4\n", buf, &used, &response), GTP_SCAN_MORE);
    assert_int_equal(scan("\n\n", buf, &used, &response), GTP_SCAN_MORE);
}

static void text_before_the_sign_is_garbage(void **state)
{
    char buf[64];
    size_t used = 0;
    struct gtp_response response;
    (void)state;

    assert_int_equal(scan("hello", buf, &used, &response), GTP_SCAN_GARBAGE);
}

static void clean_drops_control_characters(void **state)
{
    char text[] = "=1\tD4\r\n\r\n\x01";
    (void)state;

    size_t len = gtp_clean(text, strlen(text));

    assert_int_equal(len, 7);
    assert_memory_equal(text, "=1 D4\n\n", 7);
}

static void vertex_skips_the_letter_i(void **state)
{
    struct gtp_move move;
    (void)state;

    assert_true(gtp_parse_move("j1", 9, &move));
    assert_int_equal(move.point, 8);
    assert_true(gtp_parse_move("H9", 9, &move));
    assert_int_equal(move.point, 8 * 9 + 7);
    assert_true(gtp_parse_move("Z25", 25, &move));
    assert_int_equal(move.point, 624);
}

static void vertex_off_the_board_is_refused(void **state)
{
    static const char *const bad[] = {"I5", "K1", "A0", "A10", "A", "", "A01", "A5x", "5A", "A-1"};
    struct gtp_move move;
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(gtp_parse_move(bad[i], 9, &move));
}

static void every_vertex_survives_the_round_trip(void **state)
{
    (void)state;

    for (int size = 2; size <= 25; size++) {
        for (int point = 0; point < size * size; point++) {
            struct gtp_move move = {GTP_MOVE_POINT, point};
            struct gtp_move back = {GTP_MOVE_PASS, -1};
            char text[GTP_VERTEX_BYTES];
            gtp_format_move(&move, size, text);
            assert_true(gtp_parse_move(text, size, &back));
            assert_int_equal(back.point, point);
        }
    }
}

static void score_is_exact_in_half_points(void **state)
{
    struct gtp_score score;
    (void)state;

    assert_true(gtp_parse_score("B+3.5", &score));
    assert_int_equal(score.margin_half, 7);
    assert_true(gtp_parse_score("W+12", &score));
    assert_int_equal(score.margin_half, -24);
    assert_true(gtp_parse_score("w+0.5", &score));
    assert_int_equal(score.margin_half, -1);
    assert_true(gtp_parse_score("B+3.50", &score));
    assert_int_equal(score.margin_half, 7);
    assert_true(gtp_parse_score("0", &score));
    assert_int_equal(score.margin_half, 0);
}

static void score_with_doubt_is_refused(void **state)
{
    static const char *const bad[] = {"B+3.25", "B+0",     "B+",    "B+R",
                                      "B3.5",   "3.5",     "",      "?",
                                      "W+-3",   "B+3.5 x", "B+1e3", "B+999999999999"};
    struct gtp_score score;
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(gtp_parse_score(bad[i], &score));
}

static void score_survives_the_round_trip(void **state)
{
    (void)state;

    for (int32_t half = -GTP_HALF_POINTS_MAX; half <= GTP_HALF_POINTS_MAX; half++) {
        struct gtp_score score = {half};
        struct gtp_score back = {12345678};
        char text[GTP_SCORE_BYTES];
        gtp_format_score(&score, text);
        assert_true(gtp_parse_score(text, &back));
        assert_int_equal(back.margin_half, half);
    }
}

static void command_list_matches_whole_words(void **state)
{
    (void)state;

    assert_true(gtp_lists_command("kata-play\nplay \nkomi", "play"));
    assert_true(gtp_lists_command("play\nkomi", "komi"));
    assert_false(gtp_lists_command("replay\nplayer\npla", "play"));
    assert_false(gtp_lists_command("", "play"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(response_with_id_and_body_is_read),
        cmocka_unit_test(response_over_lines_keeps_its_lines),
        cmocka_unit_test(error_response_is_told_apart),
        cmocka_unit_test(half_a_response_asks_for_more),
        cmocka_unit_test(text_before_the_sign_is_garbage),
        cmocka_unit_test(clean_drops_control_characters),
        cmocka_unit_test(vertex_skips_the_letter_i),
        cmocka_unit_test(vertex_off_the_board_is_refused),
        cmocka_unit_test(every_vertex_survives_the_round_trip),
        cmocka_unit_test(score_is_exact_in_half_points),
        cmocka_unit_test(score_with_doubt_is_refused),
        cmocka_unit_test(score_survives_the_round_trip),
        cmocka_unit_test(command_list_matches_whole_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
