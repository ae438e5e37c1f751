/* After a change of leader: leases kept, claims forgotten and remembered, tokens of earlier lives.
 */
#include "work_queue_test.h"

#include "queue.h"

#define LEASE_MS 2000
#define GRACE_MS 500

static const struct queue_limits limits = {.items_max = 1000,
                                           .ageing_ms = 60000,
                                           .retry_base_ms = 1000,
                                           .retry_cap_ms = 60000,
                                           .grace_ms = GRACE_MS};
static const struct queue_time now = {1000, 1700000000000};
static const struct token first_life = {5, 1, 1};

struct fixture {
    struct queue queue;
    struct item *item;
};

/* A new activation with one item; status NULL = the claim, if any, was lost. */
static void restore(struct fixture *f, const struct item_status *status, int64_t max_runtime_ms)
{
    const struct item_spec spec = {.work_type = S("selfplay"),
                                   .group = S("g"),
                                   .timeout_ms = LEASE_MS,
                                   .max_runtime_ms = max_runtime_ms,
                                   .max_attempts = 2,
                                   .enqueued_ms = 5};

    queue_init(&f->queue, 3, &limits);
    f->queue.counters = (struct counters){.added = 1, .seq_last = 1, .epoch = 5, .activation = 1};
    assert_int_equal(queue_restore_spec(&f->queue, 1, &spec, now), RH_OK);
    f->item = queue_find(&f->queue, 1);
    if (status)
        assert_int_equal(queue_restore_status(&f->queue, f->item, status, now), RH_OK);
    queue_begin(&f->queue, 5);
}

static int32_t hold(struct fixture *f, struct token token, bool *is_adopted)
{
    return queue_hold(&f->queue, f->item, token, S("n1"), now, is_adopted);
}

static struct item *claim(struct fixture *f)
{
    const struct match_claim anyone = {.node_id = S("n2")};
    uint64_t refused[MATCH_REASON_COUNT] = {0};
    struct item *item = NULL;
    bool is_stolen;

    return queue_claim(&f->queue, &anyone, now, &item, 1, refused, &is_stolen) ? item : NULL;
}

static void a_restored_lease_knows_its_poll_and_whether_it_was_begun(void **state)
{
    struct item_status status = {
        .state = ITEM_LEASED, .attempts = 1, .token = {5, 1, 1}, .poll = 7, .node_id = S("n1")};
    struct item_status again;
    struct fixture f;
    struct item *out[1];

    (void)state;
    restore(&f, &status, 0);
    queue_status(&f.queue, f.item, now, &again);
    assert_true(again.poll == 7);
    assert_int_equal(queue_lost(&f.queue, S("n1"), 7, NULL, 0, out, 1), 0);
    assert_int_equal(queue_lost(&f.queue, S("n1"), 8, NULL, 0, out, 1), 1);
    queue_release(&f.queue);

    status.started_at_ms = now.wall_ms;
    restore(&f, &status, 0);
    assert_int_equal(queue_lost(&f.queue, S("n1"), 8, NULL, 0, out, 1), 0);
    queue_release(&f.queue);
}

static void a_restored_lease_gets_its_whole_length_and_the_grace(void **state)
{
    const struct item_status status = {
        .state = ITEM_LEASED, .attempts = 1, .token = {5, 1, 1}, .node_id = S("n1")};
    struct fixture f;
    bool is_adopted;

    (void)state;
    restore(&f, &status, 0);

    assert_int_equal(f.item->lease->expires_ms, now.mono_ms + LEASE_MS + GRACE_MS);
    assert_int_equal(hold(&f, first_life, &is_adopted), RH_OK);
    assert_false(is_adopted);
    assert_int_equal(f.item->attempts, 1);
    queue_release(&f.queue);
}

static void running_time_goes_on_over_a_restart_but_leaves_the_grace(void **state)
{
    struct item_status status = {.state = ITEM_LEASED,
                                 .attempts = 1,
                                 .token = {5, 1, 1},
                                 .claimed_at_ms = now.wall_ms - 900,
                                 .node_id = S("n1")};
    struct fixture f;

    (void)state;
    restore(&f, &status, 1500);
    assert_int_equal(f.item->lease->runtime_end_ms, now.mono_ms + 600);
    queue_release(&f.queue);
    status.claimed_at_ms = now.wall_ms - 100000;
    restore(&f, &status, 1500);

    assert_int_equal(f.item->lease->runtime_end_ms, now.mono_ms + GRACE_MS);
    queue_release(&f.queue);
}

static void the_token_of_a_lost_claim_is_accepted_while_nobody_else_got_the_item(void **state)
{
    struct fixture f;
    bool is_adopted;

    (void)state;
    restore(&f, NULL, 0);

    assert_int_equal(hold(&f, first_life, &is_adopted), RH_OK);

    assert_true(is_adopted);
    assert_int_equal(f.item->state, ITEM_LEASED);
    assert_int_equal(f.item->attempts, 1);
    assert_int_equal(hold(&f, first_life, &is_adopted), RH_OK);
    assert_false(is_adopted);
    queue_release(&f.queue);
}

static void tokens_made_before_an_item_was_added_are_stale(void **state)
{
    const struct token old[] = {{0, 0, 1}, {1, 77, 1234}, {4, 9, 9}, {5, 1, 3}};
    const struct match_claim anyone = {.node_id = S("n2")};
    struct item_spec spec = {.work_type = S("selfplay"), .timeout_ms = LEASE_MS, .max_attempts = 2};
    uint64_t refused[MATCH_REASON_COUNT] = {0};
    struct item_lists lists;
    struct item_spec stored;
    struct item *item = NULL;
    struct queue queue;
    struct rh_buf record;
    bool is_adopted;

    (void)state;
    queue_init(&queue, 3, &limits);
    queue_begin(&queue, 5);
    for (uint32_t i = 0; i < 3; i++) { /* tokens 5.1.1 to 5.1.3 go to others */
        struct item *other = NULL;
        bool is_stolen;

        assert_int_equal(queue_add(&queue, &spec, now, &other), RH_OK);
        assert_int_equal(queue_claim(&queue, &anyone, now, &other, 1, refused, &is_stolen), 1);
    }
    assert_int_equal(queue_add(&queue, &spec, now, &item), RH_OK);
    rh_buf_init(&record, 4096);
    item_spec_encode(&spec, &record);
    assert_int_equal(item_spec_decode(rh_buf_str(&record), &stored, &lists), RH_OK);
    queue_release(&queue);

    queue_init(&queue, 3, &limits);
    queue.counters = (struct counters){.added = 4, .seq_last = 4, .epoch = 5, .activation = 1};
    assert_int_equal(queue_restore_spec(&queue, 4, &stored, now), RH_OK);
    queue_begin(&queue, 5);
    item = queue_find(&queue, 4);

    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
        assert_int_equal(queue_hold(&queue, item, old[i], S("x"), now, &is_adopted),
                         RH_ESTALECLAIM);
    assert_int_equal(queue_hold(&queue, item, (struct token){5, 1, 4}, S("x"), now, &is_adopted),
                     RH_OK);
    assert_true(is_adopted);
    rh_buf_release(&record);
    queue_release(&queue);
}

static void the_token_of_a_lost_claim_is_stale_once_somebody_else_got_the_item(void **state)
{
    struct fixture f;
    bool is_adopted;

    (void)state;
    restore(&f, NULL, 0);
    struct item *item = claim(&f);

    assert_int_equal(hold(&f, first_life, &is_adopted), RH_ESTALECLAIM);
    queue_end(&f.queue, item, ITEM_END_RELEASE, true, 0, now);
    assert_int_equal(hold(&f, first_life, &is_adopted), RH_ESTALECLAIM);
    queue_release(&f.queue);
}

static void tokens_up_to_the_fence_stay_stale_over_a_restart(void **state)
{
    const struct item_status status = {
        .state = ITEM_PENDING, .attempts = 1, .fence = {5, 1, 1}, .token = {5, 1, 1}};
    struct fixture f;
    bool is_adopted;

    (void)state;
    restore(&f, &status, 0);

    assert_int_equal(hold(&f, first_life, &is_adopted), RH_ESTALECLAIM);
    assert_int_equal(hold(&f, (struct token){5, 1, 2}, &is_adopted), RH_OK);
    queue_release(&f.queue);
}

static void tokens_of_this_life_and_later_ones_are_not_taken_for_lost_claims(void **state)
{
    struct fixture f;
    bool is_adopted;

    (void)state;
    restore(&f, NULL, 0);

    assert_int_equal(hold(&f, (struct token){5, 2, 1}, &is_adopted), RH_ESTALECLAIM);
    assert_int_equal(hold(&f, (struct token){6, 1, 1}, &is_adopted), RH_ESTALECLAIM);
    assert_int_equal(hold(&f, (struct token){0, 0, 0}, &is_adopted), RH_ESTALECLAIM);
    queue_release(&f.queue);
}

static void tokens_never_repeat_over_activations_and_epochs(void **state)
{
    struct fixture f;
    struct token last = first_life;

    (void)state;
    restore(&f, NULL, 0);
    for (uint64_t epoch = 5; epoch < 8; epoch++) {
        for (int i = 0; i < 3; i++) {
            queue_begin(&f.queue, epoch);
            struct item *item = claim(&f);
            assert_true(token_compare(item->lease->token, last) > 0);
            last = item->lease->token;
            queue_end(&f.queue, item, ITEM_END_RELEASE, true, 0, now);
        }
    }
    queue_release(&f.queue);
}

static void a_delay_goes_on_and_is_never_longer_than_the_cap(void **state)
{
    struct item_status status = {
        .state = ITEM_DELAYED, .attempts = 1, .due_at_ms = now.wall_ms + 700};
    struct fixture f;

    (void)state;
    restore(&f, &status, 0);
    assert_int_equal(queue_next_event_ms(&f.queue), now.mono_ms + 700);
    queue_release(&f.queue);
    status.due_at_ms = now.wall_ms + INT64_C(1000000000);
    restore(&f, &status, 0);

    assert_int_equal(queue_next_event_ms(&f.queue), now.mono_ms + limits.retry_cap_ms);
    queue_release(&f.queue);
}

static void a_finished_item_leaves_the_index_and_no_count_changes(void **state)
{
    const struct item_status status = {.state = ITEM_DONE, .ended_by = ITEM_END_DONE};
    struct fixture f;

    (void)state;
    restore(&f, &status, 0);

    assert_int_equal(queue_live_count(&f.queue), 0);
    assert_int_equal(f.queue.live[ITEM_PENDING], 0);
    assert_int_equal(f.queue.counters.finished[ITEM_DONE], 0);
    assert_null(group_find(&f.queue.groups, S("g")));
    assert_null(queue_next_woken(&f.queue));
    queue_release(&f.queue);
}

static void the_same_item_twice_is_refused(void **state)
{
    const struct item_spec spec = {.work_type = S("selfplay"), .max_attempts = 1};
    struct fixture f;

    (void)state;
    restore(&f, NULL, 0);

    assert_int_equal(queue_restore_spec(&f.queue, 1, &spec, now), RH_EEXISTS);

    assert_int_equal(queue_live_count(&f.queue), 1);
    queue_release(&f.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_lease_knows_its_poll_and_whether_it_was_begun),
        cmocka_unit_test(a_restored_lease_gets_its_whole_length_and_the_grace),
        cmocka_unit_test(running_time_goes_on_over_a_restart_but_leaves_the_grace),
        cmocka_unit_test(the_token_of_a_lost_claim_is_accepted_while_nobody_else_got_the_item),
        cmocka_unit_test(tokens_made_before_an_item_was_added_are_stale),
        cmocka_unit_test(the_token_of_a_lost_claim_is_stale_once_somebody_else_got_the_item),
        cmocka_unit_test(tokens_up_to_the_fence_stay_stale_over_a_restart),
        cmocka_unit_test(tokens_of_this_life_and_later_ones_are_not_taken_for_lost_claims),
        cmocka_unit_test(tokens_never_repeat_over_activations_and_epochs),
        cmocka_unit_test(a_delay_goes_on_and_is_never_longer_than_the_cap),
        cmocka_unit_test(a_finished_item_leaves_the_index_and_no_count_changes),
        cmocka_unit_test(the_same_item_twice_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
