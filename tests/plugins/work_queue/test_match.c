/* Each demand of an item, met and not met. */
#include "work_queue_test.h"

#include "match.h"

static void each_demand_has_its_reason(void **state)
{
    const struct rh_str types[] = {S("training")};
    const struct rh_str needs[] = {S("avx2"), S("docker")};
    const struct rh_str has[] = {S("docker"), S("avx2"), S("more")};
    const struct match_shape plain = {.work_type = S("selfplay")};
    const struct match_shape targeted = {.work_type = S("selfplay"), .target_node = S("n2")};
    const struct match_shape capable = {.work_type = S("selfplay"), .requires = {needs, 2, 0}};
    const struct match_shape gpu = {.work_type = S("selfplay"), .needs_gpu = true};
    const struct match_shape vram = {.work_type = S("selfplay"), .min_vram_mb = 8000};
    const struct match_claim bare = {.node_id = S("n1")};
    const struct match_claim trainer = {.node_id = S("n1"), .work_types = {types, 1, 0}};
    const struct match_claim half = {.node_id = S("n1"), .capabilities = {has, 1, 0}};
    const struct match_claim full = {
        .node_id = S("n2"), .capabilities = {has, 3, 0}, .gpu_count = 1, .vram_mb = 8000};
    const struct match_claim small = {.node_id = S("n2"), .gpu_count = 1, .vram_mb = 7999};

    (void)state;
    assert_int_equal(match_check(&bare, &plain), MATCH_OK);
    assert_int_equal(match_check(&trainer, &plain), MATCH_WORK_TYPE);
    assert_int_equal(match_check(&bare, &targeted), MATCH_TARGET_NODE);
    assert_int_equal(match_check(&half, &capable), MATCH_CAPABILITY);
    assert_int_equal(match_check(&bare, &gpu), MATCH_GPU);
    assert_int_equal(match_check(&bare, &vram), MATCH_GPU);
    assert_int_equal(match_check(&small, &vram), MATCH_VRAM);
    assert_int_equal(match_check(&full, &targeted), MATCH_OK);
    assert_int_equal(match_check(&full, &capable), MATCH_OK);
    assert_int_equal(match_check(&full, &vram), MATCH_OK);
}

static void a_preferred_board_gives_a_bonus_and_never_a_refusal(void **state)
{
    const struct rh_str boards[] = {S("hex8")};
    const struct match_claim claim = {.node_id = S("n1"), .board_types = {boards, 1, 0}};
    const struct match_shape hex = {.board_type = S("hex8")};
    const struct match_shape square = {.board_type = S("square8")};

    (void)state;
    assert_int_equal(match_bonus(&claim, &hex), MATCH_BOARD_BONUS);
    assert_int_equal(match_bonus(&claim, &square), 0);
    assert_int_equal(match_check(&claim, &square), MATCH_OK);
}

static void reasons_have_the_public_names(void **state)
{
    (void)state;
    assert_string_equal(match_reason_name(MATCH_VRAM), "vram");
    assert_string_equal(match_reason_name(MATCH_NO_WORK), "no_work");
    assert_string_equal(match_reason_name(MATCH_MAINTENANCE), "maintenance");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_demand_has_its_reason),
        cmocka_unit_test(a_preferred_board_gives_a_bonus_and_never_a_refusal),
        cmocka_unit_test(reasons_have_the_public_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
