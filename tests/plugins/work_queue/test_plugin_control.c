/* What operators do and see: pauses, limits, dead letters, the history, stealing and the numbers.
 */
#include "plugin_test.h"

static const char config[] =
    "{\"retry_base\":\"0s\",\"done_kept_for\":\"1h\",\"queue_max\":20,\"node_leases_max\":4,"
    "\"limits\":[{\"work_type\":\"training\",\"leased_max\":1}]}";

static int setup(void **state)
{
    struct node *n = calloc(1, sizeof(*n));

    node_start(n, config);
    *state = n;
    return 0;
}

static int teardown(void **state)
{
    node_stop(*state);
    free(*state);
    return 0;
}

static void add(struct node *n, const char *type, uint32_t count)
{
    char body[200];

    snprintf(body, sizeof(body), "{\"work_type\":\"%s\",\"group\":\"g\",\"max_attempts\":1}", type);
    while (count-- > 0)
        assert_int_equal(post(n, "/work/add", body), 201);
}

/* Claims the next item and lets it die. */
static void kill_next(struct node *n, const char *id)
{
    char token[64];

    claim(n, "n1", token);
    assert_int_equal(report(n, "fail", id, token, ",\"error\":\"it broke\""), 200);
    assert_says(n, "\"dead\"");
}

static void a_paused_type_is_refused_also_after_a_crash(void **state)
{
    struct node *n = *state;
    char token[64];

    add(n, "selfplay", 1);
    assert_int_equal(
        post(n, "/work/pause", "{\"work_type\":\"selfplay\",\"reason\":\"bad model\"}"), 200);
    assert_int_equal(post(n, "/work/pause", "{\"work_type\":\"selfplay\"}"), 200);
    assert_says(n, "\"duplicate\":true");
    node_crash_and_restart(n);
    post(n, "/work/claim", "{\"node_id\":\"n1\"}");
    assert_says(n, "\"refused\":{\"paused\":1}");
    get(n, "/work/stats");
    assert_says(n, "\"paused\":[{\"work_type\":\"selfplay\",\"since_at\":");
    assert_says(n, "\"reason\":\"bad model\"");

    assert_int_equal(post(n, "/work/resume", "{\"work_type\":\"selfplay\"}"), 200);
    claim(n, "n1", token);
    assert_int_equal(post(n, "/work/pause", "{}"), 400);
}

static void limits_hold_and_say_so(void **state)
{
    struct node *n = *state;

    add(n, "training", 2);
    add(n, "selfplay", 6);
    assert_int_equal(
        post(n, "/work/claim",
             "{\"node_id\":\"n1\",\"work_types\":[\"training\"],\"max_items\":5,\"steal\":false}"),
        200);
    assert_says(n, "\"work_id\":\"w1\"");
    post(n, "/work/claim", "{\"node_id\":\"n2\",\"work_types\":[\"training\"],\"steal\":false}");
    assert_says(n, "\"config_limit\":1");
    post(n, "/work/claim", "{\"node_id\":\"n1\",\"max_items\":5,\"steal\":false}");
    assert_says(n, "\"w5\"");
    assert_silent_on(n, "\"w6\"");
    add(n, "selfplay", 1); /* makes the claims durable, too */
    node_crash_and_restart(n);

    post(n, "/work/claim", "{\"node_id\":\"n1\",\"max_items\":5}");
    assert_says(n, "\"node_limit\":5");
    get(n, "/work/stats");
    assert_says(n, "\"node_limit\":5");
}

static void dead_letters_are_retried_one_by_one(void **state)
{
    struct node *n = *state;
    char token[64];

    add(n, "selfplay", 1);
    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"w9\"}"), 404);
    kill_next(n, "w1");
    node_crash_and_restart(n);
    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"w1\"}"), 200);
    assert_says(n, "\"status\":\"pending\"");
    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"w1\"}"), 200);
    assert_says(n, "\"duplicate\":true");
    node_crash_and_restart(n);
    get(n, "/work/group?group=g");
    assert_says(n, "\"added\":1,\"pending\":1,\"leased\":0,\"delayed\":0,\"blocked\":0,\"done\":0,"
                   "\"dead\":0");
    claim(n, "n1", token);
    assert_says(n, "\"attempt\":1");
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);

    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"w1\"}"), 409);
    get(n, "/work/stats");
    assert_says(n, "\"added\":1,\"live\":0");
    assert_says(n, "\"done\":1,\"dead\":0");
}

static void dead_letters_are_retried_by_filter_and_limit(void **state)
{
    struct node *n = *state;
    char next[32];
    char body[100];

    add(n, "selfplay", 5);
    for (int i = 1; i <= 5; i++) {
        char id[8];
        snprintf(id, sizeof(id), "w%d", i);
        kill_next(n, id);
    }
    assert_int_equal(post(n, "/work/retry", "{\"work_type\":\"other\"}"), 200);
    assert_says(n, "\"count\":0");

    assert_int_equal(post(n, "/work/retry", "{\"work_type\":\"selfplay\",\"limit\":2}"), 200);
    assert_says(n, "{\"retried\":[\"w1\",\"w2\"],\"count\":2,\"skipped\":0,\"next\":\"");
    read_next(n, next);
    assert_int_equal(post(n, "/work/retry", "{\"group\":\"g\",\"after\":\"w2\"}"), 400);
    assert_says(n, "`next` of an earlier page of this list");
    snprintf(body, sizeof(body), "{\"group\":\"g\",\"after\":\"%s\"}", next);
    assert_int_equal(post(n, "/work/retry", body), 200);
    assert_says(n, "{\"retried\":[\"w3\",\"w4\",\"w5\"],\"count\":3,\"skipped\":0,\"next\":null}");
    get(n, "/work/stats");
    assert_says(n, "\"dead_retried\":5");
    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"w1\",\"group\":\"g\"}"), 400);
    assert_int_equal(post(n, "/work/retry", "{}"), 400); /* not everything by an empty variable */
    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"\"}"), 400);
    assert_int_equal(post(n, "/work/retry", "{\"group\":\"\",\"all\":true}"), 400);
}

static void who_depends_on_the_dead_is_retried_after_it(void **state)
{
    struct node *n = *state;

    add(n, "selfplay", 1);
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"b\",\"depends_on\":[\"w1\"]}"), 201);
    kill_next(n, "w1");
    rh_testnet_run(n->net, 100);
    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"w2\"}"), 409);
    assert_says(n, "depends on \\\"w1\\\", which is dead");

    assert_int_equal(post(n, "/work/retry", "{\"all\":true}"), 200);
    assert_says(n, "\"retried\":[\"w1\",\"w2\"]");
    get(n, "/work/item?work_id=w2");
    assert_says(n, "\"status\":\"blocked\"");
    node_crash_and_restart(n);
    get(n, "/work/item?work_id=w2");
    assert_says(n, "\"status\":\"blocked\"");
}

static void a_checkpoint_outlives_death_and_retry(void **state)
{
    struct node *n = *state;
    char token[64];

    add(n, "selfplay", 1);
    claim(n, "n1", token);
    assert_int_equal(report(n, "heartbeat", "w1", token, ",\"checkpoint\":{\"epoch\":7}"), 200);
    assert_int_equal(report(n, "fail", "w1", token, ",\"error\":\"it broke\""), 200);
    assert_int_equal(post(n, "/work/retry", "{\"work_id\":\"w1\"}"), 200);

    claim(n, "n1", token);
    assert_says(n, "\"checkpoint\":{\"epoch\":7}");
}

static void the_history_is_listed_from_its_end_by_filter_and_page(void **state)
{
    struct node *n = *state;
    char token[64];
    char next[32];
    char target[100];

    add(n, "selfplay", 3);
    kill_next(n, "w1");
    claim(n, "n2", token);
    assert_int_equal(report(n, "complete", "w2", token, ""), 200);
    assert_int_equal(post(n, "/work/cancel", "{\"work_id\":\"w3\"}"), 200);

    get(n, "/work/history?limit=2");
    assert_true(strstr(n->reply.body, "\"w3\"") < strstr(n->reply.body, "\"w2\""));
    assert_silent_on(n, "\"w1\"");
    read_next(n, next);
    assert_int_equal(rh_testhost_request(n->host, "GET", "/work/history?after=w2", NULL, &n->reply),
                     400);
    assert_says(n, "`next` of an earlier page of this list");
    snprintf(target, sizeof(target), "/work/pending?status=done&after=%s", next);
    assert_int_equal(rh_testhost_request(n->host, "GET", target, NULL, &n->reply), 400);
    snprintf(target, sizeof(target), "/work/history?limit=2&after=%s", next);
    get(n, target);
    assert_says(n, "\"work_id\":\"w1\"");
    assert_says(n, "\"error\":\"it broke\"");
    assert_says(n, "\"next\":null");
    get(n, "/work/history?status=dead");
    assert_silent_on(n, "\"w2\"");
    get(n, "/work/history?node_id=n2&group=g");
    assert_says(n, "\"w2\"");
    assert_silent_on(n, "\"w1\"");
    get(n, "/work/history?until_at=5");
    assert_says(n, "{\"items\":[],\"next\":null}");
}

static void the_history_forgets_what_is_too_old(void **state)
{
    struct node *n = *state;

    add(n, "selfplay", 2);
    kill_next(n, "w1");
    rh_testnet_run(n->net, 1800000);
    kill_next(n, "w2");
    rh_testnet_run(n->net, 1810000);
    get(n, "/work/history");
    assert_says(n, "\"w2\"");
    assert_silent_on(n, "\"w1\"");
    node_crash_and_restart(n);
    rh_testnet_run(n->net, 1900000);

    get(n, "/work/history");
    assert_says(n, "{\"items\":[],\"next\":null}");
    get(n, "/work/stats");
    assert_says(n, "\"dead\":2,\"cancelled\":0,\"finished_kept\":0");
}

static void an_idle_node_takes_half_of_what_another_has_not_started(void **state)
{
    struct node *n = *state;
    char old[64];
    char token[64];

    add(n, "selfplay", 3);
    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\",\"max_items\":2}"), 200);
    claim(n, "n1", old);
    assert_int_equal(report(n, "start", "w3", old, ""), 200);
    post(n, "/work/claim", "{\"node_id\":\"n2\",\"steal\":false}");
    assert_says(n, "\"items\":[]");

    claim(n, "n2", token);
    assert_says(n, "\"work_id\":\"w1\"");
    assert_says(n, "\"attempt\":1");
    post(n, "/work/claim", "{\"node_id\":\"n3\"}");
    assert_says(n, "\"refused\":{\"no_work\":1}");
    node_crash_and_restart(n);
    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"node_id\":\"n2\"");
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
}

static void the_token_of_who_was_stolen_from_is_refused(void **state)
{
    struct node *n = *state;
    char old[64];
    char token[64];

    add(n, "selfplay", 2);
    claim(n, "n1", old);
    claim(n, "n1", token);
    claim(n, "n2", token);
    assert_says(n, "\"work_id\":\"w1\"");

    assert_int_equal(report(n, "complete", "w1", old, ""), 409);
    assert_int_equal(report(n, "heartbeat", "w1", old, ""), 409);
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    get(n, "/work/stats");
    assert_says(n, "\"items_stolen\":1");
}

static void whoever_reports_progress_has_started(void **state)
{
    struct node *n = *state;
    char token[64];
    char other[64];

    add(n, "selfplay", 2);
    claim(n, "n1", token);
    claim(n, "n1", other);
    assert_int_equal(report(n, "heartbeat", "w1", token, ",\"progress\":1"), 200);
    assert_int_equal(report(n, "heartbeat", "w2", other, ",\"progress\":1"), 200);

    post(n, "/work/claim", "{\"node_id\":\"n2\"}");
    assert_says(n, "\"items\":[]");
    node_crash_and_restart(n);
    post(n, "/work/claim", "{\"node_id\":\"n2\"}");
    assert_says(n, "\"items\":[]");
}

static void a_full_queue_asks_to_wait_as_long_as_its_work_takes(void **state)
{
    struct node *n = *state;
    char token[64];

    add(n, "selfplay", 20);
    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"selfplay\"}"), 429);
    assert_int_equal(n->reply.retry_after_s, 300);
    for (int i = 0; i < 4; i++) {
        claim(n, "n1", token);
        char id[8];
        snprintf(id, sizeof(id), "w%d", i + 1);
        assert_int_equal(report(n, "complete", id, token, ""), 200);
    }
    add(n, "selfplay", 4);

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"selfplay\"}"), 429);
    assert_in_range(n->reply.retry_after_s, 10, 20);
}

static void the_numbers_tell_each_config_s_age_and_pace_and_refusals(void **state)
{
    struct node *n = *state;
    char token[64];

    add(n, "selfplay", 2);
    claim(n, "n1", token);
    assert_int_equal(report(n, "complete", "w1", token, ""), 200);
    rh_testnet_run(n->net, 30000);
    post(n, "/work/claim", "{\"node_id\":\"n1\",\"work_types\":[\"training\"]}");
    get(n, "/work/stats");

    assert_says(n, "\"work_type\":\"selfplay\",\"config_key\":\"\",\"pending\":1,\"leased\":0,"
                   "\"delayed\":0,\"blocked\":0,\"done\":1");
    assert_says(n, "\"oldest_pending_s\":3");
    assert_says(n, "\"refused\":{\"work_type\":1}");
    assert_says(n, "\"done_per_min\":");
}

static void a_group_is_told_when_its_counts_change(void **state)
{
    struct node *n = *state;
    struct rh_testhost_reply late;
    char target[120];
    char version[32];

    add(n, "selfplay", 1);
    get(n, "/work/group?group=g");
    assert_int_equal(
        sscanf(strstr(n->reply.body, "\"version\":\""), "\"version\":\"%31[0-9]", version), 1);
    snprintf(target, sizeof(target), "/work/group?group=g&wait_s=20&seen=%s", version);
    uint64_t waiting = rh_testhost_send(n->host, "GET", target, NULL);
    rh_testnet_run(n->net, 2000);
    assert_false(rh_testhost_answer(n->host, waiting, &late));

    assert_int_equal(post(n, "/work/cancel", "{\"work_id\":\"w1\"}"), 200);
    rh_testnet_run(n->net, 100);

    assert_true(rh_testhost_answer(n->host, waiting, &late));
    assert_int_equal(late.status, 200);
    assert_non_null(strstr(late.body, "\"cancelled\":1"));
    get(n, target); /* other than what was seen: at once */
    assert_says(n, "\"cancelled\":1");
}

static void waiting_for_a_group_ends_with_its_time(void **state)
{
    struct node *n = *state;

    add(n, "selfplay", 1);
    get(n, "/work/group?group=g&wait_s=5");
    assert_says(n, "\"pending\":1");
    assert_int_equal(
        rh_testhost_request(n->host, "GET", "/work/group?group=no&wait_s=5", NULL, &n->reply), 404);
    assert_int_equal(
        rh_testhost_request(n->host, "GET", "/work/group?group=g&wait_s=5&seen=x", NULL, &n->reply),
        400);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void a_failure_and_a_release_leave_a_last_checkpoint(void **state)
{
    struct node *n = *state;
    char token[64];

    post(n, "/work/add", "{\"work_type\":\"a\"}");
    claim(n, "n1", token);
    assert_int_equal(report(n, "release", "w1", token, ",\"checkpoint\":[1]"), 200);
    claim(n, "n1", token);
    assert_says(n, "\"checkpoint\":[1]");
    assert_int_equal(report(n, "fail", "w1", token, ",\"error\":\"e\",\"checkpoint\":[2]"), 200);
    node_crash_and_restart(n);
    get(n, "/work/item?work_id=w1");

    assert_says(n, "\"checkpoint\":[2]");
    assert_int_equal(report(n, "fail", "w1", token, ",\"error\":\"e\",\"checkpoint\":[3]"), 200);
    get(n, "/work/item?work_id=w1");
    assert_says(n, "\"checkpoint\":[2]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(a_paused_type_is_refused_also_after_a_crash),
        RULE(limits_hold_and_say_so),
        RULE(dead_letters_are_retried_one_by_one),
        RULE(dead_letters_are_retried_by_filter_and_limit),
        RULE(who_depends_on_the_dead_is_retried_after_it),
        RULE(a_checkpoint_outlives_death_and_retry),
        RULE(the_history_is_listed_from_its_end_by_filter_and_page),
        RULE(the_history_forgets_what_is_too_old),
        RULE(an_idle_node_takes_half_of_what_another_has_not_started),
        RULE(the_token_of_who_was_stolen_from_is_refused),
        RULE(whoever_reports_progress_has_started),
        RULE(a_full_queue_asks_to_wait_as_long_as_its_work_takes),
        RULE(a_group_is_told_when_its_counts_change),
        RULE(waiting_for_a_group_ends_with_its_time),
        RULE(a_failure_and_a_release_leave_a_last_checkpoint),
        RULE(the_numbers_tell_each_config_s_age_and_pace_and_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
