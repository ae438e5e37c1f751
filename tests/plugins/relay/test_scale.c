/* Many nodes behind one hub, in one net on virtual time. */
#include "world.h"

#define BEHIND 50u

static bool all_see_all_alive(struct world *w, uint32_t node)
{
    const char *body = get(w, node, "/peers");
    uint32_t alive = 0;

    for (const char *at = body; (at = strstr(at, "\"state\":\"alive\"")) != NULL; at++)
        alive++;
    return alive == w->count;
}

static void fifty_nodes_live_behind_one_hub(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1, BEHIND, NULL);
    rh_testnet_run(w.net, 12000);

    for (uint32_t i = 0; i < w.count; i++) {
        if (!all_see_all_alive(&w, i))
            fail_msg("n%u does not see all alive", i + 1);
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    }
    for (uint32_t i = 1; i < w.count; i += 4) {
        assert_says(call(&w, 0, i, ",\"bytes\":1000"), "\"status\":201");
        assert_says(call(&w, 1 + i % BEHIND, i, ",\"bytes\":1000"), "\"same\":true");
    }
    assert_says(get(&w, 0, "/relay/status"), "\"refused\":{}");
    rh_testnet_free(w.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_nodes_live_behind_one_hub),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
