/* Opening a suite: what it names must be there and fit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>

#include "host/sim/run/suite.h"
#include "tests/host/sim/run/probe.h"

static int32_t open_text(const char *text, const char *extra, char *why)
{
    const char *const checks[] = {extra};
    const struct suite_places places = {.plugin_dirs = {"/nowhere"},
                                        .plugin_dir_count = 1,
                                        .check_dirs = {"/nowhere", "/nowhere/else"},
                                        .check_dir_count = 2,
                                        .checks = checks,
                                        .check_count = extra ? 1 : 0};
    char path[] = "/tmp/ringhost-suite-XXXXXX";
    struct suite *suite = NULL;
    int fd = mkstemp(path);
    int32_t rc;

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
    rc = suite_open(path, &places, &suite, why);
    (void)unlink(path);
    suite_close(suite);
    return rc;
}

static void refuses(const char *text, const char *extra, const char *says)
{
    char why[SUITE_WHY_MAX] = "";

    assert_true(open_text(text, extra, why) < 0);
    if (!strstr(why, says))
        fail_msg("expected \"%s\", got \"%s\"", says, why);
}

static void what_is_named_is_opened(void **state)
{
    struct suite *suite = probe_suite("nodes 3\n");

    (void)state;

    assert_int_equal(suite->plugin_count, 2);
    assert_null(suite->older[0].desc);
    assert_int_equal(suite->check_count, 1);
    assert_string_equal(suite->checks[0].name, "probe");
    suite_close(suite);
}

static void a_shorter_table_of_checks_lacks_what_came_later(void **state)
{
    struct suite *suite = probe_suite("nodes 3\ninvariants short\n");

    (void)state;

    assert_int_equal(suite->check_count, 2);
    assert_string_equal(suite->checks[1].name, "short");
    assert_null(suite->checks[1].process);
    assert_null(suite->checks[1].process_over);
    assert_ptr_equal(suite->checks[1].end, suite->checks[0].end);
    suite_close(suite);
}

static void an_older_build_stands_beside_its_plugin(void **state)
{
    struct suite *suite = probe_suite("older election election_old\n");

    (void)state;

    assert_string_equal(suite->older[0].desc->desc.version, PROBE_OLDER);
    assert_string_not_equal(suite->plugins[0].desc->desc.version, PROBE_OLDER);
    assert_string_equal(suite->older[0].desc->desc.id, "election");
    suite_close(suite);
}

static void what_is_missing_or_does_not_fit_is_named(void **state)
{
    (void)state;

    refuses("suite s\nplugins nobody\n", NULL, "plugin nobody: no file nobody.so in /nowhere");
    refuses("suite s\nplugins election\ninvariants nobody\n", NULL, "/nowhere/nobody.so");
    refuses("suite s\nplugins gossip\ninvariants probe\n", NULL,
            "invariants \"probe\" need the plugin election, which is not loaded");
    refuses("suite s\nplugins election\ninvariants probe\n", "probe",
            "invariants \"probe\" are given twice");
    refuses("suite s\nplugins election\n", "./nobody.so", "./nobody.so");
    refuses("suite\n", NULL, ":1:6: error: a suite's name");
}

static void nothing_is_closed_twice(void **state)
{
    (void)state;

    suite_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_named_is_opened),
        cmocka_unit_test(a_shorter_table_of_checks_lacks_what_came_later),
        cmocka_unit_test(an_older_build_stands_beside_its_plugin),
        cmocka_unit_test(what_is_missing_or_does_not_fit_is_named),
        cmocka_unit_test(nothing_is_closed_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
