/* Fork, exec, ask until it answers; see start.h. */
#include "tests/bench/start.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/http_get.h"
#include "tests/bench/net.h"

#define ASK_EVERY_MS 1
#define READY_MAX_MS 10000
#define END_MAX_MS   10000

/* A pause between two looks at something that tells nobody when it changes. */
static void pause_ms(int64_t ms)
{
    (void)poll(NULL, 0, (int)ms); /* a signal only shortens it */
}

static bool redis_answers(uint16_t port)
{
    char answer[5];
    int fd = net_connect(port);
    bool is_good;

    if (fd < 0)
        return false;
    is_good = net_send(fd, "PING\r\n", 6) == 0 &&
              recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer &&
              memcmp(answer, "+PONG", sizeof answer) == 0;
    (void)close(fd); /* all was read */
    return is_good;
}

static bool answers(uint16_t port, const char *path)
{
    char body[4096];
    size_t n;

    if (strcmp(path, "PING") == 0)
        return redis_answers(port);
    return http_get(port, path, body, sizeof body, &n) == 200;
}

static int64_t read_rss_kb(pid_t pid)
{
    char path[64];
    char line[256];
    int64_t kb = -1;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid); /* fits */
    file = fopen(path, "re");
    if (!file)
        return -1;
    while (kb < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtoll(line + 6, NULL, 10);
    (void)fclose(file); /* it was only read */
    return kb;
}

/* Whether the child ended within ms. */
static bool ended(pid_t pid, int64_t ms)
{
    int64_t end_us = net_now_us() + ms * 1000;

    do {
        int status;

        if (waitpid(pid, &status, WNOHANG) == pid)
            return true;
        pause_ms(ASK_EVERY_MS);
    } while (net_now_us() < end_us);
    return false;
}

static int watch(pid_t pid, uint16_t port, const char *path, int64_t settle_ms,
                 struct start_result *out)
{
    int64_t start_us = net_now_us();
    int64_t us = 0;

    while (!answers(port, path)) {
        us = net_now_us() - start_us;
        if (us > READY_MAX_MS * 1000) {
            (void)fprintf(stderr, "no good answer from port %u within %d ms\n", port, READY_MAX_MS);
            return -1;
        }
        pause_ms(ASK_EVERY_MS);
    }
    us = net_now_us() - start_us;
    pause_ms(settle_ms);
    *out = (struct start_result){.ready_us = us, .rss_kb = read_rss_kb(pid)};
    return out->rss_kb > 0 ? 0 : -1;
}

int start_measure(uint16_t port, const char *path, int64_t settle_ms, char *const *argv,
                  struct start_result *out)
{
    pid_t pid = fork();
    int rc;

    if (pid < 0) {
        (void)fprintf(stderr, "fork: %s\n", strerror(errno));
        return -1;
    }
    if (pid == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO); /* our own output stays clean */
        (void)execvp(argv[0], argv);              /* returns only on failure */
        (void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    rc = watch(pid, port, path, settle_ms, out);
    (void)kill(pid, SIGTERM); /* it may have ended already */
    if (!ended(pid, END_MAX_MS)) {
        (void)fprintf(stderr, "%s does not end by SIGTERM\n", argv[0]);
        (void)kill(pid, SIGKILL);    /* likewise */
        (void)waitpid(pid, NULL, 0); /* it ends now */
        rc = -1;
    }
    return rc;
}
