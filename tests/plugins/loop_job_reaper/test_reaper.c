/* Tests of which attempts are ended: a table of one item each, and what follows from several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <ringhost/sdk/str.h>

#include "plugins/loop_job_reaper/reaper.h"

#define WALL_MS INT64_C(1800000000000)
#define MIN_MS  INT64_C(60000)

static const struct reaper_limits limits = {
    .stale_ms = 15 * MIN_MS, .stuck_ms = 24 * 60 * MIN_MS, .victims_max = REAPER_VICTIMS_MAX};

/* Looks at one item at once and again after a time in which both clocks ran. */
static enum reaper_cause judged(const struct reaper_item *item, int64_t watched_ms)
{
    struct reaper reaper;
    enum reaper_cause cause;

    reaper_init(&reaper, 1);
    reaper_begin(&reaper, &limits, 1000, WALL_MS - watched_ms);
    reaper_see(&reaper, item);
    reaper_end(&reaper);
    if (watched_ms > 0) {
        reaper_begin(&reaper, &limits, 1000 + watched_ms, WALL_MS);
        reaper_see(&reaper, item);
        reaper_end(&reaper);
    }
    cause = reaper.victim_count ? reaper.victims[0].cause : REAPER_NONE;
    reaper_release(&reaper);
    return cause;
}

static void each_kind_of_attempt_has_its_verdict(void **state)
{
    static const struct {
        const char *what;
        int64_t held_min, begun, runtime_min, gone, watched_min;
        enum reaper_cause cause;
    } rows[] = {
        {"just claimed", 0, 0, 0, 0, 0, REAPER_NONE},
        {"claimed and not begun, in time", 14, 0, 0, 0, 14, REAPER_NONE},
        {"claimed and not begun for long", 15, 0, 0, 0, 15, REAPER_STALE},
        {"not begun for long, seen only now", 600, 0, 0, 0, 0, REAPER_NONE},
        {"not begun for long, seen for a while", 600, 0, 0, 0, 5, REAPER_NONE},
        {"begun, in time", 600, 1, 0, 0, 30, REAPER_NONE},
        {"begun and running for a day", 24 * 60, 1, 0, 0, 15, REAPER_STUCK},
        {"running for a day, seen only now", 24 * 60, 1, 0, 0, 0, REAPER_NONE},
        {"over its own limit, by little", 60, 1, 60, 0, 20, REAPER_NONE},
        {"over its own limit", 61, 1, 60, 0, 20, REAPER_STUCK},
        {"a day is in time for one that may take two", 25 * 60, 1, 48 * 60, 0, 20, REAPER_NONE},
        {"its node is dead", 0, 1, 0, 1, 0, REAPER_ABANDONED},
        {"not begun, and its node is dead", 600, 0, 0, 1, 20, REAPER_ABANDONED},
        {"claimed in the future, by a wrong clock", -600, 0, 0, 0, 14, REAPER_NONE},
        {"a wrong clock keeps it no longer than others", -600, 0, 0, 0, 15, REAPER_STALE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct reaper_item item = {
            .work_id = RH_STR_LIT("w1"),
            .node_id = RH_STR_LIT("n1"),
            .attempt = 1,
            .claimed_at_ms = WALL_MS - rows[i].held_min * MIN_MS,
            .started_at_ms = rows[i].begun ? WALL_MS - rows[i].held_min * MIN_MS + 1 : 0,
            .max_runtime_ms = rows[i].runtime_min * MIN_MS,
            .is_node_gone = rows[i].gone != 0};

        if (judged(&item, rows[i].watched_min * MIN_MS) != rows[i].cause)
            fail_msg("%s: not %s", rows[i].what, reaper_cause_name(rows[i].cause));
    }
}

/* An item held since the wall clock's -1 h, as w<n>. */
static void see_held(struct reaper *reaper, uint32_t n, int64_t held_ms, bool is_gone)
{
    char id[16];
    const int length = snprintf(id, sizeof(id), "w%u", n);
    const struct reaper_item item = {.work_id = {id, (size_t)length},
                                     .node_id = RH_STR_LIT("n1"),
                                     .attempt = 1,
                                     .claimed_at_ms = WALL_MS - held_ms,
                                     .is_node_gone = is_gone};

    reaper_see(reaper, &item);
}

static void a_run_takes_ten_the_dead_nodes_first_then_the_longest_over(void **state)
{
    struct reaper reaper;

    (void)state;
    reaper_init(&reaper, 1);

    for (int run = 0; run < 2; run++) {
        reaper_begin(&reaper, &limits, run * 15 * MIN_MS, WALL_MS);
        for (uint32_t n = 0; n < 40; n++)
            see_held(&reaper, n, (60 + (int64_t)(n * 7 % 40)) * MIN_MS, n == 3);
        reaper_end(&reaper);
    }

    assert_int_equal(reaper.victim_count, REAPER_VICTIMS_MAX);
    assert_string_equal(reaper.victims[0].work_id, "w3");
    assert_int_equal(reaper.victims[0].cause, REAPER_ABANDONED);
    for (uint32_t i = 1; i < REAPER_VICTIMS_MAX; i++)
        assert_int_equal(reaper.victims[i].held_ms, (60 + 39 - ((int64_t)i - 1)) * MIN_MS);
    reaper_release(&reaper);
}

static void a_new_claim_of_a_watched_item_is_watched_from_its_beginning(void **state)
{
    struct reaper_item item = {.work_id = RH_STR_LIT("w1"),
                               .node_id = RH_STR_LIT("n1"),
                               .attempt = 1,
                               .claimed_at_ms = WALL_MS - 60 * MIN_MS};
    struct reaper reaper;

    (void)state;
    reaper_init(&reaper, 1);
    reaper_begin(&reaper, &limits, 0, WALL_MS);
    reaper_see(&reaper, &item);
    reaper_end(&reaper);

    item.attempt = 2;
    reaper_begin(&reaper, &limits, 20 * MIN_MS, WALL_MS);
    reaper_see(&reaper, &item);
    reaper_end(&reaper);

    assert_int_equal(reaper.victim_count, 0);
    reaper_release(&reaper);
}

static void an_item_that_was_not_seen_is_forgotten(void **state)
{
    struct reaper reaper;

    (void)state;
    reaper_init(&reaper, 1);
    reaper_begin(&reaper, &limits, 0, WALL_MS);
    for (uint32_t n = 0; n < 100; n++)
        see_held(&reaper, n, 60 * MIN_MS, false);
    reaper_end(&reaper);
    assert_int_equal(rh_map_count(&reaper.claims), 100);

    reaper_begin(&reaper, &limits, 1, WALL_MS);
    see_held(&reaper, 7, 60 * MIN_MS, false);
    reaper_end(&reaper);

    assert_int_equal(rh_map_count(&reaper.claims), 1);
    reaper_release(&reaper);
}

static void limits_of_0_never_end_an_attempt(void **state)
{
    const struct reaper_limits none = {.victims_max = 1};
    struct reaper reaper;

    (void)state;
    reaper_init(&reaper, 1);

    for (int run = 0; run < 2; run++) {
        reaper_begin(&reaper, &none, run * 60 * MIN_MS, WALL_MS);
        see_held(&reaper, 1, 10000 * MIN_MS, false);
        reaper_end(&reaper);
    }

    assert_int_equal(reaper.victim_count, 0);
    reaper_release(&reaper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_attempt_has_its_verdict),
        cmocka_unit_test(a_run_takes_ten_the_dead_nodes_first_then_the_longest_over),
        cmocka_unit_test(a_new_claim_of_a_watched_item_is_watched_from_its_beginning),
        cmocka_unit_test(an_item_that_was_not_seen_is_forgotten),
        cmocka_unit_test(limits_of_0_never_end_an_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
