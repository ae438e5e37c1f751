/* Jobs through the real ringhost-exec: what is asked of them, and ends of every kind. */
#include "tests/host/daemon/process_rig.h"

static void exit_code_and_output_come_back_before_the_folder_goes(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "echo out; echo err >&2; exit 7");
    run_until(rig, &rig->ended.count, 1);

    assert_int_equal(rig->ended.rc, RH_OK);
    assert_string_equal(rig->ended.reason, "exited");
    assert_int_equal(rig->ended.code, 7);
    assert_string_equal(rig->ended.output, "out\n");
    assert_int_equal(rig->ended.errors_bytes, 4);
    assert_true(rig->ended.folder_was_there);
    assert_false(folder_exists(rig, "a"));
}

static void callback_does_not_run_before_run_returns(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "exit 0");

    assert_int_equal(rig->ended.count, 0);
    run_until(rig, &rig->ended.count, 1);
}

static void input_reaches_standard_input(void **state)
{
    struct rig *rig = *state;
    struct rh_process_spec spec = {.input = RH_STR_LIT("{\"a\":1}")};

    assert_int_equal(shell_with(rig, spec, "a", "cat", &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "{\"a\":1}");
}

static void path_begins_with_the_programs_own_directory(void **state)
{
    struct rig *rig = *state;
    char wanted[512];

    shell(rig, "a", "printf '%s %s' \"${PATH%%:*}\" \"$HOME\"");
    run_until(rig, &rig->ended.count, 1);

    (void)snprintf(wanted, sizeof wanted, "%.*s %s",
                   (int)(strrchr(RINGHOST_EXEC_PROGRAM, '/') - RINGHOST_EXEC_PROGRAM),
                   RINGHOST_EXEC_PROGRAM, getenv("HOME") ? getenv("HOME") : "/");
    assert_string_equal(rig->ended.output, wanted);
}

static void given_path_is_left_alone(void **state)
{
    struct rig *rig = *state;
    struct rh_str env[] = {RH_STR_INIT("PATH=/usr/bin:/bin"), RH_STR_INIT("X=y z")};
    struct rh_process_spec spec = {.env = {env, 2, 0}};

    assert_int_equal(shell_with(rig, spec, "a", "printf '%s|%s' \"$PATH\" \"$X\"", &rig->ended),
                     RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "/usr/bin:/bin|y z");
}

static void job_works_in_a_folder_of_its_own_that_goes_with_it(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "mkdir -p x/y && touch x/y/z exit && pwd");
    run_until(rig, &rig->ended.count, 1);

    assert_non_null(strstr(rig->ended.output, "/jobs/" OWNER "/a/work\n"));
    assert_false(folder_exists(rig, "a"));
    assert_int_equal(entries(rig->root, "jobs/.gone"), 0);
}

static void errors_are_the_last_16_kib(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "head -c 40000 /dev/zero >&2; printf Z >&2");
    run_until(rig, &rig->ended.count, 1);

    assert_int_equal(rig->ended.errors_bytes, PROCESS_ERRORS_BYTES_MAX);
    assert_int_equal(rig->ended.errors_last, 'Z');
}

static void output_is_cut_at_its_limit(void **state)
{
    struct rig *rig = *state;
    struct rh_process_spec spec = {.output_max = 5};

    assert_int_equal(shell_with(rig, spec, "a", "printf 0123456789", &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.output, "01234");
}

static void kill_ends_the_whole_tree(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "sleep 1000 & printf up; wait");
    await_output(rig, "a", "up");
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.reason, "killed");
}

static void kill_right_after_the_start_is_a_kill(void **state)
{
    struct rig *rig = *state;

    shell(rig, "a", "sleep 1000");
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.reason, "killed");
}

static void time_limit_is_a_reason_of_its_own(void **state)
{
    struct rig *rig = *state;
    struct rh_process_spec spec = {.wall_ms = 100};

    assert_int_equal(shell_with(rig, spec, "a", "sleep 1000", &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_string_equal(rig->ended.reason, "timeout");
}

static void missing_program_is_not_found(void **state)
{
    struct rig *rig = *state;
    struct rh_str argv[] = {RH_STR_INIT("no-such-program-here")};
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec, .key = "a", .argv = {argv, 1, 0}};

    assert_int_equal(process_driver_run(rig->driver, OWNER, &spec, on_done, &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);

    assert_int_equal(rig->ended.rc, RH_ENOTFOUND);
    assert_string_equal(rig->ended.reason, "not_found");
    assert_true(rig->ended.message[0] != '\0');
}

static void bad_names_and_specs_are_refused_without_a_trace(void **state)
{
    static const char *const keys[] = {"", ".", "..", "a/b", "a b", "\xc3\xa4"};
    struct rig *rig = *state;
    struct rh_process_spec too_much = {.output_max = PROCESS_OUTPUT_BYTES_MAX + 1};
    struct rh_process_spec empty = {.size = (uint32_t)sizeof empty, .key = "a"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(
            shell_with(rig, (struct rh_process_spec){0}, keys[i], "exit 0", &rig->ended),
            RH_EINVAL);
    assert_int_equal(shell_with(rig, too_much, "a", "exit 0", &rig->ended), RH_EINVAL);
    assert_int_equal(process_driver_run(rig->driver, OWNER, &empty, on_done, NULL), RH_EINVAL);

    assert_int_equal(entries(rig->root, "jobs/" OWNER), 0);
}

static void key_in_use_is_refused_and_its_job_goes_on(void **state)
{
    struct rig *rig = *state;
    struct ended other = {0};

    shell(rig, "a", "sleep 1000");
    assert_int_equal(shell_with(rig, (struct rh_process_spec){0}, "a", "exit 0", &other),
                     RH_EEXISTS);

    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_OK);
    run_until(rig, &rig->ended.count, 1);
    assert_int_equal(other.count, 0);
}

/* Ends of the key "a", and what its callback was told about it. */
static uint32_t again_count;

static void on_done_use_again(void *user, const struct rh_process_exit *exit)
{
    struct rig *rig = user;
    struct ended unused = {0};

    (void)exit;
    assert_int_equal(shell_with(rig, (struct rh_process_spec){0}, "a", "exit 0", &unused),
                     RH_EEXISTS);
    assert_int_equal(process_driver_adopt(rig->driver, OWNER, "a", on_done, &rig->ended),
                     RH_EEXISTS);
    assert_int_equal(process_driver_kill(rig->driver, OWNER, "a"), RH_ENOTFOUND);
    again_count++;
}

static void key_is_in_use_until_the_callback_has_returned(void **state)
{
    struct rig *rig = *state;
    const struct rh_str argv[] = {RH_STR_INIT("true")};
    const struct rh_process_spec spec = {
        .size = (uint32_t)sizeof spec, .key = "a", .argv = {argv, 1, 0}};

    again_count = 0;
    assert_int_equal(process_driver_run(rig->driver, OWNER, &spec, on_done_use_again, rig), RH_OK);
    run_until(rig, &again_count, 1);

    shell(rig, "a", "exit 0");
    run_until(rig, &rig->ended.count, 1);
}

/* With a cgroup the memory is that of all processes, without one each has the limit for itself. */
static void limits_of_the_tree_are_kept_by_a_cgroup_or_said_not_to_be(void **state)
{
    struct rig *rig = *state;
    struct rh_process_spec spec = {.flags = RH_PROCESS_TREE_MEMORY,
                                   .memory_bytes = INT64_C(1) << 30,
                                   .pids_max = 100,
                                   .cpu_percent = 100};
    bool has_cgroup;

    assert_int_equal(shell_with(rig, spec, "a", "ulimit -v", &rig->ended), RH_OK);
    run_until(rig, &rig->ended.count, 1);
    has_cgroup = strcmp(rig->ended.limits, "cgroup") == 0;
    assert_string_not_equal(rig->ended.limits, "");
    assert_string_equal(rig->ended.output, has_cgroup ? "unlimited\n" : "1048576\n");
    run_once(rig);

    assert_int_equal(
        shell_with(rig, (struct rh_process_spec){.grace_ms = 1}, "a", "ulimit -v", &rig->ended),
        RH_OK);
    run_until(rig, &rig->ended.count, 2);
    assert_string_equal(rig->ended.limits, "");
    assert_string_equal(rig->ended.output, "unlimited\n");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(exit_code_and_output_come_back_before_the_folder_goes),
        T(callback_does_not_run_before_run_returns),
        T(input_reaches_standard_input),
        T(path_begins_with_the_programs_own_directory),
        T(given_path_is_left_alone),
        T(job_works_in_a_folder_of_its_own_that_goes_with_it),
        T(errors_are_the_last_16_kib),
        T(output_is_cut_at_its_limit),
        T(kill_ends_the_whole_tree),
        T(kill_right_after_the_start_is_a_kill),
        T(time_limit_is_a_reason_of_its_own),
        T(missing_program_is_not_found),
        T(bad_names_and_specs_are_refused_without_a_trace),
        T(key_in_use_is_refused_and_its_job_goes_on),
        T(limits_of_the_tree_are_kept_by_a_cgroup_or_said_not_to_be),
        T(key_is_in_use_until_the_callback_has_returned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
