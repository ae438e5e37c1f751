/* Tests of what is stored before items are added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <ringhost/sdk/str.h>

#include "plugins/loop_queue_populator/intent.h"

static struct intent made(void)
{
    return (struct intent){
        .number = 7,
        .line_count = 2,
        .lines = {{"hex8_2p", "selfplay", 3}, {"sq8_4p", "training", 2}},
    };
}

static void an_intent_reads_back_as_it_was_written(void **state)
{
    static struct intent intent, read;
    struct rh_buf buf;

    (void)state;
    intent = made();
    rh_buf_init(&buf, 100000);
    intent_encode(&intent, &buf);

    assert_int_equal(intent_decode(rh_buf_str(&buf), &read), RH_OK);

    assert_int_equal(read.number, 7);
    assert_int_equal(read.line_count, 2);
    assert_string_equal(read.lines[1].config_key, "sq8_4p");
    assert_string_equal(read.lines[1].work_type, "training");
    assert_int_equal(intent_items(&read), 5);
    rh_buf_release(&buf);
}

static void what_is_cut_or_changed_is_no_intent(void **state)
{
    static struct intent intent, read;
    struct rh_buf buf;

    (void)state;
    intent = made();
    rh_buf_init(&buf, 100000);
    intent_encode(&intent, &buf);

    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(intent_decode((struct rh_str){buf.p, n}, &read), RH_EINVAL);
    buf.p[0]++;
    assert_int_equal(intent_decode(rh_buf_str(&buf), &read), RH_EINVAL);
    rh_buf_release(&buf);
}

static void each_item_has_its_kind_and_a_key_of_its_own(void **state)
{
    static struct intent intent;
    char keys[5][INTENT_KEY_SIZE];

    (void)state;
    intent = made();

    for (int64_t i = 0; i < 5; i++)
        intent_key(&intent, i, keys[i]);

    assert_string_equal(intent_line_of(&intent, 2)->work_type, "selfplay");
    assert_string_equal(intent_line_of(&intent, 3)->work_type, "training");
    assert_string_equal(keys[4], "populator/7/4");
    for (int i = 1; i < 5; i++)
        assert_string_not_equal(keys[i], keys[i - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_intent_reads_back_as_it_was_written),
        cmocka_unit_test(what_is_cut_or_changed_is_no_intent),
        cmocka_unit_test(each_item_has_its_kind_and_a_key_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
