/* Heads byte by byte, and that no value can smuggle a header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/http_write.h"

static void expect_reply(const struct http_outreply *reply, uint32_t flags, const char *expected)
{
    struct rh_buf out;
    rh_buf_init(&out, 65536);
    http_write_reply(&out, reply, flags);
    assert_int_equal(out.rc, RH_OK);
    assert_string_equal(out.p, expected);
    rh_buf_release(&out);
}

static void a_reply_has_every_header_that_was_given(void **state)
{
    struct http_outreply reply = {
        .status = 405,
        .retry_after_s = 30,
        .content_type = "application/json",
        .body = RH_STR_LIT("{}"),
        .node_id = RH_STR_LIT("n1"),
        .request_id = RH_STR_LIT("r-1"),
        .allow = "GET, POST",
    };
    (void)state;
    expect_reply(
        &reply, HTTP_WRITE_CLOSE,
        "HTTP/1.1 405 Method Not Allowed\r\ncontent-type: application/json\r\ncontent-length: 2\r\n"
        "x-node-id: n1\r\nx-request-id: r-1\r\nretry-after: 30\r\nallow: GET, POST\r\n"
        "connection: close\r\n\r\n{}");
}

static void framing_follows_the_flags_and_the_status(void **state)
{
    struct http_outreply reply = {.status = 200, .body = RH_STR_LIT("abc")};
    (void)state;
    expect_reply(&reply, 0, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
    expect_reply(&reply, HTTP_WRITE_NO_BODY, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
    expect_reply(&reply, HTTP_WRITE_CHUNKED,
                 "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    expect_reply(&reply, HTTP_WRITE_NO_LENGTH, "HTTP/1.1 200 OK\r\n\r\n");
    reply.status = 204;
    expect_reply(&reply, 0, "HTTP/1.1 204 No Content\r\n\r\n");
    reply = (struct http_outreply){.status = 299};
    expect_reply(&reply, 0, "HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n");
}

static void a_value_cannot_add_a_header(void **state)
{
    struct http_outreply reply = {.status = 200, .request_id = RH_STR_LIT("a\r\nEvil: b\x7f")};
    (void)state;
    expect_reply(&reply, 0,
                 "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-request-id: a??Evil: b?\r\n\r\n");
}

static void chunks_carry_their_size_in_hexadecimal(void **state)
{
    struct rh_buf out;
    char data[300];
    (void)state;
    memset(data, 'x', sizeof data);
    rh_buf_init(&out, 65536);

    http_write_chunk(&out, (struct rh_str){data, 300});
    http_write_chunk(&out, (struct rh_str){data, 0});
    http_write_last_chunk(&out);

    assert_int_equal(out.n, 5 + 300 + 2 + 5);
    assert_memory_equal(out.p, "12c\r\n", 5);
    assert_string_equal(out.p + 305, "\r\n0\r\n\r\n");
    rh_buf_release(&out);
}

static void an_error_has_the_one_shape(void **state)
{
    struct rh_buf out;
    (void)state;
    rh_buf_init(&out, 65536);

    http_write_error(&out, 413, "too_large", "too much", RH_STR_LIT("n1"), HTTP_WRITE_CLOSE);

    assert_non_null(
        strstr(out.p, "\r\n\r\n{\"error\":{\"code\":\"too_large\",\"message\":\"too much\"}}"));
    rh_buf_release(&out);
}

static void an_authority_is_split_or_refused(void **state)
{
    static const char *const bad[] = {
        "",      "host",    ":80",    "host:",  "host:0", "host:65536", "host:+80", "::1:80",
        "[]:80", "[::1]80", "a b:80", "a/b:80", "u@h:80", "[::1:80",    "h:80 ",    "h\n:80"};
    char host[HTTP_HOST_BYTES_MAX + 1];
    uint16_t port = 0;
    (void)state;

    assert_int_equal(http_split_authority(RH_STR_LIT("[::1]:8770"), host, &port), RH_OK);
    assert_string_equal(host, "::1");
    assert_int_equal(port, 8770);
    assert_int_equal(http_split_authority(RH_STR_LIT("node-1.example:65535"), host, &port), RH_OK);
    assert_string_equal(host, "node-1.example");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(http_split_authority(rh_str_from(bad[i]), host, &port), RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_has_every_header_that_was_given),
        cmocka_unit_test(framing_follows_the_flags_and_the_status),
        cmocka_unit_test(a_value_cannot_add_a_header),
        cmocka_unit_test(chunks_carry_their_size_in_hexadecimal),
        cmocka_unit_test(an_error_has_the_one_shape),
        cmocka_unit_test(an_authority_is_split_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
