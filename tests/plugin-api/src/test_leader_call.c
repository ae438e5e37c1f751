/* Tests of calls to the leader that carry an epoch, and of what is made of their answers. */
#include "sdk_test.h"

#include <string.h>

#include <ringhost/sdk/leader_call.h>

#include "fake_host.h"

static void ignore(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)user;
    (void)reply;
}

static void an_act_carries_its_epoch_and_its_body(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_json_reply body;

    (void)state;
    rh_json_reply_begin(&body);
    rh_json_kv_int(&body.w, "n", 3);

    assert_int_equal(rh_leader_call(&rh, "POST", "/work/reap", &body, 9, ignore, NULL), RH_OK);

    assert_string_equal(fake.call.target, "leader");
    assert_string_equal(fake.call.path, "/work/reap");
    assert_int_equal(fake.call.epoch, 9);
    assert_string_equal(fake.call_body, "{\"n\":3}");
}

static void a_question_has_no_body(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    assert_int_equal(rh_leader_call(&rh, "GET", "/work/stats", NULL, 0, ignore, NULL), RH_OK);

    assert_string_equal(fake.call_body, "");
    assert_int_equal(fake.call.epoch, 0);
}

static void a_refusal_is_an_error_in_the_words_of_the_answer(void **state)
{
    struct rh_services rh = fake_host();
    const struct rh_reply refusal = {.size = (uint32_t)sizeof(refusal),
                                     .status = 412,
                                     .error_code = RH_STR_LIT("stale_epoch"),
                                     .message = RH_STR_LIT("it is over")};

    (void)state;

    assert_int_equal(rh_leader_answer(&rh, &refusal, "/work/reap", NULL, NULL, NULL), RH_EPROTOCOL);

    assert_string_equal(fake.text, "/work/reap answered 412 stale_epoch: it is over");
}

static void no_answer_keeps_its_code(void **state)
{
    struct rh_services rh = fake_host();
    const struct rh_reply none = {.size = (uint32_t)sizeof(none),
                                  .rc = RH_EUNREACHABLE,
                                  .message = RH_STR_LIT("connection refused")};
    void *memory = &rh;

    (void)state;

    assert_int_equal(rh_leader_answer(&rh, &none, "/work/stats", NULL, NULL, &memory),
                     RH_EUNREACHABLE);

    assert_string_equal(fake.text, "/work/stats: connection refused");
    assert_null(memory);
}

static void an_answer_that_does_not_matter_is_not_read(void **state)
{
    struct rh_services rh = fake_host();
    const struct rh_reply done = {
        .size = (uint32_t)sizeof(done), .status = 200, .body = RH_STR_LIT("no JSON")};

    (void)state;

    assert_int_equal(rh_leader_answer(&rh, &done, "/work/reap", NULL, NULL, NULL), RH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_act_carries_its_epoch_and_its_body),
        cmocka_unit_test(a_question_has_no_body),
        cmocka_unit_test(a_refusal_is_an_error_in_the_words_of_the_answer),
        cmocka_unit_test(no_answer_keeps_its_code),
        cmocka_unit_test(an_answer_that_does_not_matter_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
