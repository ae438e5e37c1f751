/* Order between lanes: priority, turns, ageing, boards; and order within one. */
#include "work_queue_test.h"

#include "fair.h"

#define AGEING_MS 60000

static const struct match_claim anyone = {.node_id = RH_STR_INIT("n1")};

struct bench {
    struct fair fair;
    struct fair_entry entries[12000];
    uint32_t count;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    fair_init(&b->fair, 1, AGEING_MS);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    for (uint32_t i = 0; i < b->count; i++) {
        if (rh_tree_contains(&b->entries[i].node))
            fair_remove(&b->fair, &b->entries[i]);
        fair_bucket_drop(&b->fair, b->entries[i].bucket);
    }
    assert_int_equal(rh_map_count(&b->fair.buckets), 0);
    assert_int_equal(rh_map_count(&b->fair.lanes), 0);
    assert_int_equal(rh_map_count(&b->fair.rows), 0);
    assert_int_equal(rh_map_count(&b->fair.classes), b->fair.idle_count);
    fair_release(&b->fair);
    free(b);
    return 0;
}

static struct fair_entry *add_shape(struct bench *b, const struct match_shape *shape,
                                    int64_t now_ms)
{
    struct fair_entry *entry = &b->entries[b->count++];

    entry->seq = b->count;
    entry->enqueued_ms = now_ms;
    bool is_new_class;
    assert_int_equal(fair_bucket_hold(&b->fair, shape, &entry->bucket, &is_new_class), RH_OK);
    fair_insert(&b->fair, entry);
    return entry;
}

static struct fair_entry *add(struct bench *b, const char *config, int64_t priority, int64_t now_ms)
{
    const struct match_shape shape = {.work_type = S("selfplay"),
                                      .config_key = rh_str_from(config),
                                      .board_type = rh_str_from(config),
                                      .priority = priority};

    return add_shape(b, &shape, now_ms);
}

static const struct fair_entry *take(struct bench *b, int64_t now_ms)
{
    return fair_take(&b->fair, &anyone, now_ms, NULL, NULL);
}

static void higher_priority_goes_first(void **state)
{
    struct bench *b = *state;
    const struct fair_entry *low = add(b, "a", 50, 0);
    const struct fair_entry *high = add(b, "a", 60, 1000);
    const struct fair_entry *highest = add(b, "b", 70, 2000);

    assert_ptr_equal(take(b, 3000), highest);
    assert_ptr_equal(take(b, 3000), high);
    assert_ptr_equal(take(b, 3000), low);
    assert_null(take(b, 3000));
}

static void inside_a_priority_first_in_is_first_out(void **state)
{
    struct bench *b = *state;

    for (int i = 0; i < 100; i++)
        add(b, "a", 50, i / 10);
    for (uint32_t i = 0; i < 100; i++)
        assert_ptr_equal(take(b, 1000), &b->entries[i]);
}

static void an_entry_put_back_keeps_its_place(void **state)
{
    struct bench *b = *state;

    add(b, "a", 50, 0);
    add(b, "a", 50, 1);
    const struct fair_entry *first = take(b, 10);

    fair_insert(&b->fair, &b->entries[0]);

    assert_ptr_equal(first, &b->entries[0]);
    assert_ptr_equal(take(b, 20), first);
}

static void a_long_queue_of_one_config_does_not_hold_up_another(void **state)
{
    struct bench *b = *state;
    uint32_t others = 0;

    for (int i = 0; i < 1000; i++)
        add(b, "flood", 50, 0);
    for (int i = 0; i < 10; i++)
        add(b, "late", 50, 3600000);
    for (int64_t i = 0; i < 24; i++)
        others += rh_str_eq(take(b, 3600001 + i)->bucket->shape.config_key, S("late"));

    assert_int_equal(others, 10);
}

static void configs_of_one_priority_take_turns_even_within_one_millisecond(void **state)
{
    struct bench *b = *state;
    uint32_t counts[3] = {0};
    static const char *const configs[] = {"a", "b", "c"};

    for (int i = 0; i < 300; i++)
        add(b, configs[i % 3], 50, 5);
    for (int i = 0; i < 150; i++) {
        const struct fair_entry *entry = take(b, 5);
        counts[entry->bucket->shape.config_key.p[0] - 'a']++;
    }

    for (int i = 0; i < 3; i++)
        assert_int_equal(counts[i], 50);
}

static void low_priority_is_never_starved_by_a_steady_stream_of_high(void **state)
{
    struct bench *b = *state;
    const struct fair_entry *low = add(b, "low", 0, 0);
    int64_t now = 0;

    for (;;) {
        add(b, "high", 10, now);
        if (take(b, now) == low)
            break;
        now += 1000;
        assert_true(now < 12 * AGEING_MS);
    }

    assert_true(now >= 9 * AGEING_MS);
}

static void a_preferred_board_outweighs_ten_points_and_not_more(void **state)
{
    struct bench *b = *state;
    const struct rh_str boards[] = {S("hex8")};
    const struct match_claim fan = {.node_id = S("n1"), .board_types = {boards, 1, 0}};
    const struct fair_entry *higher = add(b, "square8", 65, 0);
    const struct fair_entry *high = add(b, "square8", 55, 0);
    const struct fair_entry *hex = add(b, "hex8", 50, 0);

    assert_ptr_equal(fair_take(&b->fair, &fan, 0, NULL, NULL), higher);
    assert_ptr_equal(fair_take(&b->fair, &fan, 0, NULL, NULL), hex);
    assert_ptr_equal(fair_take(&b->fair, &fan, 0, NULL, NULL), high);
}

static void what_cannot_be_taken_is_counted_by_reason_and_does_not_block(void **state)
{
    struct bench *b = *state;
    const struct match_shape gpu = {
        .work_type = S("selfplay"), .config_key = S("a"), .priority = 90, .needs_gpu = true};
    uint64_t refused[MATCH_REASON_COUNT] = {0};

    for (int i = 0; i < 7; i++)
        add_shape(b, &gpu, 0);
    const struct fair_entry *plain = add(b, "a", 10, 0);

    assert_ptr_equal(take(b, 0), plain);
    assert_null(take(b, 0));
    fair_refuse(&b->fair, &anyone, NULL, NULL, refused);
    assert_int_equal(refused[MATCH_GPU], 7);
    assert_int_equal(b->entries[0].bucket->lane->class_->refused[MATCH_GPU], 7);
}

static struct fair_entry *add_type(struct bench *b, const char *type, const char *config,
                                   int64_t priority, int64_t now_ms)
{
    const struct match_shape shape = {
        .work_type = rh_str_from(type), .config_key = rh_str_from(config), .priority = priority};

    return add_shape(b, &shape, now_ms);
}

static void types_take_turns_however_many_configs_one_of_them_has(void **state)
{
    struct bench *b = *state;
    uint32_t training = 0;
    char config[16];

    for (int i = 0; i < 1000; i++) {
        snprintf(config, sizeof(config), "c%d", i % 100);
        add_type(b, "selfplay", config, 50, 0);
    }
    for (int i = 0; i < 100; i++)
        add_type(b, "training", "only", 50, 0);
    for (int i = 0; i < 100; i++)
        training += rh_str_eq(take(b, 5)->bucket->shape.work_type, S("training"));

    assert_int_equal(training, 50);
}

/* One of each in a second, one taken in a second: what the trickle adds is taken at once, and the
 * backlog gets the rest. */
static void a_low_backlog_of_ten_thousand_does_not_hold_up_a_trickle_of_another_type(void **state)
{
    struct bench *b = *state;
    int64_t longest_ms = 0;
    uint32_t backlog = 0;

    for (int i = 0; i < 10000; i++)
        add_type(b, "selfplay", "hex8_2p", 10, 0);
    for (int64_t now = 7200000; now < 7200000 + 600000; now += 1000) {
        if (now % 10000 == 0)
            add_type(b, "evaluation", "hex8_2p", 50, now);
        const struct fair_entry *entry = take(b, now);
        if (rh_str_eq(entry->bucket->shape.work_type, S("selfplay")))
            backlog++;
        else if (now - entry->enqueued_ms > longest_ms)
            longest_ms = now - entry->enqueued_ms;
    }

    assert_in_range(longest_ms, 0, 1000);
    assert_int_equal(backlog, 540);
}

/* The other way round: the trickle is worth less and still gets its turn when it has waited long.
 */
static void a_trickle_of_low_priority_is_not_starved_by_a_backlog_of_high(void **state)
{
    struct bench *b = *state;
    const struct fair_entry *low = NULL;
    int64_t now = 0;

    for (int i = 0; i < 10000; i++)
        add_type(b, "selfplay", "hex8_2p", 50, 0);
    low = add_type(b, "evaluation", "hex8_2p", 40, 0);
    while (take(b, now) != low)
        now += 1000;

    assert_in_range(now, 9 * AGEING_MS, 11 * AGEING_MS);
}

static uint32_t refuse_flood(const void *ctx, const struct fair_class *class_)
{
    (void)ctx;
    return rh_str_eq(class_->config_key, S("flood")) ? MATCH_CONFIG_LIMIT : MATCH_OK;
}

static void a_class_behind_the_gate_is_passed_over_and_counted(void **state)
{
    struct bench *b = *state;
    uint64_t refused[MATCH_REASON_COUNT] = {0};

    for (int i = 0; i < 5; i++)
        add(b, "flood", 90, 0);
    const struct fair_entry *other = add(b, "other", 10, 0);

    assert_ptr_equal(fair_take(&b->fair, &anyone, 0, refuse_flood, NULL), other);
    assert_null(fair_take(&b->fair, &anyone, 0, refuse_flood, NULL));
    fair_refuse(&b->fair, &anyone, refuse_flood, NULL, refused);
    assert_int_equal(refused[MATCH_CONFIG_LIMIT], 5);
}

static void classes_without_work_are_kept_up_to_a_limit(void **state)
{
    struct bench *b = *state;
    char config[16];

    for (uint32_t i = 0; i < FAIR_IDLE_MAX + 100; i++) {
        snprintf(config, sizeof(config), "c%u", i);
        struct fair_entry *entry = add(b, config, 50, 0);
        fair_remove(&b->fair, entry);
        fair_bucket_drop(&b->fair, entry->bucket);
        b->count--;
    }

    assert_int_equal(rh_map_count(&b->fair.classes), FAIR_IDLE_MAX);
    assert_int_equal(b->fair.idle_count, FAIR_IDLE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(higher_priority_goes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(inside_a_priority_first_in_is_first_out, setup, teardown),
        cmocka_unit_test_setup_teardown(an_entry_put_back_keeps_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_queue_of_one_config_does_not_hold_up_another, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            configs_of_one_priority_take_turns_even_within_one_millisecond, setup, teardown),
        cmocka_unit_test_setup_teardown(low_priority_is_never_starved_by_a_steady_stream_of_high,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_preferred_board_outweighs_ten_points_and_not_more, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            what_cannot_be_taken_is_counted_by_reason_and_does_not_block, setup, teardown),
        cmocka_unit_test_setup_teardown(types_take_turns_however_many_configs_one_of_them_has,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_low_backlog_of_ten_thousand_does_not_hold_up_a_trickle_of_another_type, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            a_trickle_of_low_priority_is_not_starved_by_a_backlog_of_high, setup, teardown),
        cmocka_unit_test_setup_teardown(a_class_behind_the_gate_is_passed_over_and_counted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(classes_without_work_are_kept_up_to_a_limit, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
