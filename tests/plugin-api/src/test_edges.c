/* Tests of tables of allowed edges. */
#include "sdk_test.h"

#include <ringhost/sdk/edges.h>

enum { IDLE, RUNNING, DONE };

static const struct rh_edge edges[] = {{IDLE, RUNNING}, {RUNNING, DONE}, {DONE, IDLE}};

#define EDGE_COUNT (sizeof(edges) / sizeof(edges[0]))

static void only_listed_edges_are_allowed(void **state)
{
    uint32_t allowed = 0;

    (void)state;

    for (uint8_t from = 0; from < 4; from++) {
        for (uint8_t to = 0; to < 4; to++)
            allowed += rh_edge_allowed(edges, EDGE_COUNT, from, to);
    }

    assert_int_equal(allowed, EDGE_COUNT);
    assert_true(rh_edge_allowed(edges, EDGE_COUNT, DONE, IDLE));
    assert_false(rh_edge_allowed(edges, EDGE_COUNT, IDLE, IDLE));
    assert_false(rh_edge_allowed(edges, 0, IDLE, RUNNING));
}

static void a_move_sets_the_state(void **state)
{
    uint8_t now = IDLE;

    (void)state;

    rh_state_move(&now, edges, EDGE_COUNT, RUNNING);
    rh_state_move(&now, edges, EDGE_COUNT, DONE);
    assert_int_equal(now, DONE);
}

static void move_back(void)
{
    uint8_t now = RUNNING;

    rh_state_move(&now, edges, EDGE_COUNT, IDLE);
}

static void a_forbidden_move_aborts(void **state)
{
    (void)state;

    assert_true(aborts(move_back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_listed_edges_are_allowed),
        cmocka_unit_test(a_move_sets_the_state),
        cmocka_unit_test(a_forbidden_move_aborts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
