/* Tests of host/check/check.c: small plugin files, each of which breaks one rule. */
#include "tests/host/core/cmocka_all.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/rng.h>

#include "host/check/check.h"
#include "host/check/read_file.h"

#define RULES 8u /* lines of a file that can be read */

struct fixture {
    void *bytes;
    size_t size;
};

static struct fixture fixture_load(const char *name)
{
    struct fixture fixture = {NULL, 0};
    char path[1024];
    char why[256];

    assert_true(snprintf(path, sizeof path, CHECK_FIXTURES "/%s.so", name) < (int)sizeof path);
    if (read_file(path, CHECK_FILE_BYTES_MAX, &fixture.bytes, &fixture.size, why, sizeof why) !=
        RH_OK)
        fail_msg("%s", why);
    return fixture;
}

/* The fixture breaks this rule and no other, and the detail names the culprit. */
static void expect_only(const char *name, const char *rule, const char *culprit)
{
    struct fixture fixture = fixture_load(name);
    struct check_report report = {.count = 0};

    check_static(fixture.bytes, fixture.size, &report);
    free(fixture.bytes);

    assert_int_equal(report.count, RULES);
    for (uint32_t i = 0; i < report.count; i++) {
        const struct check_line *line = &report.lines[i];
        bool is_bad = strcmp(line->rule, rule) == 0;

        if (line->verdict != (is_bad ? CHECK_FAIL : CHECK_OK))
            fail_msg("%s: verdict %u for %s: %s", name, line->verdict, line->rule, line->detail);
        if (is_bad && !strstr(line->detail, culprit))
            fail_msg("%s: \"%s\" does not name %s", name, line->detail, culprit);
    }
}

static void a_plugin_that_keeps_the_rules_passes_all_of_them(void **state)
{
    struct fixture fixture = fixture_load("good");
    struct check_report report = {.count = 0};

    (void)state;
    check_static(fixture.bytes, fixture.size, &report);
    free(fixture.bytes);

    assert_int_equal(report.count, RULES);
    assert_int_equal(check_count(&report, CHECK_OK), RULES);
    assert_string_equal(report.lines[1].detail, "plugin fixture 1.0 for ABI 0.1");
}

static void a_file_without_the_section_fails_info(void **state)
{
    (void)state;
    expect_only("no_info", "info", "not a ringhost plugin");
}

static void another_abi_fails_info_and_says_which_side_to_upgrade(void **state)
{
    (void)state;
    expect_only("other_abi", "info", "upgrade the host");
}

static void importing_the_clock_fails_imports(void **state)
{
    (void)state;
    expect_only("imports_time", "imports", "time");
}

static void importing_weak_data_fails_imports(void **state)
{
    (void)state;
    expect_only("weak_environ", "imports", "environ");
}

static void a_variable_fails_data(void **state)
{
    (void)state;
    expect_only("mutable_global", "data", ".bss");
}

static void a_threads_variable_fails_data(void **state)
{
    (void)state;
    expect_only("thread_local", "data", ".tbss");
}

static void a_constructor_fails_constructors(void **state)
{
    (void)state;
    expect_only("constructor", "constructors", ".init_array");
}

static void an_indirect_function_fails_constructors(void **state)
{
    (void)state;
    expect_only("indirect", "constructors", "indirect function");
}

static void a_second_symbol_fails_exports(void **state)
{
    (void)state;
    expect_only("two_exports", "exports", "fixture_extra");
}

static void another_library_fails_needed(void **state)
{
    (void)state;
    expect_only("needs_library", "needed", "libcheck_library.so");
}

static void an_executable_stack_fails_hardening(void **state)
{
    (void)state;
    expect_only("executable_stack", "hardening", "executable stack");
}

static void an_instrumented_build_is_not_judged(void **state)
{
    struct fixture fixture = fixture_load("instrumented");
    struct check_report report = {.count = 0};

    (void)state;
    check_static(fixture.bytes, fixture.size, &report);
    free(fixture.bytes);

    assert_int_equal(check_count(&report, CHECK_FAIL), 0);
    assert_int_equal(check_count(&report, CHECK_NOT_APPLICABLE), RULES - 2);
    assert_non_null(strstr(report.lines[2].detail, "__asan_init"));
}

static void what_is_no_elf_file_fails_elf_and_nothing_else_is_said(void **state)
{
    struct check_report report = {.count = 0};

    (void)state;
    check_static("#!/bin/sh\n", 10, &report);

    assert_int_equal(report.count, 1);
    assert_int_equal(report.lines[0].verdict, CHECK_FAIL);
    assert_string_equal(report.lines[0].rule, "elf");
}

/* In a block of its own, so that a sanitizer sees any read past its end. */
static void judge_copy(const void *bytes, size_t size, struct check_report *report)
{
    void *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    report->count = 0;
    check_static(copy, size, report);
    free(copy);
}

static void a_plugin_cut_off_anywhere_is_refused(void **state)
{
    struct fixture fixture = fixture_load("good");
    struct check_report report;

    (void)state;
    for (size_t size = 0; size < fixture.size; size += size < 256 ? 1 : 61) {
        judge_copy(fixture.bytes, size, &report);
        if (check_count(&report, CHECK_FAIL) == 0)
            fail_msg("%zu of %zu bytes pass", size, fixture.size);
    }
    judge_copy(fixture.bytes, fixture.size - 1, &report);
    assert_true(check_count(&report, CHECK_FAIL) > 0);
    free(fixture.bytes);
}

/* Offsets, counts and addresses in the headers are what a hostile file would choose. */
static void broken_headers_are_judged_without_reading_outside(void **state)
{
    const uint64_t seed = 20240607;
    struct fixture fixture = fixture_load("good");
    unsigned char *bytes = fixture.bytes;
    struct check_report report;
    struct rh_rng rng;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    rh_rng_seed(&rng, seed);
    for (uint32_t round = 0; round < 3000; round++) {
        size_t headers = fixture.size < 1024 ? fixture.size : 1024;
        size_t tail = fixture.size - headers;
        size_t at = (size_t)rh_rng_below(&rng, 2 * headers);
        unsigned char *victim = &bytes[at < headers ? at : tail + at - headers];
        unsigned char old = *victim;

        *victim = (unsigned char)rh_rng_below(&rng, 256);
        judge_copy(bytes, fixture.size, &report);
        assert_true(report.count == 1 || report.count == RULES);
        *victim = old;
    }
    free(fixture.bytes);
}

static void a_long_detail_is_cut(void **state)
{
    struct check_report report = {.count = 0};
    char text[2 * CHECK_DETAIL_MAX];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    check_add(&report, "rule", CHECK_OK, "%s", text);

    assert_int_equal(strlen(report.lines[0].detail), CHECK_DETAIL_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_that_keeps_the_rules_passes_all_of_them),
        cmocka_unit_test(a_file_without_the_section_fails_info),
        cmocka_unit_test(another_abi_fails_info_and_says_which_side_to_upgrade),
        cmocka_unit_test(importing_the_clock_fails_imports),
        cmocka_unit_test(importing_weak_data_fails_imports),
        cmocka_unit_test(a_variable_fails_data),
        cmocka_unit_test(a_threads_variable_fails_data),
        cmocka_unit_test(a_constructor_fails_constructors),
        cmocka_unit_test(an_indirect_function_fails_constructors),
        cmocka_unit_test(a_second_symbol_fails_exports),
        cmocka_unit_test(another_library_fails_needed),
        cmocka_unit_test(an_executable_stack_fails_hardening),
        cmocka_unit_test(an_instrumented_build_is_not_judged),
        cmocka_unit_test(what_is_no_elf_file_fails_elf_and_nothing_else_is_said),
        cmocka_unit_test(a_plugin_cut_off_anywhere_is_refused),
        cmocka_unit_test(broken_headers_are_judged_without_reading_outside),
        cmocka_unit_test(a_long_detail_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
