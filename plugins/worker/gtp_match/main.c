/* The program ringhost-gtp-match: options in, games played in order, one JSON object out. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <ringhost/sdk/buf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "game.h"
#include "options.h"
#include "program_path.h"
#include "report.h"
#include "spec_json.h"

#define JSON_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define TEXT_BYTES_MAX ((size_t)1024 * 1024)

enum exit_code {
    EXIT_PLAYED = 0,
    EXIT_GAME_ERROR = 1,
    EXIT_USAGE = 64,
    EXIT_NOT_INSTALLED = 69,
    EXIT_INTERNAL = 70,
    EXIT_SIGNAL = 128
};

struct match {
    struct match_spec spec;
    char paths[SPEC_PLAYERS][PROGRAM_PATH_BYTES];
    char folders[SPEC_PLAYERS][PROGRAM_PATH_BYTES]; /* absolute; "" = ours */
    struct game_identity identities[SPEC_PLAYERS];
    struct plan_outcome *outcomes;
    struct game_record record;
    int stop_fd;
    bool is_record_lost; /* an SGF file could not be written */
};

static void complain(const char *text)
{
    (void)fprintf(stderr, "ringhost-gtp-match: %s\n", text); /* nowhere else to tell */
}

static bool write_all(int fd, struct rh_str text)
{
    size_t at = 0;
    while (at < text.n) {
        ssize_t put = write(fd, text.p + at, text.n - at);
        if (put < 0 && errno != EINTR)
            return false;
        at += put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* The whole file, or stdin for "-", onto out. */
static bool read_spec_text(const char *path, struct rh_buf *out)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    bool is_ok = fd >= 0;
    ssize_t got = 1;
    while (is_ok && got != 0) {
        char chunk[4096];
        got = read(fd, chunk, sizeof(chunk));
        if (got > 0)
            is_ok = rh_buf_append(out, chunk, (size_t)got) == RH_OK;
        else if (got < 0 && errno != EINTR)
            is_ok = false;
    }
    if (fd > STDIN_FILENO)
        (void)close(fd); /* only read from */
    return is_ok;
}

static bool load_spec(struct match_spec *spec, const char *path, char *message)
{
    struct rh_buf text;
    rh_buf_init(&text, SPEC_JSON_BYTES_MAX);
    bool is_ok = read_spec_text(path, &text) && text.n > 0;
    if (is_ok)
        is_ok = spec_from_json(spec, text.p, text.n, message);
    else
        (void)snprintf(message, SPEC_MESSAGE_BYTES,
                       "cannot read a spec of at most 1 MiB from %.200s", path); /* cut is fine */
    rh_buf_release(&text);
    return is_ok;
}

static int print_help(void)
{
    struct rh_buf text;
    rh_buf_init(&text, TEXT_BYTES_MAX);
    options_help(&text);
    bool is_ok = text.rc == RH_OK && write_all(STDOUT_FILENO, rh_buf_str(&text));
    rh_buf_release(&text);
    return is_ok ? EXIT_PLAYED : EXIT_INTERNAL;
}

/* Fills the spec from the command line; *is_over when there is nothing to play. */
static int read_match(struct match_spec *spec, int argc, char **argv, bool *is_over)
{
    char message[SPEC_MESSAGE_BYTES] = "";
    const char *path = NULL;
    bool is_ok = true;
    *is_over = true;
    switch (options_parse(argc, argv, spec, &path, message)) {
    case OPTIONS_HELP:
        return print_help();
    case OPTIONS_VERSION:
        return printf("ringhost-gtp-match %s\n", RINGHOST_VERSION) > 0 ? EXIT_PLAYED
                                                                       : EXIT_INTERNAL;
    case OPTIONS_WRONG:
        is_ok = false;
        break;
    case OPTIONS_SPEC:
        is_ok = load_spec(spec, path, message);
        break;
    case OPTIONS_RUN:
        break;
    }
    if (is_ok)
        is_ok = spec_finish(spec, message);
    struct stat info;
    if (is_ok && spec->sgf_dir && (stat(spec->sgf_dir, &info) != 0 || !S_ISDIR(info.st_mode))) {
        (void)snprintf(message, sizeof(message), "sgf_dir must be a folder that exists");
        is_ok = false;
    }
    if (!is_ok)
        complain(message);
    *is_over = !is_ok;
    return is_ok ? EXIT_PLAYED : EXIT_USAGE;
}

/* Folders of players are in that of the job, which is the working directory unless its command has
 * another one. */
static bool find_folder(struct match *match, int player)
{
    const char *job = getenv("RINGHOST_JOB_DIR");
    const char *folder = match->spec.players[player].folder;
    char path[PROGRAM_PATH_BYTES];
    char *real = NULL;
    if (!folder)
        return true;
    int n = snprintf(path, sizeof(path), "%s/%s", job ? job : ".", folder);
    if (n > 0 && (size_t)n < sizeof(path))
        real = realpath(path, NULL);
    n = real ? snprintf(match->folders[player], PROGRAM_PATH_BYTES, "%s", real) : 0;
    free(real);
    if (n > 0 && n < PROGRAM_PATH_BYTES)
        return true;
    (void)fprintf(stderr, "ringhost-gtp-match: engine \"%s\": no folder %s in %s\n",
                  match->spec.players[player].name, folder, job ? job : "."); /* as in complain */
    return false;
}

/* Its program was looked for in vain. */
static void complain_of_program(const struct match *match, int player, const char *looked)
{
    const struct spec_player *of = &match->spec.players[player];
    const char *program = of->argv.items[0];
    if (!program_path_is_unexecutable(looked))
        (void)fprintf(stderr,
                      "ringhost-gtp-match: engine \"%s\" is not installed: no program %s in %s\n",
                      of->name, program, looked); /* nowhere else to tell, as below */
    else
        (void)fprintf(stderr, "ringhost-gtp-match: engine \"%s\": %s is not executable%s\n",
                      of->name, looked,
                      of->folder ? "; give its input the mode :0555" : ""); /* see above */
}

static bool find_programs(struct match *match)
{
    char looked[PROGRAM_LOOKED_BYTES];
    for (int i = 0; i < SPEC_PLAYERS; i++) {
        const char *program = match->spec.players[i].argv.items[0];
        if (!find_folder(match, i))
            return false;
        const char *folder = match->folders[i];
        if (folder[0]
                ? program_path_find_in(folder, program, getenv("PATH"), match->paths[i], looked)
                : program_path_find(program, getenv("PATH"), match->paths[i], looked))
            continue;
        complain_of_program(match, i, looked);
        return false;
    }
    return true;
}

/* From here on the signals that end us arrive as bytes of a file, so that every wait sees them. */
static int open_stop_fd(void)
{
    sigset_t set;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int signal_exit_code(int stop_fd)
{
    struct signalfd_siginfo info;
    ssize_t got = read(stop_fd, &info, sizeof(info));
    return got == (ssize_t)sizeof(info) ? EXIT_SIGNAL + (int)info.ssi_signo : EXIT_INTERNAL;
}

static void save_record(struct match *match, const struct plan_outcome *outcome)
{
    char path[SPEC_TEXT_BYTES_MAX + 64];
    struct rh_buf text;
    rh_buf_init(&text, TEXT_BYTES_MAX);
    (void)snprintf(path, sizeof(path), "%s/game-%06" PRId64 ".sgf", match->spec.sgf_dir,
                   outcome->game.index); /* it fits: sgf_dir is limited */
    bool is_ok = report_sgf(&text, &match->spec, outcome, &match->record) == RH_OK;
    int fd = is_ok ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    is_ok = fd >= 0 && write_all(fd, rh_buf_str(&text));
    if (fd >= 0 && close(fd) != 0)
        is_ok = false;
    if (!is_ok) {
        match->is_record_lost = true;
        (void)fprintf(stderr, "ringhost-gtp-match: cannot write %s\n", path); /* as above */
    }
    rh_buf_release(&text);
}

static void show_progress(const struct match *match, const struct plan_outcome *outcome)
{
    struct rh_buf line;
    rh_buf_init(&line, TEXT_BYTES_MAX);
    if (report_line(&line, &match->spec, outcome) == RH_OK)
        (void)write_all(STDERR_FILENO, rh_buf_str(&line)); /* progress may be lost */
    rh_buf_release(&line);
}

static int play_games(struct match *match)
{
    const struct match_spec *spec = &match->spec;
    struct game_setup setup = {
        .spec = spec, .paths = {match->paths[0], match->paths[1]}, .stop_fd = match->stop_fd};
    for (int i = 0; i < SPEC_PLAYERS; i++)
        setup.folders[i] = match->folders[i][0] ? match->folders[i] : NULL;
    int code = EXIT_PLAYED;
    for (int64_t i = 0; i < spec->games; i++) {
        struct plan_outcome *outcome = &match->outcomes[i];
        setup.game = plan_game_at(spec->seed, spec->first_index + i);
        switch (game_play(&setup, &match->record, match->identities, outcome)) {
        case GAME_STOPPED:
            return signal_exit_code(match->stop_fd);
        case GAME_NO_SYSTEM:
            complain(outcome->message);
            return EXIT_INTERNAL;
        case GAME_DONE:
            break;
        }
        show_progress(match, outcome);
        if (spec->sgf_dir)
            save_record(match, outcome);
        if (outcome->error != PLAN_ERROR_NONE)
            code = EXIT_GAME_ERROR;
    }
    return code;
}

static bool print_result(const struct match *match)
{
    struct rh_buf json;
    rh_buf_init(&json, JSON_BYTES_MAX);
    (void)report_json(&json, &match->spec, match->outcomes, (size_t)match->spec.games,
                      match->identities);
    (void)rh_buf_append_byte(&json, '\n'); /* json.rc keeps the first failure */
    bool is_ok = json.rc == RH_OK && write_all(STDOUT_FILENO, rh_buf_str(&json));
    rh_buf_release(&json);
    if (!is_ok)
        complain("cannot write the result");
    return is_ok;
}

static int run(struct match *match, int argc, char **argv)
{
    bool is_over = false;
    int code = read_match(&match->spec, argc, argv, &is_over);
    if (is_over)
        return code;
    if (!find_programs(match))
        return EXIT_NOT_INSTALLED;
    match->outcomes = calloc((size_t)match->spec.games, sizeof(*match->outcomes));
    match->stop_fd = open_stop_fd();
    if (!match->outcomes || match->stop_fd < 0) {
        complain("out of memory or file descriptors");
        return EXIT_INTERNAL;
    }
    code = play_games(match);
    if (code != EXIT_PLAYED && code != EXIT_GAME_ERROR)
        return code;
    if (!print_result(match) || match->is_record_lost)
        return EXIT_INTERNAL;
    return code;
}

int main(int argc, char **argv)
{
    int code = EXIT_INTERNAL;
    struct match *match = calloc(1, sizeof(*match));
    if (!match) {
        complain("out of memory");
        return code;
    }
    match->stop_fd = -1;
    spec_init(&match->spec);
    code = run(match, argc, argv);
    if (match->stop_fd >= 0)
        (void)close(match->stop_fd); /* only read from */
    spec_release(&match->spec);
    free(match->outcomes);
    free(match);
    return code;
}
