/* The command line. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/options.h"

#define ARGS_MAX 16

static bool parse(const char *const *words, struct options *out, char *why)
{
    char program[] = "ringhost-sim";
    char *argv[ARGS_MAX] = {program};
    int argc = 1;

    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    why[0] = '\0';
    return options_parse(argc, argv, out, why);
}

static void everything_can_be_said(void **state)
{
    const char *const words[] = {"--suite",      "raft",    "--suite", "swim",
                                 "--seeds",      "2..2000", "--jobs",  "3",
                                 "--invariants", "./x.so",  "--long",  "--check-determinism",
                                 "--limit",      "9",       NULL};
    char why[OPTIONS_WHY_MAX];
    struct options o;

    (void)state;

    assert_true(parse(words, &o, why));

    assert_int_equal(o.suite_count, 2);
    assert_string_equal(o.suites[1], "swim");
    assert_true(o.has_seeds);
    assert_int_equal(o.seed_first, 2);
    assert_int_equal(o.seed_last, 2000);
    assert_int_equal(o.jobs, 3);
    assert_string_equal(o.invariants[0], "./x.so");
    assert_true(o.is_long);
    assert_true(o.check_determinism);
    assert_int_equal(o.limit_s, 9);
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *words[6];
        const char *why;
    } rows[] = {
        {{"--seads", "1..2", NULL}, "unknown option \"--seads\"; did you mean \"--seeds\"?"},
        {{"--seeds", NULL}, "--seeds needs a value"},
        {{"--seeds", "5", NULL}, "--seeds: \"5\" is not a value for it"},
        {{"--seeds", "5..4", NULL}, "--seeds: \"5..4\""},
        {{"--seed", "x", NULL}, "--seed: \"x\""},
        {{"--jobs", "0", NULL}, "--jobs: \"0\""},
        {{"--trace", "f", NULL}, "--trace needs one suite and one seed"},
        {{"--trace", "f", "--suite", "s", "--seed", NULL}, "--seed needs a value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char why[OPTIONS_WHY_MAX];
        struct options o;

        assert_false(parse(rows[i].words, &o, why));
        if (!strstr(why, rows[i].why))
            fail_msg("expected \"%s\", got \"%s\"", rows[i].why, why);
    }
}

static void one_seed_is_a_range_of_one(void **state)
{
    const char *const words[] = {"--scenario", "f.sim", "--seed", "7", "--trace", "-", NULL};
    char why[OPTIONS_WHY_MAX];
    struct options o;

    (void)state;

    assert_true(parse(words, &o, why));

    assert_int_equal(o.seed_first, 7);
    assert_int_equal(o.seed_last, 7);
    assert_string_equal(o.trace, "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_can_be_said),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(one_seed_is_a_range_of_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
