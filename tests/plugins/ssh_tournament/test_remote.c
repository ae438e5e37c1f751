/* Tests of the remote wrapper, run by the shell of this machine, and of reading its marks. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/remote.h"

#define CSH   "/bin/tcsh"
#define NONCE UINT64_C(0x0123456789abcdef)

/* What a command did. */
struct ran {
    char out[4096];
    char err[4096];
    int code;
};

static void collect(int fd, char *into, size_t size)
{
    size_t at = 0;
    ssize_t n;

    while (at < size - 1 && (n = read(fd, into + at, size - 1 - at)) > 0)
        at += (size_t)n;
    into[at] = '\0';
    (void)close(fd);
}

/* Runs the remote command of a job as a login shell would; its input ends once the job has printed
 * something, or never. */
static void run_by(const char *shell, const struct rh_str *words, uint32_t count, int64_t timeout_s,
                   bool is_held, struct ran *ran)
{
    const struct remote_job job = {
        .nonce = NONCE, .timeout_s = timeout_s, .grace_ms = 200, .argv = {words, count, 0}};
    struct rh_buf command;
    int in[2];
    int out[2];
    int err[2];
    int status = 0;
    pid_t pid;

    rh_buf_init(&command, 1u << 16);
    assert_int_equal(remote_command(&job, &command), RH_OK);
    assert_int_equal(pipe(in) | pipe(out) | pipe(err), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(in[0], 0);
        (void)dup2(out[1], 1);
        (void)dup2(err[1], 2);
        for (int fd = 3; fd < 32; fd++)
            (void)close(fd);
        (void)execl(shell, shell, "-c", command.p, (char *)NULL);
        _exit(126);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    (void)close(err[1]);
    if (!is_held) {
        assert_int_equal(read(out[0], ran->out, 1), 1);
        (void)close(in[1]);
    }
    collect(out[0], ran->out + !is_held, sizeof(ran->out) - 1);
    collect(err[0], ran->err, sizeof(ran->err));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (is_held)
        (void)close(in[1]);
    ran->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    rh_buf_release(&command);
}

static void run(const struct rh_str *words, uint32_t count, int64_t timeout_s, bool is_held,
                struct ran *ran)
{
    run_by("/bin/sh", words, count, timeout_s, is_held, ran);
}

#define RUN(timeout_s, is_held, ran, ...)                                                        \
    do {                                                                                         \
        const struct rh_str words[] = {__VA_ARGS__};                                             \
        run(words, (uint32_t)(sizeof(words) / sizeof(words[0])), (timeout_s), (is_held), (ran)); \
    } while (0)

static void a_job_is_told_with_its_start_its_end_and_its_code(void **state)
{
    struct remote_marks marks;
    struct ran ran;

    (void)state;
    RUN(5, true, &ran, RH_STR_LIT("sh"), RH_STR_LIT("-c"),
        RH_STR_LIT("echo out; echo err >&2; exit 7"));

    marks = remote_marks_read(rh_str_from(ran.err), NONCE);
    assert_string_equal(ran.out, "out\nerr\n");
    assert_int_equal(ran.code, 7);
    assert_true(marks.has_started);
    assert_true(marks.has_ended);
    assert_false(marks.is_timeout);
    assert_int_equal(marks.code, 7);
}

static void the_codes_of_ssh_itself_are_told_apart(void **state)
{
    struct remote_marks marks;
    struct ran ran;

    (void)state;
    RUN(0, true, &ran, RH_STR_LIT("sh"), RH_STR_LIT("-c"), RH_STR_LIT("exit 255"));

    marks = remote_marks_read(rh_str_from(ran.err), NONCE);
    assert_int_equal(ran.code, 255);
    assert_true(marks.has_ended);
    assert_int_equal(marks.code, 255);
}

static void a_missing_program_is_the_jobs_own_failure(void **state)
{
    struct remote_marks marks;
    struct ran ran;

    (void)state;
    RUN(5, true, &ran, RH_STR_LIT("/no/such/program"));

    marks = remote_marks_read(rh_str_from(ran.err), NONCE);
    assert_true(marks.has_ended);
    assert_in_range(marks.code, 126, 127);
}

static void the_end_of_its_input_ends_a_job_that_ignores_signals(void **state)
{
    struct remote_marks marks;
    struct ran ran;

    (void)state;
    RUN(0, false, &ran, RH_STR_LIT("sh"), RH_STR_LIT("-c"),
        RH_STR_LIT("trap '' TERM; echo ready; setsid sleep 71 & sleep 71; echo not reached"));

    marks = remote_marks_read(rh_str_from(ran.err), NONCE);
    assert_string_equal(ran.out, "ready\n");
    assert_true(marks.has_ended);
    assert_int_equal(marks.code, 128 + SIGKILL);
    assert_false(marks.is_timeout);
}

static void a_job_that_takes_too_long_is_ended(void **state)
{
    struct remote_marks marks;
    struct ran ran;

    (void)state;
    RUN(1, true, &ran, RH_STR_LIT("sleep"), RH_STR_LIT("72"));

    marks = remote_marks_read(rh_str_from(ran.err), NONCE);
    assert_true(marks.is_timeout);
    assert_true(marks.has_ended);
    assert_int_equal(marks.code, 128 + SIGTERM);
}

/* A background process would hold standard output open, and so this test. */
static void what_a_job_leaves_behind_goes_with_it(void **state)
{
    struct ran ran;

    (void)state;
    RUN(0, true, &ran, RH_STR_LIT("sh"), RH_STR_LIT("-c"),
        RH_STR_LIT("sleep 73 & setsid sleep 73 & echo done"));

    assert_string_equal(ran.out, "done\n");
    assert_int_equal(ran.code, 0);
}

static void words_arrive_as_they_were(void **state)
{
    struct ran ran;

    (void)state;
    RUN(0, true, &ran, RH_STR_LIT("printf"), RH_STR_LIT("%s|"), RH_STR_LIT("a  b"), RH_STR_LIT(""),
        RH_STR_LIT("it's \"$HOME\" `id` \\"), RH_STR_LIT("x\ny"), RH_STR_LIT("*"));

    assert_string_equal(ran.out, "a  b||it's \"$HOME\" `id` \\|x\ny|*|");
}

/* A login shell that is no Bourne shell runs the same command. */
static void csh_as_the_login_shell_changes_nothing(void **state)
{
    const struct rh_str words[] = {RH_STR_LIT("sh"),
                                   RH_STR_LIT("-c"),
                                   RH_STR_LIT("printf '%s|' \"$@\"; exit 9"),
                                   RH_STR_LIT("sh"),
                                   RH_STR_LIT("it's! \"$HOME\" !! \\n \\"),
                                   RH_STR_LIT("x\ny\n"),
                                   RH_STR_LIT("*"),
                                   RH_STR_LIT("{a,b}")};
    const struct rh_str sleep_words[] = {RH_STR_LIT("sh"), RH_STR_LIT("-c"),
                                         RH_STR_LIT("echo ready; sleep 74")};
    struct remote_marks marks;
    struct ran ran;

    (void)state;
    if (access(CSH, X_OK) != 0) {
        print_message("there is no " CSH "\n");
        skip();
    }
    run_by(CSH, words, 8, 30, true, &ran);

    marks = remote_marks_read(rh_str_from(ran.err), NONCE);
    assert_string_equal(ran.out, "it's! \"$HOME\" !! \\n \\|x\ny\n|*|{a,b}|");
    assert_true(marks.has_started);
    assert_true(marks.has_ended);
    assert_int_equal(marks.code, 9);

    run_by(CSH, sleep_words, 3, 0, false, &ran); /* its input ends: the job does, too */

    marks = remote_marks_read(rh_str_from(ran.err), NONCE);
    assert_true(marks.has_ended);
    assert_int_equal(marks.code, 128 + SIGTERM);
}

/* csh takes "!" for its history but before a blank, a tab, "=" or "(". */
static void the_wrapper_has_nothing_that_csh_takes_for_its_history(void **state)
{
    const struct rh_str program = RH_STR_LIT("true");
    const struct remote_job job = {.nonce = NONCE, .argv = {&program, 1, 0}};
    struct rh_buf command;

    (void)state;
    rh_buf_init(&command, 1u << 16);
    assert_int_equal(remote_command(&job, &command), RH_OK);

    assert_null(memchr(command.p, '\n', command.n));
    for (const char *at = strchr(command.p, '!'); at; at = strchr(at + 1, '!'))
        assert_true(at[1] == ' ' || at[-1] == '\\');
    rh_buf_release(&command);
}

static void a_command_without_a_program_is_refused(void **state)
{
    const struct rh_str option = RH_STR_LIT("-rf");
    const struct rh_str empty = RH_STR_LIT("");
    struct remote_job job = {.nonce = NONCE};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 4096);
    assert_int_equal(remote_command(&job, &buf), RH_EINVAL);
    job.argv = (struct rh_str_list){&option, 1, 0};
    assert_int_equal(remote_command(&job, &buf), RH_EINVAL);
    job.argv = (struct rh_str_list){&empty, 1, 0};
    assert_int_equal(remote_command(&job, &buf), RH_EINVAL);
    rh_buf_release(&buf);
}

static void marks_of_others_and_cut_ones_do_not_count(void **state)
{
    const char *const texts[] = {
        "ringhost-ssh 0123456789abcdee start\n",   "ringhost-ssh 0123456789abcdef start",
        " ringhost-ssh 0123456789abcdef start\n",  "ringhost-ssh 0123456789abcdef end 256\n",
        "ringhost-ssh 0123456789abcdef end\n",     "ringhost-ssh 0123456789abcdef end -1\n",
        "ringhost-ssh 0123456789abcdef end 1 2\n", "Connection refused\n",
        "ringhost-ssh 0123456789abcdef started\n", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct remote_marks marks = remote_marks_read(rh_str_from(texts[i]), NONCE);

        assert_false(marks.has_started);
        assert_false(marks.has_ended);
        assert_false(marks.is_timeout);
    }
}

static void marks_are_found_among_other_lines(void **state)
{
    const char *text = "banner\r\n\nringhost-ssh 0123456789abcdef start\r\nnoise\n"
                       "ringhost-ssh 0123456789abcdef timeout\n"
                       "ringhost-ssh 0123456789abcdef end 143\nbye";
    const struct remote_marks marks = remote_marks_read(rh_str_from(text), NONCE);

    (void)state;
    assert_true(marks.has_started);
    assert_true(marks.is_timeout);
    assert_true(marks.has_ended);
    assert_int_equal(marks.code, 143);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_is_told_with_its_start_its_end_and_its_code),
        cmocka_unit_test(the_codes_of_ssh_itself_are_told_apart),
        cmocka_unit_test(a_missing_program_is_the_jobs_own_failure),
        cmocka_unit_test(the_end_of_its_input_ends_a_job_that_ignores_signals),
        cmocka_unit_test(a_job_that_takes_too_long_is_ended),
        cmocka_unit_test(what_a_job_leaves_behind_goes_with_it),
        cmocka_unit_test(words_arrive_as_they_were),
        cmocka_unit_test(csh_as_the_login_shell_changes_nothing),
        cmocka_unit_test(the_wrapper_has_nothing_that_csh_takes_for_its_history),
        cmocka_unit_test(a_command_without_a_program_is_refused),
        cmocka_unit_test(marks_of_others_and_cut_ones_do_not_count),
        cmocka_unit_test(marks_are_found_among_other_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
