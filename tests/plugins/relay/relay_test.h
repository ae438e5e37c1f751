/* What the tests of the relay's cores share. */
#ifndef RH_TESTS_PLUGINS_RELAY_TEST_H
#define RH_TESTS_PLUGINS_RELAY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#include "plugins/relay/hub.h"

#define S(text) RH_STR_LIT(text)

static const struct hub_config test_cfg = {
    .ttl_ms = 60000, .poll_ms = 25000, .rate = 1000, .burst = 1000};

/* A request for n4 with this body. */
static inline struct hub_ask ask_of(uint64_t key, struct rh_str body)
{
    return (struct hub_ask){.from = S("n1"),
                            .target = S("n4"),
                            .method = S("POST"),
                            .path = S("/x"),
                            .body = body,
                            .key = key,
                            .timeout_ms = 8000,
                            .origin = key,
                            .origin_kind = 1};
}

/* Polls, and writes what is due. Returns the number of the batch; UINT64_MAX: nothing is due. */
static inline uint64_t poll_batch(struct hub *hub, uint64_t epoch, uint64_t ack, int64_t now_ms,
                                  struct rh_buf *out)
{
    static uint64_t handle = 1000;
    struct hub_node *node;
    uint64_t superseded;

    assert_int_equal(hub_poll(hub, S("n4"), epoch, ack, ++handle, 25000, now_ms, &superseded),
                     RH_OK);
    rh_buf_reset(out);
    if (hub_next_poll(hub, now_ms, &node) != handle)
        return UINT64_MAX;
    return hub_write_batch(hub, node, out, now_ms);
}

static inline struct frame next_frame(struct rh_str *bytes)
{
    struct frame frame;

    assert_int_equal(frame_take(bytes, &frame), RH_OK);
    return frame;
}

/* The next message that ended must be this one, for this reason. */
static inline void expect_ended(struct hub *hub, uint64_t origin, uint32_t reason)
{
    struct hub_message *m = hub_next_ended(hub);

    assert_non_null(m);
    assert_int_equal(m->origin, origin);
    assert_int_equal(m->reason, reason);
    hub_drop(hub, m);
}

#endif
