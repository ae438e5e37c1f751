/* Text tables. */
#include "ctl_test.h"

#include "host/ctl/table.h"

static const char *const titles[] = {"NAME", ">COUNT", "*STATE"};

static void columns_are_aligned_and_numbers_stand_right(void **state)
{
    struct table table;
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    table_init(&table, titles, 3, false);
    table_text(&table, "a");
    table_int(&table, 5);
    table_text(&table, "ok");
    table_text(&table, "longer name");
    table_int(&table, 123456);
    table_text(&table, NULL);

    assert_int_equal(table_write(&table, &out), RH_OK);

    assert_text(&out, "NAME          COUNT  STATE\n"
                      "a                 5  ok\n"
                      "longer name  123456  -\n");
    table_release(&table);
}

static void widths_count_characters_not_bytes(void **state)
{
    struct table table;
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    table_init(&table, titles, 3, false);
    table_text(&table, "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F!");
    table_int(&table, 1);
    table_text(&table, "x");
    table_text(&table, "\xE5\x9B\xB2\xE7\xA2\x81"); /* two wide characters */
    table_int(&table, 2);
    table_text(&table, "x");

    assert_int_equal(table_write(&table, &out), RH_OK);

    assert_text(&out, "NAME   COUNT  STATE\n"
                      "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F!      1  x\n"
                      "\xE5\x9B\xB2\xE7\xA2\x81       2  x\n");
    table_release(&table);
}

static void only_states_have_colours(void **state)
{
    struct table table;
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    table_init(&table, titles, 3, true);
    table_text(&table, "ok");
    table_int(&table, 1);
    table_text(&table, "failed");

    assert_int_equal(table_write(&table, &out), RH_OK);

    assert_text(&out, "NAME  COUNT  STATE\n"
                      "ok        1  \033[31mfailed\033[0m\n");
    table_release(&table);
}

static void cells_cannot_drive_the_terminal(void **state)
{
    struct table table;
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    table_init(&table, titles, 3, false);
    table_text(&table, "a\033[2J\nb");
    table_int(&table, -1);
    table_text(&table, "\xC2\x9B\xFF");

    assert_int_equal(table_write(&table, &out), RH_OK);

    assert_text(&out, "NAME     COUNT  STATE\n"
                      "a?[2J?b     -1  ??\n");
    table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned_and_numbers_stand_right),
        cmocka_unit_test(widths_count_characters_not_bytes),
        cmocka_unit_test(only_states_have_colours),
        cmocka_unit_test(cells_cannot_drive_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
