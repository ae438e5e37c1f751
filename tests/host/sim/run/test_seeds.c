/* Seeds: those that once failed first, then the range. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>

#include "host/sim/run/seeds.h"

static int32_t make(const char *text, struct seeds *out, char why[256])
{
    char path[] = "/tmp/ringhost-seeds-XXXXXX";
    int fd = mkstemp(path);
    int32_t rc;

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
    rc = seeds_make(path, 3, 5, out, why, 256);
    (void)unlink(path);
    return rc;
}

static void kept_seeds_come_first(void **state)
{
    static const uint64_t expected[] = {17, 4, 3, 4, 5};
    struct seeds seeds;
    char why[256];

    (void)state;

    assert_int_equal(make("# found things\n17 # a bug\n\n4\n", &seeds, why), RH_OK);

    assert_int_equal(seeds.count, 5);
    assert_int_equal(seeds.kept_count, 2);
    assert_memory_equal(seeds.list, expected, sizeof expected);
    free(seeds.list);
}

static void without_a_file_there_is_the_range(void **state)
{
    struct seeds seeds;
    char why[256];

    (void)state;

    assert_int_equal(seeds_make("/nowhere/x.seeds", 1, 1, &seeds, why, sizeof why), RH_OK);
    assert_int_equal(seeds.count, 1);
    free(seeds.list);
    assert_int_equal(seeds_make(NULL, UINT64_MAX - 1, UINT64_MAX, &seeds, why, sizeof why), RH_OK);
    assert_int_equal(seeds.count, 2);
    free(seeds.list);
}

static void what_is_no_seed_is_told_with_its_line(void **state)
{
    struct seeds seeds;
    char why[256] = "";

    (void)state;

    assert_int_equal(make("1\ntwo\n", &seeds, why), RH_EINVAL);

    assert_non_null(strstr(why, ":2:1: error: not a seed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_seeds_come_first),
        cmocka_unit_test(without_a_file_there_is_the_range),
        cmocka_unit_test(what_is_no_seed_is_told_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
