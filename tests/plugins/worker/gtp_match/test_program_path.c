/* Claims about where a program is looked for. */
#include "program_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void name_is_found_in_the_path(void **state)
{
    char out[PROGRAM_PATH_BYTES];
    char looked[PROGRAM_LOOKED_BYTES];
    (void)state;

    assert_true(program_path_find("sh", "/nonexistent::/bin", out, looked));
    assert_string_equal(out, "/bin/sh");
}

static void missing_name_tells_every_folder(void **state)
{
    char out[PROGRAM_PATH_BYTES];
    char looked[PROGRAM_LOOKED_BYTES];
    (void)state;

    assert_false(program_path_find("no-such-engine", "/bin", out, looked));
    assert_string_equal(looked, "/bin:/usr/games:/usr/local/games");
    assert_false(program_path_find("no-such-engine", NULL, out, looked));
    assert_string_equal(looked, "/usr/games:/usr/local/games");
}

static void name_with_a_slash_is_not_searched(void **state)
{
    char out[PROGRAM_PATH_BYTES];
    char looked[PROGRAM_LOOKED_BYTES];
    (void)state;

    assert_true(program_path_find("/bin/sh", NULL, out, looked));
    assert_string_equal(out, "/bin/sh");
    assert_false(program_path_find("./sh", "/bin", out, looked));
    assert_string_equal(looked, "./sh");
}

static void folder_is_no_program(void **state)
{
    char out[PROGRAM_PATH_BYTES];
    char looked[PROGRAM_LOOKED_BYTES];
    (void)state;

    assert_false(program_path_find("/usr/bin", NULL, out, looked));
}

static void name_with_a_slash_is_meant_from_the_folder_it_runs_in(void **state)
{
    char out[PROGRAM_PATH_BYTES];
    char looked[PROGRAM_LOOKED_BYTES];
    (void)state;

    assert_true(program_path_find_in("/", "./bin/sh", NULL, out, looked));
    assert_string_equal(out, "//./bin/sh");
    assert_true(program_path_find_in("/nonexistent", "/bin/sh", NULL, out, looked));
    assert_string_equal(out, "/bin/sh");
    assert_true(program_path_find_in("/nonexistent", "sh", "/bin", out, looked));
    assert_string_equal(out, "/bin/sh");
    assert_false(program_path_find_in("/nonexistent", "./sh", "/bin", out, looked));
    assert_string_equal(looked, "/nonexistent/./sh");
}

static void a_file_without_the_right_to_run_is_told_from_none(void **state)
{
    (void)state;

    assert_false(program_path_is_unexecutable("/bin/sh"));
    assert_false(program_path_is_unexecutable("/usr/bin"));
    assert_false(program_path_is_unexecutable("/nonexistent/sh"));
    assert_true(program_path_is_unexecutable("/etc/passwd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_is_found_in_the_path),
        cmocka_unit_test(missing_name_tells_every_folder),
        cmocka_unit_test(name_with_a_slash_is_not_searched),
        cmocka_unit_test(name_with_a_slash_is_meant_from_the_folder_it_runs_in),
        cmocka_unit_test(folder_is_no_program),
        cmocka_unit_test(a_file_without_the_right_to_run_is_told_from_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
