/* Which names count, in what order, and what replaces what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/core/config_files.h"

static void only_two_digits_a_dash_and_yaml_count(void **state)
{
    (void)state;
    assert_true(config_files_counts("00-cluster.yaml"));
    assert_true(config_files_counts("99-a.b_c-D.yaml"));
    assert_false(config_files_counts("0-cluster.yaml"));
    assert_false(config_files_counts("000-a.yaml"));
    assert_false(config_files_counts("00-.yaml"));
    assert_false(config_files_counts("00-a.yml"));
    assert_false(config_files_counts("00-a.yaml~"));
    assert_false(config_files_counts(".00-a.yaml.swp"));
    assert_false(config_files_counts("00-a b.yaml"));
    assert_false(config_files_counts(""));
}

static void the_reason_for_ignoring_is_said(void **state)
{
    (void)state;
    assert_string_equal(config_files_why_ignored("00-a.yaml~"), "editor backup");
    assert_string_equal(config_files_why_ignored(".00-a.yaml.swp"), "editor backup");
    assert_string_equal(config_files_why_ignored("00-a.yaml.dpkg-dist"),
                        "left by a package upgrade");
    assert_string_equal(config_files_why_ignored("00-a.yml"),
                        "not named NN-name.yaml (.yml is not .yaml)");
    assert_string_equal(config_files_why_ignored("README"), "not named NN-name.yaml");
}

static void rank_comes_before_name_and_higher_replaces(void **state)
{
    (void)state;
    struct config_file out[5];
    const struct config_file files[] = {
        {1, "/etc/05-z.yaml", "05-z.yaml", {NULL, 0}},
        {0, "/usr/90-b.yaml", "90-b.yaml", {NULL, 0}},
        {1, "/etc/10-a.yaml", "10-a.yaml", {NULL, 0}},
        {0, "/usr/10-a.yaml", "10-a.yaml", {NULL, 0}},
        {0, "/usr/README", "README", {NULL, 0}},
    };

    uint32_t count = config_files_order(files, 5, out);

    assert_int_equal(count, 3);
    assert_string_equal(out[0].path, "/usr/90-b.yaml");
    assert_string_equal(out[1].path, "/etc/05-z.yaml");
    assert_string_equal(out[2].path, "/etc/10-a.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_two_digits_a_dash_and_yaml_count),
        cmocka_unit_test(the_reason_for_ignoring_is_said),
        cmocka_unit_test(rank_comes_before_name_and_higher_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
