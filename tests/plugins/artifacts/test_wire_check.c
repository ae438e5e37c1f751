/* Files that are hashed again: the damaged go, the others stay, and the answers say which. */
#include "artifacts_test.h"

static uint32_t verify(struct rh_testhost *host, const char *body, struct rh_testhost_reply *reply)
{
    return rh_testhost_request(host, "POST", "/artifacts/verify", body, reply);
}

static uint32_t doubt(struct rh_testhost *host, const char *whole, struct rh_testhost_reply *reply)
{
    char body[96];

    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\"}", hex_of(whole));
    return rh_testhost_request(host, "POST", "/artifacts/doubt", body, reply);
}

static void a_damaged_file_goes_and_can_be_put_again(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char body[96];
    char found[128];

    put_whole(host, "some bytes");
    put_whole(host, "other bytes");
    damage(host, "some bytes", "same bytes");
    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\"}", hex_of("some bytes"));
    (void)snprintf(found, sizeof(found), "\"checked\":1,\"damaged_count\":1,\"damaged\":[\"%s\"]",
                   hex_of("some bytes"));
    assert_int_equal(verify(host, body, &reply), 202);
    assert_string_equal(reply.body, "{\"waiting\":1}");
    rh_testnet_run(rig->net, 1000);

    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "{\"waiting\":0,"));
    assert_non_null(strstr(reply.body, found));
    assert_int_equal(ask(host, "GET", "/artifacts/stat", "some bytes", "", &reply), 404);
    assert_int_equal(rh_testhost_logged(host, "artifact_damaged"), 1);
    put_whole(host, "some bytes");
    expect(host, "some bytes");
    expect(host, "other bytes");
}

static void all_files_are_checked_and_the_right_ones_stay(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    put_whole(host, "one");
    put_whole(host, "two");
    put_whole(host, "");
    put_whole(host, "three");
    damage(host, "two", "twofold"); /* longer: its first bytes alone would be right */
    damage(host, "three", "thr");
    assert_int_equal(verify(host, "{\"all\":true}", &reply), 202);
    assert_string_equal(reply.body, "{\"waiting\":4}");
    rh_testnet_run(rig->net, 1000);

    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "{\"waiting\":0,\"checked\":4,\"damaged_count\":2,"));
    expect(host, "one");
    expect(host, "");
    assert_int_equal(ask(host, "GET", "/artifacts/stat", "two", "", &reply), 404);
    assert_int_equal(ask(host, "GET", "/artifacts/stat", "three", "", &reply), 404);
}

static void a_put_waits_until_the_file_that_is_here_is_verified(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char target[160];
    uint64_t request;

    put_whole(host, "some bytes");
    damage(host, "some bytes", "same bytes");
    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%s&size=10",
                   hex_of("some bytes"));
    assert_int_equal(verify(host, "{\"all\":true}", &reply), 202);
    request = rh_testhost_send(host, "PUT", target, "some bytes");
    rh_testnet_run(rig->net, 1000);

    assert_true(rh_testhost_answer(host, request, &reply));
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr(reply.body, "the file that is here is being verified"));
    put_whole(host, "some bytes");
    expect(host, "some bytes");
}

static void a_doubt_soon_after_a_check_costs_nothing(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    put_whole(host, "some bytes");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(doubt(host, "some bytes", &reply), 200);
        rh_testnet_run(rig->net, 1000);
    }
    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "\"checked\":1,"));

    rh_testnet_run(rig->net, 60000);
    assert_int_equal(doubt(host, "some bytes", &reply), 200);
    rh_testnet_run(rig->net, 1000);
    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "\"checked\":2,"));
}

static void what_is_not_held_or_not_asked_for_is_refused(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char body[112];

    assert_int_equal(doubt(host, "nowhere", &reply), 404);
    assert_int_equal(verify(host, "{}", &reply), 400);
    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\",\"all\":true}", hex_of("x"));
    assert_int_equal(verify(host, body, &reply), 400);
    assert_int_equal(verify(host, "{\"sha256\":\"12\"}", &reply), 400);
    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\"}", hex_of("x"));
    assert_int_equal(verify(host, body, &reply), 404);
}

static void a_crash_in_a_verification_loses_nothing(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char why[RH_TESTHOST_WHY_MAX];

    put_whole(host, "one");
    put_whole(host, "two");
    assert_int_equal(verify(host, "{\"all\":true}", &reply), 202);
    rh_testhost_crash(host);
    assert_int_equal(rh_testhost_start(host, why), RH_OK);
    assert_true(rh_testnet_run_until(rig->net, is_ready, host, 30000));

    expect(host, "one");
    expect(host, "two");
}

static void a_file_that_cannot_be_read_stays_and_is_told(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    put_whole(host, "one");
    put_whole(host, "two");
    rh_testhost_files_fail(host, RH_EIO, RH_OK);
    assert_int_equal(verify(host, "{\"all\":true}", &reply), 202);
    assert_int_equal(doubt(host, "one", &reply), 200);
    rh_testnet_run(rig->net, 1000);

    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "\"waiting\":0,\"checked\":2,\"damaged_count\":0,"));
    assert_non_null(strstr(reply.body, "\"unchecked_count\":2,\"unchecked\":[\""));
    assert_int_equal(rh_testhost_logged(host, "artifact_unchecked"), 2);
    assert_int_equal(rh_testhost_request(host, "GET", "/readyz", NULL, &reply), 200);
    rh_testhost_files_fail(host, RH_OK, RH_OK);
    expect(host, "one");
    expect(host, "two");
    assert_int_equal(verify(host, "{\"all\":true}", &reply), 202);
    rh_testnet_run(rig->net, 1000);
    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "\"unchecked_count\":0,\"unchecked\":[]"));
}

static void without_memory_a_check_pauses_and_goes_on(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;

    put_whole(host, "one");
    put_whole(host, "two");
    rh_testhost_files_fail(host, RH_ENOMEM, RH_OK);
    assert_int_equal(verify(host, "{\"all\":true}", &reply), 202);
    rh_testnet_run(rig->net, 5000);
    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "{\"waiting\":2,"));

    rh_testhost_files_fail(host, RH_OK, RH_OK);
    rh_testnet_run(rig->net, 2000);

    assert_int_equal(rh_testhost_request(host, "GET", "/artifacts/verify", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "{\"waiting\":0,\"checked\":2,\"damaged_count\":0,"));
}

static void what_cannot_be_removed_is_held_with_its_pin(void **state)
{
    struct rig *rig = *state;
    struct rh_testhost *host = rig->hosts[0];
    struct rh_testhost_reply reply;
    char why[RH_TESTHOST_WHY_MAX];
    char body[112];

    put_whole(host, "some bytes");
    (void)snprintf(body, sizeof(body), "{\"sha256\":\"%s\"}", hex_of("some bytes"));
    assert_int_equal(rh_testhost_request(host, "POST", "/artifacts/pin", body, &reply), 200);
    damage(host, "some bytes", "same bytes");
    rh_testhost_files_fail(host, RH_OK, RH_EIO);
    assert_int_equal(verify(host, body, &reply), 202);
    rh_testnet_run(rig->net, 1000);

    assert_int_equal(rh_testhost_logged(host, "file_not_removed"), 1);
    assert_int_equal(ask(host, "GET", "/artifacts/stat", "some bytes", "", &reply), 200);
    assert_int_equal(ask(host, "DELETE", "/artifacts/data", "some bytes", "", &reply), 409);
    rh_testhost_files_fail(host, RH_OK, RH_OK);
    rh_testhost_crash(host);
    assert_int_equal(rh_testhost_start(host, why), RH_OK);
    assert_true(rh_testnet_run_until(rig->net, is_ready, host, 30000));
    assert_int_equal(ask(host, "DELETE", "/artifacts/data", "some bytes", "", &reply), 409);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup_one, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_damaged_file_goes_and_can_be_put_again),
        TEST(all_files_are_checked_and_the_right_ones_stay),
        TEST(a_put_waits_until_the_file_that_is_here_is_verified),
        TEST(a_doubt_soon_after_a_check_costs_nothing),
        TEST(what_is_not_held_or_not_asked_for_is_refused),
        TEST(a_crash_in_a_verification_loses_nothing),
        TEST(a_file_that_cannot_be_read_stays_and_is_told),
        TEST(without_memory_a_check_pauses_and_goes_on),
        TEST(what_cannot_be_removed_is_held_with_its_pin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
