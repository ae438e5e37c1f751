/* The folder of a node: made, guarded, locked; and no path leads out of it. */
#include "rig_dir.h"

#include <string.h>
#include <sys/stat.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/daemon/data_dir.h"

struct fixture {
    char path[64];
    struct data_dir dir;
    struct rh_buf out;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    rig_dir_make(fixture->path);
    rh_buf_init(&fixture->out, 65536);
    assert_int_equal(data_dir_open(&fixture->dir, fixture->path, &fixture->out), RH_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    data_dir_close(&fixture->dir);
    rig_dir_remove(fixture->path);
    rh_buf_release(&fixture->out);
    free(fixture);
    return 0;
}

static void a_second_host_is_refused_until_the_first_is_gone(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir second;

    assert_int_equal(data_dir_open(&second, fixture->path, &fixture->out), RH_EBUSY);
    assert_non_null(strstr(fixture->out.p, "another ringhost is using it"));
    assert_non_null(strstr(fixture->out.p, fixture->path));
    data_dir_close(&fixture->dir);

    assert_int_equal(data_dir_open(&second, fixture->path, &fixture->out), RH_OK);
    data_dir_close(&second);
}

static void missing_folders_are_made_for_us_alone(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir deep;
    struct stat info;
    char path[96];
    (void)snprintf(path, sizeof path, "%s/a/b/", fixture->path);

    assert_int_equal(data_dir_open(&deep, path, &fixture->out), RH_OK);

    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    data_dir_close(&deep);
}

static void a_folder_open_to_others_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir second;
    data_dir_close(&fixture->dir);
    assert_int_equal(chmod(fixture->path, 0755), 0);

    assert_int_equal(data_dir_open(&second, fixture->path, &fixture->out), RH_EINVAL);

    assert_non_null(strstr(fixture->out.p, "chmod 0700"));
    assert_int_equal(second.fd, -1);
}

static void a_file_in_the_way_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir second;
    char path[96];
    assert_int_equal(data_dir_append(&fixture->dir, "plain", RH_STR_LIT("x")), RH_OK);
    (void)snprintf(path, sizeof path, "%s/plain", fixture->path);

    assert_int_equal(data_dir_open(&second, path, &fixture->out), RH_ENOTFOUND);

    assert_non_null(strstr(fixture->out.p, "cannot be opened"));
}

static void files_are_appended_read_renamed_and_removed(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir *dir = &fixture->dir;
    int64_t length = 0;
    rh_buf_reset(&fixture->out);

    assert_int_equal(data_dir_append(dir, "p/q/file", RH_STR_LIT("hello ")), RH_OK);
    assert_int_equal(data_dir_append(dir, "p/q/file", RH_STR_LIT("world")), RH_OK);
    assert_int_equal(data_dir_length(dir, "p/q/file", &length), RH_OK);
    assert_int_equal(length, 11);
    assert_int_equal(data_dir_read(dir, "p/q/file", 4, 4, &fixture->out), RH_OK);
    assert_string_equal(fixture->out.p, "o wo");
    assert_int_equal(data_dir_append(dir, "r", RH_STR_LIT("old")), RH_OK);
    assert_int_equal(data_dir_rename(dir, "p/q/file", "r"), RH_OK);
    assert_int_equal(data_dir_length(dir, "p/q/file", &length), RH_ENOTFOUND);
    rh_buf_reset(&fixture->out);
    assert_int_equal(data_dir_read(dir, "r", 6, 1000, &fixture->out), RH_OK);
    assert_string_equal(fixture->out.p, "world");
    assert_int_equal(data_dir_remove(dir, "r"), RH_OK);

    assert_int_equal(data_dir_remove(dir, "r"), RH_ENOTFOUND);
    assert_int_equal(data_dir_read(dir, "r", 0, 1, &fixture->out), RH_ENOTFOUND);
}

static void no_path_leads_out(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir *dir = &fixture->dir;
    static const char *const bad[] = {"",          "/etc/passwd",
                                      "..",        "../x",
                                      "a/../../x", "a/..",
                                      ".",         "a/./b",
                                      "a//b",      "a/",
                                      "/",         "lock",
                                      "a/.",       "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"};
    int64_t length = 0;
    assert_int_equal(data_dir_append(dir, "a/file", RH_STR_LIT("x")), RH_OK);

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(data_dir_append(dir, bad[i], RH_STR_LIT("x")), RH_EINVAL);
        assert_int_equal(data_dir_read(dir, bad[i], 0, 1, &fixture->out), RH_EINVAL);
        assert_int_equal(data_dir_length(dir, bad[i], &length), RH_EINVAL);
        assert_int_equal(data_dir_remove(dir, bad[i]), RH_EINVAL);
        assert_int_equal(data_dir_rename(dir, "a/file", bad[i]), RH_EINVAL);
        assert_int_equal(data_dir_rename(dir, bad[i], "b"), RH_EINVAL);
    }
}

static void links_are_not_followed(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir *dir = &fixture->dir;
    int64_t length = 0;
    assert_int_equal(symlinkat("/tmp", dir->fd, "out"), 0);
    assert_int_equal(symlinkat("/etc/passwd", dir->fd, "passwd"), 0);

    assert_true(data_dir_append(dir, "out/ringhost-escaped", RH_STR_LIT("x")) < 0);
    assert_int_equal(data_dir_read(dir, "passwd", 0, 10, &fixture->out), RH_EINVAL);
    assert_int_equal(data_dir_length(dir, "passwd", &length), RH_EINVAL);
    assert_int_equal(data_dir_append(dir, "passwd", RH_STR_LIT("x")), RH_EINVAL);

    assert_int_equal(access("/tmp/ringhost-escaped", F_OK), -1);
}

struct seen {
    uint32_t count;
    int64_t bytes;
};

static void see(void *user, const char *name, int64_t length)
{
    struct seen *seen = user;

    seen->count++;
    seen->bytes += length;
    assert_true(strcmp(name, "one") == 0 || strcmp(name, "two") == 0);
}

static void only_plain_files_are_listed(void **state)
{
    struct fixture *fixture = *state;
    struct data_dir *dir = &fixture->dir;
    struct seen seen = {0};

    assert_int_equal(data_dir_list(dir, "a/b", see, &seen), RH_OK);
    assert_int_equal(data_dir_append(dir, "a/b/one", RH_STR_LIT("1")), RH_OK);
    assert_int_equal(data_dir_append(dir, "a/b/two", RH_STR_LIT("22")), RH_OK);
    assert_int_equal(data_dir_append(dir, "a/b/folder/three", RH_STR_LIT("333")), RH_OK);
    assert_int_equal(symlinkat("/etc/passwd", dir->fd, "a/b/link"), 0);

    assert_int_equal(data_dir_list(dir, "a/b", see, &seen), RH_OK);

    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.bytes, 3);
    assert_int_equal(data_dir_list(dir, "../b", see, &seen), RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_host_is_refused_until_the_first_is_gone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(missing_folders_are_made_for_us_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_open_to_others_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_in_the_way_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(files_are_appended_read_renamed_and_removed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(no_path_leads_out, setup, teardown),
        cmocka_unit_test_setup_teardown(links_are_not_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(only_plain_files_are_listed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
