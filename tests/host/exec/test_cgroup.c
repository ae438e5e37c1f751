/* Cgroups of jobs against a folder that looks like a mounted cgroup2, and against a real one where
 * there is one. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/exec/cgroup.h"

#define PID 4242

/* root/unit.service/host is "our" cgroup; the one of the job is there as the kernel would make it.
 */
struct fake {
    char root[64];
    struct exec_cgroup cgroup;
    struct exec_spec spec;
};

static void make_folder(const struct fake *f, const char *path)
{
    char full[512];

    (void)snprintf(full, sizeof full, "%s/%s", f->root, path);
    assert_true(mkdir(full, 0700) == 0 || errno == EEXIST);
}

static void make_file(const struct fake *f, const char *path, const char *text)
{
    char full[512];
    FILE *file;

    (void)snprintf(full, sizeof full, "%s/%s", f->root, path);
    file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *content(const struct fake *f, const char *path)
{
    static char text[256];
    char full[512];
    FILE *file;
    size_t n;

    (void)snprintf(full, sizeof full, "%s/%s", f->root, path);
    file = fopen(full, "r");
    assert_non_null(file);
    n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    assert_int_equal(fclose(file), 0);
    return text;
}

/* A cgroup with the files of these controllers. */
static void make_job(const struct fake *f, const char *base, const char *const *files)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/ringhost-job-%d", base, PID);
    make_folder(f, path);
    for (; *files; files++) {
        char file[300];

        (void)snprintf(file, sizeof file, "%s/%s", path, *files);
        make_file(f, file, "");
    }
}

static int setup(void **state)
{
    struct fake *f = calloc(1, sizeof *f);

    assert_non_null(f);
    (void)snprintf(f->root, sizeof f->root, "/tmp/ringhost-cgroup-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    make_folder(f, "unit.service");
    make_folder(f, "unit.service/host");
    make_file(f, "unit.service/cgroup.subtree_control", "");
    exec_spec_init(&f->spec);
    *state = f;
    return 0;
}

static void remove_all(const char *root)
{
    char command[128];
    pid_t pid;

    (void)snprintf(command, sizeof command, "%s", root);
    pid = fork();
    if (pid == 0) {
        (void)execl("/bin/rm", "rm", "-rf", "--", command, (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int teardown(void **state)
{
    struct fake *f = *state;

    remove_all(f->root);
    free(f);
    return 0;
}

static bool make(struct fake *f, const char *self)
{
    return exec_cgroup_make(&f->cgroup, f->root, self, PID, &f->spec);
}

static void its_own_path_is_the_line_of_version_2(void **state)
{
    char path[EXEC_CGROUP_PATH_MAX];

    (void)state;
    assert_true(exec_cgroup_self("4:memory:/a\n0::/b/c d\n", path));
    assert_string_equal(path, "/b/c d");
    assert_true(exec_cgroup_self("0::/", path));
    assert_string_equal(path, "/");

    assert_false(exec_cgroup_self("4:memory:/a\n10::/b\n", path));
    assert_false(exec_cgroup_self("", path));
}

static void limits_are_put_beside_the_cgroup_of_the_host(void **state)
{
    static const char *const files[] = {
        "cgroup.procs", "memory.max", "memory.swap.max", "memory.oom.group", "pids.max",
        "cpu.max",      NULL};
    struct fake *f = *state;

    make_job(f, "unit.service", files);
    f->spec.memory_max = 1048576;
    f->spec.pids_max = 7;
    f->spec.cpu_percent = 250;
    assert_true(exec_cgroup_is_wanted(&f->spec));

    assert_true(make(f, "/unit.service/host"));
    assert_string_equal(content(f, "unit.service/ringhost-job-4242/memory.max"), "1048576");
    assert_string_equal(content(f, "unit.service/ringhost-job-4242/memory.swap.max"), "0");
    assert_string_equal(content(f, "unit.service/ringhost-job-4242/memory.oom.group"), "1");
    assert_string_equal(content(f, "unit.service/ringhost-job-4242/pids.max"), "7");
    assert_string_equal(content(f, "unit.service/ringhost-job-4242/cpu.max"), "250000 100000");
    assert_string_equal(content(f, "unit.service/ringhost-job-4242/cgroup.procs"), "0");
    exec_cgroup_end(&f->cgroup);
}

static void a_limit_that_nobody_asks_for_needs_no_controller(void **state)
{
    static const char *const files[] = {"cgroup.procs", "pids.max", NULL};
    struct fake *f = *state;

    make_job(f, "unit.service", files);
    f->spec.pids_max = 3;

    assert_true(make(f, "/unit.service/host"));
    exec_cgroup_end(&f->cgroup);
}

static void a_limit_that_cannot_be_kept_is_named_and_nothing_is_left(void **state)
{
    struct fake *f = *state;

    f->spec.memory_max = 1;
    assert_false(make(f, "/unit.service"));

    assert_non_null(strstr(f->cgroup.why, "cgroup.procs: No such file"));
    assert_int_equal(f->cgroup.procs_fd, -1);
    assert_int_not_equal(access(f->cgroup.path, F_OK), 0);
}

static void nothing_is_made_beside_a_unit(void **state)
{
    static const char *const files[] = {"cgroup.procs", "memory.max", NULL};
    struct fake *f = *state;

    make_job(f, "", files);
    f->spec.memory_max = 1;

    assert_false(make(f, "/unit.service"));
    assert_string_equal(content(f, "ringhost-job-4242/memory.max"), "");
}

static void its_end_is_told_and_it_is_killed_as_one(void **state)
{
    static const char *const files[] = {"cgroup.procs", "memory.max", "cgroup.kill",
                                        "memory.events", NULL};
    struct fake *f = *state;

    make_job(f, "unit.service", files);
    f->spec.memory_max = 1;
    assert_true(make(f, "/unit.service/host"));
    assert_int_equal(exec_cgroup_oom_kills(&f->cgroup), 0);
    make_file(f, "unit.service/ringhost-job-4242/memory.events",
              "low 0\nhigh 0\nmax 9\noom 2\noom_kill 3\noom_group_kill 1\n");
    exec_cgroup_kill(&f->cgroup);

    assert_int_equal(exec_cgroup_oom_kills(&f->cgroup), 3);
    assert_string_equal(content(f, "unit.service/ringhost-job-4242/cgroup.kill"), "1");
    exec_cgroup_end(&f->cgroup);
}

static void what_dead_ones_left_goes_and_what_lives_stays(void **state)
{
    static const char *const files[] = {"cgroup.procs", "pids.max", NULL};
    struct fake *f = *state;
    char mine[64];
    char path[256];

    make_job(f, "unit.service", files);
    make_folder(f, "unit.service/ringhost-job-2147483647"); /* above any pid */
    (void)snprintf(mine, sizeof mine, "unit.service/ringhost-job-%d", (int)getpid());
    make_folder(f, mine);
    f->spec.pids_max = 3;
    assert_true(make(f, "/unit.service/host"));

    (void)snprintf(path, sizeof path, "%s/unit.service/ringhost-job-2147483647", f->root);
    assert_int_not_equal(access(path, F_OK), 0);
    (void)snprintf(path, sizeof path, "%s/%s", f->root, mine);
    assert_int_equal(access(path, F_OK), 0);
    exec_cgroup_end(&f->cgroup);
}

static void a_real_one_is_made_where_there_is_one(void **state)
{
    struct fake *f = *state;

    f->spec.pids_max = 100;
    if (!exec_cgroup_begin(&f->cgroup, &f->spec)) {
        print_message("skipped: %s\n", f->cgroup.why);
        assert_true(f->cgroup.why[0] != '\0');
        return;
    }
    assert_int_equal(exec_cgroup_oom_kills(&f->cgroup), 0);
    exec_cgroup_end(&f->cgroup);
    assert_int_not_equal(access(f->cgroup.path, F_OK), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_path_is_the_line_of_version_2),
        CASE(limits_are_put_beside_the_cgroup_of_the_host),
        CASE(a_limit_that_nobody_asks_for_needs_no_controller),
        CASE(a_limit_that_cannot_be_kept_is_named_and_nothing_is_left),
        CASE(nothing_is_made_beside_a_unit),
        CASE(its_end_is_told_and_it_is_killed_as_one),
        CASE(what_dead_ones_left_goes_and_what_lives_stays),
        CASE(a_real_one_is_made_where_there_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
