/* The arena keeps its limit, its alignment and what it gave out. */
#include "host/core/field_arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

static void gives_zeroed_aligned_memory_that_stays(void **state)
{
    struct field_arena arena;
    char *texts[200];
    uint64_t *numbers[200];

    (void)state;
    field_arena_init(&arena, 1 << 20);

    for (size_t i = 0; i < 200; i++) {
        texts[i] = field_arena_text(&arena, i % 13 + 1);
        assert_non_null(texts[i]);
        memset(texts[i], 'x', i % 13 + 1);
        numbers[i] = field_arena_alloc(&arena, (i + 1) * sizeof(uint64_t));
        assert_non_null(numbers[i]);
        assert_int_equal((uintptr_t)numbers[i] % 8, 0);
        for (size_t k = 0; k <= i; k++) {
            assert_int_equal(numbers[i][k], 0);
            numbers[i][k] = i;
        }
    }

    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(texts[i][i % 13], 'x');
        assert_int_equal(numbers[i][i], i);
    }
    field_arena_release(&arena);
}

static void gives_not_one_byte_above_its_limit(void **state)
{
    struct field_arena arena;

    (void)state;
    field_arena_init(&arena, 100);

    assert_non_null(field_arena_text(&arena, 100));
    assert_int_equal(arena.rc, RH_OK);
    assert_null(field_arena_text(&arena, 1));
    assert_int_equal(arena.rc, RH_ETOOLARGE);
    assert_null(field_arena_text(&arena, 0));
    assert_null(field_arena_alloc(&arena, SIZE_MAX));
    field_arena_release(&arena);
}

static void huge_sizes_do_not_wrap(void **state)
{
    struct field_arena arena;

    (void)state;
    field_arena_init(&arena, UINT64_MAX);
    assert_null(field_arena_alloc(&arena, SIZE_MAX));
    assert_int_equal(arena.rc, RH_ETOOLARGE);
    field_arena_reset(&arena);
    assert_null(field_arena_text(&arena, SIZE_MAX));
    assert_int_equal(arena.rc, RH_ENOMEM);
    field_arena_release(&arena);
}

static void tells_when_memory_is_out(void **state)
{
    struct field_arena arena;

    (void)state;
    field_arena_init(&arena, 1000);
    arena.allocate = no_memory;

    assert_null(field_arena_alloc(&arena, 8));

    assert_int_equal(arena.rc, RH_ENOMEM);
    field_arena_release(&arena);
}

static void trim_gives_back_the_tail(void **state)
{
    struct field_arena arena;
    char *first;

    (void)state;
    field_arena_init(&arena, 10);
    first = field_arena_text(&arena, 10);

    field_arena_trim(&arena, 6);

    assert_ptr_equal(field_arena_text(&arena, 6), first + 4);
    field_arena_release(&arena);
}

static void reset_starts_over_in_the_same_block(void **state)
{
    struct field_arena arena;
    char *first;

    (void)state;
    field_arena_init(&arena, 50);
    first = field_arena_text(&arena, 40);
    (void)field_arena_text(&arena, 40); /* Fails: above the limit. */

    field_arena_reset(&arena);

    assert_int_equal(arena.rc, RH_OK);
    assert_ptr_equal(field_arena_text(&arena, 50), first);
    field_arena_release(&arena);
}

static void copies_text_also_when_it_is_empty(void **state)
{
    struct field_arena arena;
    struct rh_str out;

    (void)state;
    field_arena_init(&arena, 50);
    assert_int_equal(field_arena_copy(&arena, RH_STR_LIT("abc"), &out), RH_OK);
    assert_true(rh_str_eq_c(out, "abc"));
    assert_int_equal(field_arena_copy(&arena, (struct rh_str){NULL, 0}, &out), RH_OK);
    assert_int_equal(out.n, 0);
    field_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_aligned_memory_that_stays),
        cmocka_unit_test(gives_not_one_byte_above_its_limit),
        cmocka_unit_test(huge_sizes_do_not_wrap),
        cmocka_unit_test(tells_when_memory_is_out),
        cmocka_unit_test(trim_gives_back_the_tail),
        cmocka_unit_test(reset_starts_over_in_the_same_block),
        cmocka_unit_test(copies_text_also_when_it_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
