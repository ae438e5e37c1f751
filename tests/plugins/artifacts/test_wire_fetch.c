/* Files that other nodes have: fetched through cut lines, from damaged copies, beside a put. */
#include "artifacts_test.h"

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

static void a_damaged_copy_is_passed_over_for_a_whole_one(void **state)
{
    struct rig *rig = *state;

    put_whole(rig->hosts[0], "some bytes");
    put_whole(rig->hosts[2], "some bytes");
    damage(rig->hosts[0], "some bytes", "same bytes");

    expect(rig->hosts[1], "some bytes");

    assert_int_equal(rh_testhost_logged(rig->hosts[1], "holder_damaged"), 1);
}

static void a_holder_that_is_told_of_its_damage_drops_the_file_and_can_be_healed(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    put_whole(rig->hosts[0], "some bytes");
    put_whole(rig->hosts[2], "some bytes");
    damage(rig->hosts[0], "some bytes", "same bytes");
    expect(rig->hosts[1], "some bytes");
    rh_testnet_run(rig->net, 1000);

    assert_int_equal(rh_testhost_logged(rig->hosts[0], "artifact_damaged"), 1);
    assert_int_equal(ask(rig->hosts[0], "GET", "/artifacts/stat", "some bytes", "", &reply), 404);
    expect(rig->hosts[0], "some bytes"); /* fetched anew */
}

static void damaged_copies_alone_are_an_error_that_says_so(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost_reply reply;

    put_whole(rig->hosts[0], "some bytes");
    put_whole(rig->hosts[2], "some bytes");
    damage(rig->hosts[0], "some bytes", "same bytes");
    damage(rig->hosts[2], "some bytes", "some bites");

    assert_int_equal(ask(rig->hosts[1], "GET", "/artifacts/data", "some bytes", "", &reply), 502);

    assert_non_null(strstr(reply.body, "\"code\":\"wrong_hash\""));
    assert_int_equal(ask(rig->hosts[1], "GET", "/artifacts/stat", "some bytes", "", &reply), 404);
    assert_int_equal(rh_testhost_logged(rig->hosts[1], "holder_damaged"), 2);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup_three, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_file_of_another_node_is_fetched_and_kept),
        TEST(a_file_that_nobody_has_is_not_found),
        TEST(a_copy_goes_for_a_newcomer),
        TEST(a_fetch_outlives_a_cut_line),
        TEST(a_damaged_copy_is_passed_over_for_a_whole_one),
        TEST(a_holder_that_is_told_of_its_damage_drops_the_file_and_can_be_healed),
        TEST(damaged_copies_alone_are_an_error_that_says_so),
        TEST(a_put_while_the_file_is_looked_for_answers_who_waits),
        TEST(a_put_begun_while_the_file_is_looked_for_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
