/* For the tests of the HTTP client: calls whose one result is kept. No test. */
#ifndef RH_TESTS_HOST_DAEMON_RIG_CALL_H
#define RH_TESTS_HOST_DAEMON_RIG_CALL_H

#include "rig.h"

#include <stdio.h>

struct outcome {
    uint64_t id;
    uint32_t count; /* how often done ran */
    int32_t rc;
    uint32_t status;
    uint32_t retry_after_s;
    char body[256];
    char node_id[64];
    char content_type[64];
    char reason[64];
};

RIG_UNUSED static void on_outcome(void *user, const struct http_result *result)
{
    struct outcome *outcome = user;
    struct rh_str body = result->body;
    outcome->count++;
    outcome->rc = result->rc;
    outcome->status = result->status;
    outcome->retry_after_s = result->retry_after_s;
    if (body.n >= sizeof outcome->body)
        body.n = sizeof outcome->body - 1;
    assert_int_equal(rh_str_copy(outcome->body, sizeof outcome->body, body), RH_OK);
    assert_int_equal(rh_str_copy(outcome->node_id, sizeof outcome->node_id, result->node_id),
                     RH_OK);
    assert_int_equal(
        rh_str_copy(outcome->content_type, sizeof outcome->content_type, result->content_type),
        RH_OK);
    (void)snprintf(outcome->reason, sizeof outcome->reason, "%s", result->reason);
}

/* A GET with 10 s of time; change it before calling. */
RIG_UNUSED static struct http_outbound rig_get(char authority[64], uint16_t port,
                                               const char *target)
{
    (void)snprintf(authority, 64, "127.0.0.1:%u", port);
    return (struct http_outbound){
        .authority = rh_str_from(authority),
        .method = "GET",
        .target = rh_str_from(target),
        .deadline_ms = (int64_t)(uv_hrtime() / 1000000) + 10000,
        .body_max = 1024,
    };
}

RIG_UNUSED static void rig_call(struct rig *rig, const struct http_outbound *call,
                                struct outcome *outcome)
{
    *outcome = (struct outcome){0};
    assert_int_equal(http_client_call(rig->client, call, on_outcome, outcome, &outcome->id), RH_OK);
    assert_int_equal(outcome->count, 0);
}

RIG_UNUSED static struct rig *rig_with_client(const struct http_client_limits *limits)
{
    static const struct http_client_limits defaults = {0};
    struct rig *rig = rig_new();
    assert_int_equal(
        http_client_new(&rig->loop, &rig->turn, limits ? limits : &defaults, &rig->client), RH_OK);
    return rig;
}

/* Waits for the n-th request (from 0) on a raw connection and for the connection itself. */
#define RIG_AWAIT(rig, index, text) \
    RIG_UNTIL(rig, (rig)->peer_count > (index) && peer_has((rig)->peers[index], text))

#endif
