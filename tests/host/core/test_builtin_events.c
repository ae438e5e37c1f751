/* GET /events: live, resumed within a life and after a restart, with explicit gaps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static int32_t publish(struct life_node *n, const char *payload)
{
    struct life_script *s = &n->script;

    return s->rh->events->publish(s->rh->ctx, "MY_EVENT", rh_str_from(payload), NULL);
}

/* Commit number k with a cluster event that says so. */
static void commit(struct life_node *n, int k)
{
    char key[16];
    char payload[96];

    snprintf(key, sizeof key, "k%d", k);
    snprintf(payload, sizeof payload,
             "{\"work_id\":\"w%d\",\"work_type\":\"x\",\"node_id\":\"n1\"}", k);
    assert_int_equal(life_put(&n->script, key, "v", "WORK_COMPLETED", payload), RH_OK);
}

static uint32_t count(const char *text, const char *word)
{
    uint32_t n = 0;

    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        n++;
    return n;
}

/* The id of the message that contains `word`. */
static void id_of(const char *text, const char *word, char id[96])
{
    const char *at = strstr(text, word);

    if (!at)
        fail_msg("no '%s' in %s", word, text);
    while (at > text && strncmp(at, "id: ", 4) != 0)
        at--;
    assert_int_equal(sscanf(at, "id: %95s", id), 1);
}

static uint64_t listen_from(struct life_node *n, const char *last)
{
    uint64_t stream = last ? rh_testhost_resume(n->host, "/events", last)
                           : rh_testhost_send(n->host, "GET", "/events", NULL);

    rh_testnet_run(n->net, 100);
    return stream;
}

static void a_live_stream_shows_what_is_published_from_now_on(void **state)
{
    struct life_node n;
    char id[96];
    char cursor[128];
    const char *text;
    uint64_t stream;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    assert_int_equal(publish(&n, "{\"n\":1}"), RH_OK);
    rh_testnet_run(n.net, 100);

    stream = listen_from(&n, NULL);
    assert_int_equal(publish(&n, "{\"n\":2}"), RH_OK);
    rh_testnet_run(n.net, 100);

    text = rh_testhost_streamed(n.host, stream);
    assert_int_equal(count(text, "{\"n\":1}"), 0);
    assert_int_equal(count(text, "event: MY_EVENT\ndata: {\"id\":"), 1);
    assert_non_null(strstr(text, "\"kind\":\"local\",\"payload\":{\"n\":2}}\n\n"));
    id_of(text, "{\"n\":2}", id);
    (void)snprintf(cursor, sizeof cursor, "\"cursor\":\"%s\"", id); /* fits */
    assert_int_equal(count(text, cursor), 1);
    life_node_end(&n);
}

static void an_idle_stream_is_kept_alive(void **state)
{
    struct life_node n;
    uint64_t stream;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);

    stream = listen_from(&n, NULL);
    rh_testnet_run(n.net, 31000);

    assert_int_equal(count(rh_testhost_streamed(n.host, stream), ": alive\n\n"), 2);
    life_node_end(&n);
}

static void a_stream_resumes_behind_the_last_event_within_a_life(void **state)
{
    struct life_node n;
    const char *text;
    uint64_t stream;
    char id[96];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    stream = listen_from(&n, NULL);
    for (int i = 1; i <= 3; i++) {
        char payload[16];

        snprintf(payload, sizeof payload, "{\"n\":%d}", i);
        assert_int_equal(publish(&n, payload), RH_OK);
    }
    rh_testnet_run(n.net, 100);
    id_of(rh_testhost_streamed(n.host, stream), "{\"n\":1}", id);
    rh_testhost_hang_up(n.host, stream);

    text = rh_testhost_streamed(n.host, listen_from(&n, id));

    assert_int_equal(count(text, "{\"n\":1}"), 0);
    assert_int_equal(count(text, "{\"n\":2}"), 1);
    assert_int_equal(count(text, "{\"n\":3}"), 1);
    assert_int_equal(count(text, "event: gap"), 0);
    life_node_end(&n);
}

static void what_left_the_ring_is_an_explicit_gap(void **state)
{
    struct life_node n;
    const char *text;
    uint64_t stream;
    char id[96];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    stream = listen_from(&n, NULL);
    assert_int_equal(publish(&n, "{\"n\":1}"), RH_OK);
    rh_testnet_run(n.net, 100);
    id_of(rh_testhost_streamed(n.host, stream), "{\"n\":1}", id);
    rh_testhost_hang_up(n.host, stream);
    for (uint32_t i = 0; i < BUS_EVENTS_MAX + 7; i++)
        assert_int_equal(publish(&n, "{}"), RH_OK);
    rh_testnet_run(n.net, 1000);

    stream = listen_from(&n, id);
    rh_testnet_run(n.net, 2000);

    text = rh_testhost_streamed(n.host, stream);
    assert_int_equal(count(text, "event: gap\ndata: {\"missed\":7}\n\n"), 1);
    assert_int_equal(count(text, "event: MY_EVENT"), BUS_EVENTS_MAX);
    life_node_end(&n);
}

static void after_a_restart_stored_events_are_replayed_once(void **state)
{
    struct life_node n;
    const char *text;
    uint64_t stream;
    char id[96];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    stream = listen_from(&n, NULL);
    commit(&n, 1);
    rh_testnet_run(n.net, 100);
    id_of(rh_testhost_streamed(n.host, stream), "\"w1\"", id);
    rh_testhost_hang_up(n.host, stream);
    commit(&n, 2);
    rh_testnet_run(n.net, 100);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    commit(&n, 3);
    rh_testnet_run(n.net, 100);
    stream = listen_from(&n, id);
    commit(&n, 4);
    rh_testnet_run(n.net, 100);

    text = rh_testhost_streamed(n.host, stream);
    assert_int_equal(count(text, "\"w1\""), 0);
    assert_int_equal(count(text, "\"w2\""), 1);
    assert_int_equal(count(text, "\"w3\""), 1);
    assert_int_equal(count(text, "\"w4\""), 1);
    assert_int_equal(count(text, "event: gap"), 1); /* local events of the last life */
    life_node_end(&n);
}

static void an_id_holds_the_place_of_its_own_event_not_of_a_later_one(void **state)
{
    struct life_node n;
    const char *text;
    uint64_t stream;
    char id[96];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    stream = listen_from(&n, NULL);
    for (int i = 1; i <= 5; i++)
        commit(&n, i); /* one group: all on the bus before the first is sent */
    rh_testnet_run(n.net, 100);
    id_of(rh_testhost_streamed(n.host, stream), "\"w2\"", id);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    text = rh_testhost_streamed(n.host, listen_from(&n, id));

    assert_int_equal(count(text, "\"w2\""), 0);
    for (int i = 3; i <= 5; i++) {
        char word[8];

        snprintf(word, sizeof word, "\"w%d\"", i);
        assert_int_equal(count(text, word), 1);
    }
    life_node_end(&n);
}

static void an_id_from_before_any_commit_of_this_life_replays_nothing_old(void **state)
{
    struct life_node n;
    const char *text;
    uint64_t stream;
    char id[96];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    commit(&n, 1);
    rh_testnet_run(n.net, 100);
    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    stream = listen_from(&n, NULL);
    assert_int_equal(publish(&n, "{\"n\":1}"), RH_OK);
    rh_testnet_run(n.net, 100);
    id_of(rh_testhost_streamed(n.host, stream), "{\"n\":1}", id);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    text = rh_testhost_streamed(n.host, listen_from(&n, id));

    assert_int_equal(count(text, "\"w1\""), 0);
    life_node_end(&n);
}

static void a_client_lost_in_the_middle_of_a_replay_goes_on_with_it(void **state)
{
    struct life_node n;
    const char *text;
    uint64_t stream;
    char id[96];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    for (int i = 1; i <= 4; i++)
        commit(&n, i);
    rh_testnet_run(n.net, 100);
    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);
    stream = listen_from(&n, "0.0.1.0");
    id_of(rh_testhost_streamed(n.host, stream), "\"w2\"", id); /* got no further than this */
    rh_testhost_hang_up(n.host, stream);

    text = rh_testhost_streamed(n.host, listen_from(&n, id));

    assert_int_equal(count(text, "\"w2\""), 0);
    assert_int_equal(count(text, "\"w3\""), 1);
    assert_int_equal(count(text, "\"w4\""), 1);
    life_node_end(&n);
}

static void more_stored_events_than_one_read_takes_are_all_replayed(void **state)
{
    struct life_node n;
    uint64_t stream;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    for (int i = 1; i <= 700; i++)
        commit(&n, i);
    rh_testnet_run(n.net, 1000);
    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    stream = listen_from(&n, "0.0.1.0");

    assert_int_equal(count(rh_testhost_streamed(n.host, stream), "event: WORK_COMPLETED"), 700);
    life_node_end(&n);
}

static bool has_enough;

/* A client that takes one page, and then nothing more. */
static int32_t write_slowly(void *driver, uint64_t exchange, struct rh_str data, uint64_t *pending)
{
    int32_t rc = sim_driver_ops.stream_write(driver, exchange, data, pending);

    if (data.n > 0 && strstr(data.p, "\"w256\""))
        has_enough = true;
    *pending = has_enough ? 2u * 1024u * 1024u : 0;
    return rc;
}

static void a_replay_waits_for_a_client_that_reads_slowly(void **state)
{
    struct driver_ops slow = sim_driver_ops;
    struct life_node n;
    uint64_t stream;

    (void)state;
    has_enough = false;
    slow.stream_write = write_slowly;
    life_node_start(&n, LIFE_LOCAL);
    for (int i = 1; i <= 700; i++)
        commit(&n, i);
    rh_testnet_run(n.net, 1000);
    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 1000);

    n.host->core->driver.ops = &slow;
    stream = listen_from(&n, "0.0.1.0");
    commit(&n, 701);
    rh_testnet_run(n.net, 1000);
    assert_int_equal(count(rh_testhost_streamed(n.host, stream), "event: WORK_COMPLETED"), 256);

    n.host->core->driver.ops = &sim_driver_ops;
    rh_testnet_run(n.net, 1000);
    commit(&n, 702);
    rh_testnet_run(n.net, 1000);

    assert_int_equal(count(rh_testhost_streamed(n.host, stream), "event: WORK_COMPLETED"), 702);
    assert_int_equal(count(rh_testhost_streamed(n.host, stream), "\"work_id\":\"w701\""), 1);
    life_node_end(&n);
}

static void an_id_that_is_none_is_a_gap_and_then_live(void **state)
{
    static const char *const wrong[] = {"x", "1.2.3", "1.2.3.4.5", "-1.0.0.0", "...."};
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint64_t stream = listen_from(&n, wrong[i]);

        assert_int_equal(publish(&n, "{\"n\":1}"), RH_OK);
        rh_testnet_run(n.net, 100);
        assert_int_equal(count(rh_testhost_streamed(n.host, stream), "event: gap"), 1);
        assert_int_equal(count(rh_testhost_streamed(n.host, stream), "{\"n\":1}"), 1);
        rh_testhost_hang_up(n.host, stream);
    }

    life_node_end(&n);
}

static void an_id_from_the_future_does_not_silence_the_stream(void **state)
{
    struct life_node n;
    uint64_t stream;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);

    stream = listen_from(&n, "9.9.1.999999");
    assert_int_equal(publish(&n, "{\"n\":1}"), RH_OK);
    rh_testnet_run(n.net, 100);

    assert_int_equal(count(rh_testhost_streamed(n.host, stream), "event: gap"), 1);
    assert_int_equal(count(rh_testhost_streamed(n.host, stream), "{\"n\":1}"), 1);
    life_node_end(&n);
}

static void there_are_at_most_256_streams_and_a_place_is_free_again(void **state)
{
    struct life_node n;
    uint64_t streams[256];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    for (uint32_t i = 0; i < 256; i++)
        streams[i] = rh_testhost_send(n.host, "GET", "/events", NULL);
    rh_testnet_run(n.net, 100);

    assert_int_equal(life_node_get(&n, "/events"), 503);
    rh_testhost_hang_up(n.host, streams[7]);
    rh_testnet_run(n.net, 100);

    (void)listen_from(&n, NULL);
    assert_int_equal(n.host->core->reader_count, 256);
    life_node_end(&n);
}

static void open_streams_do_not_hold_up_a_stop(void **state)
{
    struct life_node n;
    int64_t from_ms;
    uint64_t stream;
    struct rh_testhost_reply reply;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    stream = listen_from(&n, NULL);
    from_ms = rh_testnet_now_ms(n.net);

    assert_int_equal(rh_testhost_stop(n.host), 0);

    assert_in_range(rh_testnet_now_ms(n.net) - from_ms, 0, 1000);
    assert_true(rh_testhost_answer(n.host, stream, &reply));
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_live_stream_shows_what_is_published_from_now_on),
        cmocka_unit_test(an_idle_stream_is_kept_alive),
        cmocka_unit_test(a_stream_resumes_behind_the_last_event_within_a_life),
        cmocka_unit_test(what_left_the_ring_is_an_explicit_gap),
        cmocka_unit_test(after_a_restart_stored_events_are_replayed_once),
        cmocka_unit_test(an_id_holds_the_place_of_its_own_event_not_of_a_later_one),
        cmocka_unit_test(an_id_from_before_any_commit_of_this_life_replays_nothing_old),
        cmocka_unit_test(a_client_lost_in_the_middle_of_a_replay_goes_on_with_it),
        cmocka_unit_test(more_stored_events_than_one_read_takes_are_all_replayed),
        cmocka_unit_test(a_replay_waits_for_a_client_that_reads_slowly),
        cmocka_unit_test(an_id_that_is_none_is_a_gap_and_then_live),
        cmocka_unit_test(an_id_from_the_future_does_not_silence_the_stream),
        cmocka_unit_test(there_are_at_most_256_streams_and_a_place_is_free_again),
        cmocka_unit_test(open_streams_do_not_hold_up_a_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
