/* Tests of the helpers that every plugin's wiring uses. */
#include "fake_host.h"

#include <math.h>

static void every_service_is_asked_for_and_absent_ones_are_null(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    assert_ptr_equal(rh.core, &fake_core);
    assert_ptr_equal(rh.http, &fake_http);
    assert_ptr_equal(rh.state, &fake_state);
    assert_null(rh.cluster);
    assert_null(rh.control);
    assert_string_equal(fake.service_asked,
                        "rh.core/1 rh.fields/1 rh.http/1 rh.events/1 rh.state/1 rh.cluster/1 "
                        "rh.process/1 rh.file/1 rh.work/1 rh.metrics/1 rh.control/1 ");
}

static void failf_says_why_and_returns_the_code(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    int32_t rc = rh_failf(&rh, RH_ENOTFOUND, "no work item \"%s\"", "w7");

    assert_int_equal(rc, RH_ENOTFOUND);
    assert_int_equal(fake.rc, RH_ENOTFOUND);
    assert_string_equal(fake.text, "no work item \"w7\"");
}

static void long_texts_are_cut_at_the_named_limit(void **state)
{
    struct rh_services rh = fake_host();
    char text[2 * RH_TEXT_MAX];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';

    rh_log_warn(&rh, "too_long", "text=%s", text);

    assert_int_equal(strlen(fake.text), RH_TEXT_MAX - 1);
    assert_int_equal(fake.level, RH_LOG_WARN);
    assert_string_equal(fake.event, "too_long");
}

static void warnf_shows_words_and_takes_them_back(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    rh_warnf(&rh, "voters", "node %s differs", "n2");
    assert_string_equal(fake.event, "voters");
    assert_string_equal(fake.text, "node n2 differs");
    rh_warnf(&rh, "voters", NULL);
    assert_string_equal(fake.text, "(taken back)");
}

static void a_host_that_knows_no_warnings_is_left_alone(void **state)
{
    struct rh_core_v1 old = fake_core;
    struct rh_services rh = fake_host();

    (void)state;
    old.size = (uint32_t)offsetof(struct rh_core_v1, warn);
    rh.core = &old;

    rh_warnf(&rh, "voters", "node %s differs", "n2");

    assert_string_equal(fake.event, "");
}

static void a_refused_value_is_named_by_its_key(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    int32_t rc = rh_fail_fieldf(&rh, RH_EINVAL, rh_field_path("pools.%u.%s", 2u, "least").text,
                                "%d is above most", 9);

    assert_int_equal(rc, RH_EINVAL);
    assert_string_equal(fake.field, "pools.2.least");
    assert_string_equal(fake.text, "9 is above most");
}

static void a_host_that_knows_no_keys_is_told_them_in_words(void **state)
{
    struct rh_core_v1 old = fake_core;
    struct rh_services rh = fake_host();

    (void)state;
    old.size = (uint32_t)offsetof(struct rh_core_v1, fail_field);
    rh.core = &old;

    assert_int_equal(rh_fail_fieldf(&rh, RH_EINVAL, "least", "%d is above most", 9), RH_EINVAL);

    assert_string_equal(fake.field, "");
    assert_string_equal(fake.text, "least: 9 is above most");
}

static void json_reply_closes_its_object_and_answers(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_json_reply reply;

    (void)state;

    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "term", 4);
    int32_t rc = rh_json_reply_send(&reply, &rh, 9, 201);

    assert_int_equal(rc, RH_OK);
    assert_int_equal(fake.status, 201);
    assert_string_equal(fake.body, "{\"term\":4}");
}

static void an_early_reply_is_early_where_the_host_knows_how(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_http_v1 older = *rh.http;
    struct rh_json_reply reply;

    (void)state;
    older.size = (uint32_t)offsetof(struct rh_http_v1, reply_early);

    rh_json_reply_begin(&reply);
    int32_t rc = rh_json_reply_send_early(&reply, &rh, 9, 200);
    assert_int_equal(rc, RH_OK);
    assert_int_equal(fake.early_count, 1);
    rh.http = &older;
    rh_json_reply_begin(&reply);
    rc = rh_json_reply_send_early(&reply, &rh, 9, 201);

    assert_int_equal(rc, RH_OK);
    assert_int_equal(fake.early_count, 1);
    assert_int_equal(fake.reply_count, 2);
    assert_int_equal(fake.status, 201);
}

static void a_body_that_cannot_be_built_is_answered_with_an_error(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_json_reply reply;

    (void)state;

    rh_json_reply_begin(&reply);
    rh_json_kv_double(&reply.w, "rate", NAN);
    int32_t rc = rh_json_reply_send(&reply, &rh, 9, 200);

    assert_int_equal(rc, RH_EINVAL);
    assert_int_equal(fake.reply_count, 0);
    assert_int_equal(fake.error_count, 1);
    assert_int_equal(fake.rc, RH_EINVAL);
}

static void a_reply_without_memory_is_answered_with_an_error(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_json_reply reply;

    (void)state;
    allocations_left = 0;

    rh_json_reply_begin(&reply);
    rh_json_kv_int(&reply.w, "term", 4);
    int32_t rc = rh_json_reply_send(&reply, &rh, 9, 200);
    allocations_left = -1;

    assert_int_equal(rc, RH_ENOMEM);
    assert_int_equal(fake.error_count, 1);
}

static void errors_carry_code_and_words(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    assert_int_equal(
        rh_reply_errorf(&rh, 3, RH_EFORBIDDEN, "not_a_voter", "%s does not vote", "n4"), RH_OK);

    assert_int_equal(fake.rc, RH_EFORBIDDEN);
    assert_string_equal(fake.code, "not_a_voter");
    assert_string_equal(fake.text, "n4 does not vote");
}

static void an_empty_text_leaves_the_default_words(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    assert_int_equal(rh_reply_errorf(&rh, 3, RH_EBUSY, NULL, "%s", ""), RH_OK);

    assert_string_equal(fake.text, "(default)");
    assert_string_equal(fake.code, "");
}

static void ok_is_one_word(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    assert_int_equal(rh_reply_ok(&rh, 3), RH_OK);

    assert_int_equal(fake.status, 200);
    assert_string_equal(fake.body, "{\"ok\":true}");
}

static void a_node_speaks_for_itself_only(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;
    assert_int_equal(rh_check_speaker(&rh, 1, RH_STR_LIT("n2")), RH_OK); /* no node asks */

    fake.caller_node = RH_STR_LIT("n1");
    assert_int_equal(rh_check_speaker(&rh, 1, RH_STR_LIT("n1")), RH_OK);
    assert_int_equal(rh_check_speaker(&rh, 1, RH_STR_LIT("n2")), RH_EFORBIDDEN);
    assert_string_equal(fake.text, "n1 may not speak for n2");

    fake.request_rc = RH_ENOTFOUND;
    assert_int_equal(rh_check_speaker(&rh, 1, RH_STR_LIT("n1")), RH_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_service_is_asked_for_and_absent_ones_are_null),
        cmocka_unit_test(failf_says_why_and_returns_the_code),
        cmocka_unit_test(long_texts_are_cut_at_the_named_limit),
        cmocka_unit_test(warnf_shows_words_and_takes_them_back),
        cmocka_unit_test(a_host_that_knows_no_warnings_is_left_alone),
        cmocka_unit_test(a_refused_value_is_named_by_its_key),
        cmocka_unit_test(a_host_that_knows_no_keys_is_told_them_in_words),
        cmocka_unit_test(json_reply_closes_its_object_and_answers),
        cmocka_unit_test(an_early_reply_is_early_where_the_host_knows_how),
        cmocka_unit_test(a_body_that_cannot_be_built_is_answered_with_an_error),
        cmocka_unit_test(a_reply_without_memory_is_answered_with_an_error),
        cmocka_unit_test(errors_carry_code_and_words),
        cmocka_unit_test(an_empty_text_leaves_the_default_words),
        cmocka_unit_test(ok_is_one_word),
        cmocka_unit_test(a_node_speaks_for_itself_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
