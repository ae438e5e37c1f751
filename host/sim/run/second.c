/* A second process; see second.h. */
#include "host/sim/run/second.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#define ARGS_MAX 160u

/* What is different there. The long value moves the stack. */
static const char *const changes[][2] = {
    {"TZ", "Pacific/Chatham"},
    {"LANG", "tr_TR.UTF-8"},
    {"LC_ALL", "tr_TR.UTF-8"},
    {"MALLOC_PERTURB_", "165"},
    {"MALLOC_MMAP_THRESHOLD_", "1024"},
    {"MALLOC_TOP_PAD_", "1048576"},
    {"RINGHOST_SIM_SECOND", "moves the stack by some bytes, which nothing may depend upon at all"},
};

/* Options whose values the second process gets by itself. */
static int is_own(const char *arg)
{
    static const char *const names[] = {"--suite", "--scenario", "--seed", "--seeds", "--trace"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(arg, names[i]) == 0)
            return 1;
    return 0;
}

static void become(const char *program, char *const *arguments, const char *option,
                   const char *value, const uint64_t *seeds, uint32_t seed_count, int fd)
{
    char range[64];
    char fd_text[16];
    const char *args[ARGS_MAX + 8];
    uint32_t count = 0;

    args[count++] = program;
    for (uint32_t i = 1; arguments[i] && count < ARGS_MAX; i++) {
        if (strcmp(arguments[i], "--check-determinism") == 0 || strcmp(arguments[i], "--long") == 0)
            continue;
        if (is_own(arguments[i]) && arguments[i + 1]) {
            i++;
            continue;
        }
        args[count++] = arguments[i];
    }
    (void)snprintf(range, sizeof range, "%" PRIu64 "..%" PRIu64, seeds[0], seeds[seed_count - 1]);
    (void)snprintf(fd_text, sizeof fd_text, "%d", fd);
    args[count++] = option;
    args[count++] = value;
    args[count++] = "--seeds";
    args[count++] = range;
    args[count++] = "--hashes-fd";
    args[count++] = fd_text;
    args[count] = NULL;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        (void)setenv(changes[i][0], changes[i][1], 1); /* without it they differ in less */
    execv(program, (char *const *)(const void *)args);
    _exit(127);
}

static void read_hashes(FILE *in, const uint64_t *seeds, uint32_t seed_count, uint64_t *hashes)
{
    char line[64];

    while (fgets(line, sizeof line, in)) {
        char *blank = strchr(line, ' ');
        uint64_t seed;

        if (!blank || rh_parse_u64((struct rh_str){line, (size_t)(blank - line)}, &seed) != RH_OK)
            continue;
        if (seed >= seeds[0] && seed - seeds[0] < seed_count)
            hashes[seed - seeds[0]] = strtoull(blank, NULL, 16); /* 0 for what is no digest */
    }
}

int32_t second_run(const char *program, char *const *arguments, const char *option,
                   const char *value, const uint64_t *seeds, uint32_t seed_count, uint64_t *hashes)
{
    int fds[2];
    int status;
    FILE *in;
    pid_t pid;

    memset(hashes, 0, seed_count * sizeof *hashes);
    if (pipe(fds) != 0)
        return RH_EIO;
    pid = fork();
    if (pid == 0) {
        (void)close(fds[0]); /* the parent's */
        become(program, arguments, option, value, seeds, seed_count, fds[1]);
    }
    (void)close(fds[1]); /* the child's */
    in = pid > 0 ? fdopen(fds[0], "r") : NULL;
    if (!in) {
        (void)close(fds[0]);
        return RH_EIO;
    }
    read_hashes(in, seeds, seed_count, hashes);
    (void)fclose(in); /* was only read */
    return waitpid(pid, &status, 0) == pid ? RH_OK : RH_EIO;
}
