/* Tests of the batch encoding: limits, one encoding a batch, nothing else accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "host/core/state_batch.h"
#include "tests/host/core/state_box.h"

static const struct state_batch_head head = {.name_space = {"notes", 5},
                                             .plugin = {"p", 1},
                                             .node_id = {"n1", 2},
                                             .at_ms = 77,
                                             .run = 5,
                                             .bytes_max = 9};

static int32_t check(const struct rh_op *ops, uint32_t count, uint32_t is_replicated)
{
    const struct rh_batch batch = {
        .size = sizeof(batch), .ops = ops, .op_count = count, .op_stride = sizeof(ops[0])};
    return state_batch_check(&batch, is_replicated);
}

static void keys_and_values_within_limits_are_taken(void **state)
{
    static char big[RH_VALUE_MAX];
    struct rh_op op = box_op(RH_OP_PUT, "", NULL, 0);
    op.key = (struct rh_str){big, RH_KEY_MAX};
    op.value = (struct rh_str){big, RH_VALUE_MAX};
    (void)state;

    int32_t rc = check(&op, 1, 0);

    assert_int_equal(rc, RH_OK);
}

static void each_limit_is_refused_by_its_code(void **state)
{
    static char big[RH_VALUE_MAX + 1];
    static struct rh_op many[RH_BATCH_OPS_MAX + 1];
    struct rh_op long_key = box_op(RH_OP_DELETE, "", NULL, 0);
    struct rh_op long_value = box_op(RH_OP_PUT, "k", NULL, 0);
    struct rh_op replicated = box_op(RH_OP_PUT, "k", NULL, 0);
    struct rh_op halves[2] = {box_op(RH_OP_PUT, "a", NULL, 0), box_op(RH_OP_PUT, "b", NULL, 0)};
    const struct rh_op no_key = box_op(RH_OP_PUT, "", "v", 0);
    const struct rh_op no_kind = box_op(9, "k", "v", 0);
    const struct rh_op schema = box_op(STATE_OP_SCHEMA, "k", "v", 0);
    (void)state;
    long_key.key = (struct rh_str){big, RH_KEY_MAX + 1};
    long_value.value = (struct rh_str){big, RH_VALUE_MAX + 1};
    replicated.value = (struct rh_str){big, RH_BATCH_REPLICATED_BYTES_MAX + 1};
    halves[0].value = halves[1].value = (struct rh_str){big, RH_BATCH_BYTES_MAX / 2 + 1};
    for (size_t i = 0; i < RH_BATCH_OPS_MAX + 1; i++)
        many[i] = box_op(RH_OP_DELETE, "k", NULL, 0);

    assert_int_equal(check(&long_key, 1, 0), RH_ETOOLARGE);
    assert_int_equal(check(&long_value, 1, 0), RH_ETOOLARGE);
    assert_int_equal(check(&replicated, 1, 1), RH_ETOOLARGE);
    assert_int_equal(check(&replicated, 1, 0), RH_OK);
    assert_int_equal(check(halves, 2, 0), RH_ETOOLARGE);
    assert_int_equal(check(many, RH_BATCH_OPS_MAX + 1, 0), RH_ETOOLARGE);
    assert_int_equal(check(many, RH_BATCH_OPS_MAX, 0), RH_OK);
    assert_int_equal(check(&no_key, 1, 0), RH_EINVAL);
    assert_int_equal(check(&no_kind, 1, 0), RH_EINVAL);
    assert_int_equal(check(&schema, 1, 0), RH_EINVAL);
    assert_int_equal(check(NULL, 0, 0), RH_EINVAL);
}

/* A batch with every kind of operation and two events; free() the bytes. */
static char *sample(size_t *size)
{
    const struct rh_op ops[] = {
        box_op(RH_OP_CHECK, "a", NULL, 3),
        box_op(RH_OP_PUT, "a", "value", 0),
        box_op(RH_OP_PUT, "b", "", 0),
        box_op(RH_OP_DELETE, "c", NULL, 0),
        box_op(RH_OP_DELETE_RANGE, "", "z", 0),
        box_op(RH_OP_DELETE_RANGE, "x", "", 0),
        {.size = sizeof(struct rh_op), .op = STATE_OP_SCHEMA, .version = 7}};
    const struct rh_batch_event events[] = {
        {.size = sizeof(events[0]), .type = "A", .payload = {"{}", 2}},
        {.size = sizeof(events[0]), .type = "B", .payload = {"{\"x\":1}", 7}, .source = "other"}};
    const struct rh_batch batch = {.size = sizeof(batch),
                                   .ops = ops,
                                   .op_count = 7,
                                   .op_stride = sizeof(ops[0]),
                                   .events = events,
                                   .event_count = 2,
                                   .event_stride = sizeof(events[0])};
    *size = state_batch_size(&head, &batch);
    char *data = malloc(*size);
    assert_non_null(data);
    state_batch_encode(&head, &batch, data);
    return data;
}

static void a_decoded_batch_is_what_was_encoded(void **state)
{
    struct state_batch_reader reader;
    struct state_batch_head got;
    struct state_batch_op op;
    struct state_batch_event event;
    size_t size = 0;
    char *data = sample(&size);
    (void)state;

    assert_int_equal(state_batch_begin(&reader, (struct rh_str){data, size}, &got), RH_OK);

    assert_int_equal(got.op_count, 7);
    assert_int_equal(got.event_count, 2);
    assert_int_equal(got.at_ms, 77);
    assert_int_equal(got.run, 5);
    assert_int_equal(got.bytes_max, 9);
    assert_int_equal(state_batch_next_op(&reader, &op), RH_OK);
    assert_int_equal(op.op, RH_OP_CHECK);
    assert_int_equal(op.version, 3);
    assert_int_equal(state_batch_next_op(&reader, &op), RH_OK);
    assert_memory_equal(op.value.p, "value", 5);
    for (int i = 2; i < 7; i++)
        assert_int_equal(state_batch_next_op(&reader, &op), RH_OK);
    assert_int_equal(op.op, STATE_OP_SCHEMA);
    assert_int_equal(op.version, 7);
    assert_int_equal(state_batch_next_event(&reader, &event), RH_OK);
    assert_memory_equal(event.source.p, "p", 1);
    assert_int_equal(state_batch_next_event(&reader, &event), RH_OK);
    assert_memory_equal(event.source.p, "other", 5);
    free(data);
}

static void every_shorter_or_longer_byte_string_is_refused(void **state)
{
    struct state_batch_head got;
    size_t size = 0;
    char *data = sample(&size);
    char *longer = malloc(size + 1);
    (void)state;
    assert_non_null(longer);
    memcpy(longer, data, size);
    longer[size] = 0;

    assert_int_equal(state_batch_verify((struct rh_str){data, size}, &got), RH_OK);
    for (size_t n = 0; n < size; n++)
        assert_int_equal(state_batch_verify((struct rh_str){data, n}, &got), RH_EPROTOCOL);
    assert_int_equal(state_batch_verify((struct rh_str){longer, size + 1}, &got), RH_EPROTOCOL);
    free(longer);
    free(data);
}

static void a_newer_version_is_told_apart_from_garbage(void **state)
{
    struct state_batch_head got;
    size_t size = 0;
    char *data = sample(&size);
    (void)state;

    data[0] = STATE_BATCH_VERSION + 1;
    int32_t newer = state_batch_verify((struct rh_str){data, size}, &got);
    data[0] = 0;
    int32_t older = state_batch_verify((struct rh_str){data, size}, &got);

    assert_int_equal(newer, RH_EUNSUPPORTED);
    assert_int_equal(older, RH_EPROTOCOL);
    free(data);
}

static void events_keep_their_limits(void **state)
{
    struct rh_batch_event event = {.size = sizeof(event), .type = "T", .payload = {"{}", 2}};
    struct rh_batch batch = {
        .size = sizeof(batch), .events = &event, .event_count = 1, .event_stride = sizeof(event)};
    char text[STATE_EVENT_SOURCE_MAX + 2];
    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = 0;

    assert_int_equal(state_batch_check(&batch, 1), RH_OK);
    event.source = text;
    assert_int_equal(state_batch_check(&batch, 1), RH_ETOOLARGE);
    event.source = "";
    assert_int_equal(state_batch_check(&batch, 1), RH_EINVAL);
    event.source = NULL;
    event.type = "";
    assert_int_equal(state_batch_check(&batch, 1), RH_EINVAL);
    event.type = "T";
    batch.event_count = STATE_BATCH_EVENTS_MAX + 1;
    assert_int_equal(state_batch_check(&batch, 1), RH_ETOOLARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_values_within_limits_are_taken),
        cmocka_unit_test(each_limit_is_refused_by_its_code),
        cmocka_unit_test(a_decoded_batch_is_what_was_encoded),
        cmocka_unit_test(every_shorter_or_longer_byte_string_is_refused),
        cmocka_unit_test(a_newer_version_is_told_apart_from_garbage),
        cmocka_unit_test(events_keep_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
