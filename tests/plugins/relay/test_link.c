/* Tests of plugins/relay/link.c. */
#include "plugins/relay/link.h"

#include "relay_test.h"

#define RENEW 120000

/* Wanted and registered at time 0. */
static struct link up(uint64_t *epoch)
{
    struct link link = {.hub = "n1"};

    link_want(&link, true);
    assert_int_equal(link_next(&link, epoch, RENEW, 0), LINK_REGISTER);
    link_on_registered(&link, LINK_OK, 0, 0, 0);
    return link;
}

static void it_registers_then_polls_again_and_again(void **state)
{
    uint64_t epoch = 4;
    struct link link = up(&epoch);

    (void)state;
    assert_int_equal(link.epoch, 5);
    assert_true(link_is_up(&link));
    for (uint64_t batch = 0; batch < 3; batch++) {
        assert_int_equal(link_next(&link, &epoch, RENEW, 10), LINK_POLL);
        assert_int_equal(link_next(&link, &epoch, RENEW, 10), LINK_NOTHING);
        link_on_polled(&link, LINK_OK, batch, 0, 10);
        assert_int_equal(link.batch, batch);
    }
    assert_int_equal(epoch, 5);
}

static void a_failed_poll_rests_and_keeps_registration_and_batch(void **state)
{
    uint64_t epoch = 0;
    struct link link = up(&epoch);

    (void)state;
    (void)link_next(&link, &epoch, RENEW, 0);
    link_on_polled(&link, LINK_OK, 3, 0, 0);
    (void)link_next(&link, &epoch, RENEW, 0);
    link_on_polled(&link, LINK_FAILED, 0, 250, 1000);

    assert_false(link_is_up(&link));
    assert_int_equal(link_due_ms(&link), 1250);
    assert_int_equal(link_next(&link, &epoch, RENEW, 1249), LINK_NOTHING);
    assert_int_equal(link_next(&link, &epoch, RENEW, 1250), LINK_POLL);
    assert_int_equal(link.batch, 3);
    assert_int_equal(epoch, 1);
}

static void a_hub_that_forgot_gets_a_newer_registration_at_once_and_then_rests(void **state)
{
    uint64_t epoch = 0;
    struct link link = up(&epoch);

    (void)state;
    (void)link_next(&link, &epoch, RENEW, 0);
    link_on_polled(&link, LINK_REFUSED, 0, 250, 0);
    assert_int_equal(link_next(&link, &epoch, RENEW, 0), LINK_REGISTER);
    assert_int_equal(link.epoch, 2);
    assert_int_equal(link.batch, 0);

    link_on_registered(&link, LINK_REFUSED, 250, 0, 0);
    assert_int_equal(link_next(&link, &epoch, RENEW, 249), LINK_NOTHING);
    assert_int_equal(link_next(&link, &epoch, RENEW, 250), LINK_REGISTER);
    assert_int_equal(link.epoch, 3);
}

static void a_node_that_can_be_called_asks_again_later(void **state)
{
    struct link link = {.hub = "n1"};
    uint64_t epoch = 0;

    (void)state;
    link_want(&link, true);
    (void)link_next(&link, &epoch, RENEW, 0);
    link_on_registered(&link, LINK_CALLABLE, 0, 600000, 0);

    assert_false(link_is_up(&link));
    assert_int_equal(link_next(&link, &epoch, RENEW, 599999), LINK_NOTHING);
    assert_int_equal(link_next(&link, &epoch, RENEW, 600000), LINK_REGISTER);
}

static void an_old_registration_is_renewed_under_the_same_epoch(void **state)
{
    uint64_t epoch = 0;
    struct link link = up(&epoch);

    (void)state;
    (void)link_next(&link, &epoch, RENEW, 0);
    link_on_polled(&link, LINK_OK, 8, 0, RENEW);

    assert_int_equal(link_next(&link, &epoch, RENEW, RENEW), LINK_REGISTER);
    assert_int_equal(link.epoch, 1);
    assert_int_equal(link.batch, 8);
}

static void an_unwanted_link_ends_with_its_call(void **state)
{
    uint64_t epoch = 0;
    struct link link = up(&epoch);

    (void)state;
    (void)link_next(&link, &epoch, RENEW, 0);
    link_want(&link, false);
    assert_int_equal(link.state, LINK_POLLING);
    assert_false(link_is_up(&link));
    link_on_polled(&link, LINK_OK, 1, 0, 0);

    assert_int_equal(link.state, LINK_IDLE);
    assert_int_equal(link_next(&link, &epoch, RENEW, 0), LINK_NOTHING);
    assert_int_equal(link_due_ms(&link), INT64_MAX);
    assert_string_equal(link_state_name(link.state), "idle");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_registers_then_polls_again_and_again),
        cmocka_unit_test(a_failed_poll_rests_and_keeps_registration_and_batch),
        cmocka_unit_test(a_hub_that_forgot_gets_a_newer_registration_at_once_and_then_rests),
        cmocka_unit_test(a_node_that_can_be_called_asks_again_later),
        cmocka_unit_test(an_old_registration_is_renewed_under_the_same_epoch),
        cmocka_unit_test(an_unwanted_link_ends_with_its_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
