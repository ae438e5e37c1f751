/* Parked claims: order, fit, deadlines; and one added item that wakes exactly one of a thousand. */
#include "work_queue_test.h"

#include "queue.h"
#include "waiters.h"

static const struct match_claim anyone = {.node_id = RH_STR_INIT("n1")};

static bool allow_all(const void *ctx, const struct waiter *waiter)
{
    (void)ctx;
    (void)waiter;
    return true;
}

static bool allow_all_but(const void *ctx, const struct waiter *waiter)
{
    return waiter->id != *(const uint64_t *)ctx;
}

static void the_longest_parked_claim_that_suits_is_first(void **state)
{
    const struct match_claim gpu = {.node_id = S("n2"), .gpu_count = 1};
    const struct match_shape needy = {.work_type = S("training"), .needs_gpu = true};
    struct waiters w;

    (void)state;
    waiters_init(&w, 1);
    assert_int_equal(waiters_park(&w, 1, &anyone, 1, 100), RH_OK);
    assert_int_equal(waiters_park(&w, 2, &gpu, 1, 100), RH_OK);
    assert_int_equal(waiters_park(&w, 3, &gpu, 1, 100), RH_OK);

    assert_int_equal(waiters_match(&w, &needy, allow_all, NULL)->id, 2);
    waiters_leave(&w, waiters_find(&w, 2));
    assert_int_equal(waiters_match(&w, &needy, allow_all, NULL)->id, 3);
    waiters_leave(&w, waiters_find(&w, 3));
    assert_null(waiters_match(&w, &needy, allow_all, NULL));
    waiters_release(&w);
}

static void who_is_not_allowed_is_passed_over(void **state)
{
    const struct match_shape shape = {.work_type = S("training")};
    const uint64_t first = 1;
    struct waiters w;

    (void)state;
    waiters_init(&w, 1);
    assert_int_equal(waiters_park(&w, 1, &anyone, 1, 100), RH_OK);
    assert_int_equal(waiters_park(&w, 2, &anyone, 1, 100), RH_OK);

    assert_int_equal(waiters_match(&w, &shape, allow_all_but, &first)->id, 2);
    waiters_release(&w);
}

static void a_claim_that_its_claimant_repeats_is_found_by_its_number(void **state)
{
    const struct match_claim third = {.node_id = S("n1"), .poll = 3};
    const struct match_claim other = {.node_id = S("n2"), .poll = 1};
    struct waiters w;

    (void)state;
    waiters_init(&w, 1);
    assert_int_equal(waiters_park(&w, 1, &anyone, 1, 100), RH_OK); /* without a number */
    assert_int_equal(waiters_park(&w, 2, &other, 1, 100), RH_OK);
    assert_int_equal(waiters_park(&w, 3, &third, 1, 100), RH_OK);

    assert_int_equal(waiters_older(&w, S("n1"), 4)->id, 3);
    assert_null(waiters_older(&w, S("n1"), 3));
    assert_null(waiters_older(&w, S("n1"), 0));
    waiters_release(&w);
}

static void the_earliest_deadline_is_known(void **state)
{
    struct waiters w;

    (void)state;
    waiters_init(&w, 1);
    waiters_park(&w, 1, &anyone, 1, 300);
    waiters_park(&w, 2, &anyone, 1, 100);
    waiters_park(&w, 3, &anyone, 1, 200);

    assert_int_equal(waiters_first_deadline(&w)->id, 2);
    waiters_leave(&w, waiters_find(&w, 2));

    assert_int_equal(waiters_first_deadline(&w)->id, 3);
    assert_int_equal(waiters_count(&w), 2);
    waiters_release(&w);
}

static void one_claim_too_many_is_not_parked(void **state)
{
    struct waiters w;

    (void)state;
    waiters_init(&w, 1);
    for (uint64_t i = 1; i <= WAITERS_MAX; i++)
        assert_int_equal(waiters_park(&w, i, &anyone, 1, 100), RH_OK);

    assert_int_equal(waiters_park(&w, WAITERS_MAX + 1, &anyone, 1, 100), RH_EFULL);

    assert_int_equal(waiters_count(&w), WAITERS_MAX);
    waiters_release(&w);
}

/* Does for newly pending items what the wiring does; returns how many claims were woken. */
static uint32_t wake(struct queue *queue, struct waiters *w, struct queue_time now, uint64_t *last)
{
    struct fair_bucket *bucket;
    struct waiter *waiter;
    uint32_t woken = 0;

    while ((bucket = queue_next_woken(queue))) {
        while (bucket->pending.count > 0 &&
               (waiter = waiters_match(w, &bucket->shape, allow_all, NULL))) {
            uint64_t refused[MATCH_REASON_COUNT] = {0};
            struct item *item;
            bool is_stolen;
            assert_int_equal(queue_claim(queue, &waiter->claim, now, &item, 1, refused, &is_stolen),
                             1);
            *last = waiter->id;
            waiters_leave(w, waiter);
            woken++;
        }
    }
    return woken;
}

static void one_added_item_wakes_exactly_one_of_a_thousand(void **state)
{
    static const struct queue_limits limits = {.items_max = 100,
                                               .ageing_ms = 60000,
                                               .retry_base_ms = 1000,
                                               .retry_cap_ms = 60000,
                                               .grace_ms = 500};
    struct item_spec spec = {.work_type = S("selfplay"), .timeout_ms = 1000, .max_attempts = 1};
    const struct queue_time now = {1, 1000};
    struct queue queue;
    struct waiters w;
    struct item *item;
    uint64_t last = 0;

    (void)state;
    queue_init(&queue, 1, &limits);
    queue_begin(&queue, 1);
    waiters_init(&w, 1);
    for (uint64_t i = 1; i <= 1000; i++)
        assert_int_equal(waiters_park(&w, i, &anyone, 1, 30000), RH_OK);

    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(queue_add(&queue, &spec, now, &item), RH_OK);
        assert_int_equal(wake(&queue, &w, now, &last), 1);
        assert_int_equal(last, i);
    }

    assert_int_equal(waiters_count(&w), 997);
    assert_int_equal(lease_count(&queue.leases), 3);
    waiters_release(&w);
    queue_release(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_parked_claim_that_suits_is_first),
        cmocka_unit_test(who_is_not_allowed_is_passed_over),
        cmocka_unit_test(a_claim_that_its_claimant_repeats_is_found_by_its_number),
        cmocka_unit_test(the_earliest_deadline_is_known),
        cmocka_unit_test(one_claim_too_many_is_not_parked),
        cmocka_unit_test(one_added_item_wakes_exactly_one_of_a_thousand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
