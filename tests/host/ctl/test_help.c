/* Help and completion agree with the table. */
#include "ctl_test.h"

#include <stdio.h>

#include "host/ctl/help.h"

static void every_command_is_listed_and_explained(void **state)
{
    const struct command *commands;
    struct rh_buf all;
    uint32_t count;

    (void)state;
    commands = commands_all(&count);
    rh_buf_init(&all, TEST_TEXT_MAX);
    help_all(&all);
    assert_int_equal(all.rc, RH_OK);
    for (uint32_t i = 0; i < count; i++) {
        struct rh_buf own;

        assert_non_null(strstr(all.p, commands[i].words));
        assert_non_null(strstr(all.p, commands[i].help));
        rh_buf_init(&own, TEST_TEXT_MAX);
        help_command(&commands[i], &own);
        assert_int_equal(own.rc, RH_OK);
        for (uint32_t k = 0; k < commands[i].option_count; k++) {
            assert_non_null(strstr(own.p, commands[i].options[k].name));
            assert_non_null(strstr(own.p, commands[i].options[k].help));
        }
        rh_buf_release(&own);
    }
    rh_buf_release(&all);
}

static void rows_of_the_table_are_sound(void **state)
{
    const struct command *commands;
    uint32_t count;

    (void)state;
    commands = commands_all(&count);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(commands[i].run || commands[i].path);
        assert_int_equal(commands[i].path != NULL, commands[i].method != NULL);
        for (uint32_t k = 0; k < commands[i].option_count; k++) {
            const struct option_row *row = &commands[i].options[k];
            const int is_bare = row->kind == OPTION_FLAG || (row->flags & OPTION_POSITIONAL);

            assert_int_equal(row->value == NULL, is_bare != 0);
            assert_int_equal(row->choices != NULL, row->kind == OPTION_CHOICE);
            assert_true(row->kind != OPTION_INT || row->min < row->max);
        }
    }
}

static void a_call_shows_what_it_needs(void **state)
{
    const struct command *commands;
    struct rh_buf out;
    uint32_t count;

    (void)state;
    commands = commands_all(&count);
    rh_buf_init(&out, TEST_TEXT_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(commands[i].words, "work cancel") == 0)
            help_command(&commands[i], &out);
    }

    assert_text(&out, "usage: ringctl work cancel ID\n\nCancel a work item.\n\n"
                      "  ID                      the item\n");
}

static void completion_knows_every_word_and_option(void **state)
{
    const struct command *commands;
    struct rh_buf out;
    uint32_t count;

    (void)state;
    rh_buf_init(&out, TEST_TEXT_MAX);
    help_completion_bash(&out);

    assert_int_equal(out.rc, RH_OK);
    assert_non_null(strstr(
        out.p, "\"work\") words=\"add list show cancel retry pause resume history stats\" ;;"));
    assert_non_null(strstr(out.p, "--addr | --token-file | --timeout)"));
    commands = commands_all(&count);
    for (uint32_t i = 0; i < count; i++) {
        char row[64];

        (void)snprintf(row, sizeof(row), "\"%s\"*) words=", commands[i].words);
        assert_non_null(strstr(out.p, row));
    }
    rh_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_listed_and_explained),
        cmocka_unit_test(rows_of_the_table_are_sound),
        cmocka_unit_test(a_call_shows_what_it_needs),
        cmocka_unit_test(completion_knows_every_word_and_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
