/* Order of pieces and ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugins/artifacts/piece.h"

static void the_piece_wanted_is_taken_whole(void **state)
{
    int64_t skip = -1;

    (void)state;

    assert_int_equal(piece_judge(100, 40, 40, 60, &skip), PIECE_TAKE);
    assert_int_equal(skip, 0);
}

static void of_an_overlapping_piece_only_the_new_end_is_taken(void **state)
{
    int64_t skip = -1;

    (void)state;

    assert_int_equal(piece_judge(100, 40, 30, 20, &skip), PIECE_TAKE);
    assert_int_equal(skip, 10);
}

static void a_piece_that_is_here_is_not_taken_again(void **state)
{
    int64_t skip = -1;

    (void)state;

    assert_int_equal(piece_judge(100, 40, 0, 40, &skip), PIECE_HAD);
    assert_int_equal(piece_judge(100, 40, 40, 0, &skip), PIECE_HAD);
    assert_int_equal(skip, -1);
}

static void a_gap_is_seen(void **state)
{
    int64_t skip = -1;

    (void)state;

    assert_int_equal(piece_judge(100, 40, 41, 10, &skip), PIECE_TOO_FAR);
}

static void nothing_goes_beyond_the_end(void **state)
{
    int64_t skip = -1;

    (void)state;

    assert_int_equal(piece_judge(100, 40, 40, 61, &skip), PIECE_TOO_LARGE);
    assert_int_equal(piece_judge(100, 40, INT64_MAX, 1, &skip), PIECE_TOO_LARGE);
    assert_int_equal(piece_judge(100, 40, 40, INT64_MAX, &skip), PIECE_TOO_LARGE);
    assert_int_equal(piece_judge(0, 0, 0, 1, &skip), PIECE_TOO_LARGE);
}

static void an_empty_file_is_taken(void **state)
{
    int64_t skip = -1;

    (void)state;

    assert_int_equal(piece_judge(0, 0, 0, 0, &skip), PIECE_TAKE);
    assert_int_equal(skip, 0);
}

static void a_range_ends_with_the_file(void **state)
{
    (void)state;

    assert_int_equal(piece_bytes(100, 0, 30), 30);
    assert_int_equal(piece_bytes(100, 90, 30), 10);
    assert_int_equal(piece_bytes(100, 100, 30), 0);
    assert_int_equal(piece_bytes(100, INT64_MAX, 30), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_piece_wanted_is_taken_whole),
        cmocka_unit_test(of_an_overlapping_piece_only_the_new_end_is_taken),
        cmocka_unit_test(a_piece_that_is_here_is_not_taken_again),
        cmocka_unit_test(a_gap_is_seen),
        cmocka_unit_test(nothing_goes_beyond_the_end),
        cmocka_unit_test(an_empty_file_is_taken),
        cmocka_unit_test(a_range_ends_with_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
