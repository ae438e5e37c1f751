/* What the tests of SWIM's core files share: one core among members, and short ways to see what it
 * does. */
#ifndef RH_TESTS_PLUGINS_SWIM_SWIM_TEST_H
#define RH_TESTS_PLUGINS_SWIM_SWIM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#include "plugins/swim/swim.h"

#define TEST_BEAT_MS  15000
#define TEST_START_MS 1000000

/* The core of "self" with members m0, m1, ... in `state`, all first tasks drained. */
static inline void core_start(struct swim *core, uint32_t members, uint32_t state)
{
    struct swim_config cfg = {.self = "self", .address = "h:1", .incarnation = 10, .proxies = 3};
    char why[TIMING_WHY_MAX];

    assert_int_equal(timing_derive(&cfg.timing, &(struct timing_wishes){0}, TEST_BEAT_MS, why),
                     RH_OK);
    swim_init(core, &cfg, 1, TEST_START_MS);
    for (uint32_t i = 0; i < members; i++) {
        char id[16];

        (void)snprintf(id, sizeof(id), "m%u", (unsigned)i);
        assert_int_equal(swim_learn(core, id, "a:1", state, 1, TEST_START_MS), RH_OK);
    }
    while (swim_next_changed(core))
        ;
    (void)swim_own_changed(core);
}

static inline struct member *core_member(const struct swim *core, const char *id)
{
    struct member *member = members_get(&core->members, id);

    assert_non_null(member);
    return member;
}

static inline struct update word(const char *id, uint32_t state, uint64_t incarnation,
                                 const char *by)
{
    struct update update = {.kind = UPDATE_STATE, .state = state, .incarnation = incarnation};

    assert_int_equal(rh_str_copy(update.node_id, sizeof(update.node_id), rh_str_from(id)), RH_OK);
    assert_int_equal(rh_str_copy(update.by, sizeof(update.by), rh_str_from(by)), RH_OK);
    return update;
}

static inline void hear(struct swim *core, struct update update)
{
    swim_on_updates(core, &update, 1, core->now_ms + core->stall_ms);
}

/* The next action; fails when there is none of this kind. */
static inline struct swim_action next_action(struct swim *core, uint32_t kind)
{
    struct swim_action action;

    if (!swim_next_action(core, &action))
        fail_msg("no action of kind %u", (unsigned)kind);
    assert_int_equal(action.kind, kind);
    return action;
}

static inline bool is_idle(struct swim *core)
{
    struct swim_action action;

    return !swim_next_action(core, &action);
}

/* Lets time pass, tick by tick as the core wants; nobody answers. Actions are dropped when `drop`.
 */
static inline void pass(struct swim *core, int64_t ms, bool drop)
{
    const int64_t until_ms = core->now_ms + core->stall_ms + ms;

    while (swim_next_ms(core) <= until_ms) {
        const int64_t next_ms = swim_next_ms(core);
        const int64_t now_ms = core->now_ms + core->stall_ms;

        swim_tick(core, next_ms > now_ms ? next_ms : now_ms);
        if (drop)
            while (!is_idle(core))
                ;
    }
    swim_on_updates(core, NULL, 0, until_ms); /* it is that late now */
}

/* Until the core pings someone: that ping. */
static inline struct swim_action await_ping(struct swim *core)
{
    struct swim_action action;

    while (!swim_next_action(core, &action) || action.kind != SWIM_PING) {
        const int64_t next_ms = swim_next_ms(core);
        const int64_t now_ms = core->now_ms + core->stall_ms;

        swim_tick(core, next_ms > now_ms ? next_ms : now_ms);
    }
    return action;
}

/* Whether a message to `to` says this of `id`. */
static inline bool tells(struct swim *core, const char *to, const char *id, uint32_t state)
{
    struct update updates[SWIM_UPDATES_MAX];
    const uint32_t count = swim_message(core, to, updates);

    for (uint32_t i = 0; i < count; i++) {
        if (updates[i].kind == UPDATE_STATE && strcmp(updates[i].node_id, id) == 0 &&
            updates[i].state == state)
            return true;
    }
    return false;
}

#endif
