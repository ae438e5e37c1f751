/* Many nodes behind one hub, in one net on virtual time. */
#include "world.h"

#define BEHIND 50u

/* Nobody is taken for dead, and each is called by the hub and by another one behind it. */
static void fifty_nodes_live_behind_one_hub(void **state)
{
    struct world w = {.beat_ms = 15000, .relay_config = "{}"};

    (void)state;
    begin_with(&w, 1, BEHIND);
    rh_testnet_run(w.net, 20000);

    for (uint32_t i = 0; i < w.count; i++)
        assert_int_equal(rh_testhost_logged(w.hosts[i], "state=dead"), 0);
    for (uint32_t i = 1; i < w.count; i++) {
        const uint32_t other = 1 + i % BEHIND;

        assert_says(call(&w, 0, i, ",\"bytes\":1000"), "\"status\":201");
        if (lists(&w, other, i, "\"reach\":\"n1\""))
            assert_says(call(&w, other, i, ",\"bytes\":1000"), "\"same\":true");
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
