/* Claims about captures, suicide, ko and superko. */
#include "board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "gtp_parse.h"

static int point_of(const struct board *board, const char *vertex)
{
    struct gtp_move move;
    assert_true(gtp_parse_move(vertex, board->size, &move));
    return move.point;
}

static enum board_verdict play(struct board *board, enum board_stone colour, const char *vertex)
{
    return board_play(board, colour, point_of(board, vertex));
}

static enum board_stone at(const struct board *board, const char *vertex)
{
    return board_at(board, point_of(board, vertex));
}

/* "b A1 w B2 ..." where each move must be legal. */
static void setup(struct board *board, const char *moves)
{
    char vertex[8];
    for (const char *next = moves; *next;) {
        enum board_stone colour = *next == 'b' ? BOARD_BLACK : BOARD_WHITE;
        size_t len = strcspn(next + 2, " ");
        memcpy(vertex, next + 2, len);
        vertex[len] = '\0';
        assert_int_equal(play(board, colour, vertex), BOARD_LEGAL);
        next += 2 + len;
        next += *next == ' ';
    }
}

static void occupied_and_outside_points_are_refused(void **state)
{
    static struct board board;
    (void)state;
    board_init(&board, 9, BOARD_KO_SIMPLE);
    setup(&board, "b E5");

    assert_int_equal(play(&board, BOARD_WHITE, "E5"), BOARD_OCCUPIED);
    assert_int_equal(board_play(&board, BOARD_WHITE, 81), BOARD_OUTSIDE);
    assert_int_equal(board_play(&board, BOARD_WHITE, -1), BOARD_OUTSIDE);
}

static void stone_without_liberties_is_taken(void **state)
{
    static struct board board;
    (void)state;
    board_init(&board, 5, BOARD_KO_SIMPLE);

    setup(&board, "w A1 b A2 w E5 b B1");

    assert_int_equal(at(&board, "A1"), BOARD_EMPTY);
    assert_int_equal(at(&board, "E5"), BOARD_WHITE);
}

static void two_groups_are_taken_by_one_stone(void **state)
{
    static struct board board;
    (void)state;
    board_init(&board, 5, BOARD_KO_SIMPLE);

    setup(&board, "w A1 w C1 w D1 b A2 b C2 b D2 b E1 b B1");

    assert_int_equal(at(&board, "A1"), BOARD_EMPTY);
    assert_int_equal(at(&board, "C1"), BOARD_EMPTY);
    assert_int_equal(at(&board, "D1"), BOARD_EMPTY);
    assert_int_equal(at(&board, "B1"), BOARD_BLACK);
}

static void suicide_of_one_stone_is_refused(void **state)
{
    static struct board board;
    (void)state;
    board_init(&board, 5, BOARD_KO_SIMPLE);
    setup(&board, "b A2 b B1");

    assert_int_equal(play(&board, BOARD_WHITE, "A1"), BOARD_SUICIDE);
    assert_int_equal(at(&board, "A1"), BOARD_EMPTY);
}

static void suicide_of_two_stones_is_refused(void **state)
{
    static struct board board;
    (void)state;
    board_init(&board, 5, BOARD_KO_SIMPLE);
    setup(&board, "b A2 b B2 b C1 w A1");

    assert_int_equal(play(&board, BOARD_WHITE, "B1"), BOARD_SUICIDE);
    assert_int_equal(at(&board, "A1"), BOARD_WHITE);
}

static void capture_comes_before_suicide(void **state)
{
    static struct board board;
    (void)state;
    board_init(&board, 5, BOARD_KO_SIMPLE);
    setup(&board, "b A2 b B1 w A3 w B2 w C1");

    assert_int_equal(play(&board, BOARD_WHITE, "A1"), BOARD_LEGAL);
    assert_int_equal(at(&board, "A2"), BOARD_EMPTY);
    assert_int_equal(at(&board, "B1"), BOARD_EMPTY);
}

/* White has just taken C1 with B1 on the first line; C1 would take B1 back. */
static void arrange_ko(struct board *board, enum board_ko_rule rule)
{
    board_init(board, 5, rule);
    setup(board, "b A1 w C2 b B2 w D1 b C1 w B1");
    assert_int_equal(at(board, "C1"), BOARD_EMPTY);
}

static void ko_may_not_be_taken_back_at_once(void **state)
{
    static struct board board;
    (void)state;
    arrange_ko(&board, BOARD_KO_SIMPLE);

    assert_int_equal(play(&board, BOARD_BLACK, "C1"), BOARD_KO);
}

static void ko_may_be_taken_back_after_a_threat(void **state)
{
    static struct board board;
    (void)state;
    arrange_ko(&board, BOARD_KO_SIMPLE);
    setup(&board, "b E5 w E4");

    assert_int_equal(play(&board, BOARD_BLACK, "C1"), BOARD_LEGAL);
    assert_int_equal(at(&board, "B1"), BOARD_EMPTY);
}

static void simple_ko_is_lifted_by_two_passes(void **state)
{
    static struct board board;
    (void)state;
    arrange_ko(&board, BOARD_KO_SIMPLE);
    board_pass(&board);
    board_pass(&board);

    assert_int_equal(play(&board, BOARD_BLACK, "C1"), BOARD_LEGAL);
}

static void superko_is_not_lifted_by_passes(void **state)
{
    static struct board board;
    (void)state;
    arrange_ko(&board, BOARD_KO_POSITIONAL);
    board_pass(&board);
    board_pass(&board);

    assert_int_equal(play(&board, BOARD_BLACK, "C1"), BOARD_SUPERKO);
}

static void one_stone_that_took_two_may_be_taken_at_once(void **state)
{
    static struct board board;
    (void)state;
    board_init(&board, 5, BOARD_KO_POSITIONAL);
    setup(&board, "b B1 w B2 b C1 w C2 b A2 w D1 b A3 w A1");
    assert_int_equal(at(&board, "C1"), BOARD_EMPTY);

    enum board_verdict verdict = play(&board, BOARD_BLACK, "B1");

    assert_int_equal(verdict, BOARD_LEGAL);
    assert_int_equal(at(&board, "A1"), BOARD_EMPTY);
}

static void every_size_has_room_for_its_corners(void **state)
{
    static struct board board;
    (void)state;

    for (int size = BOARD_SIZE_MIN; size <= BOARD_SIZE_MAX; size++) {
        board_init(&board, size, BOARD_KO_SIMPLE);
        assert_int_equal(board_play(&board, BOARD_BLACK, 0), BOARD_LEGAL);
        assert_int_equal(board_play(&board, BOARD_WHITE, size * size - 1), BOARD_LEGAL);
        assert_int_equal(board_play(&board, BOARD_BLACK, size * size), BOARD_OUTSIDE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(occupied_and_outside_points_are_refused),
        cmocka_unit_test(stone_without_liberties_is_taken),
        cmocka_unit_test(two_groups_are_taken_by_one_stone),
        cmocka_unit_test(suicide_of_one_stone_is_refused),
        cmocka_unit_test(suicide_of_two_stones_is_refused),
        cmocka_unit_test(capture_comes_before_suicide),
        cmocka_unit_test(ko_may_not_be_taken_back_at_once),
        cmocka_unit_test(ko_may_be_taken_back_after_a_threat),
        cmocka_unit_test(simple_ko_is_lifted_by_two_passes),
        cmocka_unit_test(superko_is_not_lifted_by_passes),
        cmocka_unit_test(one_stone_that_took_two_may_be_taken_at_once),
        cmocka_unit_test(every_size_has_room_for_its_corners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
