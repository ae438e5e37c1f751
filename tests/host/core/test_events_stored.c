/* Tests of host/core/events_stored.c: committed events in order, from a position on, on who leads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "tests/host/core/life_net.h"

#define EVENTS 5

static void commit_events(void *self, void *script)
{
    (void)self;
    for (int i = 0; i < EVENTS; i++) {
        char payload[32];

        (void)snprintf(payload, sizeof payload, "{\"n\":%d}", i);
        assert_int_equal(life_put(script, "k", payload, "MY_EVENT", payload), RH_OK);
    }
}

static int32_t stored(struct life_script *script, uint64_t after, uint32_t max,
                      struct rh_stored_events *out)
{
    *out = (struct rh_stored_events){.size = (uint32_t)sizeof *out};
    return script->rh->events->stored(script->rh->ctx, after, max, out);
}

static void start(struct life_node *n)
{
    life_node_start(n, LIFE_REPLICATED);
    life_call(n->net, &n->script, commit_events, 1000);
}

static void committed_events_come_in_order_with_all_they_have(void **state)
{
    struct rh_stored_events got;
    struct life_node n;

    (void)state;
    start(&n);

    assert_int_equal(stored(&n.script, 0, 100, &got), RH_OK);

    assert_int_equal(got.count, EVENTS);
    assert_int_equal(got.oldest, 1);
    assert_int_equal(got.newest, EVENTS);
    for (uint32_t i = 0; i < EVENTS; i++) {
        char payload[32];

        (void)snprintf(payload, sizeof payload, "{\"n\":%u}", i);
        assert_int_equal(got.items[i].position, i + 1);
        assert_int_equal(got.items[i].event.kind, RH_EVENT_CLUSTER);
        assert_true(rh_str_eq_c(got.items[i].event.type, "MY_EVENT"));
        assert_true(rh_str_eq_c(got.items[i].event.payload, payload));
        assert_true(rh_str_eq_c(got.items[i].event.source, "life"));
        assert_true(rh_str_eq_c(got.items[i].event.node_id, "n1"));
        assert_true(rh_str_starts_with(got.items[i].event.id, RH_STR_LIT("life:")));
        assert_true(got.items[i].event.at_ms >= LIFE_WALL_MS);
    }
    life_node_end(&n);
}

static void reading_goes_on_behind_a_position(void **state)
{
    struct rh_stored_events got;
    struct life_node n;

    (void)state;
    start(&n);

    assert_int_equal(stored(&n.script, 2, 2, &got), RH_OK);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.items[0].position, 3);
    assert_int_equal(stored(&n.script, EVENTS, 2, &got), RH_OK);

    assert_int_equal(got.count, 0);
    assert_int_equal(got.newest, EVENTS);
    life_node_end(&n);
}

static void large_events_are_read_in_parts(void **state)
{
    enum { SIZE = 60000, MANY = 30 };
    char *payload = malloc(SIZE + 1);
    struct rh_stored_events got;
    struct life_node n;
    uint32_t total = 0;
    uint32_t parts = 0;

    (void)state;
    assert_non_null(payload);
    memset(payload, ' ', SIZE);
    payload[0] = '{';
    payload[SIZE - 1] = '}';
    payload[SIZE] = '\0';
    life_node_start(&n, LIFE_REPLICATED);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(life_put(&n.script, "k", "v", "MY_EVENT", payload), RH_OK);
        rh_testnet_run(n.net, 100);
    }

    do {
        assert_int_equal(stored(&n.script, total, RH_STORED_EVENTS_MAX, &got), RH_OK);
        total += got.count;
        parts++;
    } while (got.count > 0);

    assert_int_equal(total, MANY);
    assert_true(parts > 2);
    free(payload);
    life_node_end(&n);
}

static void a_senseless_number_is_refused(void **state)
{
    struct rh_stored_events got;
    struct life_node n;

    (void)state;
    start(&n);

    assert_int_equal(stored(&n.script, 0, 0, &got), RH_EINVAL);
    assert_int_equal(stored(&n.script, 0, RH_STORED_EVENTS_MAX + 1, &got), RH_EINVAL);

    life_node_end(&n);
}

static void who_does_not_lead_has_none(void **state)
{
    struct rh_stored_events got;
    struct life_node n;

    (void)state;
    start(&n);
    rh_testhost_lead(n.host, false);
    rh_testnet_run(n.net, 100);

    assert_int_equal(stored(&n.script, 0, 10, &got), RH_ENOTLEADER);

    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_events_come_in_order_with_all_they_have),
        cmocka_unit_test(reading_goes_on_behind_a_position),
        cmocka_unit_test(large_events_are_read_in_parts),
        cmocka_unit_test(a_senseless_number_is_refused),
        cmocka_unit_test(who_does_not_lead_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
