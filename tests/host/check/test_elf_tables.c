/* Tests of host/check/elf_tables.c. */
#include "tests/host/core/cmocka_all.h"

#include <string.h>

#include "host/check/elf_tables.h"

static void numbers_are_little_endian(void **state)
{
    static const unsigned char bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88};
    const struct elf_span span = {bytes, sizeof bytes};

    (void)state;
    assert_true(elf_number(span, 0, 2) == 0x0201);
    assert_true(elf_number(span, 0, 8) == UINT64_C(0x8807060504030201));
    assert_true(elf_number(span, 7, 1) == 0x88);
}

static void a_cut_must_lie_inside_without_overflow(void **state)
{
    static const unsigned char bytes[16];
    const struct elf_span span = {bytes, sizeof bytes};
    struct elf_span out = {NULL, 0};

    (void)state;
    assert_true(elf_cut(span, 16, 0, &out));
    assert_true(elf_cut(span, 4, 12, &out));
    assert_ptr_equal(out.p, bytes + 4);
    assert_false(elf_cut(span, 4, 13, &out));
    assert_false(elf_cut(span, 17, 0, &out));
    assert_false(elf_cut(span, UINT64_MAX, 2, &out));
    assert_false(elf_cut(span, 2, UINT64_MAX, &out));
}

static void a_name_needs_its_end_inside_the_table(void **state)
{
    static const unsigned char bytes[] = {'a', 0, 'b', 'c'};
    const struct elf_span table = {bytes, sizeof bytes};

    (void)state;
    assert_string_equal(elf_name(table, 0), "a");
    assert_string_equal(elf_name(table, 1), "");
    assert_null(elf_name(table, 2));
    assert_null(elf_name(table, 4));
    assert_null(elf_name(table, UINT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(a_cut_must_lie_inside_without_overflow),
        cmocka_unit_test(a_name_needs_its_end_inside_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
