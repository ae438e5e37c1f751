/* The work queue at its limits: many items, large ones, full queues, old items; and optional
 * tokens. */
#include "plugin_test.h"

#include <ringhost/sdk/buf.h>

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

static void old_finished_items_are_deleted_and_still_counted(void **state)
{
    struct node *n = *state;
    char id[32];

    for (int i = 1; i <= 300; i++) {
        snprintf(id, sizeof(id), "{\"work_id\":\"w%d\"}", i);
        post(n, "/work/add", "{\"work_type\":\"a\",\"group\":\"g\",\"payload\":{\"a\":1}}");
        assert_int_equal(post(n, "/work/cancel", id), 200);
    }
    rh_testnet_run(n->net, 1000);

    get(n, "/work/stats");
    assert_says(n, "\"added\":300");
    assert_says(n, "\"cancelled\":300,\"finished_kept\":45");
    assert_int_equal(rh_testhost_request(n->host, "GET", "/work/item?work_id=w1", NULL, &n->reply),
                     404);
    get(n, "/work/group?group=g");
    assert_says(n, "\"cancelled\":300,\"pruned\":255");
    get(n, "/work/item?work_id=w300");
}

static void thousands_of_items_are_loaded_again_page_by_page(void **state)
{
    struct node *n = *state;
    struct rh_buf body;
    char token[64];

    rh_buf_init(&body, 1u << 20);
    rh_buf_append_c(&body, "{\"items\":[");
    for (int i = 0; i < 500; i++)
        rh_buf_append_c(&body, i ? ",{\"work_type\":\"a\"}" : "{\"work_type\":\"a\"}");
    rh_buf_append_c(&body, "]}");
    for (int i = 0; i < 5; i++)
        assert_int_equal(post(n, "/work/add", body.p), 201);
    claim(n, "n1", token);
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    node_crash_and_restart(n);

    get(n, "/work/stats");
    assert_says(n, "\"added\":2500,\"live\":2499,\"pending\":2499");
    claim(n, "n1", token);
    assert_says(n, "\"work_id\":\"w2\"");
    rh_buf_release(&body);
}

static void totals_of_thousands_of_groups_are_loaded_again_in_slices(void **state)
{
    struct node *n = *state;
    char text[96];

    for (int i = 0; i < 1200; i++) { /* a finished item and a live one in each */
        snprintf(text, sizeof(text), "{\"work_type\":\"a\",\"group\":\"g%d\"}", i);
        assert_int_equal(post(n, "/work/add", text), 201);
        assert_int_equal(post(n, "/work/add", text), 201);
        snprintf(text, sizeof(text), "{\"work_id\":\"w%d\"}", 2 * i + 1);
        assert_int_equal(post(n, "/work/cancel", text), 200);
    }
    node_crash_and_restart(n);

    for (int i = 0; i < 1200; i++) {
        snprintf(text, sizeof(text), "/work/group?group=g%d", i);
        get(n, text);
        assert_says(n, "\"cancelled\":1");
        assert_says(n, "\"pending\":1");
    }
}

static void a_batch_beyond_the_store_s_limit_is_refused_whole(void **state)
{
    struct node *n = *state;
    struct rh_buf body;

    rh_buf_init(&body, 1u << 20);
    rh_buf_append_c(&body, "{\"items\":[{\"work_type\":\"a\"}");
    for (int i = 0; i < 6; i++) {
        rh_buf_append_c(&body, ",{\"work_type\":\"a\",\"group\":\"g\",\"payload\":{\"x\":\"");
        for (int k = 0; k < 50000; k++)
            rh_buf_append_byte(&body, 'x');
        rh_buf_append_c(&body, "\"}}");
    }
    rh_buf_append_c(&body, "]}");
    assert_int_equal(post(n, "/work/add", body.p), 413);
    rh_buf_release(&body);

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    assert_says(n, "\"w1\"");
    get(n, "/work/stats");
    assert_says(n, "\"added\":1,\"live\":1");
}

/* "[[...]]" in `before` and `after`. */
static const char *nested(char out[256], const char *before, int depth, const char *after)
{
    char open[64] = "";
    char close[64] = "";

    assert_true(depth < 64);
    memset(open, '[', (size_t)depth);
    memset(close, ']', (size_t)depth);
    (void)snprintf(out, 256, "%s%s%s%s", before, open, close, after);
    return out;
}

static void json_nested_deeper_than_it_can_be_handed_on_is_refused(void **state)
{
    static const struct {
        const char *what, *before, *field;
    } reports[] = {{"heartbeat", ",\"checkpoint\":", "checkpoint"},
                   {"heartbeat", ",\"progress\":", "progress"},
                   {"release", ",\"checkpoint\":", "checkpoint"},
                   {"fail", ",\"error\":\"x\",\"checkpoint\":", "checkpoint"},
                   {"complete", ",\"result\":{\"a\":", "result"}};
    struct node *n = *state;
    char text[256];
    char token[64];

    assert_int_equal(
        post(n, "/work/add", nested(text, "{\"work_type\":\"a\",\"payload\":{\"p\":", 32, "}}")),
        400);
    assert_says(n, "\\\"payload\\\" is nested more than 32 deep");
    assert_int_equal(
        post(n, "/work/add",
             nested(text, "{\"items\":[{\"work_type\":\"a\",\"payload\":{\"p\":", 32, "}}]}")),
        400);
    assert_says(n, "items[0].payload");
    assert_int_equal(
        post(n, "/work/add", nested(text, "{\"work_type\":\"a\",\"payload\":{\"p\":", 31, "}}")),
        201);
    claim(n, "n1", token);
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        const char *end = strchr(reports[i].before, '{') ? "}" : "";

        assert_int_equal(
            report(n, reports[i].what, "w1", token, nested(text, reports[i].before, 33, end)), 400);
        assert_says(n, reports[i].field);
        assert_says(n, "is nested more than 32 deep");
    }

    assert_int_equal(report(n, "heartbeat", "w1", token, nested(text, ",\"checkpoint\":", 32, "")),
                     200);
    assert_int_equal(
        report(n, "complete", "w1", token, nested(text, ",\"result\":{\"a\":", 31, "}")), 200);
    get(n, "/work/item?work_id=w1");
}

static void a_full_queue_says_so_and_when_to_come_again(void **state)
{
    struct node n = {.net = NULL};

    (void)state;
    node_start(&n, "{\"queue_max\":2,\"token_optional\":true}");
    post(&n, "/work/add", "{\"work_type\":\"a\"}");
    post(&n, "/work/add", "{\"work_type\":\"a\"}");

    assert_int_equal(post(&n, "/work/add", "{\"work_type\":\"a\"}"), 429);

    assert_says(&n, "queue_full");
    assert_true(n.reply.retry_after_s > 0);
    node_stop(&n);
}

static void where_tokens_are_optional_the_claimant_s_name_will_do(void **state)
{
    static const char right[] = "{\"work_id\":\"w1\",\"node_id\":\"n1\"}";
    struct node n = {.net = NULL};
    char token[64];

    (void)state;
    node_start(&n, "{\"token_optional\":true}");
    post(&n, "/work/add", "{\"work_type\":\"a\"}");
    claim(&n, "n1", token);

    assert_int_equal(post(&n, "/work/complete", "{\"work_id\":\"w1\",\"node_id\":\"n2\"}"), 409);
    assert_int_equal(post(&n, "/work/complete", right), 200);
    assert_int_equal(post(&n, "/work/complete", right), 200);
    assert_says(&n, "\"duplicate\":true");
    node_stop(&n);
}

static void a_page_of_a_group_ends_early_when_results_are_large(void **state)
{
    struct node *n = *state;
    struct rh_buf result;
    char token[64];
    char id[24];

    rh_buf_init(&result, 1u << 20);
    for (int i = 0; i < 20; i++)
        post(n, "/work/add", "{\"work_type\":\"a\",\"group\":\"g\"}");
    for (int i = 1; i <= 20; i++) {
        claim(n, "n1", token);
        rh_buf_reset(&result);
        snprintf(id, sizeof(id), "w%d", i);
        rh_buf_printf(&result, "{\"work_id\":\"%s\",\"node_id\":\"n1\",\"claim_token\":\"%s\",", id,
                      token);
        rh_buf_printf(&result, "\"result\":{\"x\":\"%060000d\"}}", i);
        assert_int_equal(post(n, "/work/complete", result.p), 200);
    }
    rh_buf_release(&result);

    get(n, "/work/group?group=g&limit=1000");
    assert_says(n, "\"next\":\"w18\"");
    get(n, "/work/group?group=g&limit=1000&after=w18");
    assert_says(n, "\"w20\"");
    assert_says(n, "\"next\":null");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(old_finished_items_are_deleted_and_still_counted),
        CASE(thousands_of_items_are_loaded_again_page_by_page),
        CASE(totals_of_thousands_of_groups_are_loaded_again_in_slices),
        CASE(a_batch_beyond_the_store_s_limit_is_refused_whole),
        CASE(json_nested_deeper_than_it_can_be_handed_on_is_refused),
        cmocka_unit_test(a_full_queue_says_so_and_when_to_come_again),
        cmocka_unit_test(where_tokens_are_optional_the_claimant_s_name_will_do),
        CASE(a_page_of_a_group_ends_early_when_results_are_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
