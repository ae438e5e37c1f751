/* Growable images: gaps, cuts, short reads. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim_bytes.h"

static void a_gap_reads_as_zeros(void **state)
{
    struct sim_bytes bytes = {0};
    char out[8] = "xxxxxxx";

    (void)state;

    sim_bytes_write(&bytes, 2, "ab", 2);

    assert_int_equal(bytes.n, 4);
    assert_int_equal(sim_bytes_read(&bytes, 0, out, 8), 4);
    assert_memory_equal(out, "\0\0ab", 4);
    sim_bytes_release(&bytes);
}

static void what_was_cut_off_does_not_come_back(void **state)
{
    struct sim_bytes bytes = {0};
    char out[6];

    (void)state;
    sim_bytes_write(&bytes, 0, "secret", 6);

    sim_bytes_resize(&bytes, 2);
    sim_bytes_resize(&bytes, 4);
    sim_bytes_write(&bytes, 5, "x", 1);

    assert_int_equal(sim_bytes_read(&bytes, 0, out, 6), 6);
    assert_memory_equal(out, "se\0\0\0x", 6);
    sim_bytes_release(&bytes);
}

static void reading_behind_the_end_gives_nothing(void **state)
{
    struct sim_bytes bytes = {0};
    char out;

    (void)state;
    sim_bytes_write(&bytes, 0, "a", 1);

    assert_int_equal(sim_bytes_read(&bytes, 1, &out, 1), 0);
    assert_int_equal(sim_bytes_read(&bytes, 100, &out, 1), 0);

    sim_bytes_release(&bytes);
}

static void a_copy_is_its_own(void **state)
{
    struct sim_bytes from = {0};
    struct sim_bytes to = {0};

    (void)state;
    sim_bytes_write(&from, 0, "one", 3);

    sim_bytes_copy(&to, &from);
    sim_bytes_write(&from, 0, "two", 3);
    sim_bytes_resize(&to, 1);
    sim_bytes_resize(&to, 2);

    assert_int_equal(from.n, 3);
    assert_memory_equal(from.p, "two", 3);
    assert_int_equal(to.n, 2);
    assert_memory_equal(to.p, "o\0", 2);
    sim_bytes_release(&from);
    sim_bytes_release(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_reads_as_zeros),
        cmocka_unit_test(what_was_cut_off_does_not_come_back),
        cmocka_unit_test(reading_behind_the_end_gives_nothing),
        cmocka_unit_test(a_copy_is_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
