/* Rules by pattern, and what each number of them holds back. */
#include "work_queue_test.h"

#include "limit.h"
#include "match.h"

static const struct limits limits = {
    .rules = {{.work_type = RH_STR_INIT("train*"), .config_key = RH_STR_INIT("*"), .leased_max = 4},
              {.work_type = RH_STR_INIT("*"),
               .config_key = RH_STR_INIT("hex8_?p"),
               .per_config_max = 2,
               .per_node_max = 1}},
    .count = 2};

static void rules_cover_what_their_patterns_match(void **state)
{
    (void)state;
    assert_int_equal(limit_rules_of(&limits, S("training"), S("go9")), 1);
    assert_int_equal(limit_rules_of(&limits, S("selfplay"), S("hex8_2p")), 2);
    assert_int_equal(limit_rules_of(&limits, S("training"), S("hex8_2p")), 3);
    assert_int_equal(limit_rules_of(&limits, S("selfplay"), S("go9")), 0);
}

static void each_limit_has_its_reason(void **state)
{
    const uint32_t node[] = {0, 1};
    const uint32_t none[] = {0, 0};
    const uint32_t full[] = {4, 0};

    (void)state;
    assert_int_equal(limit_check(&limits, 3, &(struct limit_usage){none, NULL, 0, 0}), MATCH_OK);
    assert_int_equal(limit_check(&limits, 3, &(struct limit_usage){none, node, 1, 0}),
                     MATCH_NODE_LIMIT);
    assert_int_equal(limit_check(&limits, 3, &(struct limit_usage){full, NULL, 0, 0}),
                     MATCH_CONFIG_LIMIT);
    assert_int_equal(limit_check(&limits, 3, &(struct limit_usage){none, NULL, 0, 2}),
                     MATCH_CONFIG_LIMIT);
    assert_int_equal(limit_check(&limits, 0, &(struct limit_usage){full, node, 1, 2}), MATCH_OK);
}

static void the_node_is_judged_first(void **state)
{
    const uint32_t node[] = {0, 1};
    const uint32_t full[] = {4, 0};

    (void)state;
    assert_int_equal(limit_check(&limits, 3, &(struct limit_usage){full, node, 1, 2}),
                     MATCH_NODE_LIMIT);
}

static void a_node_may_hold_so_many_whatever_they_are(void **state)
{
    const struct limits few = {.per_node_max = 3};
    const uint32_t none[] = {0};

    (void)state;
    assert_int_equal(limit_check(&few, 0, &(struct limit_usage){none, NULL, 2, 0}), MATCH_OK);
    assert_int_equal(limit_check(&few, 0, &(struct limit_usage){none, NULL, 3, 0}),
                     MATCH_NODE_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_cover_what_their_patterns_match),
        cmocka_unit_test(each_limit_has_its_reason),
        cmocka_unit_test(the_node_is_judged_first),
        cmocka_unit_test(a_node_may_hold_so_many_whatever_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
