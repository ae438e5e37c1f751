/* Tests of the ends of outputs that are kept for those who follow them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/worker/tail.h"

#define W1 RH_STR_LIT("w1")

static struct tails tails;

static int release(void **state)
{
    (void)state;
    tails_release(&tails);
    return 0;
}

static void is_text(const struct tail *tail, int64_t offset, int64_t max, int64_t at,
                    const char *text)
{
    struct rh_str shown = tail_text(tail, &offset, max);

    assert_int_equal(offset, at);
    assert_true(rh_str_eq_c(shown, text));
}

static void an_end_is_read_from_any_offset(void **state)
{
    const struct tail *tail;

    (void)state;
    tails_keep(&tails, W1, RH_STR_LIT("one\ntwo\n"), 0);

    tail = tails_find(&tails, W1, 0);
    assert_non_null(tail);
    is_text(tail, 0, 100, 0, "one\ntwo\n");
    is_text(tail, 4, 2, 4, "tw");
    is_text(tail, 8, 100, 8, "");
    is_text(tail, 99, 100, 99, "");
}

static void it_is_kept_for_some_seconds(void **state)
{
    (void)state;
    tails_keep(&tails, W1, RH_STR_LIT("x"), 1000);

    assert_non_null(tails_find(&tails, W1, 1000 + TAIL_KEPT_MS));
    assert_null(tails_find(&tails, W1, 1001 + TAIL_KEPT_MS));
    assert_null(tails_find(&tails, RH_STR_LIT("w2"), 1000));
}

static void a_long_output_keeps_its_end_and_whole_characters(void **state)
{
    const size_t size = TAIL_BYTES_MAX + 11;
    char *output = malloc(size);
    const struct tail *tail;
    int64_t offset = 0;

    (void)state;
    assert_non_null(output);
    memset(output, 'a', size);
    memcpy(output + 10, "\xc3\xa4", 2); /* the cut would fall into it */
    tails_keep(&tails, W1, (struct rh_str){output, size}, 0);
    free(output);

    tail = tails_find(&tails, W1, 0);
    assert_non_null(tail);
    assert_int_equal(tail_text(tail, &offset, INT64_MAX).n, TAIL_BYTES_MAX - 1);
    assert_int_equal(offset, 12);
}

static void the_last_end_of_an_item_counts(void **state)
{
    (void)state;
    tails_keep(&tails, W1, RH_STR_LIT("first"), 0);
    tails_keep(&tails, W1, RH_STR_LIT("second"), 5);

    is_text(tails_find(&tails, W1, 5), 0, 100, 0, "second");
}

static void the_oldest_goes_when_there_are_too_many(void **state)
{
    char id[16];

    (void)state;
    for (uint32_t i = 0; i <= TAILS_MAX; i++) {
        (void)snprintf(id, sizeof(id), "w%u", (unsigned)i);
        tails_keep(&tails, rh_str_from(id), RH_STR_LIT("x"), i);
    }

    assert_null(tails_find(&tails, RH_STR_LIT("w0"), TAILS_MAX));
    assert_non_null(tails_find(&tails, W1, TAILS_MAX));
    assert_non_null(tails_find(&tails, rh_str_from(id), TAILS_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_end_is_read_from_any_offset, release),
        cmocka_unit_test_teardown(it_is_kept_for_some_seconds, release),
        cmocka_unit_test_teardown(a_long_output_keeps_its_end_and_whole_characters, release),
        cmocka_unit_test_teardown(the_last_end_of_an_item_counts, release),
        cmocka_unit_test_teardown(the_oldest_goes_when_there_are_too_many, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
