/* Blocked items and what ends do to them; dead items that live again. */
#include "queue_fixture.h"

static void finish(struct fixture *f, struct item *item, uint8_t to)
{
    f->queue.commit++;
    if (to == ITEM_DEAD)
        assert_int_equal(queue_end(&f->queue, item, ITEM_END_FAIL, false, 0, f->now), ITEM_DEAD);
    else
        queue_finish(&f->queue, item, to, f->now);
    queue_forget(&f->queue, item);
}

/* An item that waits for these. */
static struct item *add_after(struct fixture *f, const uint64_t *seqs, uint32_t count)
{
    struct item *item = add(f);

    assert_int_equal(queue_block(&f->queue, item, seqs, count), RH_OK);
    assert_int_equal(item->state, ITEM_BLOCKED);
    return item;
}

static struct item *settle(struct fixture *f, uint8_t *to)
{
    uint64_t seq;

    return queue_settle_next(&f->queue, f->queue.commit, f->now, &seq, to);
}

static void a_blocked_item_is_given_after_the_last_of_those_it_waits_for(void **state)
{
    struct fixture *f = fixture_new(NULL);
    uint8_t to;

    (void)state;
    struct item *a = add(f);
    struct item *b = add(f);
    struct item *c = add_after(f, (const uint64_t[]){1, 2}, 2);
    assert_ptr_equal(claim(f, "n1"), a);
    assert_ptr_equal(claim(f, "n1"), b);
    assert_null(claim(f, "n1"));
    assert_int_equal(f->refused[MATCH_BLOCKED], 1);
    finish(f, b, ITEM_DONE);
    assert_ptr_equal(settle(f, &to), c);
    assert_int_equal(to, ITEM_BLOCKED);
    assert_null(claim(f, "n1"));

    finish(f, a, ITEM_DONE);
    assert_ptr_equal(settle(f, &to), c);

    assert_int_equal(to, ITEM_PENDING);
    assert_ptr_equal(claim(f, "n1"), c);
    fixture_free(f);
}

static void nothing_is_released_before_the_end_is_durable(void **state)
{
    struct fixture *f = fixture_new(NULL);
    uint64_t seq;
    uint8_t to;

    (void)state;
    struct item *a = add(f);
    struct item *b = add_after(f, (const uint64_t[]){1}, 1);
    claim(f, "n1");
    finish(f, a, ITEM_DONE);

    assert_null(queue_settle_next(&f->queue, f->queue.commit - 1, f->now, &seq, &to));
    assert_int_equal(b->state, ITEM_BLOCKED);
    assert_ptr_equal(queue_settle_next(&f->queue, f->queue.commit, f->now, &seq, &to), b);
    fixture_free(f);
}

static void who_waits_for_the_dead_is_dead_and_for_the_cancelled_cancelled(void **state)
{
    struct fixture *f = fixture_new(NULL);
    uint8_t to;

    (void)state;
    struct item *a = add(f);
    struct item *b = add(f);
    struct item *c = add_after(f, (const uint64_t[]){1}, 1);
    struct item *d = add_after(f, (const uint64_t[]){2}, 1);
    claim(f, "n1");
    finish(f, a, ITEM_DEAD);
    finish(f, b, ITEM_CANCELLED);

    assert_ptr_equal(settle(f, &to), c);
    assert_int_equal(to, ITEM_DEAD);
    assert_int_equal(c->ended_by, ITEM_END_DEPENDENCY);
    queue_forget(&f->queue, c);
    assert_ptr_equal(settle(f, &to), d);
    assert_int_equal(to, ITEM_CANCELLED);
    queue_forget(&f->queue, d);

    assert_int_equal(f->queue.counters.finished[ITEM_DEAD], 2);
    assert_int_equal(f->queue.counters.finished[ITEM_CANCELLED], 2);
    assert_int_equal(queue_live_count(&f->queue), 0);
    fixture_free(f);
}

static void a_delay_goes_on_while_an_item_is_blocked(void **state)
{
    struct fixture *f = fixture_new(NULL);
    uint8_t to;

    (void)state;
    struct item *a = add(f);
    f->spec.delay_ms = 5000;
    struct item *b = add_after(f, (const uint64_t[]){1}, 1);
    f->now.mono_ms += 3000;
    claim(f, "n1");
    finish(f, a, ITEM_DONE);
    settle(f, &to);
    assert_int_equal(to, ITEM_DELAYED);

    assert_int_equal(queue_next_event_ms(&f->queue), 6000);
    f->now.mono_ms += 2000;
    assert_ptr_equal(queue_due(&f->queue, f->now), b);
    assert_ptr_equal(claim(f, "n1"), b);
    fixture_free(f);
}

static void a_delayed_item_is_given_when_its_time_has_come(void **state)
{
    struct fixture *f = fixture_new(NULL);

    (void)state;
    f->spec.delay_ms = 5000;
    struct item *item = add(f);

    assert_int_equal(item->state, ITEM_DELAYED);
    assert_null(claim(f, "n1"));
    assert_int_equal(f->refused[MATCH_DELAYED], 1);
    assert_null(queue_due(&f->queue, f->now));
    f->now.mono_ms += 5000;
    assert_ptr_equal(queue_due(&f->queue, f->now), item);
    assert_ptr_equal(claim(f, "n1"), item);
    fixture_free(f);
}

static void an_undone_add_of_a_blocked_item_leaves_no_trace(void **state)
{
    struct fixture *f = fixture_new(NULL);

    (void)state;
    add(f);
    struct item *item = add_after(f, (const uint64_t[]){1}, 1);

    queue_undo_add(&f->queue, item);

    assert_int_equal(f->queue.live[ITEM_BLOCKED], 0);
    assert_int_equal(rh_map64_count(&f->queue.depends.nodes), 0);
    assert_int_equal(f->queue.counters.added, 1);
    fixture_free(f);
}

static void a_dead_item_lives_again_with_all_its_attempts_and_its_fence(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item_status status;
    struct item *item = NULL;
    bool is_adopted;

    (void)state;
    struct item *a = add(f);
    struct token old = claim(f, "n1")->lease->token;
    assert_int_equal(queue_end(&f->queue, a, ITEM_END_FAIL, false, 0, f->now), ITEM_DEAD);
    queue_status(&f->queue, a, f->now, &status);
    queue_forget(&f->queue, a);

    assert_int_equal(queue_revive(&f->queue, 1, &f->spec, &status, &item), RH_OK);

    assert_int_equal(f->queue.counters.finished[ITEM_DEAD], 0);
    assert_int_equal(item->attempts, 0);
    assert_int_equal(queue_hold(&f->queue, item, old, S("n1"), f->now, &is_adopted),
                     RH_ESTALECLAIM);
    assert_ptr_equal(claim(f, "n2"), item);
    fixture_free(f);
}

static void a_hundred_thousand_wait_for_one(void **state)
{
    struct fixture *f = fixture_new(NULL);
    uint32_t released = 0;
    uint8_t to;

    (void)state;
    struct item *a = add(f);
    for (int i = 0; i < 100000; i++)
        add_after(f, (const uint64_t[]){1}, 1);
    claim(f, "n1");
    finish(f, a, ITEM_DONE);
    while (settle(f, &to))
        released += to == ITEM_PENDING;

    assert_int_equal(released, 100000);
    assert_int_equal(f->queue.live[ITEM_PENDING], 100000);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_item_is_given_after_the_last_of_those_it_waits_for),
        cmocka_unit_test(nothing_is_released_before_the_end_is_durable),
        cmocka_unit_test(who_waits_for_the_dead_is_dead_and_for_the_cancelled_cancelled),
        cmocka_unit_test(a_delay_goes_on_while_an_item_is_blocked),
        cmocka_unit_test(a_delayed_item_is_given_when_its_time_has_come),
        cmocka_unit_test(an_undone_add_of_a_blocked_item_leaves_no_trace),
        cmocka_unit_test(a_dead_item_lives_again_with_all_its_attempts_and_its_fence),
        cmocka_unit_test(a_hundred_thousand_wait_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
