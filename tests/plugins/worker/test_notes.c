/* What of a job's progress and checkpoint is news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/worker/notes.h"

static void say(struct notes *notes, const char *text)
{
    assert_int_equal(notes_take(notes, NOTE_CHECKPOINT, rh_str_from(text), false), RH_OK);
}

static bool is_news(const struct notes *notes, const char *text)
{
    return rh_str_eq_c(notes_news(notes, NOTE_CHECKPOINT), text);
}

static void what_was_heard_is_news_no_more(void **state)
{
    struct notes notes = {.look_ms = 0};

    (void)state;
    assert_false(notes_has_news(&notes));
    say(&notes, "1");
    assert_true(is_news(&notes, "1"));
    notes_sent(&notes);
    notes_answered(&notes, true);
    say(&notes, "1");

    assert_false(notes_has_news(&notes));
    notes_release(&notes);
}

static void what_was_not_heard_is_told_again(void **state)
{
    struct notes notes = {.look_ms = 0};

    (void)state;
    say(&notes, "1");
    notes_sent(&notes);
    notes_answered(&notes, false);

    assert_true(is_news(&notes, "1"));
    notes_release(&notes);
}

static void a_change_on_the_way_is_news_after_the_answer(void **state)
{
    struct notes notes = {.look_ms = 0};

    (void)state;
    say(&notes, "1");
    notes_sent(&notes);
    say(&notes, "2");
    notes_answered(&notes, true);

    assert_true(is_news(&notes, "2"));
    notes_release(&notes);
}

static void what_came_from_the_queue_is_no_news_to_it(void **state)
{
    struct notes notes = {.look_ms = 0};

    (void)state;
    assert_int_equal(notes_take(&notes, NOTE_CHECKPOINT, RH_STR_LIT("7"), true), RH_OK);
    say(&notes, "7");
    assert_false(notes_has_news(&notes));
    say(&notes, "8");

    assert_true(is_news(&notes, "8"));
    notes_release(&notes);
}

static void kinds_are_told_apart(void **state)
{
    struct notes notes = {.look_ms = 0};

    (void)state;
    assert_int_equal(notes_take(&notes, NOTE_PROGRESS, RH_STR_LIT("0.5"), false), RH_OK);

    assert_true(notes_has_news(&notes));
    assert_null(notes_news(&notes, NOTE_CHECKPOINT).p);
    assert_string_equal(note_member(NOTE_PROGRESS), "progress");
    assert_string_equal(note_file(NOTE_CHECKPOINT), "checkpoint.json");
    assert_string_equal(note_variable(NOTE_CHECKPOINT), "RINGHOST_CHECKPOINT");
    assert_int_equal(note_bytes_max(NOTE_PROGRESS), 4096);
    notes_release(&notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_heard_is_news_no_more),
        cmocka_unit_test(what_was_not_heard_is_told_again),
        cmocka_unit_test(a_change_on_the_way_is_news_after_the_answer),
        cmocka_unit_test(what_came_from_the_queue_is_no_news_to_it),
        cmocka_unit_test(kinds_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
