/* One node with the work queue on virtual time, and short ways to talk to it. */
#ifndef RH_TESTS_PLUGINS_WORK_QUEUE_PLUGIN_TEST_H
#define RH_TESTS_PLUGINS_WORK_QUEUE_PLUGIN_TEST_H

#include <ringhost/testhost.h>

#include "work_queue_test.h"

const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

struct node {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
};

static inline bool node_is_ready(void *user)
{
    struct node *n = user;

    return rh_testhost_is_ready(n->host);
}

static inline void node_await(struct node *n)
{
    assert_true(rh_testnet_run_until(n->net, node_is_ready, n, 60000));
    for (int i = 0; i < 100; i++) {
        if (rh_testhost_request(n->host, "GET", "/work/stats", NULL, &n->reply) == 200)
            return;
        rh_testnet_run(n->net, 100);
    }
    fail_msg("%u %s", n->reply.status, n->reply.body);
}

static inline void node_start_plugin(struct node *n, const struct rh_plugin *which,
                                     const char *config_json)
{
    const struct rh_testhost_plugin plugin = {which, config_json};
    const struct rh_testhost_setup setup = {.plugins = &plugin, .plugin_count = 1};
    char why[RH_TESTHOST_WHY_MAX] = "";

    n->net = rh_testnet_new(1, 1700000000000);
    assert_non_null(n->net);
    if (rh_testhost_new(n->net, &setup, &n->host, why))
        fail_msg("%s", why);
    node_await(n);
}

static inline void node_start(struct node *n, const char *config_json)
{
    node_start_plugin(n, rh_plugin_entry_v1_work_queue(), config_json);
}

static inline void node_crash_and_restart(struct node *n)
{
    char why[RH_TESTHOST_WHY_MAX] = "";

    rh_testhost_crash(n->host);
    assert_int_equal(rh_testhost_start(n->host, why), RH_OK);
    node_await(n);
}

static inline uint32_t post(struct node *n, const char *path, const char *body)
{
    return rh_testhost_request(n->host, "POST", path, body, &n->reply);
}

static inline const char *get(struct node *n, const char *target)
{
    assert_int_equal(rh_testhost_request(n->host, "GET", target, NULL, &n->reply), 200);
    return n->reply.body;
}

/* Whether the last answer has this text. */
static inline void assert_says(const struct node *n, const char *text)
{
    if (!strstr(n->reply.body, text))
        fail_msg("no '%s' in %u %s", text, n->reply.status, n->reply.body);
}

static inline void assert_silent_on(const struct node *n, const char *text)
{
    if (strstr(n->reply.body, text))
        fail_msg("'%s' in %s", text, n->reply.body);
}

/* `next` of the last answer. */
static inline void read_next(const struct node *n, char next[32])
{
    static const char mark[] = "\"next\":\"";
    const char *at = strstr(n->reply.body, mark);

    if (!at)
        fail_msg("no next in %s", n->reply.body);
    assert_int_equal(sscanf(at + sizeof(mark) - 1, "%31[^\"]", next), 1);
}

/* The last claim_token of the last answer. */
static inline void read_token(const struct node *n, char token[64])
{
    static const char mark[] = "\"claim_token\":\"";
    const char *at = n->reply.body;
    const char *last = NULL;

    while ((at = strstr(at, mark)))
        last = at += sizeof(mark) - 1;
    if (!last)
        fail_msg("no token in %s", n->reply.body);
    assert_int_equal(sscanf(last, "%63[^\"]", token), 1);
}

static inline void claim(struct node *n, const char *who, char token[64])
{
    char body[200];

    snprintf(body, sizeof(body), "{\"node_id\":\"%s\"}", who);
    assert_int_equal(post(n, "/work/claim", body), 200);
    read_token(n, token);
}

/* A report about an item; more is "" or further fields with a leading comma. Returns the status. */
static inline uint32_t report(struct node *n, const char *what, const char *id, const char *token,
                              const char *more)
{
    char path[64];
    char body[1000];

    snprintf(path, sizeof(path), "/work/%s", what);
    snprintf(body, sizeof(body), "{\"work_id\":\"%s\",\"node_id\":\"n1\",\"claim_token\":\"%s\"%s}",
             id, token, more);
    return post(n, path, body);
}

static inline void node_stop(struct node *n)
{
    rh_testhost_crash(
        n->host); /* the quickest way down; what it leaves must be free of leaks too */
    rh_testnet_free(n->net);
}

#endif
