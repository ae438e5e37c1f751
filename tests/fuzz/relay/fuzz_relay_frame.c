/* Fuzzer of batches and replies: whatever is taken stays inside the input, can be written again,
 * and leaves inbox and hub as they should be. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#include "plugins/relay/hub.h"
#include "plugins/relay/inbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const struct frame *frame)
{
    struct rh_buf buf;
    struct rh_str bytes;
    struct frame other;

    rh_buf_init(&buf, FRAME_BODY_MAX + FRAME_OVERHEAD_MAX);
    assert(frame_put(&buf, frame) == RH_OK);
    bytes = rh_buf_str(&buf);
    assert(frame_take(&bytes, &other) == RH_OK);
    assert(bytes.n == 0);
    assert(rh_str_eq(other.data, frame->data));
    assert(rh_str_eq(other.path, frame->path));
    rh_buf_release(&buf);
}

/* A hub with one request that its node has fetched; its number is 1. */
static void begin_hub(struct hub *hub)
{
    const struct hub_config cfg = {.ttl_ms = 1000, .poll_ms = 100, .rate = 10, .burst = 10};
    const struct hub_ask ask = {.from = RH_STR_LIT("a"),
                                .target = RH_STR_LIT("b"),
                                .method = RH_STR_LIT("GET"),
                                .path = RH_STR_LIT("/"),
                                .timeout_ms = 1000};
    struct hub_node *node;
    struct rh_buf buf;
    uint64_t superseded;

    hub_init(hub, &cfg, 0);
    assert(hub_register(hub, ask.target, 1, 0) == RH_OK);
    assert(hub_take(hub, &ask, 0) == HUB_REPLIED);
    assert(hub_poll(hub, ask.target, 1, 0, 7, 100, 0, &superseded) == RH_OK);
    assert(hub_next_poll(hub, 0, &node) == 7);
    rh_buf_init(&buf, 1u << 16);
    (void)hub_write_batch(hub, node, &buf, 0);
    rh_buf_release(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rh_str bytes = {(const char *)data, size};
    struct inbox inbox;
    struct hub hub;
    struct frame frame;

    inbox_init(&inbox, 1);
    begin_hub(&hub);
    while (frame_take(&bytes, &frame) == RH_OK) {
        struct inbox_request *r = NULL;

        write_again(&frame);
        (void)hub_reply(&hub, RH_STR_LIT("b"), &frame);
        if (inbox_take(&inbox, RH_STR_LIT("h"), &frame, 0, &r) > INBOX_MORE)
            inbox_drop(&inbox, r);
    }
    inbox_tick(&inbox, INT64_MAX);
    assert(inbox.count == 0);
    assert(inbox.bytes == 0);
    inbox_release(&inbox);
    hub_stop(&hub);
    hub_release(&hub);
    assert(hub.bytes == 0);
    return 0;
}
