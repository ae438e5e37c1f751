/* Tests of host/core/bus.c. */
#include "tests/host/core/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/bus.h"

static void add(struct bus *bus, int64_t at_ms, struct rh_str payload)
{
    const struct rh_event event = {.kind = RH_EVENT_LOCAL,
                                   .id = RH_STR_LIT("n1:1"),
                                   .type = RH_STR_LIT("NODE_IDLE"),
                                   .source = RH_STR_LIT("probe"),
                                   .node_id = RH_STR_LIT("n1"),
                                   .payload = payload,
                                   .at_ms = at_ms};

    assert_int_equal(bus_add(bus, &event), RH_OK);
}

static void events_are_copied_and_numbered_from_one(void **state)
{
    struct bus *bus = malloc(sizeof *bus);
    char payload[] = "{\"a\":1}";
    const struct bus_entry *entry;
    uint64_t gap = 9;

    (void)state;
    assert_non_null(bus);
    bus_init(bus);
    assert_null(bus_at(bus, 1, &gap));
    add(bus, 5, rh_str_from(payload));
    add(bus, 6, (struct rh_str){NULL, 0});
    memset(payload, 'x', sizeof payload - 1);

    entry = bus_at(bus, 1, &gap);
    assert_int_equal(gap, 0);
    assert_int_equal(entry->seq, 1);
    assert_true(rh_str_eq_c(entry->event.payload, "{\"a\":1}"));
    assert_true(rh_str_eq_c(entry->event.type, "NODE_IDLE"));
    assert_true(rh_str_eq_c(entry->event.source, "probe"));
    assert_int_equal(entry->event.at_ms, 5);
    assert_int_equal(bus_at(bus, 2, &gap)->event.payload.n, 0);
    assert_null(bus_at(bus, 3, &gap));
    bus_release(bus);
    free(bus);
}

static void readers_that_are_late_see_the_gap(void **state)
{
    struct bus *bus = malloc(sizeof *bus);
    uint64_t gap;

    (void)state;
    assert_non_null(bus);
    bus_init(bus);
    for (uint32_t i = 0; i < BUS_EVENTS_MAX + 10; i++)
        add(bus, i, (struct rh_str){NULL, 0});

    assert_int_equal(bus_at(bus, 1, &gap)->seq, 11);
    assert_int_equal(gap, 10);
    assert_int_equal(bus_at(bus, 11, &gap)->seq, 11);
    assert_int_equal(gap, 0);
    assert_int_equal(bus_at(bus, BUS_EVENTS_MAX + 10, &gap)->event.at_ms, BUS_EVENTS_MAX + 9);
    bus_release(bus);
    free(bus);
}

static void bytes_are_limited_too(void **state)
{
    struct bus *bus = malloc(sizeof *bus);
    char *big = calloc(1, BUS_BYTES_MAX / 4);
    uint64_t gap;

    (void)state;
    assert_non_null(bus);
    assert_non_null(big);
    bus_init(bus);
    for (uint32_t i = 0; i < 6; i++) {
        add(bus, i, (struct rh_str){big, BUS_BYTES_MAX / 4});
        assert_true(bus->bytes <= BUS_BYTES_MAX);
    }
    assert_int_equal(bus_at(bus, 1, &gap)->seq, 4);
    assert_int_equal(gap, 3);
    bus_release(bus);
    assert_int_equal(bus->bytes, 0);
    free(big);
    free(bus);
}

static void one_event_above_the_limit_is_refused(void **state)
{
    struct bus *bus = malloc(sizeof *bus);
    char *big = calloc(1, BUS_BYTES_MAX + 1);
    const struct rh_event event = {.payload = {big, BUS_BYTES_MAX + 1}};
    uint64_t gap;

    (void)state;
    assert_non_null(bus);
    assert_non_null(big);
    bus_init(bus);
    add(bus, 1, (struct rh_str){NULL, 0});
    assert_int_equal(bus_add(bus, &event), RH_ETOOLARGE);
    assert_int_equal(bus_at(bus, 1, &gap)->seq, 1);
    bus_release(bus);
    free(big);
    free(bus);
}

static void an_entry_that_is_held_stays_valid_when_it_leaves_the_ring(void **state)
{
    struct bus *bus = malloc(sizeof *bus);
    const struct bus_entry *entry;
    uint64_t gap;

    (void)state;
    assert_non_null(bus);
    bus_init(bus);
    add(bus, 1, RH_STR_LIT("held"));
    entry = bus_at(bus, 1, &gap);

    bus_hold(bus, entry);
    for (int i = 0; i < (int)BUS_EVENTS_MAX; i++)
        add(bus, 2, RH_STR_LIT("newer"));

    assert_int_equal(bus->first, 2);
    assert_true(rh_str_eq_c(entry->event.payload, "held"));
    bus_let_go(bus);
    bus_release(bus);
    free(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_copied_and_numbered_from_one),
        cmocka_unit_test(readers_that_are_late_see_the_gap),
        cmocka_unit_test(bytes_are_limited_too),
        cmocka_unit_test(one_event_above_the_limit_is_refused),
        cmocka_unit_test(an_entry_that_is_held_stays_valid_when_it_leaves_the_ring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
