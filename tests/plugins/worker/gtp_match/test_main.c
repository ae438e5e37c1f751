/* Claims about the whole program, made against engines that misbehave on purpose. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#define ARGS_MAX   40
#define TEXT_BYTES 65536

struct run {
    pid_t pid;
    int out_fd;
    int exit_code;
    char out[TEXT_BYTES];
};

/* Starts the program with these arguments, its stdout in a pipe. */
static void start(struct run *run, const char *const *args)
{
    char *argv[ARGS_MAX] = {(char *)(uintptr_t)MATCH_PROGRAM};
    int pipe_fds[2];
    for (int i = 0; args[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)args[i];
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    run->pid = fork();
    assert_true(run->pid >= 0);
    if (run->pid == 0) {
        if (dup2(pipe_fds[1], STDOUT_FILENO) >= 0)
            (void)execv(MATCH_PROGRAM, argv);
        _exit(126);
    }
    (void)close(pipe_fds[1]);
    run->out_fd = pipe_fds[0];
}

static void finish(struct run *run)
{
    size_t len = 0;
    ssize_t got;
    int status = 0;
    while ((got = read(run->out_fd, run->out + len, sizeof(run->out) - 1 - len)) > 0)
        len += (size_t)got;
    run->out[len] = '\0';
    (void)close(run->out_fd);
    assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
    assert_true(WIFEXITED(status));
    run->exit_code = WEXITSTATUS(status);
}

/* One or more games of a fake engine in first_mode against one in second_mode. */
static cJSON *play(struct run *run, const char *games, const char *first_mode,
                   const char *second_mode)
{
    const char *args[] = {
        "--games", games,       "--move-time-ms", "300",      "--max-moves", "20",
        "--first", "a",         FAKE_ENGINE,      first_mode, ";",           "--second",
        "b",       FAKE_ENGINE, second_mode,      ";",        NULL};
    start(run, args);
    finish(run);
    return cJSON_Parse(run->out);
}

static const cJSON *game_at(const cJSON *root, int index)
{
    const cJSON *game = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "games"), index);
    assert_non_null(game);
    return game;
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

struct error_case {
    const char *mode;
    const char *kind;
    const char *words;
};

static void each_misbehaviour_has_its_kind_and_is_no_result(void **state)
{
    static const struct error_case cases[] = {
        {"crash", "crash", "exited with status 3 at \"genmove b\"; stderr ends: fake engine"},
        {"die", "crash", "killed by signal 9"},
        {"illegal", "illegal_move", "A1 as move 3: the point is occupied"},
        {"hang", "timeout", "gave no answer in 3"},
        {"garbage", "protocol", "no answer"},
        {"flood", "protocol", "no answer"},
        {"other_id", "protocol", "no answer"},
        {"nonsense", "protocol", "answered genmove with \"Z99\""},
        {"refuse", "protocol", "refused \"genmove b\": will not"},
        {"unscored", "protocol", "answered final_score with \"who knows\""},
        {"no_score", "protocol", "does not know the command final_score"},
        {"version_1", "protocol", "GTP version \"1\""},
    };
    static struct run run;
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cJSON *root = play(&run, "1", cases[i].mode, "pass");
        assert_non_null(root);
        const cJSON *game = game_at(root, 0);
        const cJSON *error = cJSON_GetObjectItem(game, "error");
        print_message("%s: %s\n", cases[i].mode, text_of(error, "message"));
        assert_int_equal(run.exit_code, 1);
        assert_string_equal(text_of(error, "kind"), cases[i].kind);
        assert_string_equal(text_of(error, "player"), "a");
        assert_non_null(strstr(text_of(error, "message"), cases[i].words));
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(game, "winner")));
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(game, "result")));
        cJSON_Delete(root);
    }
}

/* The second "engine" is found only by a program whose working directory is its folder. */
static void each_engine_runs_in_its_own_folder(void **state)
{
    static const char spec[] =
        "{\"games\":1,\"max_moves\":20,\"players\":["
        "{\"name\":\"a\",\"argv\":[\"./engine\",\"pass\"],\"folder\":\"player1\"},"
        "{\"name\":\"b\",\"argv\":[\"sh\",\"-c\",\"exec ./engine pass\"],\"folder\":\"player2\"}]}";
    char base[] = "/tmp/gtp_match_XXXXXX";
    char paths[5][64];
    const char *args[] = {"--spec", paths[4], NULL};
    static struct run run;
    FILE *file;
    (void)state;
    assert_non_null(mkdtemp(base));
    for (int i = 0; i < 2; i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "%s/player%d", base, i + 1);
        (void)snprintf(paths[i + 2], sizeof(paths[i + 2]), "%s/player%d/engine", base, i + 1);
        assert_int_equal(mkdir(paths[i], 0700), 0);
        assert_int_equal(symlink(FAKE_ENGINE, paths[i + 2]), 0);
    }
    (void)snprintf(paths[4], sizeof(paths[4]), "%s/spec.json", base);
    file = fopen(paths[4], "w");
    assert_non_null(file);
    assert_true(fputs(spec, file) >= 0);
    assert_int_equal(fclose(file), 0);

    assert_int_equal(setenv("RINGHOST_JOB_DIR", base, 1), 0);
    start(&run, args);
    finish(&run);
    assert_int_equal(unsetenv("RINGHOST_JOB_DIR"), 0);

    assert_int_equal(run.exit_code, 0);
    start(&run, args);
    finish(&run);
    assert_int_equal(run.exit_code, 69); /* no such folders where the test runs */
    for (int i = 4; i >= 0; i--)
        assert_int_equal(remove(paths[i]), 0);
    assert_int_equal(rmdir(base), 0);
}

static void disagreement_about_the_score_is_an_error(void **state)
{
    static struct run run;
    (void)state;

    cJSON *root = play(&run, "1", "pass", "disagree");

    const cJSON *error = cJSON_GetObjectItem(game_at(root, 0), "error");
    assert_int_equal(run.exit_code, 1);
    assert_string_equal(text_of(error, "kind"), "score_disagreement");
    assert_null(text_of(error, "player"));
    assert_string_equal(text_of(error, "message"), "\"a\" says W+7.5, \"b\" says B+3.5");
    cJSON_Delete(root);
}

static void errors_do_not_stop_the_other_games(void **state)
{
    static struct run run;
    (void)state;

    cJSON *root = play(&run, "3", "crash", "resign");

    const cJSON *totals = cJSON_GetObjectItem(root, "totals");
    const cJSON *first = cJSON_GetObjectItem(totals, "first");
    assert_int_equal(run.exit_code, 1);
    assert_int_equal(cJSON_GetObjectItem(totals, "errors")->valueint, 2);
    assert_int_equal(cJSON_GetObjectItem(first, "wins")->valueint, 1);
    assert_string_equal(text_of(game_at(root, 1), "result"), "W+R");
    assert_string_equal(text_of(game_at(root, 1), "winner"), "a");
    assert_string_equal(text_of(game_at(root, 1), "reason"), "resign");
    cJSON_Delete(root);
}

static void sides_swap_and_scores_follow_the_colour(void **state)
{
    static struct run run;
    (void)state;

    cJSON *root = play(&run, "2", "pass", "pass");

    assert_int_equal(run.exit_code, 0);
    assert_string_equal(text_of(game_at(root, 0), "black"), "a");
    assert_string_equal(text_of(game_at(root, 0), "winner"), "b");
    assert_string_equal(text_of(game_at(root, 1), "black"), "b");
    assert_string_equal(text_of(game_at(root, 1), "winner"), "a");
    assert_string_equal(text_of(game_at(root, 1), "result"), "W+7.5");
    cJSON_Delete(root);
}

static void a_draw_is_no_error(void **state)
{
    static struct run run;
    (void)state;

    cJSON *root = play(&run, "1", "draw", "draw");

    assert_int_equal(run.exit_code, 0);
    assert_string_equal(text_of(game_at(root, 0), "winner"), "draw");
    assert_string_equal(text_of(game_at(root, 0), "result"), "draw");
    cJSON_Delete(root);
}

static void too_many_moves_are_an_error(void **state)
{
    static const char *const args[] = {"--games", "1",         "--max-moves", "1", "--first",
                                       "a",       FAKE_ENGINE, "pass",        ";", "--second",
                                       "b",       FAKE_ENGINE, "pass",        ";", NULL};
    static struct run run;
    (void)state;

    start(&run, args);
    finish(&run);

    assert_int_equal(run.exit_code, 1);
    assert_non_null(strstr(run.out, "\"kind\":\"move_limit\""));
}

static void clock_is_told_only_on_request(void **state)
{
    static const char *const args[] = {
        "--games", "1",         "--move-time-ms", "5000",    "--tell-time", "yes",
        "--first", "a",         FAKE_ENGINE,      "clock_1", ";",           "--second",
        "b",       FAKE_ENGINE, "pass",           ";",       NULL};
    static struct run run;
    (void)state;

    start(&run, args);
    finish(&run);

    assert_int_equal(run.exit_code, 1);
    assert_non_null(strstr(run.out, "\"player\":\"b\""));
    assert_non_null(strstr(run.out, "refused \\\"time_settings 0 4 1\\\": unwanted"));
}

static void refused_setup_command_is_named(void **state)
{
    static const char *const args[] = {
        "--games",  "1", "--first",   "a",    FAKE_ENGINE, "pass",           ";",
        "--second", "b", FAKE_ENGINE, "pass", ";",         "--second-setup", "bad_setup {seed}",
        "--seed",   "7", NULL};
    static struct run run;
    (void)state;

    start(&run, args);
    finish(&run);

    assert_int_equal(run.exit_code, 1);
    assert_non_null(strstr(run.out, "refused \\\"bad_setup 1880445815\\\": unknown command"));
}

static void program_that_is_missing_exits_69(void **state)
{
    static const char *const args[] = {"--games",        "1",    "--first",  "a",
                                       "no-such-engine", ";",    "--second", "b",
                                       FAKE_ENGINE,      "pass", ";",        NULL};
    static struct run run;
    (void)state;

    start(&run, args);
    finish(&run);

    assert_int_equal(run.exit_code, 69);
    assert_string_equal(run.out, "");
}

static void file_that_cannot_run_is_not_installed(void **state)
{
    static struct run run;
    char path[] = "/tmp/gtp_match_XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "not a program", 13), 13);
    assert_int_equal(fchmod(fd, 0700), 0);
    assert_int_equal(close(fd), 0);
    const char *args[] = {"--games",  "1", "--first",   "a",    path, ";",
                          "--second", "b", FAKE_ENGINE, "pass", ";",  NULL};

    start(&run, args);
    finish(&run);
    (void)unlink(path);

    assert_int_equal(run.exit_code, 1);
    assert_non_null(strstr(run.out, "\"kind\":\"not_installed\""));
}

static void bad_usage_exits_64(void **state)
{
    static const char *const args[] = {"--games", "0", NULL};
    static struct run run;
    (void)state;

    start(&run, args);
    finish(&run);

    assert_int_equal(run.exit_code, 64);
    assert_string_equal(run.out, "");
}

/* The process id an engine has written, once it is whole; a fifo makes the wait exact. */
static pid_t read_pid(const char *fifo)
{
    char text[32] = "";
    int fd = open(fifo, O_RDONLY);
    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    (void)close(fd);
    return (pid_t)strtol(text, NULL, 10);
}

static void sigterm_ends_the_engines_and_exits_143(void **state)
{
    static struct run run;
    char folder[] = "/tmp/gtp_match_XXXXXX";
    char fifo[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(fifo, sizeof(fifo), "%s/pid", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const char *args[] = {"--games", "1",        "--first", "a",         FAKE_ENGINE, "hang", fifo,
                          ";",       "--second", "b",       FAKE_ENGINE, "pass",      ";",    NULL};
    start(&run, args);
    pid_t engine = read_pid(fifo);

    (void)kill(run.pid, SIGTERM);
    finish(&run);

    (void)unlink(fifo);
    (void)rmdir(folder);
    assert_int_equal(run.exit_code, 143);
    assert_string_equal(run.out, "");
    assert_int_equal(kill(engine, 0), -1);
}

static void engine_that_ignores_quit_is_killed(void **state)
{
    static struct run run;
    (void)state;

    cJSON *root = play(&run, "1", "deaf", "pass");

    assert_int_equal(run.exit_code, 0);
    assert_non_null(root);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_misbehaviour_has_its_kind_and_is_no_result),
        cmocka_unit_test(disagreement_about_the_score_is_an_error),
        cmocka_unit_test(errors_do_not_stop_the_other_games),
        cmocka_unit_test(sides_swap_and_scores_follow_the_colour),
        cmocka_unit_test(each_engine_runs_in_its_own_folder),
        cmocka_unit_test(a_draw_is_no_error),
        cmocka_unit_test(too_many_moves_are_an_error),
        cmocka_unit_test(clock_is_told_only_on_request),
        cmocka_unit_test(refused_setup_command_is_named),
        cmocka_unit_test(program_that_is_missing_exits_69),
        cmocka_unit_test(file_that_cannot_run_is_not_installed),
        cmocka_unit_test(bad_usage_exits_64),
        cmocka_unit_test(sigterm_ends_the_engines_and_exits_143),
        cmocka_unit_test(engine_that_ignores_quit_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
