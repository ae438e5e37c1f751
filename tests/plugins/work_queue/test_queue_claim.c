/* Limits, pauses and stealing: what a claim may have, and what it may take. */
#include "queue_fixture.h"

static void a_node_gets_no_more_than_its_limit_and_the_reason(void **state)
{
    const struct limits limits = {.per_node_max = 2};
    struct fixture *f = fixture_new(&limits);
    struct item *items[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        add(f);

    assert_int_equal(claim_many(f, "n1", items, 5), 2);
    assert_int_equal(claim_many(f, "n1", items, 5), 0);
    assert_int_equal(f->refused[MATCH_NODE_LIMIT], 3);
    assert_int_equal(claim_many(f, "n2", items, 5), 2);
    fixture_free(f);
}

static void a_config_at_its_limit_lets_others_pass(void **state)
{
    const struct limits limits = {
        .rules = {{.work_type = S("self*"), .config_key = S("*"), .per_config_max = 1}},
        .count = 1};
    struct fixture *f = fixture_new(&limits);
    struct item *items[5];

    (void)state;
    add(f);
    add(f);
    f->spec.config_key = S("go9");
    struct item *other = add(f);

    assert_int_equal(claim_many(f, "n1", items, 5), 2);
    assert_ptr_equal(items[1], other);
    assert_int_equal(claim_many(f, "n2", items, 5), 0);
    assert_int_equal(f->refused[MATCH_CONFIG_LIMIT], 1);
    fixture_free(f);
}

static void an_ended_lease_makes_room_and_wakes_what_was_held(void **state)
{
    const struct limits limits = {.per_node_max = 1};
    struct fixture *f = fixture_new(&limits);

    (void)state;
    add(f);
    add(f);
    struct item *item = claim(f, "n1");
    while (queue_next_woken(&f->queue)) {
    }
    queue_wake_freed(&f->queue);
    assert_null(queue_next_woken(&f->queue));

    queue_finish(&f->queue, item, ITEM_DONE, f->now);
    queue_forget(&f->queue, item);
    queue_wake_freed(&f->queue);

    assert_non_null(queue_next_woken(&f->queue));
    assert_non_null(claim(f, "n1"));
    fixture_free(f);
}

static void nothing_of_a_paused_type_is_given_until_it_is_resumed(void **state)
{
    struct fixture *f = fixture_new(NULL);

    (void)state;
    add(f);
    assert_int_equal(queue_pause(&f->queue, S("selfplay")), RH_OK);
    assert_int_equal(queue_pause(&f->queue, S("selfplay")), RH_EEXISTS);
    f->spec.config_key = S("new");
    add(f);

    assert_null(claim(f, "n1"));
    assert_int_equal(f->refused[MATCH_PAUSED], 2);
    assert_int_equal(queue_resume(&f->queue, S("selfplay")), RH_OK);
    assert_int_equal(queue_resume(&f->queue, S("selfplay")), RH_ENOTFOUND);
    assert_non_null(claim(f, "n1"));
    fixture_free(f);
}

static void half_of_what_another_has_not_started_is_taken_oldest_first(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item *held[5];
    struct item *taken[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        add(f);
    assert_int_equal(claim_many(f, "n1", held, 5), 5);
    lease_start(&f->queue.leases, held[0]->lease, f->now.wall_ms);
    struct token old = held[1]->lease->token;
    f->now.mono_ms += 100;

    assert_int_equal(claim_many(f, "n2", taken, 5), 2);

    assert_true(f->is_stolen);
    assert_ptr_equal(taken[0], held[1]);
    assert_ptr_equal(taken[1], held[2]);
    assert_true(rh_str_eq(taken[0]->lease->holder->node_id, S("n2")));
    assert_int_equal(token_compare(taken[0]->fence, old), 0);
    assert_int_equal(taken[0]->attempts, 1);
    assert_int_equal(f->queue.live[ITEM_LEASED], 5);
    assert_int_equal(lease_count(&f->queue.leases), 5);
    fixture_free(f);
}

static void the_token_of_who_was_stolen_from_is_stale(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item *held[2];
    bool is_adopted;

    (void)state;
    add(f);
    add(f);
    assert_int_equal(claim_many(f, "n1", held, 2), 2);
    struct token old = held[0]->lease->token;
    f->now.mono_ms += 100;
    struct item *taken = claim(f, "n2");

    assert_ptr_equal(taken, held[0]);
    assert_int_equal(queue_hold(&f->queue, taken, old, S("n1"), f->now, &is_adopted),
                     RH_ESTALECLAIM);
    assert_int_equal(
        queue_hold(&f->queue, taken, taken->lease->token, S("n2"), f->now, &is_adopted), RH_OK);
    fixture_free(f);
}

static void pending_work_comes_before_that_of_others(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item *held[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        add(f);
    assert_int_equal(claim_many(f, "n1", held, 4), 4);
    f->now.mono_ms += 100;
    struct item *fresh = add(f);
    struct item *got[4];

    assert_int_equal(claim_many(f, "n2", got, 4), 1);
    assert_ptr_equal(got[0], fresh);
    assert_false(f->is_stolen);
    fixture_free(f);
}

static void a_claim_gets_no_more_gpu_items_than_it_has_devices(void **state)
{
    const struct match_claim one = {.node_id = S("n1"), .gpu_count = 1};
    struct fixture *f = fixture_new(NULL);
    struct item *given[4];

    (void)state;
    f->spec.needs_gpu = true;
    add(f);
    add(f);
    f->spec.needs_gpu = false;
    f->spec.min_vram_mb = 1;
    add(f);
    f->spec.min_vram_mb = 0;
    add(f);
    const struct match_claim two = {.node_id = S("n2"), .gpu_count = 2, .vram_mb = 9};

    assert_int_equal(queue_claim(&f->queue, &one, f->now, given, 4, f->refused, &f->is_stolen), 2);
    assert_int_equal(queue_claim(&f->queue, &two, f->now, given, 4, f->refused, &f->is_stolen), 2);
    fixture_free(f);
}

static void nothing_is_stolen_that_does_not_suit_or_is_too_new_or_unwanted(void **state)
{
    const struct match_claim tame = {.node_id = S("n2")};
    struct fixture *f = fixture_new(NULL);
    struct item *held[2];

    (void)state;
    f->spec.needs_gpu = true;
    add(f);
    add(f);
    const struct match_claim gpu = {.node_id = S("n1"), .gpu_count = 2, .may_steal = true};
    assert_int_equal(queue_claim(&f->queue, &gpu, f->now, held, 2, f->refused, &f->is_stolen), 2);
    const struct match_claim other = {.node_id = S("n3"), .gpu_count = 1, .may_steal = true};
    assert_int_equal(queue_claim(&f->queue, &other, f->now, held, 2, f->refused, &f->is_stolen), 0);
    f->now.mono_ms += 100;

    assert_null(claim(f, "n2"));
    assert_int_equal(queue_claim(&f->queue, &tame, f->now, held, 2, f->refused, &f->is_stolen), 0);
    assert_int_equal(queue_claim(&f->queue, &other, f->now, held, 2, f->refused, &f->is_stolen), 1);
    fixture_free(f);
}

static void a_thief_is_bound_by_its_own_limit_and_not_by_that_of_the_config(void **state)
{
    const struct limits limits = {
        .rules = {{.work_type = S("*"), .config_key = S("*"), .leased_max = 4}},
        .count = 1,
        .per_node_max = 4};
    struct fixture *f = fixture_new(&limits);
    struct item *items[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        add(f);
    assert_int_equal(claim_many(f, "n1", items, 5), 4);
    f->now.mono_ms += 100;

    assert_int_equal(claim_many(f, "n2", items, 5), 2);
    assert_true(f->is_stolen);
    fixture_free(f);
}

/* A claim with a number; how many of at most max items it got. */
static uint32_t poll_many(struct fixture *f, uint64_t poll, struct item **out, uint32_t max)
{
    const struct match_claim claim = {.node_id = S("n1"), .poll = poll};

    return queue_claim(&f->queue, &claim, f->now, out, max, f->refused, &f->is_stolen);
}

static uint32_t lost(struct fixture *f, uint64_t poll, const uint64_t *held, uint32_t count,
                     struct item **out)
{
    return queue_lost(&f->queue, S("n1"), poll, held, count, out, 8);
}

static void what_an_earlier_poll_got_and_is_not_held_is_lost(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item *given[4];
    struct item *out[8];

    (void)state;
    for (int i = 0; i < 4; i++)
        add(f);
    assert_int_equal(poll_many(f, 7, given, 4), 4);
    const uint64_t held[] = {given[0]->entry.seq, given[2]->entry.seq, 99};

    assert_int_equal(lost(f, 8, held, 3, out), 2);
    assert_ptr_equal(out[0], given[3]); /* the newest first */
    assert_ptr_equal(out[1], given[1]);
    assert_int_equal(lost(f, 8, NULL, 0, out), 4);
    assert_int_equal(queue_lost(&f->queue, S("n1"), 8, NULL, 0, out, 3), 3);
    assert_int_equal(queue_lost(&f->queue, S("n2"), 8, NULL, 0, out, 8), 0);
    fixture_free(f);
}

static void a_poll_that_comes_twice_or_late_loses_nothing(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item *given;
    struct item *out[8];

    (void)state;
    add(f);
    assert_int_equal(poll_many(f, 7, &given, 1), 1);

    assert_int_equal(lost(f, 7, NULL, 0, out), 0);
    assert_int_equal(lost(f, 6, NULL, 0, out), 0);
    fixture_free(f);
}

static void what_was_begun_or_renewed_or_given_without_a_number_is_not_lost(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item *given[2];
    struct item *out[8];

    (void)state;
    for (int i = 0; i < 3; i++)
        add(f);
    assert_int_equal(poll_many(f, 7, given, 2), 2);
    assert_non_null(claim(f, "n1"));

    lease_start(&f->queue.leases, given[0]->lease, f->now.wall_ms);
    queue_renew(&f->queue, given[1], f->now);

    assert_int_equal(lost(f, 8, NULL, 0, out), 0);
    fixture_free(f);
}

static void what_was_stolen_is_lost_by_the_poll_of_the_thief(void **state)
{
    struct fixture *f = fixture_new(NULL);
    struct item *given[2];
    struct item *out[8];
    const struct match_claim thief = {.node_id = S("n1"), .poll = 3, .may_steal = true};

    (void)state;
    add(f);
    add(f);
    assert_int_equal(claim_many(f, "n2", given, 2), 2);
    f->now.mono_ms += 100;
    assert_int_equal(queue_claim(&f->queue, &thief, f->now, given, 1, f->refused, &f->is_stolen),
                     1);

    assert_int_equal(lost(f, 3, NULL, 0, out), 0);
    assert_int_equal(lost(f, 4, NULL, 0, out), 1);
    assert_ptr_equal(out[0], given[0]);
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_gets_no_more_than_its_limit_and_the_reason),
        cmocka_unit_test(a_config_at_its_limit_lets_others_pass),
        cmocka_unit_test(an_ended_lease_makes_room_and_wakes_what_was_held),
        cmocka_unit_test(nothing_of_a_paused_type_is_given_until_it_is_resumed),
        cmocka_unit_test(half_of_what_another_has_not_started_is_taken_oldest_first),
        cmocka_unit_test(the_token_of_who_was_stolen_from_is_stale),
        cmocka_unit_test(pending_work_comes_before_that_of_others),
        cmocka_unit_test(a_claim_gets_no_more_gpu_items_than_it_has_devices),
        cmocka_unit_test(nothing_is_stolen_that_does_not_suit_or_is_too_new_or_unwanted),
        cmocka_unit_test(a_thief_is_bound_by_its_own_limit_and_not_by_that_of_the_config),
        cmocka_unit_test(what_an_earlier_poll_got_and_is_not_held_is_lost),
        cmocka_unit_test(a_poll_that_comes_twice_or_late_loses_nothing),
        cmocka_unit_test(what_was_begun_or_renewed_or_given_without_a_number_is_not_lost),
        cmocka_unit_test(what_was_stolen_is_lost_by_the_poll_of_the_thief),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
