/* One engine as a process that is spoken to in GTP, with a deadline on everything; no rules of Go.
 */
#include "engine.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine_spawn.h"
#include "gtp_parse.h"

#define LAST_WORDS_READS 128 /* a pipe holds no more than this many chunks of 1 KiB */
#define END_WAIT_MS                                                              \
    1000 /* an engine that closed stdout gets this long to leave its exit status \
          */

struct engine {
    struct engine_pipes pipes; /* a closed one is -1 */
    int stop_fd;
    bool is_reaped;
    int wait_status;
    uint32_t command_id;
    int64_t elapsed_ms;
    size_t used; /* bytes of the reply taken from the front of out by the last command */
    size_t out_len;
    size_t err_len;
    char out[ENGINE_REPLY_BYTES_MAX];
    char err[ENGINE_STDERR_BYTES];
};

static int64_t now_ms(void)
{
    struct timespec now;
    int rc = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(rc == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* a pipe has nothing left to lose */
    *fd = -1;
}

/* Keeps the newest bytes of stderr; an engine that floods it costs no memory. Returns whether there
 * was something. */
static bool drain_stderr(struct engine *engine)
{
    char chunk[1024];
    ssize_t got = read(engine->pipes.err_fd, chunk, sizeof(chunk));
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        close_fd(&engine->pipes.err_fd);
    if (got <= 0)
        return false;
    size_t len = (size_t)got;
    size_t room = sizeof(engine->err) - engine->err_len;
    if (len > room) {
        size_t gone = len - room;
        memmove(engine->err, engine->err + gone, engine->err_len - gone);
        engine->err_len -= gone;
    }
    memcpy(engine->err + engine->err_len, chunk, len);
    engine->err_len += len;
    return true;
}

static enum engine_status read_stdout(struct engine *engine)
{
    size_t room = sizeof(engine->out) - engine->out_len;
    if (room == 0)
        return ENGINE_BABBLED;
    ssize_t got = read(engine->pipes.out_fd, engine->out + engine->out_len, room);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? ENGINE_OK : ENGINE_CRASHED;
    if (got == 0)
        return ENGINE_CRASHED;
    engine->out_len += gtp_clean(engine->out + engine->out_len, (size_t)got);
    return ENGINE_OK;
}

/* Writes what the pipe takes; *at moves on. */
static enum engine_status write_stdin(struct engine *engine, const char *line, size_t len,
                                      size_t *at)
{
    ssize_t put = write(engine->pipes.in_fd, line + *at, len - *at);
    if (put < 0)
        return errno == EAGAIN || errno == EINTR ? ENGINE_OK : ENGINE_CRASHED;
    *at += (size_t)put;
    return ENGINE_OK;
}

/* Waits once for anything of interest and moves bytes. */
static enum engine_status pump(struct engine *engine, int64_t deadline_ms, const char *line,
                               size_t len, size_t *at)
{
    struct pollfd fds[4] = {
        {.fd = engine->stop_fd, .events = POLLIN},
        {.fd = engine->pipes.err_fd, .events = POLLIN},
        {.fd = *at < len ? engine->pipes.in_fd : -1, .events = POLLOUT},
        {.fd = engine->pipes.out_fd, .events = POLLIN},
    };
    int64_t left_ms = deadline_ms - now_ms();
    if (left_ms <= 0)
        return ENGINE_LATE;
    int ready = poll(fds, 4, (int)(left_ms > 60000 ? 60000 : left_ms));
    if (ready < 0)
        return errno == EINTR ? ENGINE_OK : ENGINE_NO_SYSTEM;
    if (fds[0].revents)
        return ENGINE_STOPPED;
    if (fds[1].revents)
        (void)drain_stderr(engine); /* whether there was something does not matter here */
    enum engine_status status = ENGINE_OK;
    if (fds[3].revents)
        status = read_stdout(engine);
    if (status == ENGINE_OK && fds[2].revents)
        status = write_stdin(engine, line, len, at);
    return status;
}

/* Forgets the last reply; anything but blank lines behind it was said without being asked. */
static bool forget_reply(struct engine *engine)
{
    engine->out_len -= engine->used;
    memmove(engine->out, engine->out + engine->used, engine->out_len);
    engine->used = 0;
    for (size_t i = 0; i < engine->out_len; i++) {
        if (engine->out[i] != '\n' && engine->out[i] != ' ')
            return false;
    }
    engine->out_len = 0;
    return true;
}

/* A missing id is forgiven, many small engines leave it out; a wrong one answers something else. */
static enum engine_status read_reply(struct engine *engine, const char **reply)
{
    struct gtp_response response;
    switch (gtp_scan_response(engine->out, engine->out_len, &engine->used, &response)) {
    case GTP_SCAN_MORE:
        return ENGINE_LATE;
    case GTP_SCAN_GARBAGE:
        return ENGINE_BABBLED;
    case GTP_SCAN_DONE:
        break;
    }
    if (response.has_id && response.id != engine->command_id)
        return ENGINE_BABBLED;
    *reply = response.body;
    return response.is_success ? ENGINE_OK : ENGINE_REFUSED;
}

enum engine_status engine_start(const char *path, char *const *argv, const char *folder,
                                int stop_fd, struct engine **out, char *message)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    int error = ENOMEM;
    enum engine_spawn_step step = ENGINE_SPAWN_SYSTEM;
    if (engine)
        step = engine_spawn(path, argv, folder, &engine->pipes, &error);
    if (step != ENGINE_SPAWN_DONE) {
        const char *verb = step == ENGINE_SPAWN_EXEC ? "execute" : "start";
        (void)snprintf(message, ENGINE_MESSAGE_BYTES, "cannot %s %s: %s", verb, path,
                       strerror(error)); /* cut is fine */
        free(engine);
        return step == ENGINE_SPAWN_EXEC ? ENGINE_NOT_RUN : ENGINE_NO_SYSTEM;
    }
    engine->stop_fd = stop_fd;
    *out = engine;
    return ENGINE_OK;
}

enum engine_status engine_command(struct engine *engine, const char *command, int64_t timeout_ms,
                                  const char **reply)
{
    char line[ENGINE_COMMAND_BYTES_MAX];
    int64_t begin_ms = now_ms();
    size_t at = 0;
    *reply = "";
    engine->elapsed_ms = 0;
    if (!forget_reply(engine))
        return ENGINE_BABBLED;
    engine->command_id++;
    int len = snprintf(line, sizeof(line), "%" PRIu32 " %s\n", engine->command_id, command);
    assert(len > 0);
    assert((size_t)len < sizeof(line));

    enum engine_status status = ENGINE_LATE;
    while (status == ENGINE_LATE) {
        status = pump(engine, begin_ms + timeout_ms, line, (size_t)len, &at);
        if (status != ENGINE_OK)
            break;
        status = read_reply(engine, reply);
    }
    engine->elapsed_ms = now_ms() - begin_ms;
    return status;
}

int64_t engine_elapsed_ms(const struct engine *engine)
{
    return engine->elapsed_ms;
}

/* True when the process has ended within the time, which is then known to its pidfd; not reaped, so
 * that its group id cannot be given to someone else before the group is killed. */
static bool has_ended(const struct engine *engine, int64_t wait_ms)
{
    struct pollfd fds[2] = {
        {.fd = engine->pipes.pid_fd, .events = POLLIN},
        {.fd = engine->stop_fd, .events = POLLIN},
    };
    int64_t deadline_ms = now_ms() + wait_ms;
    while (true) {
        int64_t left_ms = deadline_ms - now_ms();
        int ready = poll(fds, 2, left_ms > 0 ? (int)left_ms : 0);
        if (ready >= 0 || errno != EINTR)
            return ready > 0 && fds[0].revents != 0;
    }
}

/* The tail of stderr on one line of printable ASCII. */
static void tail_of_stderr(const struct engine *engine, char *out, size_t size_bytes)
{
    size_t len = engine->err_len;
    while (len > 0 && (engine->err[len - 1] == '\n' || engine->err[len - 1] == ' '))
        len--;
    size_t from = len >= size_bytes ? len - (size_bytes - 1) : 0;
    for (size_t i = from; i < len; i++) {
        unsigned char c = (unsigned char)engine->err[i];
        out[i - from] = (char)(c == '\n' || c == '\t' ? ' ' : c < ' ' || c > '~' ? '?' : c);
    }
    out[len - from] = '\0';
}

static void describe_end(const struct engine *engine, bool ended_alone, char *out,
                         size_t size_bytes)
{
    int status = engine->wait_status;
    if (!ended_alone)
        (void)snprintf(out, size_bytes, "closed its pipes");
    else if (WIFSIGNALED(status))
        (void)snprintf(out, size_bytes, "was killed by signal %d", WTERMSIG(status));
    else
        (void)snprintf(out, size_bytes, "exited with status %d", WEXITSTATUS(status));
}

void engine_explain(struct engine *engine, enum engine_status status, const char *command,
                    char *message)
{
    char what[64] = "failed";
    char tail[200];
    bool ended_alone = status == ENGINE_CRASHED && has_ended(engine, END_WAIT_MS);
    engine_kill(engine);
    if (status == ENGINE_CRASHED)
        describe_end(engine, ended_alone, what, sizeof(what));
    else if (status == ENGINE_LATE)
        (void)snprintf(what, sizeof(what), "gave no answer in %" PRId64 " ms", engine->elapsed_ms);
    else if (status == ENGINE_BABBLED)
        (void)snprintf(what, sizeof(what), "wrote something that is no answer");
    tail_of_stderr(engine, tail, sizeof(tail));
    (void)snprintf(message, ENGINE_MESSAGE_BYTES, "%s at \"%.150s\"%s%s", what, command,
                   tail[0] ? "; stderr ends: " : "", tail); /* all cut on purpose */
}

void engine_quit(struct engine *engine)
{
    const char *reply = NULL;
    if (!engine->is_reaped) {
        enum engine_status status = engine_command(engine, "quit", ENGINE_QUIT_MS, &reply);
        close_fd(&engine->pipes.in_fd);
        if (status != ENGINE_LATE && status != ENGINE_STOPPED)
            (void)has_ended(engine, ENGINE_QUIT_MS); /* ended or not, the group is killed next */
    }
    engine_kill(engine);
}

void engine_kill(struct engine *engine)
{
    if (engine->is_reaped)
        return;
    (void)kill(-engine->pipes.pid, SIGKILL); /* ESRCH: all of them are gone already */
    while (waitpid(engine->pipes.pid, &engine->wait_status, 0) < 0 && errno == EINTR)
        continue;
    engine->is_reaped = true;
    for (int i = 0; i < LAST_WORDS_READS && engine->pipes.err_fd >= 0; i++) {
        if (!drain_stderr(engine))
            break;
    }
    close_fd(&engine->pipes.in_fd);
    close_fd(&engine->pipes.out_fd);
    close_fd(&engine->pipes.err_fd);
    close_fd(&engine->pipes.pid_fd);
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    engine_kill(engine);
    free(engine);
}
