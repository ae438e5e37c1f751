/* The plugin on one simulated node: pieces in, ranges out, room, crashes. */
#include "artifacts_test.h"

static void a_file_comes_back_as_it_was_put(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    assert_int_equal(put(rig->hosts[0], "hello", 0, 5, &reply), 201);

    assert_string_equal(reply.body, "{\"next\":5,\"size\":5,\"whole\":true}");
    expect(rig->hosts[0], "hello");
    assert_int_equal(
        ask(rig->hosts[0], "GET", "/artifacts/data", "hello", "&offset=1&max=3", &reply), 200);
    assert_string_equal(reply.body, "ell");
    assert_int_equal(ask(rig->hosts[0], "GET", "/artifacts/data", "hello", "&offset=9", &reply),
                     200);
    assert_string_equal(reply.body, "");
}

static void pieces_go_on_at_the_next_byte_wanted(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    assert_int_equal(put(host, "hello world", 0, 5, &reply), 200);
    assert_string_equal(reply.body, "{\"next\":5,\"size\":11,\"whole\":false}");
    assert_int_equal(ask(host, "GET", "/artifacts/stat", "hello world", "", &reply), 200);
    assert_non_null(strstr(reply.body, "\"next\":5,\"whole\":false"));
    assert_int_equal(put(host, "hello world", 8, 3, &reply), 409);
    assert_non_null(strstr(reply.body, "\"code\":\"wrong_offset\""));
    assert_non_null(strstr(reply.body, "\"details\":{\"next\":5}"));
    assert_int_equal(put(host, "hello world", 0, 3, &reply), 200);
    assert_int_equal(put(host, "hello world", 3, 8, &reply), 201);

    expect(host, "hello world");
    assert_int_equal(put(host, "hello world", 0, 11, &reply), 201);
}

static void wrong_bytes_are_thrown_away(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char target[256];

    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%s&size=5", hex_of("hello"));

    assert_int_equal(rh_testhost_request(host, "PUT", target, "hullo", &reply), 409);
    assert_non_null(strstr(reply.body, "\"code\":\"wrong_hash\""));
    assert_int_equal(ask(host, "GET", "/artifacts/stat", "hello", "", &reply), 404);
    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/list", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "\"bytes\":0,\"bytes_promised\":0"));
    put_whole(host, "hello");
    expect(host, "hello");
}

static void wrong_requests_are_refused(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    assert_int_equal(
        rh_testhost_request(host, "PUT", "/artifacts/data?sha256=zz&size=1", "x", &reply), 400);
    assert_int_equal(ask(host, "PUT", "/artifacts/data", "x", "", &reply), 400);
    assert_non_null(strstr(reply.body, "\"field\":\"size\""));
    assert_int_equal(ask(host, "PUT", "/artifacts/data", "x", "&size=-1", &reply), 400);
    assert_int_equal(ask(host, "PUT", "/artifacts/data", "x", "&size=1&ofset=0", &reply), 400);
    assert_int_equal(ask(host, "GET", "/artifacts/data", "x", "&max=4194305", &reply), 400);
    assert_int_equal(put(host, "some text", 0, 4, &reply), 200);
    assert_int_equal(ask(host, "PUT", "/artifacts/data", "some text", "&size=10&offset=4", &reply),
                     400);
}

static void an_empty_file_is_a_file(void **state)
{
    struct rig *rig = *state;

    put_whole(rig->hosts[0], "");

    expect(rig->hosts[0], "");
}

static void a_file_that_would_never_fit_is_refused_as_such(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;
    char large[1002];

    memset(large, 'x', sizeof(large) - 1);
    large[1001] = '\0';

    assert_int_equal(put(rig->hosts[0], large, 0, 1001, &reply), 413);
    assert_non_null(strstr(reply.body, "the file has 1001 bytes"));
    assert_non_null(strstr(reply.body, "1000 (bytes_max)"));
}

static void a_full_node_refuses_and_keeps_what_was_put_here(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char large[901];

    memset(large, 'x', sizeof(large) - 1);
    large[900] = '\0';
    put_whole(host, large);
    rh_testnet_run(rig->net, 120000);

    memset(large, 'y', 200);
    assert_int_equal(put(host, large, 0, 900, &reply), 507);
    assert_non_null(strstr(reply.body, "no room for 900 bytes"));
    memset(large, 'x', 200);
    expect(host, large);
}

static void deleted_is_gone_and_pinned_is_not(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char body[160];

    put_whole(host, "keep");
    put_whole(host, "go");
    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\"}", hex_of("keep"));
    assert_int_equal(rh_testhost_request(host, "POST", "/artifacts/pin", body, &reply), 200);

    assert_int_equal(ask(host, "DELETE", "/artifacts/data", "keep", "", &reply), 409);
    assert_int_equal(ask(host, "DELETE", "/artifacts/data", "go", "", &reply), 200);

    assert_int_equal(ask(host, "GET", "/artifacts/stat", "go", "", &reply), 404);
    assert_int_equal(ask(host, "GET", "/artifacts/stat", "keep", "", &reply), 200);
    assert_non_null(strstr(reply.body, "\"pinned\":true"));
}

static void what_is_being_put_is_given_up_by_a_delete(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    assert_int_equal(ask(host, "PUT", "/artifacts/data", "hello", "&size=999", &reply), 200);
    assert_int_equal(put(host, "hello", 0, 5, &reply), 400);

    assert_int_equal(ask(host, "DELETE", "/artifacts/data", "hello", "", &reply), 200);

    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/list", NULL, &reply), 200);
    assert_non_null(
        strstr(reply.body, "\"incoming\":[],\"total\":0,\"bytes\":0,\"bytes_promised\":0"));
    put_whole(host, "hello");
    expect(host, "hello");
    assert_int_equal(put(host, "in pieces", 0, 4, &reply), 200);
    assert_int_equal(ask(host, "DELETE", "/artifacts/data", "in pieces", "", &reply), 200);
    put_whole(host, "in pieces");
    expect(host, "in pieces");
}

static void a_crash_keeps_whole_files_and_leaves_no_torn_one(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char why[RH_TESTHOST_WHY_MAX];

    put_whole(host, "whole");
    assert_int_equal(put(host, "torn file", 0, 4, &reply), 200);
    rh_testhost_crash(host);
    assert_int_equal(rh_testhost_start(host, why), RH_OK);
    assert_true(rh_testnet_run_until(rig->net, is_ready, host, 30000));

    expect(host, "whole");
    assert_int_equal(rh_testhost_logged(host, "torn_file_removed"), 1);
    assert_int_equal(put(host, "torn file", 4, 5, &reply), 409);
    assert_non_null(strstr(reply.body, "{\"next\":0}"));
    put_whole(host, "torn file");
    expect(host, "torn file");
}

static void an_idle_upload_gives_its_room_back(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    assert_int_equal(put(host, "half of it", 0, 4, &reply), 200);
    rh_testnet_run(rig->net, 12 * 60000);

    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/list", NULL, &reply), 200);
    assert_non_null(
        strstr(reply.body, "\"incoming\":[],\"total\":0,\"bytes\":0,\"bytes_promised\":0"));
}

static void the_list_goes_on_page_by_page(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char target[160];
    uint32_t seen = 0;

    put_whole(host, "one");
    put_whole(host, "two");
    put_whole(host, "three");
    (void)snprintf(target, sizeof(target), "/artifacts/list?limit=1");
    for (;;) {
        const char *next;

        assert_int_equal(rh_testhost_request(host, "GET", target, NULL, &reply), 200);
        assert_non_null(strstr(reply.body, "\"total\":3"));
        seen++;
        next = strstr(reply.body, "],\"next\":\"");
        if (!next)
            break;
        (void)snprintf(target, sizeof(target), "/artifacts/list?limit=1&after=%.64s", next + 10);
    }

    assert_int_equal(seen, 3);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup_one, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_file_comes_back_as_it_was_put),
        TEST(pieces_go_on_at_the_next_byte_wanted),
        TEST(wrong_bytes_are_thrown_away),
        TEST(wrong_requests_are_refused),
        TEST(an_empty_file_is_a_file),
        TEST(a_file_that_would_never_fit_is_refused_as_such),
        TEST(a_full_node_refuses_and_keeps_what_was_put_here),
        TEST(deleted_is_gone_and_pinned_is_not),
        TEST(what_is_being_put_is_given_up_by_a_delete),
        TEST(a_crash_keeps_whole_files_and_leaves_no_torn_one),
        TEST(an_idle_upload_gives_its_room_back),
        TEST(the_list_goes_on_page_by_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
