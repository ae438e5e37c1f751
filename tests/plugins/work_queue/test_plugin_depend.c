/* Delays and dependencies over the routes: what is refused, what waits, what a crash keeps. */
#include "plugin_test.h"

static int setup(void **state)
{
    struct node *n = calloc(1, sizeof(*n));

    node_start(n, "{\"retry_base\":\"0s\",\"restore_grace\":\"1s\"}");
    *state = n;
    return 0;
}

static int teardown(void **state)
{
    node_stop(*state);
    free(*state);
    return 0;
}

static void add_after(struct node *n, const char *depends)
{
    char body[300];

    snprintf(body, sizeof(body), "{\"work_type\":\"b\",\"depends_on\":[%s]}", depends);
    assert_int_equal(post(n, "/work/add", body), 201);
}

static void assert_state(struct node *n, const char *id, const char *state)
{
    char target[64];
    char text[64];

    snprintf(target, sizeof(target), "/work/item?work_id=%s", id);
    snprintf(text, sizeof(text), "\"status\":\"%s\"", state);
    get(n, target);
    assert_says(n, text);
}

static void an_item_waits_until_those_it_names_are_done(void **state)
{
    struct node *n = *state;
    char token[64];

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"idempotency_key\":\"first\"}"),
                     201);
    add_after(n, "\"key:first\",\"w1\"");
    assert_says(n, "\"status\":\"blocked\"");
    get(n, "/work/item?work_id=w2");
    assert_says(n, "\"depends_on\":[\"w1\"],\"waits_for\":[\"w1\"]");
    claim(n, "n1", token);
    post(n, "/work/claim", "{\"node_id\":\"n2\"}");
    assert_says(n, "\"refused\":{\"no_work\":1,\"blocked\":1}");
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);

    claim(n, "n1", token);
    assert_says(n, "\"work_id\":\"w2\"");
    assert_int_equal(report(n, "complete", "w2", token, ""), 200);
}

static void waiting_survives_a_crash_at_every_point(void **state)
{
    struct node *n = *state;
    char token[64];

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    add_after(n, "\"w1\"");
    node_crash_and_restart(n);
    assert_state(n, "w2", "blocked");
    claim(n, "n1", token);
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    node_crash_and_restart(n);

    assert_state(n, "w2", "pending");
    node_crash_and_restart(n);
    claim(n, "n1", token);
    assert_says(n, "\"work_id\":\"w2\"");
}

static void who_depends_on_the_dead_is_dead_and_says_on_whom(void **state)
{
    struct node *n = *state;
    char token[64];

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    add_after(n, "\"w1\"");
    add_after(n, "\"w2\"");
    claim(n, "n1", token);
    assert_int_equal(report(n, "fail", "w1", token, ",\"error\":\"broke\",\"retryable\":false"),
                     200);
    rh_testnet_run(n->net, 100);

    assert_state(n, "w2", "dead");
    assert_says(n, "it depends on w1, which is dead");
    assert_says(n, "\"ended_by\":\"dependency\"");
    assert_state(n, "w3", "dead");
    assert_says(n, "it depends on w2, which is dead");
    get(n, "/work/stats");
    assert_says(n, "\"live\":0");
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"depends_on\":[\"w1\"]}"), 409);
    assert_says(n, "\\\"w1\\\", which is dead");
}

static void a_crash_in_the_midst_of_many_ends_forgets_none(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    for (int i = 0; i < 400; i++)
        add_after(n, "\"w1\"");
    assert_int_equal(post(n, "/work/cancel", "{\"work_id\":\"w1\"}"), 200);
    node_crash_and_restart(n);
    rh_testnet_run(n->net, 1000);

    get(n, "/work/stats");
    assert_says(n, "\"blocked\":0");
    assert_says(n, "\"cancelled\":401");
    assert_state(n, "w401", "cancelled");
}

static void a_batch_names_its_own_items_by_place_and_by_key(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add",
                          "{\"items\":[{\"work_type\":\"c\",\"depends_on\":[\"#1\",\"key:k\"]},"
                          "{\"work_type\":\"b\",\"depends_on\":[\"#2\"]},"
                          "{\"work_type\":\"a\",\"idempotency_key\":\"k\"}]}"),
                     201);

    assert_says(n, "{\"items\":[{\"work_id\":\"w3\",\"status\":\"blocked\"},"
                   "{\"work_id\":\"w2\",\"status\":\"blocked\"},"
                   "{\"work_id\":\"w1\",\"status\":\"pending\"}]}");
    get(n, "/work/item?work_id=w3");
    assert_says(n, "\"depends_on\":[\"w2\",\"w1\"]");
}

static void circles_and_unknown_names_are_refused_by_name(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add",
                          "{\"items\":[{\"work_type\":\"a\",\"depends_on\":[\"#1\"]},"
                          "{\"work_type\":\"b\",\"depends_on\":[\"#0\"]}]}"),
                     400);
    assert_says(n, "lets item #0 wait for itself");
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"depends_on\":[\"w7\"]}"), 400);
    assert_says(n, "no work item \\\"w7\\\"");
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"depends_on\":[\"key:x\"]}"), 400);
    assert_says(n, "no work item \\\"key:x\\\"");
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"depends_on\":[\"#4\"]}"), 400);
    assert_says(n, "no place of the batch");
    get(n, "/work/stats");
    assert_says(n, "\"added\":0");
}

static void a_batch_that_fails_late_leaves_nobody_waiting(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    assert_int_equal(post(n, "/work/add",
                          "{\"items\":[{\"work_type\":\"b\",\"depends_on\":[\"w1\"]},"
                          "{\"work_type\":\"c\",\"depends_on\":[\"w9\"]}]}"),
                     400);
    get(n, "/work/stats");
    assert_says(n, "\"added\":1");
    add_after(n, "\"w1\"");
    assert_says(n, "\"work_id\":\"w2\"");
}

static void a_delay_is_kept_over_a_crash_and_ends_in_time(void **state)
{
    struct node *n = *state;
    char token[64];

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"delay_s\":60}"), 201);
    assert_says(n, "\"status\":\"delayed\"");
    post(n, "/work/claim", "{\"node_id\":\"n1\"}");
    assert_says(n, "\"delayed\":1");
    rh_testnet_run(n->net, 30000);
    node_crash_and_restart(n);
    assert_state(n, "w1", "delayed");
    rh_testnet_run(n->net, 31000);

    claim(n, "n1", token);
    assert_says(n, "\"work_id\":\"w1\"");
}

static void a_parked_claim_is_woken_when_its_item_is_released(void **state)
{
    struct node *n = *state;
    char token[64];

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\"}"), 201);
    add_after(n, "\"w1\"");
    claim(n, "n1", token);
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n2\",\"wait_s\":20}"), 200);
    assert_says(n, "\"work_id\":\"w2\"");
}

#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void inputs_and_outputs_are_shown_to_the_claimant(void **state)
{
    struct node *n = *state;
    char token[64];

    assert_int_equal(post(n, "/work/add",
                          "{\"work_type\":\"a\",\"inputs\":[\"model=" HEX
                          "\"],\"outputs\":[\"games\"]}"),
                     201);
    claim(n, "n1", token);
    assert_says(n, "\"inputs\":[\"model=" HEX "\"],\"outputs\":[\"games\"]");
    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"inputs\":[\"model=" HEX "\"]");
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"inputs\":[\"\"]}"), 400);
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"inputs\":[\"../m=" HEX "\"]}"),
                     400);
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"outputs\":[\"a/b\"]}"), 400);
}

static void a_file_name_given_twice_is_refused_by_name(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add",
                          "{\"work_type\":\"a\",\"inputs\":[\"model=" HEX "\",\"m=" HEX
                          "\",\"model=" HEX ":0555\"]}"),
                     400);
    assert_says(n, "\"field\":\"inputs\"");
    assert_says(n, "names \\\"model\\\" twice");
    assert_int_equal(post(n, "/work/add",
                          "{\"work_type\":\"a\",\"inputs\":[\"v1/model=" HEX "\",\"v2/model=" HEX
                          "\",\"v1=" HEX "\"]}"),
                     400);
    assert_says(n, "names a file \\\"v1\\\" that is the folder of another");
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"outputs\":[\"g\",\"g\"]}"), 400);
    assert_says(n, "\"field\":\"outputs\"");
    assert_int_equal(post(n, "/work/add",
                          "{\"work_type\":\"a\",\"inputs\":[\"model=" HEX "\",\"mode=" HEX
                          "\"],\"outputs\":[\"model\"]}"),
                     201);
}

static void a_mode_with_write_permission_is_refused_with_the_rule(void **state)
{
    struct node *n = *state;

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"inputs\":[\"m=" HEX ":0755\"]}"),
                     400);
    assert_says(n, "octal digits without write permission, as 0444 or 0555");
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(an_item_waits_until_those_it_names_are_done),
        RULE(waiting_survives_a_crash_at_every_point),
        RULE(who_depends_on_the_dead_is_dead_and_says_on_whom),
        RULE(a_crash_in_the_midst_of_many_ends_forgets_none),
        RULE(a_batch_names_its_own_items_by_place_and_by_key),
        RULE(circles_and_unknown_names_are_refused_by_name),
        RULE(a_batch_that_fails_late_leaves_nobody_waiting),
        RULE(a_delay_is_kept_over_a_crash_and_ends_in_time),
        RULE(a_parked_claim_is_woken_when_its_item_is_released),
        RULE(inputs_and_outputs_are_shown_to_the_claimant),
        RULE(a_file_name_given_twice_is_refused_by_name),
        RULE(a_mode_with_write_permission_is_refused_with_the_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
