/* A loop beside the plugins that it works on, in a host of one node on virtual time. */
#ifndef RH_TESTS_LOOP_TEST_H
#define RH_TESTS_LOOP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/testhost.h>

#define LOOP_WALL_MS INT64_C(1800000000000)

struct loop_node {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
    const char *ready_route; /* answers 200 once what the loop needs is active */
};

static inline bool loop_node_is_ready(void *user)
{
    struct loop_node *n = user;

    return rh_testhost_is_ready(n->host);
}

static inline void loop_node_await(struct loop_node *n)
{
    assert_true(rh_testnet_run_until(n->net, loop_node_is_ready, n, 60000));
    for (int i = 0; i < 300; i++) {
        if (rh_testhost_request(n->host, "GET", n->ready_route, NULL, &n->reply) == 200)
            return;
        rh_testnet_run(n->net, 100);
    }
    fail_msg("%s: %u %s", n->ready_route, n->reply.status, n->reply.body);
}

static inline struct loop_node *loop_node_new(const struct rh_testhost_plugin *plugins,
                                              uint32_t count, const char *ready_route)
{
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = count};
    struct loop_node *n = calloc(1, sizeof(*n));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(n);
    n->ready_route = ready_route;
    n->net = rh_testnet_new(1, LOOP_WALL_MS);
    assert_non_null(n->net);
    if (rh_testhost_new(n->net, &setup, &n->host, why) != RH_OK)
        fail_msg("%s", why);
    loop_node_await(n);
    return n;
}

static inline int loop_node_free(void **state)
{
    struct loop_node *n = *state;

    rh_testhost_crash(n->host); /* the quickest way down; it must leave no leak either */
    rh_testnet_free(n->net);
    free(n);
    return 0;
}

static inline void loop_node_restart(struct loop_node *n)
{
    char why[RH_TESTHOST_WHY_MAX] = "";

    rh_testhost_crash(n->host);
    assert_int_equal(rh_testhost_start(n->host, why), RH_OK);
    loop_node_await(n);
}

static inline uint32_t loop_post(struct loop_node *n, const char *path, const char *body)
{
    return rh_testhost_request(n->host, "POST", path, body, &n->reply);
}

static inline const char *loop_get(struct loop_node *n, const char *target)
{
    if (rh_testhost_request(n->host, "GET", target, NULL, &n->reply) != 200)
        fail_msg("%s: %u %s", target, n->reply.status, n->reply.body);
    return n->reply.body;
}

static inline void loop_says(const struct loop_node *n, const char *text)
{
    if (!strstr(n->reply.body, text))
        fail_msg("no '%s' in %u %s", text, n->reply.status, n->reply.body);
}

static inline void loop_silent_on(const struct loop_node *n, const char *text)
{
    if (strstr(n->reply.body, text))
        fail_msg("'%s' in %s", text, n->reply.body);
}

/* The number behind a key of the last answer, "pending", from its first occurrence. */
static inline long long loop_number(const struct loop_node *n, const char *key)
{
    char mark[64];
    const char *at;

    (void)snprintf(mark, sizeof(mark), "\"%s\":", key);
    at = strstr(n->reply.body, mark);
    if (!at)
        fail_msg("no %s in %s", mark, n->reply.body);
    return strtoll(at + strlen(mark), NULL, 10);
}

/* Runs the loop now and lets its run end; its row of GET /loops is then the last answer. */
static inline void loop_run(struct loop_node *n, const char *name)
{
    char body[96];

    (void)snprintf(body, sizeof(body), "{\"loop\":\"%s\"}", name);
    if (loop_post(n, "/loops/run", body) != 202)
        fail_msg("%u %s", n->reply.status, n->reply.body);
    for (int i = 0; i < 300; i++) {
        rh_testnet_run(n->net, 20);
        if (!strstr(loop_get(n, "/loops"), "\"running\":true"))
            return;
    }
    fail_msg("the run of %s does not end: %s", name, n->reply.body);
}

#endif
