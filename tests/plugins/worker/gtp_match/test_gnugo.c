/* Claims about real games of GNU Go; skipped where it is not installed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#define GNUGO      "/usr/games/gnugo"
#define TEXT_BYTES 65536
#define CTEST_SKIP 77

#define PLAYER(name)                                                                              \
    "{\"name\":\"" name "\",\"argv\":[\"gnugo\",\"--mode\",\"gtp\",\"--level\",\"1\",\"--seed\"," \
    "\"{seed}\",\"--chinese-rules\",\"--capture-all-dead\"]}"

static const char spec[] = "{\"games\":2,\"board_size\":9,\"komi\":7.5,\"seed\":\"7\",\"sgf_dir\":"
                           "\"%s\",\"players\":[" PLAYER("gnugo-1") "," PLAYER("gnugo-2") "]}";

/* Runs the program with the text as its spec on stdin; returns its exit status. */
static int run_spec(const char *text, char *out)
{
    int in_fds[2];
    int out_fds[2];
    int status = 0;
    size_t len = 0;
    ssize_t got;
    assert_int_equal(pipe2(in_fds, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out_fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (dup2(in_fds[0], STDIN_FILENO) >= 0 && dup2(out_fds[1], STDOUT_FILENO) >= 0)
            (void)execl(MATCH_PROGRAM, MATCH_PROGRAM, "--spec", "-", (char *)NULL);
        _exit(126);
    }
    (void)close(in_fds[0]);
    (void)close(out_fds[1]);
    assert_int_equal(write(in_fds[1], text, strlen(text)), strlen(text));
    (void)close(in_fds[1]);
    while ((got = read(out_fds[0], out + len, TEXT_BYTES - 1 - len)) > 0)
        len += (size_t)got;
    out[len] = '\0';
    (void)close(out_fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The moves of a record, which begin at its second line; removes the file. */
static void take_moves(const char *folder, int index, char *out)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/game-%06d.sgf", folder, index);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, TEXT_BYTES - 1, file);
    out[len] = '\0';
    (void)fclose(file);
    (void)unlink(path);
    const char *moves = strchr(out, '\n');
    assert_non_null(moves);
    memmove(out, moves, strlen(moves) + 1);
}

static void two_games_of_gnugo_end_with_a_score_and_differ(void **state)
{
    static char out[TEXT_BYTES];
    static char moves[2][TEXT_BYTES];
    char folder[] = "/tmp/gtp_match_XXXXXX";
    char text[1024];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(text, sizeof(text), spec, folder);

    int code = run_spec(text, out);

    take_moves(folder, 0, moves[0]);
    take_moves(folder, 1, moves[1]);
    (void)rmdir(folder);
    print_message("%s", out);
    assert_int_equal(code, 0);
    cJSON *root = cJSON_Parse(out);
    const cJSON *games = cJSON_GetObjectItem(root, "games");
    assert_int_equal(cJSON_GetArraySize(games), 2);
    for (int i = 0; i < 2; i++) {
        const cJSON *game = cJSON_GetArrayItem(games, i);
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(game, "error")));
        assert_true(cJSON_IsString(cJSON_GetObjectItem(game, "winner")));
        assert_true(cJSON_GetObjectItem(game, "moves")->valueint > 10);
    }
    assert_string_not_equal(moves[0], moves[1]);
    assert_non_null(strstr(out, "\"engine\":\"GNU Go\""));
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_games_of_gnugo_end_with_a_score_and_differ),
    };
    if (access(GNUGO, X_OK) != 0)
        return CTEST_SKIP;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
