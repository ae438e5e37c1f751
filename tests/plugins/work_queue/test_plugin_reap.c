/* Attempts that somebody else ends: the claim must be the one that was seen, its token is stale
 * afterwards, and the attempt counts. */
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

/* When the item was claimed, as the list of leased items says. */
static long long claimed_at(struct node *n)
{
    const char *at = strstr(get(n, "/work/pending?status=leased"), "\"claimed_at\":");

    assert_non_null(at);
    return strtoll(at + strlen("\"claimed_at\":"), NULL, 10);
}

static uint32_t reap(struct node *n, const char *who, int attempt, long long at, const char *cause)
{
    char body[400];

    snprintf(body, sizeof(body),
             "{\"work_id\":\"w1\",\"node_id\":\"%s\",\"attempt\":%d,\"claimed_at\":%lld,"
             "\"cause\":\"%s\",\"error\":\"seen for 900 s\"}",
             who, attempt, at, cause);
    return post(n, "/work/reap", body);
}

static void add_and_claim(struct node *n, char token[64])
{
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"x\",\"max_attempts\":2}"), 201);
    claim(n, "n1", token);
}

static void a_reaped_attempt_leaves_its_token_stale_and_the_item_pending(void **state)
{
    struct node *n = *state;
    char token[64];

    add_and_claim(n, token);

    assert_int_equal(reap(n, "n1", 1, claimed_at(n), "stale"), 200);

    assert_says(n, "\"status\":\"pending\"");
    assert_int_equal(report(n, "complete", "w1", token, ""), 409);
    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"ended_by\":\"reaped\"");
    assert_says(n, "attempt 1 of 2 on n1 was ended, stale: seen for 900 s");
    get(n, "/work/stats");
    assert_says(n, "\"attempts_reaped\":1");
}

static void the_last_attempt_that_is_reaped_leaves_the_item_dead(void **state)
{
    struct node *n = *state;
    char token[64];

    add_and_claim(n, token);
    assert_int_equal(reap(n, "n1", 1, claimed_at(n), "stuck"), 200);
    claim(n, "n1", token);

    assert_int_equal(reap(n, "n1", 2, claimed_at(n), "stuck"), 200);

    assert_says(n, "\"status\":\"dead\"");
}

static void a_claim_that_is_not_the_one_that_was_seen_is_left_alone(void **state)
{
    struct node *n = *state;
    char token[64];

    add_and_claim(n, token);
    long long at = claimed_at(n);

    assert_int_equal(reap(n, "n2", 1, at, "stuck"), 409);
    assert_int_equal(reap(n, "n1", 2, at, "stuck"), 409);
    assert_int_equal(reap(n, "n1", 1, at - 1, "stuck"), 409);
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    assert_int_equal(reap(n, "n1", 1, at, "stuck"), 409);
}

static void work_that_has_begun_meanwhile_is_not_stale(void **state)
{
    struct node *n = *state;
    char token[64];

    add_and_claim(n, token);
    long long at = claimed_at(n);
    assert_int_equal(report(n, "start", "w1", token, ""), 200);

    assert_int_equal(reap(n, "n1", 1, at, "stale"), 409);
    assert_says(n, "stale_claim");
    assert_int_equal(reap(n, "n1", 1, at, "abandoned"), 200);
}

static void what_was_reaped_stays_so_after_a_crash(void **state)
{
    struct node *n = *state;
    char token[64];
    char stale[64];

    add_and_claim(n, stale);
    assert_int_equal(reap(n, "n1", 1, claimed_at(n), "stale"), 200);

    node_crash_and_restart(n);

    assert_int_equal(report(n, "complete", "w1", stale, ""), 409);
    claim(n, "n1", token);
    assert_says(n, "\"attempt\":2");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_reaped_attempt_leaves_its_token_stale_and_the_item_pending),
        CASE(the_last_attempt_that_is_reaped_leaves_the_item_dead),
        CASE(a_claim_that_is_not_the_one_that_was_seen_is_left_alone),
        CASE(work_that_has_begun_meanwhile_is_not_stale),
        CASE(what_was_reaped_stays_so_after_a_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
