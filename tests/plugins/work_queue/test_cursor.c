/* Tests of the cursors of pages. */
#include "work_queue_test.h"

#include "cursor.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static const enum cursor_list lists[] = {CURSOR_HISTORY, CURSOR_FINISHED, CURSOR_RETRY};

static void a_position_comes_back_in_its_own_list_alone(void **state)
{
    static const uint64_t positions[] = {0,         1, 2, 255, 256, UINT64_C(0x0123456789abcdef),
                                         UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
        for (size_t k = 0; k < 3; k++) {
            char text[CURSOR_TEXT_SIZE];
            uint64_t got = 42;
            const struct rh_str cursor = cursor_format(lists[k], positions[i], text);

            assert_int_equal(cursor.n, strlen(text));
            assert_true(cursor_parse(lists[k], cursor, &got));
            assert_true(got == positions[i]);
            assert_false(cursor_parse(lists[(k + 1) % 3], cursor, &got));
        }
    }
}

static void what_no_page_gave_out_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "w1",
                                        "1",
                                        "AAAAAAAAAAAAAAAA",
                                        "not-a-cursor-txt",
                                        "AAAAAAAAAAAAAAAAA",
                                        "================"};
    char text[CURSOR_TEXT_SIZE];
    uint64_t got;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(cursor_parse(CURSOR_HISTORY, rh_str_from(texts[i]), &got));

    /* Every letter counts. */
    for (size_t i = 0; i < CURSOR_TEXT_SIZE - 1; i++) {
        (void)cursor_format(CURSOR_HISTORY, 7, text);
        text[i] = text[i] == 'A' ? 'B' : 'A';
        assert_false(cursor_parse(CURSOR_HISTORY, rh_str_from(text), &got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_comes_back_in_its_own_list_alone),
        cmocka_unit_test(what_no_page_gave_out_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
