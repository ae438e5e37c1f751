/* Folders of simulated nodes on the real disk: made, copied, removed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"

static void put_file(const char *dir, const char *name, const char *text)
{
    char path[SIM_PATH_MAX + 64];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_copy_has_every_file_and_is_its_own(void **state)
{
    char from[SIM_PATH_MAX];
    char to[SIM_PATH_MAX];
    char path[SIM_PATH_MAX + 64];
    char text[16] = "";
    FILE *file;

    (void)state;
    assert_int_equal(sim_dir_make(from), RH_OK);
    put_file(from, "a", "one");
    put_file(from, "b", "two");

    assert_int_equal(sim_dir_copy(from, to), RH_OK);
    put_file(from, "b", "changed");

    assert_string_not_equal(from, to);
    snprintf(path, sizeof path, "%s/b", to);
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    (void)fclose(file); /* was only read */
    assert_string_equal(text, "two");
    sim_dir_remove(from);
    sim_dir_remove(to);
}

static void a_removed_folder_is_gone_with_its_files(void **state)
{
    char path[SIM_PATH_MAX];

    (void)state;
    assert_int_equal(sim_dir_make(path), RH_OK);
    put_file(path, "a", "one");

    sim_dir_remove(path);

    assert_int_not_equal(access(path, F_OK), 0);
}

static void two_folders_are_never_the_same(void **state)
{
    char first[SIM_PATH_MAX];
    char second[SIM_PATH_MAX];

    (void)state;

    assert_int_equal(sim_dir_make(first), RH_OK);
    assert_int_equal(sim_dir_make(second), RH_OK);

    assert_string_not_equal(first, second);
    sim_dir_remove(first);
    sim_dir_remove(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_every_file_and_is_its_own),
        cmocka_unit_test(a_removed_folder_is_gone_with_its_files),
        cmocka_unit_test(two_folders_are_never_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
