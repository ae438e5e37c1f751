/* The program of the benches: a free port, a GET, the load of a queue, the start of a server. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/http_get.h"
#include "tests/bench/load.h"
#include "tests/bench/net.h"
#include "tests/bench/start.h"

#define EXIT_USAGE   64
#define GET_BODY_MAX (4u * 1024u * 1024u)
#define COUNT_MAX    10000000
#define MS_MAX       600000

static const char usage[] =
    "usage: ringhost-bench port                                  a free port\n"
    "       ringhost-bench get PORT PATH                         the body; ends 1 when not 200\n"
    "       ringhost-bench load PROTOCOL PORT CONNECTIONS MS SEED    cycles, microseconds, p50 and "
    "p99 of each step\n"
    "       ringhost-bench fill PROTOCOL PORT COUNT              adds other items\n"
    "       ringhost-bench start PORT PATH SETTLE_MS PROGRAM [ARG...]   ready us and rss kB\n"
    "PROTOCOL is ringhost, redis or beanstalkd (queues), register or etcd (stores), direct, "
    "relayed "
    "or relayed_fifty (calls); start asks in the words of Redis for PATH PING.\n";

static bool number(const char *text, int64_t max, int64_t *out)
{
    char *end = NULL;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > max)
        return false;
    *out = value;
    return true;
}

static const struct proto *find_proto(const char *name)
{
    static const struct proto *const all[] = {
        &proto_ringhost, &proto_redis,  &proto_beanstalkd, &proto_register,
        &proto_etcd,     &proto_direct, &proto_relayed,    &proto_relayed_fifty};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

static int do_port(int argc, char **argv)
{
    uint16_t port = net_free_port();

    (void)argc;
    (void)argv;
    if (port == 0)
        return 1;
    return printf("%u\n", port) > 0 ? 0 : 1;
}

static int do_get(int argc, char **argv)
{
    int64_t port;
    char *body;
    size_t n;
    int rc = 1;

    (void)argc;
    if (!number(argv[0], UINT16_MAX, &port))
        return EXIT_USAGE;
    body = malloc(GET_BODY_MAX);
    if (body && http_get((uint16_t)port, argv[1], body, GET_BODY_MAX, &n) == 200 &&
        fwrite(body, 1, n, stdout) == n)
        rc = 0;
    free(body);
    return rc;
}

static int do_load(int argc, char **argv)
{
    const struct proto *proto = find_proto(argv[0]);
    struct load_result result;
    int64_t port, connections, ms, seed;

    (void)argc;
    if (!proto || !number(argv[1], UINT16_MAX, &port) ||
        !number(argv[2], LOAD_CONNECTIONS_MAX, &connections) || !number(argv[3], MS_MAX, &ms) ||
        !number(argv[4], INT32_MAX, &seed))
        return EXIT_USAGE;
    if (load_run(proto, (uint16_t)port, (uint32_t)connections, ms, (uint64_t)seed, &result) != 0)
        return 1;
    (void)printf("%llu %lld", (unsigned long long)result.cycles, (long long)result.us);
    for (uint32_t i = 0; i < proto->steps; i++)
        (void)printf(" %lld %lld", (long long)latency_share(&result.latency[i], 0.5),
                     (long long)latency_share(&result.latency[i], 0.99));
    return printf("\n") > 0 ? 0 : 1; /* an earlier failure stays with the stream and shows here */
}

static int do_fill(int argc, char **argv)
{
    const struct proto *proto = find_proto(argv[0]);
    int64_t port, count;

    (void)argc;
    if (!proto || !proto->fill || !number(argv[1], UINT16_MAX, &port) ||
        !number(argv[2], COUNT_MAX, &count))
        return EXIT_USAGE;
    return load_fill(proto, (uint16_t)port, (uint32_t)count) == 0 ? 0 : 1;
}

/* argv is ended by NULL, as main's is. */
static int do_start(int argc, char **argv)
{
    struct start_result result;
    int64_t port, settle_ms;

    (void)argc;
    if (!number(argv[0], UINT16_MAX, &port) || !number(argv[2], MS_MAX, &settle_ms))
        return EXIT_USAGE;
    if (start_measure((uint16_t)port, argv[1], settle_ms, argv + 3, &result) != 0)
        return 1;
    return printf("%lld %lld\n", (long long)result.ready_us, (long long)result.rss_kb) > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int args_min, args_max;
        int (*run)(int argc, char **argv);
    } commands[] = {
        {"port", 0, 0, do_port}, {"get", 2, 2, do_get},      {"load", 5, 5, do_load},
        {"fill", 3, 3, do_fill}, {"start", 4, 64, do_start},
    };
    int rc = EXIT_USAGE;

    (void)signal(SIGPIPE, SIG_IGN); /* sends report it */
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].args_min &&
            argc - 2 <= commands[i].args_max)
            rc = commands[i].run(argc - 2, argv + 2);
    if (rc == EXIT_USAGE)
        (void)fputs(usage, stderr);
    return rc;
}
