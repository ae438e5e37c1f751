/* The routes of the work queue on a real host core: adds, claims, reports, and what survives a
 * crash. */
#include "plugin_test.h"

static int setup(void **state)
{
    struct node *n = calloc(1, sizeof(*n));

    node_start(n, "{\"done_kept\":0,\"retry_base\":\"1s\"}");
    *state = n;
    return 0;
}

static int teardown(void **state)
{
    node_stop(*state);
    free(*state);
    return 0;
}

static void an_item_goes_from_add_over_claim_to_complete(void **state)
{
    struct node *n = *state;
    char token[64];

    assert_int_equal(post(n, "/work/add",
                          "{\"work_type\":\"selfplay\",\"board_type\":\"hex8\",\"num_players\":2,"
                          "\"payload\":{\"games\":10}}"),
                     201);
    assert_says(n, "\"work_id\":\"w1\"");
    claim(n, "n1", token);
    assert_says(n, "\"config_key\":\"hex8_2p\"");
    assert_says(n, "\"payload\":{\"games\":10}");
    assert_says(n, "\"attempt\":1");
    assert_int_equal(report(n, "start", "w1", token, ""), 200);
    assert_int_equal(report(n, "complete", "w1", token, ",\"result\":{\"games\":10}"), 200);
    assert_silent_on(n, "duplicate");
    assert_int_equal(report(n, "complete", "w1", token, ",\"result\":{\"games\":10}"), 200);
    assert_says(n, "\"duplicate\":true");

    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"status\":\"done\"");
    assert_says(n, "\"result\":{\"games\":10}");
    assert_int_equal(report(n, "complete", "w1", "1.1.99", ""), 409);
    assert_says(n, "stale_claim");
    assert_int_equal(report(n, "complete", "w9", token, ""), 404);
}

static void a_batch_is_added_whole_or_not_at_all(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add",
                          "{\"items\":[{\"work_type\":\"a\"},{\"work_type\":\"b\",\"board_type\":"
                          "\"hex8\",\"config_key\":\"go9_2p\"}]}"),
                     400);
    get(n, "/work/stats");
    assert_says(n, "\"added\":0");
    assert_int_equal(
        post(n, "/work/add", "{\"items\":[{\"work_type\":\"a\"},{\"work_type\":\"b\"}]}"), 201);
    assert_says(n, "\"w2\"");
    assert_int_equal(
        post(n, "/work/add", "{\"work_type\":\"a\",\"items\":[{\"work_type\":\"b\"}]}"), 400);
}

static void fields_that_are_not_known_are_refused(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"depend_on\":[\"w1\"]}"), 400);
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"delay_s\":-5}"), 400);
    assert_int_equal(post(n, "/work/add", "{}"), 400);
}

static void the_same_idempotency_key_gives_the_first_item(void **state)
{
    struct node *n = *state;
    static const char body[] = "{\"work_type\":\"a\",\"idempotency_key\":\"g/0\"}";
    char twice[300];

    assert_int_equal(post(n, "/work/add", body), 201);
    assert_int_equal(post(n, "/work/add", body), 200);
    assert_says(n, "\"work_id\":\"w1\"");
    snprintf(twice, sizeof(twice),
             "{\"items\":[%s,{\"work_type\":\"b\",\"idempotency_key\":\"x\"},"
             "{\"work_type\":\"b\",\"idempotency_key\":\"x\"}]}",
             body);
    assert_int_equal(post(n, "/work/add", twice), 201);
    node_crash_and_restart(n);
    assert_int_equal(post(n, "/work/add", body), 200);
    assert_says(n, "\"work_id\":\"w1\"");

    get(n, "/work/stats");
    assert_says(n, "\"added\":2");
}

static void an_idempotency_key_of_another_item_is_refused(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add",
                          "{\"work_type\":\"a\",\"idempotency_key\":\"k\","
                          "\"payload\":{\"a\":1,\"b\":[1.0]}}"),
                     201);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(post(n, "/work/add",
                              "{\"payload\":{ \"b\":[1], \"a\":1 },\"idempotency_key\":\"k\","
                              "\"priority\":50,\"work_type\":\"a\"}"),
                         200);
        assert_says(n, "\"work_id\":\"w1\"");
        assert_int_equal(post(n, "/work/add",
                              "{\"work_type\":\"a\",\"idempotency_key\":\"k\","
                              "\"payload\":{\"a\":2,\"b\":[1]}}"),
                         409);
        assert_says(n, "idempotency_conflict");
        assert_says(n, "\"first\":\"w1\"");
        node_crash_and_restart(n);
    }
    assert_int_equal(post(n, "/work/add",
                          "{\"items\":[{\"work_type\":\"b\"},{\"work_type\":\"b\","
                          "\"idempotency_key\":\"k\"}]}"),
                     409);
    assert_says(n, "\"field\":\"items[1].idempotency_key\"");
    assert_int_equal(post(n, "/work/add",
                          "{\"items\":[{\"work_type\":\"b\",\"idempotency_key\":\"y\"},"
                          "{\"work_type\":\"c\",\"idempotency_key\":\"y\"}]}"),
                     409);

    get(n, "/work/stats");
    assert_says(n, "\"added\":1");
}

static void a_refused_batch_names_the_item_and_the_field(void **state)
{
    static const struct {
        const char *item;
        uint32_t status;
        const char *field;
    } rows[] = {
        {"{}", 400, "items[1].work_type"},
        {"{\"work_type\":\"a\",\"priority\":101}", 400, "items[1].priority"},
        {"{\"work_type\":\"a\",\"requires\":[\"\"]}", 400, "items[1].requires"},
        {"{\"work_type\":\"a\",\"outputs\":[\"\"]}", 400, "items[1].outputs"},
        {"{\"work_type\":\"a\",\"board_type\":\"hex8\",\"config_key\":\"go9_2p\"}", 400,
         "items[1].config_key"},
        {"{\"work_type\":\"a\",\"depends_on\":[\"w77\"]}", 400, "items[1].depends_on"},
        {"{\"work_type\":\"a\",\"depends_on\":[\"#7\"]}", 400, "items[1].depends_on"},
        {"{\"work_type\":\"a\",\"depends_on\":[\"#1\"]}", 400, "items[1].depends_on"},
    };
    struct node *n = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char body[400];

        snprintf(body, sizeof(body), "{\"items\":[{\"work_type\":\"b\"},%s]}", rows[i].item);
        assert_int_equal(post(n, "/work/add", body), rows[i].status);
        assert_says(n, rows[i].field);
        if (i != 1) /* that one the host refuses before the queue has it */
            assert_says(n, "nothing was added");
    }
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"requires\":[\"\"]}"), 400);
    assert_says(n, "\"field\":\"requires\"");
    get(n, "/work/stats");
    assert_says(n, "\"added\":0");
}

static void a_claim_that_gets_nothing_says_why(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\"}"), 200);
    assert_says(n, "\"no_work\":1");
    post(n, "/work/add", "{\"work_type\":\"a\",\"needs_gpu\":true}");
    post(n, "/work/add", "{\"work_type\":\"a\",\"requires\":[\"cuda\"]}");
    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\"}"), 200);
    assert_says(n, "\"items\":[]");
    assert_says(n, "\"gpu\":1");
    assert_says(n, "\"capability\":1");
    assert_int_equal(post(n, "/work/claim",
                          "{\"node_id\":\"n1\",\"max_items\":5,\"capabilities\":"
                          "[\"cuda\"],\"gpu\":{\"name\":\"H100\"}}"),
                     200);
    assert_says(n, "\"w1\"");
    assert_says(n, "\"w2\"");
}

static void an_add_wakes_exactly_one_parked_claim(void **state)
{
    struct node *n = *state;
    uint64_t waiting[3];
    uint32_t answered = 0;

    for (int i = 0; i < 3; i++)
        waiting[i] =
            rh_testhost_send(n->host, "POST", "/work/claim", "{\"node_id\":\"n1\",\"wait_s\":20}");
    rh_testnet_run(n->net, 1000);
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    rh_testnet_run(n->net, 1000);
    for (int i = 0; i < 3; i++)
        answered += rh_testhost_answer(n->host, waiting[i], &n->reply);
    assert_int_equal(answered, 1);
    rh_testnet_run(n->net, 20000);
    for (int i = 0; i < 3; i++) {
        if (rh_testhost_answer(n->host, waiting[i], &n->reply))
            assert_int_equal(n->reply.status, 200);
        answered += n->reply.status == 200;
    }

    get(n, "/work/stats");
    assert_says(n, "\"claims_parked\":0");
    assert_says(n, "\"leased\":1");
}

static void a_caller_that_hangs_up_gets_nothing(void **state)
{
    struct node *n = *state;
    uint64_t waiting =
        rh_testhost_send(n->host, "POST", "/work/claim", "{\"node_id\":\"n1\",\"wait_s\":20}");

    rh_testnet_run(n->net, 100);
    rh_testhost_hang_up(n->host, waiting);
    rh_testnet_run(n->net, 100);
    post(n, "/work/add", "{\"work_type\":\"a\"}");

    get(n, "/work/stats");
    assert_says(n, "\"pending\":1");
    assert_says(n, "\"claims_parked\":0");
}

static void a_lease_expires_by_itself_and_the_old_token_is_stale(void **state)
{
    struct node *n = *state;
    char first[64];
    char second[64];

    post(n, "/work/add", "{\"work_type\":\"a\",\"timeout_s\":5,\"max_attempts\":2}");
    claim(n, "n1", first);
    rh_testnet_run(n->net, 3000);
    assert_int_equal(report(n, "heartbeat", "w1", first, ",\"progress\":{\"at\":7}"), 200);
    assert_says(n, "\"cancel\":false");
    rh_testnet_run(n->net, 3000);
    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"status\":\"leased\"");
    assert_says(n, "\"progress\":{\"at\":7}");
    rh_testnet_run(n->net, 3000);
    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"status\":\"pending\"");
    assert_says(n, "the lease expired");
    claim(n, "n2", second);
    assert_int_equal(report(n, "complete", "w1", first, ""), 409);
    rh_testnet_run(n->net, 6000);

    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"status\":\"dead\"");
    get(n, "/work/pending?status=dead");
    assert_says(n, "\"w1\"");
    assert_says(n, "\"total\":1");
}

static void a_failed_item_waits_and_then_goes_again(void **state)
{
    struct node *n = *state;
    char token[64];

    post(n, "/work/add", "{\"work_type\":\"a\"}");
    claim(n, "n1", token);
    assert_int_equal(report(n, "fail", "w1", token, ""), 400);
    assert_int_equal(report(n, "fail", "w1", token, ",\"error\":\"boom\""), 200);
    assert_says(n, "\"delayed\"");
    assert_int_equal(report(n, "fail", "w1", token, ",\"error\":\"boom\""), 200);
    assert_says(n, "\"duplicate\":true");
    rh_testnet_run(n->net, 1100);
    claim(n, "n1", token);
    assert_int_equal(report(n, "fail", "w1", token, ",\"error\":\"bad\",\"retryable\":false"), 200);

    assert_says(n, "\"dead\"");
    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"error\":\"bad\"");
}

static void a_released_item_is_pending_at_once_with_its_checkpoint(void **state)
{
    struct node *n = *state;
    char token[64];

    post(n, "/work/add", "{\"work_type\":\"a\"}");
    claim(n, "n1", token);
    assert_int_equal(report(n, "heartbeat", "w1", token, ",\"checkpoint\":[1,2,3]"), 200);
    assert_int_equal(report(n, "release", "w1", token, ""), 200);
    assert_int_equal(report(n, "release", "w1", token, ""), 200);
    assert_says(n, "\"duplicate\":true");
    node_crash_and_restart(n);
    claim(n, "n2", token);

    assert_says(n, "\"checkpoint\":[1,2,3]");
    assert_says(n, "\"attempt\":1");
}

static void a_cancelled_item_tells_its_worker(void **state)
{
    struct node *n = *state;
    char token[64];

    post(n, "/work/add", "{\"work_type\":\"a\"}");
    claim(n, "n1", token);
    assert_int_equal(post(n, "/work/cancel", "{\"work_id\":\"w1\"}"), 200);
    assert_int_equal(post(n, "/work/cancel", "{\"work_id\":\"w1\"}"), 200);
    assert_says(n, "\"duplicate\":true");
    assert_int_equal(report(n, "heartbeat", "w1", token, ""), 200);
    assert_says(n, "\"cancel\":true");
    assert_int_equal(report(n, "complete", "w1", token, ""), 409);

    get(n, "/work/stats");
    assert_says(n, "\"cancelled\":1");
}

static void a_token_from_before_a_crash_completes_its_item(void **state)
{
    struct node *n = *state;
    char token[64];

    post(n, "/work/add", "{\"work_type\":\"a\"}");
    claim(n, "n1", token);
    node_crash_and_restart(n);
    assert_int_equal(report(n, "heartbeat", "w1", token, ""), 200);
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    node_crash_and_restart(n);

    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    assert_says(n, "\"duplicate\":true");
    get(n, "/work/stats");
    assert_says(n, "\"added\":1,\"live\":0");
    assert_says(n, "\"done\":1");
}

/* Two requests of one turn. */
struct pair {
    struct node *n;
    uint64_t write, claim;
};

static bool is_claimed(void *user)
{
    struct pair *pair = user;

    return rh_testhost_answer(pair->n->host, pair->claim, &pair->n->reply);
}

/* Sends a write and a claim behind it; whether the write is answered when the claim is. */
static bool is_written_by_the_claim(struct node *n, const char *path, const char *body)
{
    struct rh_testhost_reply written;
    struct pair pair = {.n = n};

    pair.write = rh_testhost_send(n->host, "POST", path, body);
    pair.claim = rh_testhost_send(n->host, "POST", "/work/claim", "{\"node_id\":\"n1\"}");
    assert_true(rh_testnet_run_until(n->net, is_claimed, &pair, 10000));
    assert_says(n, "\"work_id\":\"w1\"");
    return rh_testhost_answer(n->host, pair.write, &written);
}

static void a_claim_of_a_settled_item_waits_for_no_other_commit(void **state)
{
    struct node *n = *state;

    post(n, "/work/add", "{\"work_type\":\"a\"}");

    assert_false(is_written_by_the_claim(n, "/work/add", "{\"work_type\":\"a\"}"));
}

static void a_claim_of_an_item_that_is_not_durable_waits_for_it(void **state)
{
    assert_true(is_written_by_the_claim(*state, "/work/add", "{\"work_type\":\"a\"}"));
}

static void a_claim_after_a_release_waits_for_the_release(void **state)
{
    struct node *n = *state;
    char token[64];
    char body[200];

    post(n, "/work/add", "{\"work_type\":\"a\"}");
    claim(n, "n1", token);
    snprintf(body, sizeof(body), "{\"work_id\":\"w1\",\"node_id\":\"n1\",\"claim_token\":\"%s\"}",
             token);

    assert_true(is_written_by_the_claim(n, "/work/release", body));
}

static void a_group_adds_up_and_lists_its_items(void **state)
{
    struct node *n = *state;
    char token[64];

    post(n, "/work/add",
         "{\"items\":[{\"work_type\":\"a\",\"group\":\"g\",\"idempotency_key\":\"g/0\"},"
         "{\"work_type\":\"a\",\"group\":\"g\",\"idempotency_key\":\"g/1\"}]}");
    claim(n, "n1", token);
    report(n, "complete", "w1", token, ",\"result\":{\"x\":1}");
    node_crash_and_restart(n);
    get(n, "/work/group?group=g&limit=1");
    assert_says(n, "\"added\":2,\"pending\":1");
    assert_says(n, "\"done\":1");
    assert_says(n, "\"result\":{\"x\":1}");
    assert_says(n, "\"next\":\"w1\"");
    get(n, "/work/group?group=g&limit=1&after=w1");
    assert_says(n, "\"idempotency_key\":\"g/1\"");
    assert_says(n, "\"next\":null");

    assert_int_equal(rh_testhost_request(n->host, "GET", "/work/group?group=h", NULL, &n->reply),
                     404);
}

static void pending_items_are_listed_page_by_page_and_filtered(void **state)
{
    struct node *n = *state;

    for (int i = 0; i < 5; i++)
        post(n, "/work/add", i % 2 ? "{\"work_type\":\"odd\"}" : "{\"work_type\":\"even\"}");
    get(n, "/work/pending?limit=2");
    assert_says(n, "\"next\":\"w2\"");
    assert_says(n, "\"total\":5");
    get(n, "/work/pending?limit=2&after=w4");
    assert_says(n, "\"w5\"");
    assert_says(n, "\"next\":null");

    get(n, "/work/pending?work_type=odd");
    assert_says(n, "\"total\":2");
    assert_silent_on(n, "even");
}

static uint32_t count(const char *text, const char *part)
{
    uint32_t n = 0;

    for (const char *at = text; (at = strstr(at, part)); at++)
        n++;
    return n;
}

static void each_fact_is_emitted_once(void **state)
{
    struct node *n = *state;
    char token[64];
    const char *streamed;
    uint64_t stream = rh_testhost_send(n->host, "GET", "/events", NULL);

    rh_testnet_run(n->net, 100);
    post(n, "/work/add", "{\"work_type\":\"selfplay\"}");
    claim(n, "n1", token);
    report(n, "complete", "w1", token, ",\"result\":{\"games\":12}");
    report(n, "complete", "w1", token, ",\"result\":{\"games\":12}");
    post(n, "/work/add", "{\"work_type\":\"training\",\"max_attempts\":1}");
    claim(n, "n1", token);
    report(n, "fail", "w2", token, ",\"error\":\"boom\"");
    rh_testnet_run(n->net, 100);

    streamed = rh_testhost_streamed(n->host, stream);
    assert_non_null(strstr(streamed, "SELFPLAY_COMPLETE"));
    assert_non_null(strstr(streamed, "\"games_generated\":12"));
    assert_non_null(strstr(streamed, "TRAINING_FAILED"));
    assert_int_equal(count(streamed, "\"work_id\":\"w1\""), 1);
    assert_int_equal(count(streamed, "\"work_id\":\"w2\""), 1);
    rh_testhost_hang_up(n->host, stream);
    rh_testnet_run(n->net, 10);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_item_goes_from_add_over_claim_to_complete),
        CASE(a_batch_is_added_whole_or_not_at_all),
        CASE(fields_that_are_not_known_are_refused),
        CASE(the_same_idempotency_key_gives_the_first_item),
        CASE(an_idempotency_key_of_another_item_is_refused),
        CASE(a_refused_batch_names_the_item_and_the_field),
        CASE(a_claim_that_gets_nothing_says_why),
        CASE(an_add_wakes_exactly_one_parked_claim),
        CASE(a_caller_that_hangs_up_gets_nothing),
        CASE(a_lease_expires_by_itself_and_the_old_token_is_stale),
        CASE(a_failed_item_waits_and_then_goes_again),
        CASE(a_released_item_is_pending_at_once_with_its_checkpoint),
        CASE(a_cancelled_item_tells_its_worker),
        CASE(a_token_from_before_a_crash_completes_its_item),
        CASE(a_claim_of_a_settled_item_waits_for_no_other_commit),
        CASE(a_claim_of_an_item_that_is_not_durable_waits_for_it),
        CASE(a_claim_after_a_release_waits_for_the_release),
        CASE(a_group_adds_up_and_lists_its_items),
        CASE(pending_items_are_listed_page_by_page_and_filtered),
        CASE(each_fact_is_emitted_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
