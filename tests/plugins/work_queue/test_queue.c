/* The rules of the queue one by one; test_queue_model.c has them all at random. */
#include "work_queue_test.h"

#include "queue.h"

#define LEASE_MS   2000
#define RUNTIME_MS 5000

/* A queue of its own for the single rules. */
struct fixture {
    struct queue queue;
    struct queue_time now;
    struct item_spec spec;
};

static int setup(void **state)
{
    static const struct queue_limits wide = {.items_max = QUEUE_ITEMS_MAX,
                                             .ageing_ms = 60000,
                                             .retry_base_ms = 1000,
                                             .retry_cap_ms = 60000,
                                             .grace_ms = 500};
    struct fixture *f = calloc(1, sizeof(*f));

    queue_init(&f->queue, 3, &wide);
    queue_begin(&f->queue, 5);
    f->now = (struct queue_time){1000, 1700000000000};
    f->spec = (struct item_spec){
        .work_type = S("selfplay"), .group = S("g"), .timeout_ms = LEASE_MS, .max_attempts = 2};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    queue_release(&f->queue);
    free(f);
    return 0;
}

static struct item *add(struct fixture *f)
{
    struct item *item = NULL;

    assert_int_equal(queue_add(&f->queue, &f->spec, f->now, &item), RH_OK);
    return item;
}

static struct item *claim(struct fixture *f, const char *node)
{
    const struct match_claim claim = {.node_id = rh_str_from(node)};
    uint64_t refused[MATCH_REASON_COUNT] = {0};
    struct item *item = NULL;
    bool is_stolen;

    return queue_claim(&f->queue, &claim, f->now, &item, 1, refused, &is_stolen) ? item : NULL;
}

static int32_t hold(struct fixture *f, struct item *item, struct token token)
{
    bool is_adopted;

    return queue_hold(&f->queue, item, token, S("n9"), f->now, &is_adopted);
}

static void a_token_is_stale_once_its_lease_has_expired(void **state)
{
    struct fixture *f = *state;
    uint8_t cause = 0;
    struct item *item = add(f);

    struct token first = claim(f, "n1")->lease->token;
    f->now.mono_ms += LEASE_MS;
    assert_ptr_equal(queue_expired(&f->queue, f->now, &cause), item);
    assert_int_equal(queue_end(&f->queue, item, cause, true, 0, f->now), ITEM_PENDING);

    assert_int_equal(hold(f, item, first), RH_ESTALECLAIM);
    struct token second = claim(f, "n2")->lease->token;
    assert_int_equal(hold(f, item, first), RH_ESTALECLAIM);
    assert_int_equal(hold(f, item, second), RH_OK);
}

static void renewal_keeps_a_lease_past_its_first_end(void **state)
{
    struct fixture *f = *state;
    uint8_t cause;
    struct item *item = add(f);

    claim(f, "n1");
    f->now.mono_ms += LEASE_MS - 1;
    queue_renew(&f->queue, item, f->now);
    f->now.mono_ms += LEASE_MS - 1;

    assert_null(queue_expired(&f->queue, f->now, &cause));
}

static void running_too_long_ends_an_attempt_however_often_it_is_renewed(void **state)
{
    struct fixture *f = *state;
    uint8_t cause = 0;
    struct item *item;

    f->spec.max_runtime_ms = RUNTIME_MS;
    item = add(f);
    claim(f, "n1");
    for (int64_t t = 0; t < RUNTIME_MS; t += 1000) {
        assert_null(queue_expired(&f->queue, f->now, &cause));
        queue_renew(&f->queue, item, f->now);
        f->now.mono_ms += 1000;
    }

    assert_ptr_equal(queue_expired(&f->queue, f->now, &cause), item);
    assert_int_equal(cause, ITEM_END_RUNTIME);
}

static void the_last_failed_attempt_is_dead_and_the_one_before_waits(void **state)
{
    struct fixture *f = *state;
    struct item *item = add(f);

    claim(f, "n1");
    assert_int_equal(queue_end(&f->queue, item, ITEM_END_FAIL, true, 1000, f->now), ITEM_DELAYED);
    assert_null(claim(f, "n1"));
    assert_null(queue_due(&f->queue, f->now));
    f->now.mono_ms += 1000;
    assert_ptr_equal(queue_due(&f->queue, f->now), item);
    claim(f, "n1");

    assert_int_equal(queue_end(&f->queue, item, ITEM_END_FAIL, true, 0, f->now), ITEM_DEAD);
    queue_forget(&f->queue, item);
    assert_int_equal(f->queue.counters.finished[ITEM_DEAD], 1);
}

static void giving_back_does_not_count_as_an_attempt(void **state)
{
    struct fixture *f = *state;
    struct item *item = add(f);

    for (int i = 0; i < 10; i++) {
        claim(f, "n1");
        assert_int_equal(queue_end(&f->queue, item, ITEM_END_RELEASE, true, 0, f->now),
                         ITEM_PENDING);
    }

    assert_int_equal(item->attempts, 0);
}

static void a_failure_that_cannot_be_retried_is_dead_at_once(void **state)
{
    struct fixture *f = *state;
    struct item *item = add(f);

    claim(f, "n1");

    assert_int_equal(queue_end(&f->queue, item, ITEM_END_FAIL, false, 0, f->now), ITEM_DEAD);
    queue_forget(&f->queue, item);
}

static void refusals_name_delayed_and_missing_work(void **state)
{
    struct fixture *f = *state;
    const struct match_claim anyone = {.node_id = S("n1")};
    uint64_t none[MATCH_REASON_COUNT] = {0};
    uint64_t delayed[MATCH_REASON_COUNT] = {0};
    struct item *item;
    bool is_stolen;

    assert_int_equal(queue_claim(&f->queue, &anyone, f->now, &item, 1, none, &is_stolen), 0);
    add(f);
    queue_end(&f->queue, claim(f, "n1"), ITEM_END_FAIL, true, 1000, f->now);
    assert_int_equal(queue_claim(&f->queue, &anyone, f->now, &item, 1, delayed, &is_stolen), 0);

    assert_int_equal(none[MATCH_NO_WORK], 1);
    assert_int_equal(none[MATCH_DELAYED], 0);
    assert_int_equal(delayed[MATCH_DELAYED], 1);
}

static void an_undone_add_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    struct item *item = add(f);

    queue_undo_add(&f->queue, item);

    assert_int_equal(f->queue.counters.added, 0);
    assert_int_equal(queue_live_count(&f->queue), 0);
    assert_null(queue_next_woken(&f->queue));
    assert_null(group_find(&f->queue.groups, S("g")));
    assert_int_equal(add(f)->entry.seq, 1);
}

static void a_hundred_thousand_leases_expire_together(void **state)
{
    struct fixture *f = *state;
    struct item *item;
    uint32_t ended = 0;
    uint8_t cause;

    for (int i = 0; i < 100000; i++)
        add(f);
    while (claim(f, "n1")) {
    }
    assert_int_equal(f->queue.live[ITEM_LEASED], 100000);
    f->now.mono_ms += LEASE_MS;
    while ((item = queue_expired(&f->queue, f->now, &cause))) {
        assert_int_equal(queue_end(&f->queue, item, cause, true, 0, f->now), ITEM_PENDING);
        ended++;
    }

    assert_int_equal(ended, 100000);
    assert_int_equal(f->queue.live[ITEM_PENDING], 100000);
    assert_int_equal(claim(f, "n2")->entry.seq, 1);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(a_token_is_stale_once_its_lease_has_expired),
        RULE(renewal_keeps_a_lease_past_its_first_end),
        RULE(running_too_long_ends_an_attempt_however_often_it_is_renewed),
        RULE(the_last_failed_attempt_is_dead_and_the_one_before_waits),
        RULE(giving_back_does_not_count_as_an_attempt),
        RULE(a_failure_that_cannot_be_retried_is_dead_at_once),
        RULE(refusals_name_delayed_and_missing_work),
        RULE(an_undone_add_leaves_no_trace),
        RULE(a_hundred_thousand_leases_expire_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
