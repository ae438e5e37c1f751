/* Tests of host/daemon/read_file.c: whole files, their limits, and who may read them. */
#include "tests/host/daemon/rig_dir.h"

#include <string.h>
#include <sys/stat.h>

#include "host/daemon/read_file.h"

static void write_file(char path[128], const char *dir, const char *text, mode_t mode)
{
    FILE *file;

    (void)snprintf(path, 128, "%s/file", dir);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_file_is_appended_whole(void **state)
{
    char dir[64], path[128];
    struct rh_buf out;

    (void)state;
    rig_dir_make(dir);
    write_file(path, dir, "12345", 0600);
    rh_buf_init(&out, 100);
    assert_int_equal(rh_buf_append_c(&out, "before "), RH_OK);

    assert_int_equal(read_file(path, 5, &out), RH_OK);

    assert_string_equal(out.p, "before 12345");
    rh_buf_release(&out);
    rig_dir_remove(dir);
}

static void a_file_above_the_limit_is_too_large(void **state)
{
    char dir[64], path[128];
    struct rh_buf out;

    (void)state;
    rig_dir_make(dir);
    write_file(path, dir, "12345", 0600);
    rh_buf_init(&out, 100);

    assert_int_equal(read_file(path, 4, &out), RH_ETOOLARGE);

    assert_string_equal(read_file_why(RH_ETOOLARGE), "too large");
    rh_buf_release(&out);
    rig_dir_remove(dir);
}

static void what_cannot_be_read_has_words(void **state)
{
    char dir[64], path[128];
    struct rh_buf out;

    (void)state;
    rig_dir_make(dir);
    (void)snprintf(path, sizeof path, "%s/none", dir);
    rh_buf_init(&out, 100);

    assert_int_equal(read_file(path, 4, &out), RH_ENOTFOUND);
    assert_int_equal(read_file(dir, 4, &out), RH_EINVAL);

    assert_string_equal(read_file_why(RH_ENOTFOUND), "no such file");
    assert_string_equal(read_file_why(RH_EFORBIDDEN), "may not be read by this user");
    assert_int_equal(out.n, 0);
    rh_buf_release(&out);
    rig_dir_remove(dir);
}

static void assert_private(const char *path, int32_t rc_expected, const char *why_expected)
{
    const char *why = "";
    struct rh_buf out;

    rh_buf_init(&out, 100);
    assert_int_equal(read_private_file(path, 10, &out, &why), rc_expected);
    assert_string_equal(why, why_expected);
    assert_int_equal(out.n, rc_expected == RH_OK ? 3 : 0);
    rh_buf_release(&out);
}

static void a_file_is_private_when_only_its_owner_may_use_it(void **state)
{
    char dir[64], path[128];

    (void)state;
    rig_dir_make(dir);
    write_file(path, dir, "key", 0600);
    assert_private(path, RH_OK, "");

    if (geteuid() == 0) { /* only root can give a file away */
        assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
        assert_private(path, RH_EFORBIDDEN, "belongs to another user");
        assert_int_equal(chown(path, 0, (gid_t)-1), 0);
    }
    assert_int_equal(chmod(path, 0640), 0);
    assert_private(path, RH_EFORBIDDEN, "others may read it; chmod 0600");
    assert_int_equal(chmod(path, 0602), 0);
    assert_private(path, RH_EFORBIDDEN, "others may read it; chmod 0600");
    assert_int_equal(remove(path), 0);
    assert_private(path, RH_ENOTFOUND, "no such file");

    rig_dir_remove(dir);
}

static void a_fifo_or_device_is_refused_and_not_waited_for(void **state)
{
    char dir[64], path[128];
    struct rh_buf out;

    (void)state;
    rig_dir_make(dir);
    (void)snprintf(path, sizeof path, "%s/pipe", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    rh_buf_init(&out, 100);

    assert_int_equal(read_file(path, 10, &out), RH_EINVAL);
    assert_private(path, RH_EINVAL, "not a plain file");
    assert_int_equal(read_file("/dev/zero", 10, &out), RH_EINVAL);

    assert_int_equal(out.n, 0);
    assert_int_equal(remove(path), 0);
    rh_buf_release(&out);
    rig_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_appended_whole),
        cmocka_unit_test(a_file_above_the_limit_is_too_large),
        cmocka_unit_test(what_cannot_be_read_has_words),
        cmocka_unit_test(a_file_is_private_when_only_its_owner_may_use_it),
        cmocka_unit_test(a_fifo_or_device_is_refused_and_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
