/* The decision by ticks, and that the thread says who was stuck. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "host/daemon/watchdog.h"

static void a_section_is_stuck_after_more_than_its_ticks(void **state)
{
    struct watchdog_state watchdog;
    struct watchdog_observation inside = {.entries = 1, .is_inside = 1};
    (void)state;
    watchdog_init(&watchdog, 50);

    /* The first tick only learns of the section. */
    for (int i = 0; i < 51; i++)
        assert_int_equal(watchdog_step(&watchdog, &inside), WATCHDOG_FINE);

    assert_int_equal(watchdog_step(&watchdog, &inside), WATCHDOG_STUCK);
    assert_int_equal(watchdog_step(&watchdog, &inside), WATCHDOG_FINE);
}

static void many_short_sections_are_fine(void **state)
{
    struct watchdog_state watchdog;
    (void)state;
    watchdog_init(&watchdog, 2);

    for (uint64_t i = 1; i < 100; i++) {
        struct watchdog_observation inside = {.entries = i, .is_inside = 1};
        assert_int_equal(watchdog_step(&watchdog, &inside), WATCHDOG_FINE);
        assert_int_equal(watchdog_step(&watchdog, &inside), WATCHDOG_FINE);
    }
}

static void waiting_outside_any_section_is_fine(void **state)
{
    struct watchdog_state watchdog;
    struct watchdog_observation outside = {.entries = 7, .is_inside = 0};
    struct watchdog_observation inside = {.entries = 8, .is_inside = 1};
    (void)state;
    watchdog_init(&watchdog, 2);

    for (int i = 0; i < 100; i++)
        assert_int_equal(watchdog_step(&watchdog, &outside), WATCHDOG_FINE);

    assert_int_equal(watchdog_step(&watchdog, &inside), WATCHDOG_FINE);
    assert_int_equal(watchdog_step(&watchdog, &inside), WATCHDOG_FINE);
}

struct verdict {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    char line[WATCHDOG_LINE_BYTES];
};

static void on_condemn(void *user, const char *line)
{
    struct verdict *verdict = user;
    pthread_mutex_lock(&verdict->lock);
    (void)snprintf(verdict->line, sizeof verdict->line, "%s", line);
    pthread_cond_signal(&verdict->cond);
    pthread_mutex_unlock(&verdict->lock);
}

static void the_line_names_plugin_and_callback_and_is_kept(void **state)
{
    struct verdict verdict = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    struct watchdog *watchdog = NULL;
    char kept[WATCHDOG_LINE_BYTES] = "";
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct watchdog_config cfg = {
        .tick_ms = 1,
        .stuck_ms = 5,
        .file = ends[1],
        .condemn = on_condemn,
        .user = &verdict,
    };
    assert_int_equal(watchdog_new(&cfg, &watchdog), RH_OK);

    watchdog_entered(watchdog, "gossip", "handle_gossip");
    pthread_mutex_lock(&verdict.lock);
    while (verdict.line[0] == 0)
        pthread_cond_wait(&verdict.cond, &verdict.lock);
    pthread_mutex_unlock(&verdict.lock);
    watchdog_entered(watchdog, NULL, NULL);
    watchdog_free(watchdog);

    const char *expected = "callback_stuck plugin=gossip callback=handle_gossip for_ms=";
    assert_memory_equal(verdict.line, expected, strlen(expected));
    assert_true(read(ends[0], kept, sizeof kept - 1) > 0);
    assert_memory_equal(kept, expected, strlen(expected));
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_section_is_stuck_after_more_than_its_ticks),
        cmocka_unit_test(many_short_sections_are_fine),
        cmocka_unit_test(waiting_outside_any_section_is_fine),
        cmocka_unit_test(the_line_names_plugin_and_callback_and_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
