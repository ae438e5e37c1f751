/* Claims about what is written down: JSON, SGF and the line of progress. */
#include "report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void make_spec(struct match_spec *spec)
{
    spec_init(spec);
    memcpy(spec->players[0].name, "a", 2);
    memcpy(spec->players[1].name, "b]\"", 4);
}

static void json_shows_a_result_and_an_error(void **state)
{
    static const char expected[] =
        "{\"games\":[{\"index\":3,\"black\":\"b]\\\"\",\"white\":\"a\",\"winner\":\"a\",\"result\":"
        "\"W+R\",\"reason\":\"resign\",\"moves\":5,\"seed\":9,\"error\":null,\"duration_ms\":12},"
        "{\"index\":4,\"black\":\"a\",\"white\":\"b]\\\"\",\"winner\":null,\"result\":null,"
        "\"reason\":null,\"moves\":0,\"seed\":8,\"error\":{\"kind\":\"crash\",\"player\":\"a\","
        "\"message\":\"why\"},\"duration_ms\":0}],\"totals\":{\"first\":{\"wins\":1,\"losses\":0,"
        "\"draws\":0},\"errors\":1},\"players\":[{\"name\":\"a\",\"engine\":\"E\",\"version\":"
        "\"1\"},{\"name\":\"b]\\\"\",\"engine\":null,\"version\":null}]}";
    static const struct plan_outcome outcomes[] = {
        {.game = {3, 1, 9},
         .winner = PLAN_FIRST_WON,
         .reason = PLAN_BY_RESIGNATION,
         .result = "W+R",
         .moves = 5,
         .duration_ms = 12,
         .error_player = PLAN_NO_PLAYER},
        {.game = {4, 0, 8},
         .winner = PLAN_NO_RESULT,
         .error = PLAN_ERROR_CRASH,
         .error_player = 0,
         .message = "why"},
    };
    static const struct game_identity identities[SPEC_PLAYERS] = {{"E", "1"}, {"", ""}};
    struct match_spec spec;
    struct rh_buf out;
    (void)state;
    make_spec(&spec);
    rh_buf_init(&out, 65536);

    int32_t rc = report_json(&out, &spec, outcomes, 2, identities);

    assert_int_equal(rc, RH_OK);
    assert_string_equal(out.p, expected);
    rh_buf_release(&out);
}

static void sgf_counts_rows_from_the_top_and_escapes_names(void **state)
{
    static struct game_record record = {
        .moves = {{GTP_MOVE_POINT, 0}, {GTP_MOVE_POINT, 80}, {GTP_MOVE_PASS, 0}}, .count = 3};
    static const struct plan_outcome outcome = {.game = {2, 0, 1},
                                                .winner = PLAN_SECOND_WON,
                                                .result = "W+0.5",
                                                .error_player = PLAN_NO_PLAYER};
    struct match_spec spec;
    struct rh_buf out;
    (void)state;
    make_spec(&spec);
    rh_buf_init(&out, 65536);

    int32_t rc = report_sgf(&out, &spec, &outcome, &record);

    assert_int_equal(rc, RH_OK);
    assert_string_equal(out.p, "(;FF[4]CA[UTF-8]GM[1]AP[ringhost-gtp-match]SZ[9]KM[7.5]GN[game 2]"
                               "RE[W+0.5]PB[a]PW[b\\]\"]\n;B[ai]\n;W[ia]\n;B[])\n");
    rh_buf_release(&out);
}

static void progress_line_names_the_error(void **state)
{
    static const struct plan_outcome outcome = {.game = {2, 0, 1},
                                                .winner = PLAN_NO_RESULT,
                                                .error = PLAN_ERROR_TIMEOUT,
                                                .error_player = 0,
                                                .message = "late",
                                                .moves = 7,
                                                .duration_ms = 8};
    struct match_spec spec;
    struct rh_buf out;
    (void)state;
    make_spec(&spec);
    rh_buf_init(&out, 65536);

    int32_t rc = report_line(&out, &spec, &outcome);

    assert_int_equal(rc, RH_OK);
    assert_string_equal(
        out.p, "game 2: a (black) - b]\" (white): error timeout (a): late, 7 moves, 8 ms\n");
    rh_buf_release(&out);
}

static void full_buffer_is_reported(void **state)
{
    static const struct game_identity identities[SPEC_PLAYERS] = {{"E", "1"}, {"", ""}};
    struct match_spec spec;
    struct rh_buf out;
    (void)state;
    make_spec(&spec);
    rh_buf_init(&out, 20);

    int32_t rc = report_json(&out, &spec, NULL, 0, identities);

    assert_int_equal(rc, RH_ETOOLARGE);
    rh_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_shows_a_result_and_an_error),
        cmocka_unit_test(sgf_counts_rows_from_the_top_and_escapes_names),
        cmocka_unit_test(progress_line_names_the_error),
        cmocka_unit_test(full_buffer_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
