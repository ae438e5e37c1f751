/* Tests of cluster events: stored with the commit, told before its callback, read back, kept to a
 * number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

struct seen {
    uint32_t count;
    uint64_t first, last;
    char id[64];
    char node[8];
};

static void see(void *user, const struct state_event *event)
{
    struct seen *seen = user;
    if (seen->count++ == 0)
        seen->first = event->cursor;
    seen->last = event->cursor;
    (void)snprintf(seen->id, sizeof(seen->id), "%.*s", (int)event->id.n, event->id.p); /* fits */
    (void)snprintf(seen->node, sizeof(seen->node), "%.*s", (int)event->node_id.n,
                   event->node_id.p); /* fits */
}

static struct seen read_events(struct state_box *box, uint64_t after, uint32_t max,
                               uint64_t *oldest)
{
    struct seen seen = {0};
    assert_int_equal(state_events(box->state, 0, after, max, see, &seen, oldest), RH_OK);
    return seen;
}

static void an_event_is_told_once_durable_and_before_the_callback(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};

    assert_int_equal(box_event(box, box->ns, "NOTE", "{\"a\":1}", &done), RH_OK);
    assert_int_equal(box->events, 0);
    box_run(box);

    assert_int_equal(box->events, 1);
    assert_string_equal(box->event_id, "notes:1:0");
    assert_string_equal(box->event_type, "NOTE");
    assert_string_equal(box->event_payload, "{\"a\":1}");
    assert_int_equal(box->event_order, 1);
    assert_int_equal(done.order, 2);
}

static void a_failed_batch_tells_no_event(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op op = box_op(RH_OP_CHECK, "k", NULL, 5);
    const struct rh_batch_event event = {.size = sizeof(event), .type = "NO", .payload = {"{}", 2}};
    const struct rh_batch batch = {.size = sizeof(batch),
                                   .ops = &op,
                                   .op_count = 1,
                                   .op_stride = sizeof(op),
                                   .events = &event,
                                   .event_count = 1,
                                   .event_stride = sizeof(event)};
    uint64_t oldest = 0;

    assert_int_equal(state_commit(box->state, box->ns, &batch, "p", 0, NULL, NULL), RH_OK);
    box_run(box);

    assert_int_equal(box->events, 0);
    assert_int_equal(read_events(box, 0, 10, &oldest).count, 0);
    assert_int_equal(oldest, 1);
}

static void events_are_read_back_after_a_cursor(void **fixture)
{
    struct state_box *box = *fixture;
    uint64_t oldest = 0;
    for (int i = 0; i < 10; i++)
        assert_int_equal(box_event(box, box->ns, "E", "{}", NULL), RH_OK);
    box_run(box);

    struct seen all = read_events(box, 0, 100, &oldest);
    struct seen some = read_events(box, 4, 3, &oldest);

    assert_int_equal(all.count, 10);
    assert_string_equal(all.id, "notes:10:0");
    assert_string_equal(all.node, "n1");
    assert_int_equal(some.first, 5);
    assert_int_equal(some.last, 7);
    assert_int_equal(oldest, 1);
}

static void cursors_go_on_after_reopening(void **fixture)
{
    struct state_box *box = *fixture;
    uint64_t oldest = 0;
    assert_int_equal(box_event(box, box->ns, "E", "{}", NULL), RH_OK);
    box_run(box);

    box_close(box);
    assert_int_equal(box_open(box), RH_OK);
    assert_int_equal(box_event(box, box->ns, "E", "{}", NULL), RH_OK);
    box_run(box);

    assert_int_equal(box->event_cursor, 2);
    assert_int_equal(read_events(box, 0, 10, &oldest).count, 2);
}

static void only_the_newest_are_kept_and_the_gap_shows(void **fixture)
{
    struct state_box *box = *fixture;
    static struct rh_batch_event events[1000];
    const struct rh_batch batch = {.size = sizeof(batch),
                                   .events = events,
                                   .event_count = 1000,
                                   .event_stride = sizeof(events[0])};
    uint64_t oldest = 0;
    for (size_t i = 0; i < 1000; i++)
        events[i] =
            (struct rh_batch_event){.size = sizeof(events[i]), .type = "E", .payload = {"{}", 2}};

    for (uint32_t i = 0; i < STATE_EVENTS_KEPT / 1000 + 2; i++)
        assert_int_equal(state_commit(box->state, box->ns, &batch, "p", 0, NULL, NULL), RH_OK);
    box_run(box);
    struct seen seen = read_events(box, 5, 1, &oldest);

    assert_int_equal(oldest, 2001);
    assert_int_equal(seen.first, 2001);
    assert_int_equal(read_events(box, 0, UINT32_MAX, &oldest).count, STATE_EVENTS_KEPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(an_event_is_told_once_durable_and_before_the_callback),
        EACH(a_failed_batch_tells_no_event),
        EACH(events_are_read_back_after_a_cursor),
        EACH(cursors_go_on_after_reopening),
        EACH(only_the_newest_are_kept_and_the_gap_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
