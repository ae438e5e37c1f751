/* Hooks run after the events of a turn and before the loop sleeps. */
#include "rig.h"

struct notes {
    struct turn *turn;
    char text[16];
    uint32_t rounds_left;
};

static void note(struct notes *notes, char letter)
{
    size_t at = strlen(notes->text);
    if (at + 1 < sizeof notes->text)
        notes->text[at] = letter;
}

static void hook_a(void *user)
{
    note(user, 'a');
}

static void hook_b(void *user)
{
    struct notes *notes = user;
    note(notes, 'b');
    if (notes->rounds_left > 0) {
        notes->rounds_left--;
        turn_again(notes->turn);
    }
}

static void hooks_run_in_order_and_keep_no_loop_alive(void **state)
{
    struct rig *rig = rig_new();
    struct notes notes = {.turn = &rig->turn};
    (void)state;
    turn_add(&rig->turn, hook_a, &notes);
    turn_add(&rig->turn, hook_b, &notes);

    turn_again(&rig->turn);
    assert_int_equal(uv_run(&rig->loop, UV_RUN_NOWAIT), 0);

    assert_string_equal(notes.text, "abab");
    rig_free(rig);
}

static void again_gives_another_turn_without_sleeping(void **state)
{
    struct rig *rig = rig_new();
    struct notes notes = {.turn = &rig->turn, .rounds_left = 3};
    (void)state;
    turn_add(&rig->turn, hook_b, &notes);
    turn_again(&rig->turn);

    /* Ends only because nobody asks again; nothing else would end the sleep. */
    assert_int_equal(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);

    assert_int_equal(notes.rounds_left, 0);
    rig_free(rig);
}

static void a_removed_hook_runs_no_more(void **state)
{
    struct rig *rig = rig_new();
    struct notes stays = {.turn = &rig->turn};
    struct notes leaves = {.turn = &rig->turn};
    (void)state;
    turn_add(&rig->turn, hook_a, &leaves);
    turn_add(&rig->turn, hook_b, &stays);

    turn_remove(&rig->turn, &leaves);
    turn_again(&rig->turn);
    (void)uv_run(&rig->loop, UV_RUN_NOWAIT);

    assert_string_equal(leaves.text, "");
    assert_string_equal(stays.text, "bb");
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_run_in_order_and_keep_no_loop_alive),
        cmocka_unit_test(again_gives_another_turn_without_sleeping),
        cmocka_unit_test(a_removed_hook_runs_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
