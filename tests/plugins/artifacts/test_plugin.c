/* The plugin on simulated nodes: pieces in, ranges out, room, crashes, and files that other nodes
 * have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/sha256.h>
#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#define NODES_MAX 3u
#define CONFIG    "{\"bytes_max\":\"1000\",\"files_max\":8,\"fetch_wait\":\"20s\"}"

const struct rh_plugin *rh_plugin_entry_v1_artifacts(void);
const struct rh_plugin *rh_plugin_entry_v1_swim(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);

static const char *const names[] = {"a", "b", "c"};

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    uint32_t count;
};

static bool is_ready(void *host)
{
    return rh_testhost_is_ready(host);
}

static int setup_nodes(void **state, uint32_t count)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_artifacts(), CONFIG},
                                                 {rh_plugin_entry_v1_swim(), NULL},
                                                 {rh_plugin_entry_v1_election(), NULL}};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    rig->net = rh_testnet_new(7, INT64_C(1700000000000));
    rig->count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct rh_testhost_setup node = {.node_id = names[i],
                                               .plugins = plugins,
                                               .plugin_count = count > 1 ? 3 : 1,
                                               .voters = names,
                                               .voter_count = count > 1 ? count : 0,
                                               .seeds = names,
                                               .seed_count = count > 1 ? count : 0,
                                               .cluster_id = "test"};

        if (rh_testhost_new(rig->net, &node, &rig->hosts[i], why) != RH_OK)
            fail_msg("%s does not start: %s", names[i], why);
    }
    for (uint32_t i = 0; i < count; i++)
        assert_true(rh_testnet_run_until(rig->net, is_ready, rig->hosts[i], 30000));
    if (count > 1)
        rh_testnet_run(rig->net, 20000);
    *state = rig;
    return 0;
}

static int setup_one(void **state)
{
    return setup_nodes(state, 1);
}

static int setup_three(void **state)
{
    return setup_nodes(state, 3);
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    uint64_t errors = 0;
    const char *last = "";

    for (uint32_t i = 0; i < rig->count; i++)
        errors += rh_testhost_errors(rig->hosts[i], &last);
    rh_testnet_free(rig->net);
    free(rig);
    assert_int_equal(errors, 0);
    return 0;
}

static const char *hex_of(const char *text)
{
    static char digits[RH_SHA256_HEX];
    unsigned char digest[RH_SHA256_SIZE];
    struct rh_sha256 hash;

    rh_sha256_init(&hash);
    rh_sha256_update(&hash, text, strlen(text));
    rh_sha256_final(&hash, digest);
    rh_sha256_hex(digits, digest);
    return digits;
}

static uint32_t put(struct rh_testhost *host, const char *whole, size_t offset, size_t n,
                    struct rh_testhost_reply *reply)
{
    char target[256];
    char piece[2048];

    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%s&size=%zu&offset=%zu",
                   hex_of(whole), strlen(whole), offset);
    (void)snprintf(piece, sizeof(piece), "%.*s", (int)n, whole + offset);
    return rh_testhost_request(host, "PUT", target, piece, reply);
}

static uint32_t ask(struct rh_testhost *host, const char *method, const char *route,
                    const char *whole, const char *more, struct rh_testhost_reply *reply)
{
    char target[256];

    (void)snprintf(target, sizeof(target), "%s?sha256=%s%s", route, hex_of(whole), more);
    return rh_testhost_request(host, method, target, NULL, reply);
}

static void put_whole(struct rh_testhost *host, const char *whole)
{
    struct rh_testhost_reply reply;

    assert_int_equal(put(host, whole, 0, strlen(whole), &reply), 201);
}

static void expect(struct rh_testhost *host, const char *whole)
{
    struct rh_testhost_reply reply;

    assert_int_equal(ask(host, "GET", "/artifacts/data", whole, "", &reply), 200);
    assert_string_equal(reply.body, whole);
    assert_string_equal(reply.content_type, "application/octet-stream");
}

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

static void a_file_of_another_node_is_fetched_and_kept(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    put_whole(rig->hosts[0], "far away");

    expect(rig->hosts[1], "far away");
    assert_int_equal(ask(rig->hosts[1], "GET", "/artifacts/stat", "far away", "", &reply), 200);
    assert_non_null(strstr(reply.body, "\"kind\":\"copy\""));
    assert_int_equal(ask(rig->hosts[2], "GET", "/artifacts/where", "far away", "", &reply), 200);
    assert_string_equal(reply.body, "{\"nodes\":[{\"node_id\":\"a\",\"size\":8},"
                                    "{\"node_id\":\"b\",\"size\":8}],\"not_asked\":0}");
}

static void a_file_that_nobody_has_is_not_found(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    assert_int_equal(ask(rig->hosts[1], "GET", "/artifacts/data", "nowhere", "", &reply), 404);
    assert_non_null(strstr(reply.body, "no node has the file"));
}

static void a_copy_goes_for_a_newcomer(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;
    char large[901];

    memset(large, 'z', sizeof(large) - 1);
    large[900] = '\0';
    put_whole(rig->hosts[0], large);
    expect(rig->hosts[1], large);
    rh_testnet_run(rig->net, 70000);

    memset(large, 'w', 900);
    put_whole(rig->hosts[1], large);

    memset(large, 'z', 900);
    assert_int_equal(ask(rig->hosts[1], "GET", "/artifacts/stat", large, "", &reply), 404);
    assert_int_equal(ask(rig->hosts[0], "GET", "/artifacts/stat", large, "", &reply), 200);
}

static void a_fetch_outlives_a_cut_line(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;
    char target[160];
    uint64_t request;

    put_whole(rig->hosts[0], "through a broken line");
    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%s",
                   hex_of("through a broken line"));
    rh_testnet_latency(rig->net, 50, 50);
    request = rh_testhost_send(rig->hosts[1], "GET", target, NULL);
    rh_testnet_run(rig->net, 160); /* it knows who has it, and asks for bytes */
    rh_testnet_cut(rig->net, "a", "b", true);
    rh_testnet_run(rig->net, 2000);
    rh_testnet_cut(rig->net, "a", "b", false);
    rh_testnet_run(rig->net, 60000);

    assert_true(rh_testhost_answer(rig->hosts[1], request, &reply));
    expect(rig->hosts[1], "through a broken line");
}

static uint64_t get_slowly(struct rig *rig, uint32_t node, const char *whole)
{
    char target[160];
    uint64_t request;

    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%s", hex_of(whole));
    rh_testnet_latency(rig->net, 50, 50);
    request = rh_testhost_send(rig->hosts[node], "GET", target, NULL);
    rh_testnet_run(rig->net, 20); /* it asks who has it */
    return request;
}

static void a_put_while_the_file_is_looked_for_answers_who_waits(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;
    uint64_t request;

    put_whole(rig->hosts[0], "from both sides");
    request = get_slowly(rig, 1, "from both sides");

    put_whole(rig->hosts[1], "from both sides");
    rh_testnet_run(rig->net, 5000);

    assert_true(rh_testhost_answer(rig->hosts[1], request, &reply));
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "from both sides");
    assert_int_equal(ask(rig->hosts[1], "GET", "/artifacts/stat", "from both sides", "", &reply),
                     200);
    assert_non_null(strstr(reply.body, "\"kind\":\"own\""));
}

static void a_put_begun_while_the_file_is_looked_for_goes_on(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;
    uint64_t request;

    put_whole(rig->hosts[0], "piece by piece");
    request = get_slowly(rig, 1, "piece by piece");

    assert_int_equal(put(rig->hosts[1], "piece by piece", 0, 5, &reply), 200);
    rh_testnet_run(rig->net, 5000);

    assert_true(rh_testhost_answer(rig->hosts[1], request, &reply));
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr(reply.body, "\"code\":\"uploading\""));
    assert_int_equal(put(rig->hosts[1], "piece by piece", 5, 9, &reply), 201);
    expect(rig->hosts[1], "piece by piece");
}

int main(void)
{
#define ONE(test)   cmocka_unit_test_setup_teardown(test, setup_one, teardown)
#define THREE(test) cmocka_unit_test_setup_teardown(test, setup_three, teardown)
    const struct CMUnitTest tests[] = {
        ONE(a_file_comes_back_as_it_was_put),
        ONE(pieces_go_on_at_the_next_byte_wanted),
        ONE(wrong_bytes_are_thrown_away),
        ONE(wrong_requests_are_refused),
        ONE(an_empty_file_is_a_file),
        ONE(a_full_node_refuses_and_keeps_what_was_put_here),
        ONE(deleted_is_gone_and_pinned_is_not),
        ONE(a_crash_keeps_whole_files_and_leaves_no_torn_one),
        ONE(an_idle_upload_gives_its_room_back),
        ONE(the_list_goes_on_page_by_page),
        THREE(a_file_of_another_node_is_fetched_and_kept),
        THREE(a_file_that_nobody_has_is_not_found),
        THREE(a_copy_goes_for_a_newcomer),
        THREE(a_fetch_outlives_a_cut_line),
        THREE(a_put_while_the_file_is_looked_for_answers_who_waits),
        THREE(a_put_begun_while_the_file_is_looked_for_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
