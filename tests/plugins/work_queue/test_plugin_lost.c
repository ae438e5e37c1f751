/* Claims whose answer was lost: the claimant says with the next one what it has, and the rest is
 * pending at once. */
#include "plugin_test.h"

static int setup(void **state)
{
    struct node *n = calloc(1, sizeof(*n));

    node_start(n, NULL);
    *state = n;
    return 0;
}

static int teardown(void **state)
{
    node_stop(*state);
    free(*state);
    return 0;
}

/* Two items, and a claim of number 7 that gets the first one. */
static void add_two_and_claim_one(struct node *n, char token[64])
{
    assert_int_equal(
        post(n, "/work/add", "{\"items\":[{\"work_type\":\"a\"},{\"work_type\":\"a\"}]}"), 201);
    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\",\"poll\":7,\"held\":[]}"), 200);
    assert_says(n, "\"work_id\":\"w1\"");
    read_token(n, token);
}

/* A claim of that number that asks for two items. */
static void ask(struct node *n, int poll, const char *held)
{
    char body[200];

    snprintf(body, sizeof(body), "{\"node_id\":\"n1\",\"max_items\":2,\"poll\":%d,\"held\":[%s]}",
             poll, held);
    assert_int_equal(post(n, "/work/claim", body), 200);
}

static void what_a_lost_answer_gave_is_given_again_and_counts_no_attempt(void **state)
{
    struct node *n = *state;
    char stale[64];

    add_two_and_claim_one(n, stale);
    ask(n, 8, "\"not-of-here\"");

    assert_says(n, "\"w1\"");
    assert_says(n, "\"w2\"");
    assert_says(n, "\"attempt\":1");
    assert_silent_on(n, "\"attempt\":2");
    assert_int_equal(report(n, "complete", "w1", stale, ""), 409);
    get(n, "/work/stats");
    assert_says(n, "\"items_lost\":1");
}

static void another_node_may_have_it_at_once(void **state)
{
    struct node *n = *state;
    char token[64];

    add_two_and_claim_one(n, token);
    assert_int_equal(post(n, "/work/claim",
                          "{\"node_id\":\"n1\",\"work_types\":[\"other\"],\"poll\":8,\"held\":[]}"),
                     200);

    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n2\",\"max_items\":2,\"steal\":false}"),
                     200);
    assert_says(n, "\"w1\"");
}

static void what_is_held_stays_and_what_is_not_numbered_too(void **state)
{
    struct node *n = *state;
    char token[64];

    add_two_and_claim_one(n, token);
    claim(n, "n1", token);
    assert_says(n, "\"work_id\":\"w2\"");

    ask(n, 8, "\"w1\"");
    assert_says(n, "\"items\":[]");
    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\",\"poll\":9}"), 200);
    assert_says(n, "\"items\":[]");
}

static void the_same_claim_again_and_a_late_one_take_nothing_back(void **state)
{
    struct node *n = *state;
    char token[64];

    add_two_and_claim_one(n, token);
    ask(n, 7, "");
    assert_silent_on(n, "\"w1\"");
    ask(n, 6, "");

    assert_says(n, "\"items\":[]");
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
}

static void what_was_begun_is_never_taken_back(void **state)
{
    struct node *n = *state;
    char token[64];

    add_two_and_claim_one(n, token);
    assert_int_equal(report(n, "start", "w1", token, ""), 200);
    ask(n, 8, "");

    assert_silent_on(n, "\"w1\"");
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
}

static void the_numbers_outlive_a_crash_of_the_queue(void **state)
{
    struct node *n = *state;
    char token[64];

    add_two_and_claim_one(n, token);
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"b\"}"), 201); /* the claim is durable */
    node_crash_and_restart(n);
    ask(n, 7, "");
    assert_silent_on(n, "\"w1\"");

    ask(n, 8, "\"w2\",\"w3\"");
    assert_says(n, "\"w1\"");
}

static void whoever_asks_anew_waits_no_more_under_the_former_number(void **state)
{
    struct node *n = *state;
    uint64_t former = rh_testhost_send(n->host, "POST", "/work/claim",
                                       "{\"node_id\":\"n1\",\"wait_s\":20,\"poll\":1,\"held\":[]}");
    rh_testnet_run(n->net, 100);
    uint64_t present =
        rh_testhost_send(n->host, "POST", "/work/claim",
                         "{\"node_id\":\"n1\",\"wait_s\":20,\"poll\":2,\"held\":[]}");
    rh_testnet_run(n->net, 100);

    assert_true(rh_testhost_answer(n->host, former, &n->reply));
    assert_says(n, "\"items\":[]");
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    rh_testnet_run(n->net, 100);
    assert_true(rh_testhost_answer(n->host, present, &n->reply));
    assert_says(n, "\"work_id\":\"w1\"");
}

static void many_lost_items_go_back_over_several_claims(void **state)
{
    struct node *n = *state;
    char body[16384];
    size_t size = (size_t)snprintf(body, sizeof(body), "{\"items\":[");

    for (int i = 0; i < 192; i++)
        size += (size_t)snprintf(body + size, sizeof(body) - size, "%s{\"work_type\":\"a\"}",
                                 i ? "," : "");
    snprintf(body + size, sizeof(body) - size, "]}");
    assert_int_equal(post(n, "/work/add", body), 201);
    for (int i = 0; i < 3; i++)
        assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\",\"max_items\":64,\"poll\":1}"),
                         200);
    get(n, "/work/stats");
    assert_says(n, "\"leased\":192");

    for (int i = 0; i < 2; i++)
        assert_int_equal(post(n, "/work/claim",
                              "{\"node_id\":\"n1\",\"work_types\":[\"b\"],\"poll\":2,\"held\":[]}"),
                         200);

    get(n, "/work/stats");
    assert_says(n, "\"items_lost\":192");
    assert_says(n, "\"leased\":0");
}

static void what_is_held_needs_a_number(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\",\"held\":[]}"), 400);
    assert_says(n, "poll");
    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\",\"poll\":-1}"), 400);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_a_lost_answer_gave_is_given_again_and_counts_no_attempt),
        CASE(another_node_may_have_it_at_once),
        CASE(what_is_held_stays_and_what_is_not_numbered_too),
        CASE(the_same_claim_again_and_a_late_one_take_nothing_back),
        CASE(what_was_begun_is_never_taken_back),
        CASE(the_numbers_outlive_a_crash_of_the_queue),
        CASE(whoever_asks_anew_waits_no_more_under_the_former_number),
        CASE(many_lost_items_go_back_over_several_claims),
        CASE(what_is_held_needs_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
