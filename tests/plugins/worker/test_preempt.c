/* A machine that is about to be taken away: said once, ended once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/worker/preempt.h"

static void it_is_said_once_and_over_once(void **state)
{
    struct preempt preempt = {.state = PREEMPT_NONE};

    (void)state;
    assert_int_equal(preempt_wake_ms(&preempt), INT64_MAX);
    assert_true(preempt_begin(&preempt, RH_STR_LIT("spot"), 100, 1000));
    assert_false(preempt_begin(&preempt, RH_STR_LIT("again"), 100, 1001));
    assert_string_equal(preempt.why, "spot");
    assert_int_equal(preempt_wake_ms(&preempt), 1100);

    assert_false(preempt_tick(&preempt, 1099));
    assert_true(preempt_tick(&preempt, 1100));
    assert_false(preempt_tick(&preempt, 1101));
    assert_int_equal(preempt_wake_ms(&preempt), INT64_MAX);
}

static void a_deadline_becomes_earlier_and_never_later(void **state)
{
    struct preempt preempt = {.state = PREEMPT_NONE};

    (void)state;
    (void)preempt_begin(&preempt, RH_STR_LIT("a"), 100, 0);
    (void)preempt_begin(&preempt, RH_STR_LIT("b"), 200, 0);
    assert_int_equal(preempt_wake_ms(&preempt), 100);
    (void)preempt_begin(&preempt, RH_STR_LIT("c"), 10, 5);

    assert_int_equal(preempt_wake_ms(&preempt), 15);
}

static void it_may_be_taken_back(void **state)
{
    struct preempt preempt = {.state = PREEMPT_NONE};

    (void)state;
    assert_false(preempt_end(&preempt));
    (void)preempt_begin(&preempt, RH_STR_LIT("a"), 100, 0);
    assert_true(preempt_end(&preempt));

    assert_int_equal(preempt.state, PREEMPT_NONE);
    assert_false(preempt_tick(&preempt, 1000));
    assert_true(preempt_begin(&preempt, RH_STR_LIT("b"), 0, 1000));
    assert_true(preempt_tick(&preempt, 1000));
}

static void words_are_cut_and_cleaned(void **state)
{
    struct preempt preempt = {.state = PREEMPT_NONE};
    char text[2 * PREEMPT_WHY_SIZE];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[1] = '\n';
    text[2] = '\x7f';
    (void)preempt_begin(&preempt, (struct rh_str){text, sizeof(text)}, 0, 0);

    assert_int_equal(strlen(preempt.why), PREEMPT_WHY_SIZE - 1);
    assert_memory_equal(preempt.why, "x  x", 4);
}

static void words_end_at_a_whole_character(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {"spot", "spot"},
        {"a\nb\t\x7f", "a b  "},
        {"12345678", "1234567"},
        {"123456\xc3\xa9", "123456"},
        {"12345\xc3\xa9", "12345\xc3\xa9"},
        {"\xff\xc3x\xc0\xaf", "??x??"},
        {"\xc2\x85y", " y"},
        {"\xed\xa0\x80", "???"},
        {"\xf0\x9f\x8e\xb2", "\xf0\x9f\x8e\xb2"},
        {"\xe2\x82", "??"},
    };
    char words[8];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        preempt_words(words, sizeof(words), rh_str_from(rows[i].text));

        assert_string_equal(words, rows[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_said_once_and_over_once),
        cmocka_unit_test(a_deadline_becomes_earlier_and_never_later),
        cmocka_unit_test(it_may_be_taken_back),
        cmocka_unit_test(words_are_cut_and_cleaned),
        cmocka_unit_test(words_end_at_a_whole_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
