/* Replies from bytes, in pieces of every size. */
#include "ctl_test.h"

#include <ringhost/sdk/str.h>

#include "host/ctl/http_reply.h"

/* Feeds in pieces and ends; returns the result of the end. */
static int32_t feed(struct http_reply *reply, const char *text, size_t piece)
{
    const size_t size = strlen(text);
    int32_t rc = RH_OK;

    http_reply_init(reply);
    for (size_t at = 0; at < size && rc == RH_OK; at += piece)
        rc = http_reply_feed(reply,
                             (struct rh_str){text + at, size - at < piece ? size - at : piece});
    return rc == RH_OK ? http_reply_end(reply) : rc;
}

static void assert_reply(const char *text, int status, const char *body)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        struct http_reply reply;

        assert_int_equal(feed(&reply, text, piece), RH_OK);
        assert_int_equal(reply.status, status);
        assert_text(&reply.body, body);
        http_reply_release(&reply);
    }
}

static void bodies_have_a_length_or_chunks_or_the_connections_end(void **state)
{
    (void)state;
    assert_reply("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc");
    assert_reply(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", 200,
        "abc");
    assert_reply("HTTP/1.1 404 No\r\nConnection: close\r\n\r\nabc", 404, "abc");
    assert_reply("HTTP/1.1 204 No\r\n\r\n", 204, "");
}

static void an_interim_reply_is_skipped(void **state)
{
    (void)state;
    assert_reply("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\nx",
                 201, "x");
}

static void headers_that_matter_are_kept(void **state)
{
    struct http_reply reply;

    (void)state;
    assert_int_equal(feed(&reply,
                          "HTTP/1.1 503 No\r\ncontent-TYPE: text/event-stream\r\nRetry-After: "
                          "12\r\nContent-Length: 0\r\n\r\n",
                          5),
                     RH_OK);

    assert_string_equal(reply.content_type, "text/event-stream");
    assert_int_equal(reply.retry_after_s, 12);
    http_reply_release(&reply);
}

static void what_is_cut_off_or_no_http_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct http_reply reply;

        assert_int_equal(feed(&reply, texts[i], 1000), RH_EPROTOCOL);
        http_reply_release(&reply);
    }
}

static void an_endless_head_is_refused(void **state)
{
    struct http_reply reply;
    int32_t rc = RH_OK;

    (void)state;
    http_reply_init(&reply);
    rc = http_reply_feed(&reply, RH_STR_LIT("HTTP/1.1 200 OK\r\n"));
    for (int i = 0; i < 10000 && rc == RH_OK; i++)
        rc = http_reply_feed(&reply, RH_STR_LIT("Some-Header: value\r\n"));

    assert_int_equal(rc, RH_ETOOLARGE);
    http_reply_release(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_have_a_length_or_chunks_or_the_connections_end),
        cmocka_unit_test(an_interim_reply_is_skipped),
        cmocka_unit_test(headers_that_matter_are_kept),
        cmocka_unit_test(what_is_cut_off_or_no_http_is_refused),
        cmocka_unit_test(an_endless_head_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
