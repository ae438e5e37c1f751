/* Tests of the whole program: options, fallback, and what happens to a hung driver call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_SIZE 4096u

struct run {
    pid_t child;
    int fd;
    char output[OUTPUT_SIZE];
};

static void start(struct run *run, const char *const *args)
{
    char *argv[16] = {(char *)(uintptr_t)PROBE_PROGRAM};
    posix_spawn_file_actions_t actions;
    int fds[2];

    for (int i = 0; args[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)args[i];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, fds[1], 1), 0);
    assert_int_equal(posix_spawn(&run->child, PROBE_PROGRAM, &actions, NULL, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(fds[1]);
    run->fd = fds[0];
}

/* Reads to the end and reaps; the status of waitpid. */
static int finish(struct run *run)
{
    size_t n = 0;
    ssize_t got;
    int status = 0;

    while (n < OUTPUT_SIZE - 1 && (got = read(run->fd, run->output + n, OUTPUT_SIZE - 1 - n)) > 0)
        n += (size_t)got;
    run->output[n] = '\0';
    (void)close(run->fd);
    assert_int_equal(waitpid(run->child, &status, 0), run->child);
    return status;
}

static int run_probe(struct run *run, const char *const *args)
{
    start(run, args);
    return finish(run);
}

static void says(const struct run *run, const char *part)
{
    if (!strstr(run->output, part))
        fail_msg("no %s in %s", part, run->output);
}

static void the_library_is_asked_first(void **state)
{
    const char *const args[] = {"--nvml", STUB_WHOLE, "--nvidia-smi", STUB_SMI, "--sample-ms",
                                "20",     NULL};
    struct run run;

    (void)state;
    (void)setenv("STUB_NVML", "", 1);

    assert_int_equal(run_probe(&run, args), 0);

    says(&run, "\"gpu_state\":\"some\",\"gpu_source\":\"nvml\"");
    says(&run, "\"name\":\"Stub 0\"");
    says(&run, "\"cpu\":{\"count\":");
}

static void nvidia_smi_is_asked_where_the_library_does_not_tell(void **state)
{
    const char *const args[] = {"--nvml", STUB_PARTIAL, "--nvidia-smi", STUB_SMI, "--sample-ms",
                                "1",      NULL};
    struct run run;

    (void)state;
    (void)setenv("STUB_SMI", "", 1);

    assert_int_equal(run_probe(&run, args), 0);

    says(&run, "\"gpu_source\":\"nvidia-smi\"");
    says(&run, "\"name\":\"Tesla S\"");
}

static void a_driver_that_does_not_answer_leaves_the_gpus_unknown(void **state)
{
    const char *const args[] = {"--nvml", STUB_WHOLE, "--nvidia-smi", "/nonexistent", "--sample-ms",
                                "1",      NULL};
    struct run run;

    (void)state;
    (void)setenv("STUB_NVML", "init", 1);

    assert_int_equal(run_probe(&run, args), 0);

    says(&run, "\"gpu_state\":\"unknown\"");
    says(&run, "initialising the library failed with 9");
}

static void without_library_and_program_there_is_no_gpu(void **state)
{
    const char *const args[] = {
        "--nvml", "/nonexistent", "--nvidia-smi", "/nonexistent", "--sample-ms", "1", NULL};
    struct run run;

    (void)state;

    assert_int_equal(run_probe(&run, args), 0);

    says(&run, "\"gpu_state\":\"none\"");
}

static void a_hung_driver_call_dies_with_the_program(void **state)
{
    const char *const args[] = {"--nvml", STUB_WHOLE, "--sample-ms", "1", NULL};
    struct pollfd ready = {.events = POLLIN};
    struct run run;
    int status;

    (void)state;
    (void)setenv("STUB_NVML", "hang", 1);
    start(&run, args);
    ready.fd = run.fd;
    assert_int_equal(poll(&ready, 1, 300), 0); /* it says nothing, and has not ended */

    assert_int_equal(kill(run.child, SIGTERM), 0);
    status = finish(&run);

    assert_true(WIFSIGNALED(status));
    assert_string_equal(run.output, "");
}

static void wrong_options_are_refused(void **state)
{
    const char *const rows[][3] = {
        {"--sample-ms", "0", NULL}, {"--nothing", NULL, NULL}, {"more", NULL, NULL}};
    struct run run;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int status = run_probe(&run, rows[i]);

        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 64);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_is_asked_first),
        cmocka_unit_test(nvidia_smi_is_asked_where_the_library_does_not_tell),
        cmocka_unit_test(a_driver_that_does_not_answer_leaves_the_gpus_unknown),
        cmocka_unit_test(without_library_and_program_there_is_no_gpu),
        cmocka_unit_test(a_hung_driver_call_dies_with_the_program),
        cmocka_unit_test(wrong_options_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
