/* Fuzzer of the batch decoding: whatever is accepted must be the one encoding of what it says. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/core/state_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void texts(char *dst, struct rh_str text)
{
    memcpy(dst, text.p, text.n);
    dst[text.n] = 0;
}

/* Build the batch again from what was read, encode it, and compare. */
static void encode_again(struct state_batch_reader reader, const struct state_batch_head *head,
                         struct rh_str data)
{
    struct rh_op *ops = calloc(head->op_count + 1u, sizeof(*ops));
    struct rh_batch_event *events = calloc(head->event_count + 1u, sizeof(*events));
    char(*names)[2][256] = calloc(head->event_count + 1u, sizeof(*names));
    assert(ops && events && names);
    for (uint32_t i = 0; i < head->op_count; i++) {
        struct state_batch_op op;
        int32_t rc = state_batch_next_op(&reader, &op);
        assert(rc == RH_OK);
        ops[i] =
            (struct rh_op){.op = op.op, .key = op.key, .value = op.value, .version = op.version};
    }
    int has_nul = 0;
    for (uint32_t i = 0; i < head->event_count; i++) {
        struct state_batch_event event;
        int32_t rc = state_batch_next_event(&reader, &event);
        assert(rc == RH_OK);
        texts(names[i][0], event.type);
        texts(names[i][1], event.source);
        has_nul |= strlen(names[i][0]) != event.type.n || strlen(names[i][1]) != event.source.n;
        events[i] = (struct rh_batch_event){
            .type = names[i][0], .payload = event.payload, .source = names[i][1]};
    }
    const struct rh_batch batch = {.ops = ops,
                                   .op_count = head->op_count,
                                   .op_stride = sizeof(*ops),
                                   .events = events,
                                   .event_count = head->event_count,
                                   .event_stride = sizeof(*events)};
    assert(!has_nul);
    size_t size = state_batch_size(head, &batch);
    assert(size == data.n);
    char *again = malloc(size);
    assert(again);
    state_batch_encode(head, &batch, again);
    assert(memcmp(again, data.p, size) == 0);
    free(again);
    free(names);
    free(events);
    free(ops);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rh_str bytes = {(const char *)data, size};
    struct state_batch_reader reader;
    struct state_batch_head head;
    if (state_batch_verify(bytes, &head) != RH_OK)
        return 0;
    int32_t rc = state_batch_begin(&reader, bytes, &head);
    assert(rc == RH_OK);
    encode_again(reader, &head, bytes);
    return 0;
}
