/* Adding a game over a real connection, to the exit code. */
#include "ctl_test.h"

#include "ctl_run.h"
#include "fake_node.h"

static void a_game_is_sent_as_a_list_of_one(void **state)
{
    static const struct fake_step step = {FAKE_OK("{\"accepted\":1,\"rejected\":[]}"), false,
                                          false};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(
        &step, 1, &run, "elo add g1 --board hex8 --player ann,bob --winner ann --at 1709294397000");

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "taken\n");
    assert_non_null(strstr(node->requests[0],
                           "\r\n\r\n{\"results\":[{\"game_id\":\"g1\",\"board_type\":\"hex8\","
                           "\"players\":[\"ann\",\"bob\"],\"outcome\":\"ann\","
                           "\"played_at\":1709294397000}]}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_game_that_is_not_taken_exits_1(void **state)
{
    static const struct fake_step step = {
        FAKE_OK("{\"accepted\":0,\"rejected\":[{\"game_id\":\"g1\",\"reason\":\"retracted\"}]}"),
        false, false};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node =
        ctl_run_with(&step, 1, &run, "elo add g1 --board hex8 --player ann,bob --draw");

    (void)state;
    assert_int_equal(run.code, CTL_REFUSED);
    assert_string_equal(run.out, "g1 was not taken: retracted\n");
    ctl_run_release(&run);
    fake_node_free(node);
}

static void an_outcome_is_needed_and_only_one(void **state)
{
    struct ctl_run none = {.addr = NULL};
    struct ctl_run both = {.addr = NULL};

    (void)state;
    ctl_run(&none, "elo add g1 --board hex8 --player ann,bob");
    ctl_run(&both, "elo add g1 --board hex8 --player ann,bob --draw --winner ann");

    assert_int_equal(none.code, CTL_USAGE);
    assert_int_equal(both.code, CTL_USAGE);
    ctl_run_release(&none);
    ctl_run_release(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_game_is_sent_as_a_list_of_one),
        cmocka_unit_test(a_game_that_is_not_taken_exits_1),
        cmocka_unit_test(an_outcome_is_needed_and_only_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
