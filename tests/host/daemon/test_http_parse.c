/* The parser alone: facts of a message, limits, and that cutting the stream changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/http_parse.h"

static uint32_t feed_all(struct http_parse *parse, const char *text, size_t *used)
{
    return http_parse_feed(parse, text, strlen(text), used);
}

static void a_request_is_taken_apart(void **state)
{
    struct http_parse parse;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t used = 0;
    (void)state;
    http_parse_init(&parse, false, 100);

    uint32_t result = feed_all(&parse,
                               "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nEmpty:\r\nSpaced:  v w \t\r\n"
                               "Content-Length: 4\r\n\r\nbodyGET",
                               &used);

    assert_int_equal(result, HTTP_PARSE_MESSAGE);
    assert_true(rh_str_eq_c(http_parse_method(&parse), "POST"));
    assert_true(rh_str_eq_c(http_parse_target(&parse), "/a/b?c=d"));
    assert_int_equal(http_parse_headers(&parse, headers), 4);
    assert_true(rh_str_eq_c(headers[1].name, "Empty"));
    assert_int_equal(headers[1].value.n, 0);
    assert_true(rh_str_eq_c(http_parse_header(&parse, "SPACED"), "v w"));
    assert_null(http_parse_header(&parse, "absent").p);
    assert_true(rh_str_eq_c(rh_buf_str(&parse.body), "body"));
    assert_true(parse.is_keep_alive);
    http_parse_release(&parse);
}

static void it_stops_at_the_end_of_each_message(void **state)
{
    static const char text[] =
        "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: y\r\n\r\n";
    struct http_parse parse;
    size_t first = 0;
    size_t second = 0;
    (void)state;
    http_parse_init(&parse, false, 100);

    assert_int_equal(feed_all(&parse, text, &first), HTTP_PARSE_MESSAGE);
    assert_true(rh_str_eq_c(http_parse_target(&parse), "/1"));
    http_parse_next(&parse);
    assert_int_equal(parse.phase, HTTP_PHASE_IDLE);
    assert_int_equal(feed_all(&parse, text + first, &second), HTTP_PARSE_MESSAGE);

    assert_true(rh_str_eq_c(http_parse_target(&parse), "/2"));
    assert_int_equal(first, second);
    assert_int_equal(first + second, strlen(text));
    http_parse_release(&parse);
}

static void a_stream_cut_anywhere_gives_the_same_message(void **state)
{
    static const char text[] =
        "POST /cut HTTP/1.1\r\nHost: x\r\nLong-Name: long value\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nT: t\r\n\r\n";
    size_t size = strlen(text);
    (void)state;
    for (size_t cut = 1; cut < size; cut++) {
        struct http_parse parse;
        size_t used = 0;
        http_parse_init(&parse, false, 100);

        assert_int_equal(http_parse_feed(&parse, text, cut, &used), HTTP_PARSE_MORE);
        assert_int_equal(http_parse_feed(&parse, text + cut, size - cut, &used),
                         HTTP_PARSE_MESSAGE);

        assert_true(rh_str_eq_c(http_parse_target(&parse), "/cut"));
        assert_true(rh_str_eq_c(http_parse_header(&parse, "long-name"), "long value"));
        assert_true(rh_str_eq_c(rh_buf_str(&parse.body), "abcde"));
        assert_int_equal(parse.span_count, 3);
        http_parse_release(&parse);
    }
}

static void sixty_four_headers_fit(void **state)
{
    struct http_parse parse;
    struct http_header headers[HTTP_HEADERS_MAX];
    struct rh_buf text;
    size_t used = 0;
    (void)state;
    http_parse_init(&parse, false, 100);
    rh_buf_init(&text, 65536);
    (void)rh_buf_append_c(&text, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 1; i < 64; i++)
        (void)rh_buf_printf(&text, "H%d: v%d\r\n", i, i);
    (void)rh_buf_append_c(&text, "\r\n");
    assert_int_equal(text.rc, RH_OK);

    assert_int_equal(http_parse_feed(&parse, text.p, text.n, &used), HTTP_PARSE_MESSAGE);

    assert_int_equal(http_parse_headers(&parse, headers), 64);
    assert_true(rh_str_eq_c(headers[63].value, "v63"));
    rh_buf_release(&text);
    http_parse_release(&parse);
}

static void trailers_count_against_the_header_limit(void **state)
{
    struct http_parse parse;
    size_t used = 0;
    uint32_t result = HTTP_PARSE_MORE;
    (void)state;
    http_parse_init(&parse, false, 100);
    assert_int_equal(
        feed_all(&parse, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                 &used),
        HTTP_PARSE_MORE);

    for (int i = 0; i < 4096 && result == HTTP_PARSE_MORE; i++)
        result = feed_all(&parse, "Trailer: value\r\n", &used);

    assert_int_equal(result, HTTP_PARSE_FAILED);
    assert_int_equal(parse.failure.status, 431);
    http_parse_release(&parse);
}

static void a_chunk_is_refused_by_its_announced_size(void **state)
{
    struct http_parse parse;
    size_t used = 0;
    (void)state;
    http_parse_init(&parse, false, 8);

    uint32_t result = feed_all(&parse,
                               "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "5\r\nhello\r\nfffffffffffffff0\r\n",
                               &used);

    assert_int_equal(result, HTTP_PARSE_FAILED);
    assert_int_equal(parse.failure.status, 413);
    http_parse_release(&parse);
}

static void an_offer_to_upgrade_is_not_taken(void **state)
{
    struct http_parse parse;
    size_t used = 0;
    (void)state;
    http_parse_init(&parse, false, 8);

    assert_int_equal(
        feed_all(&parse,
                 "GET /u HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
                 &used),
        HTTP_PARSE_MESSAGE);
    http_parse_next(&parse);
    assert_int_equal(feed_all(&parse, "GET /next HTTP/1.1\r\nHost: x\r\n\r\n", &used),
                     HTTP_PARSE_MESSAGE);

    assert_true(rh_str_eq_c(http_parse_target(&parse), "/next"));
    http_parse_release(&parse);
}

static void an_answer_without_length_ends_with_the_stream(void **state)
{
    struct http_parse parse;
    size_t used = 0;
    (void)state;
    http_parse_init(&parse, true, 100);

    assert_int_equal(http_parse_finish(&parse), HTTP_PARSE_MORE);
    assert_int_equal(feed_all(&parse, "HTTP/1.1 200 OK\r\n\r\nall of it", &used), HTTP_PARSE_MORE);
    assert_int_equal(http_parse_finish(&parse), HTTP_PARSE_MESSAGE);

    assert_int_equal(http_parse_status(&parse), 200);
    assert_true(rh_str_eq_c(rh_buf_str(&parse.body), "all of it"));
    http_parse_release(&parse);
}

static void after_a_restart_nothing_of_a_failure_is_left(void **state)
{
    struct http_parse parse;
    size_t used = 0;
    (void)state;
    http_parse_init(&parse, true, 2);
    assert_int_equal(feed_all(&parse, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", &used),
                     HTTP_PARSE_FAILED);
    assert_int_equal(http_parse_finish(&parse), HTTP_PARSE_FAILED);

    http_parse_restart(&parse, 3);
    assert_int_equal(feed_all(&parse, "HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nabc", &used),
                     HTTP_PARSE_MESSAGE);

    assert_int_equal(http_parse_status(&parse), 404);
    http_parse_release(&parse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(it_stops_at_the_end_of_each_message),
        cmocka_unit_test(a_stream_cut_anywhere_gives_the_same_message),
        cmocka_unit_test(sixty_four_headers_fit),
        cmocka_unit_test(trailers_count_against_the_header_limit),
        cmocka_unit_test(a_chunk_is_refused_by_its_announced_size),
        cmocka_unit_test(an_offer_to_upgrade_is_not_taken),
        cmocka_unit_test(an_answer_without_length_ends_with_the_stream),
        cmocka_unit_test(after_a_restart_nothing_of_a_failure_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
