/* Tests of host/core/text.c. */
#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"

static void a_text_that_fits_is_whole(void **state)
{
    char text[8] = "old";

    (void)state;
    text_set(text, sizeof text, "%s-%d", "abc", 12);
    assert_string_equal(text, "abc-12");
}

static void a_longer_text_is_cut_and_terminated(void **state)
{
    char text[5] = "old";

    (void)state;
    text_set(text, sizeof text, "%s", "abcdefgh");
    assert_string_equal(text, "abcd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_fits_is_whole),
        cmocka_unit_test(a_longer_text_is_cut_and_terminated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
