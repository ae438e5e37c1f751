/* Tests of plugins/relay/frame.c. */
#include "plugins/relay/frame.h"

#include <ringhost/sdk/rng.h>

#include "relay_test.h"

static const struct frame whole = {.kind = FRAME_REQUEST,
                                   .id = UINT64_C(0x1122334455667788),
                                   .key = UINT64_MAX,
                                   .total = 5,
                                   .timeout_ms = 8000,
                                   .fence = UINT64_C(1) << 63,
                                   .node = {"n1", 2},
                                   .method = {"POST", 4},
                                   .path = {"/a?b=c", 6},
                                   .content_type = {"text/plain", 10},
                                   .data = {"hello", 5}};

static void what_is_put_is_taken(void **state)
{
    const struct frame reply = {.kind = FRAME_REPLY, .id = 7, .status = 503, .retry_after_s = 2};
    struct rh_buf buf;
    struct rh_str bytes;
    struct frame f;

    (void)state;
    rh_buf_init(&buf, 65536);
    assert_int_equal(frame_put(&buf, &whole), RH_OK);
    assert_int_equal(frame_put(&buf, &reply), RH_OK);
    frame_set_timeout(buf.p, 77);
    bytes = rh_buf_str(&buf);

    f = next_frame(&bytes);
    assert_int_equal(f.id, whole.id);
    assert_int_equal(f.key, whole.key);
    assert_int_equal(f.total, 5);
    assert_int_equal(f.timeout_ms, 77);
    assert_int_equal(f.fence, whole.fence);
    assert_true(rh_str_eq(f.node, whole.node));
    assert_true(rh_str_eq(f.method, whole.method));
    assert_true(rh_str_eq(f.path, whole.path));
    assert_true(rh_str_eq(f.content_type, whole.content_type));
    assert_true(rh_str_eq(f.data, whole.data));
    f = next_frame(&bytes);
    assert_int_equal(f.status, 503);
    assert_int_equal(f.retry_after_s, 2);
    assert_int_equal(bytes.n, 0);
    rh_buf_release(&buf);
}

static void a_cut_frame_is_no_frame(void **state)
{
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 65536);
    assert_int_equal(frame_put(&buf, &whole), RH_OK);
    for (size_t n = 0; n < buf.n; n++) {
        char *copy = malloc(n + 1); /* so that a sanitizer sees each byte beyond */
        struct rh_str bytes = {copy, n};
        struct frame f;

        memcpy(copy, buf.p, n);
        assert_int_equal(frame_take(&bytes, &f), RH_EPROTOCOL);
        assert_int_equal(bytes.n, n);
        free(copy);
    }
    rh_buf_release(&buf);
}

static void senseless_frames_are_refused(void **state)
{
    struct frame bad[] = {whole, whole, whole, whole, whole, whole};

    (void)state;
    bad[0].kind = 9;
    bad[1].total = 4; /* less than there is */
    bad[2].path = S("x");
    bad[3].method = S("");
    bad[4].kind = FRAME_REPLY; /* without a status */
    bad[5].total = FRAME_BODY_MAX + 1;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct rh_buf buf;
        struct rh_str bytes;
        struct frame f;

        rh_buf_init(&buf, 65536);
        assert_int_equal(frame_put(&buf, &bad[i]), RH_OK);
        bytes = rh_buf_str(&buf);
        assert_int_equal(frame_take(&bytes, &f), RH_EPROTOCOL);
        rh_buf_release(&buf);
    }
}

static void changed_bytes_never_leave_the_frame(void **state)
{
    const uint64_t seed = 20;
    struct rh_rng rng;
    struct rh_buf buf;

    (void)state;
    rh_rng_seed(&rng, seed);
    rh_buf_init(&buf, 65536);
    assert_int_equal(frame_put(&buf, &whole), RH_OK);
    for (int i = 0; i < 20000; i++) {
        struct rh_str bytes = rh_buf_str(&buf);
        const size_t at = (size_t)rh_rng_below(&rng, (uint32_t)buf.n);
        const char was = buf.p[at];
        struct frame f;

        buf.p[at] = (char)rh_rng_u64(&rng);
        if (frame_take(&bytes, &f) == RH_OK && f.data.p + f.data.n > buf.p + buf.n)
            fail_msg("seed %d: data ends outside", (int)seed);
        buf.p[at] = was;
    }
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_taken),
        cmocka_unit_test(a_cut_frame_is_no_frame),
        cmocka_unit_test(senseless_frames_are_refused),
        cmocka_unit_test(changed_bytes_never_leave_the_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
