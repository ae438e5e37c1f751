/* See fleet.h. */
#include "fleet.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define FAILURES_MAX 1000000u /* are counted */

const char *fleet_state_name(enum fleet_state state)
{
    static const char *const names[FLEET_STATES] = {"starting", "booting", "ready", "draining",
                                                    "stopping"};

    assert(state < FLEET_STATES);
    return names[state];
}

void fleet_move(struct fleet_machine *machine, enum fleet_state to, int64_t now_ms)
{
    /* [from] = bits of the states that may follow. */
    static const uint8_t edges[FLEET_STATES] = {
        [FLEET_STARTING] = 1u << FLEET_BOOTING | 1u << FLEET_STOPPING,
        [FLEET_BOOTING] = 1u << FLEET_READY | 1u << FLEET_STOPPING,
        [FLEET_READY] = 1u << FLEET_DRAINING | 1u << FLEET_STOPPING,
        [FLEET_DRAINING] = 1u << FLEET_READY | 1u << FLEET_STOPPING,
        [FLEET_STOPPING] = 0,
    };

    assert(edges[machine->state] & (1u << to));
    machine->state = to;
    machine->since_ms = now_ms;
    machine->not_before_ms = 0;
    machine->attempts = 0;
    machine->is_drained = false;
}

/* Whether a wait is over. Times in rows come from the wall clocks of several leaders, which may
 * have been set: one that is further off than the wait is long says nothing, and does not bind. */
static bool is_past(int64_t not_before_ms, int64_t longest_ms, int64_t now_ms)
{
    return now_ms >= not_before_ms || not_before_ms - now_ms > longest_ms;
}

static bool has_passed(int64_t since_ms, int64_t span_ms, int64_t now_ms)
{
    return now_ms - since_ms > span_ms || since_ms - now_ms > span_ms;
}

static bool is_guarded(const struct fleet_view *view)
{
    return view->is_leader || view->is_voter || view->is_protected;
}

static enum fleet_op stop(struct fleet_machine *machine, const char *why, int64_t now_ms)
{
    fleet_move(machine, FLEET_STOPPING, now_ms);
    (void)snprintf(machine->error, sizeof(machine->error), "%s", why); /* short */
    return FLEET_STOP;
}

static enum fleet_op advance_draining(struct fleet_machine *machine, const struct fleet_view *view,
                                      int64_t now_ms)
{
    if (is_guarded(view)) {
        fleet_move(machine, FLEET_READY, now_ms);
        machine->is_drained = true;
        return FLEET_UNDRAIN;
    }
    if (view->leases > 0)
        return machine->is_drained ? FLEET_NOTHING : FLEET_DRAIN;
    if (view->is_gone)
        return stop(machine, "", now_ms);
    /* The leases have to be those of after the node said that it takes nothing new. */
    if (machine->is_drained && now_ms != machine->since_ms)
        return stop(machine, "", now_ms);
    return machine->is_drained ? FLEET_NOTHING : FLEET_DRAIN;
}

enum fleet_op fleet_advance(struct fleet_machine *machine, const struct fleet_view *view,
                            const struct fleet_limits *limits, int64_t now_ms)
{
    const bool is_due = is_past(machine->not_before_ms, limits->retry_most_ms, now_ms);

    switch (machine->state) {
    case FLEET_STARTING:
        return is_due ? FLEET_START : FLEET_NOTHING;
    case FLEET_BOOTING:
        if (view->is_alive)
            fleet_move(machine, FLEET_READY, now_ms);
        else if (has_passed(machine->since_ms, limits->boot_ms, now_ms) && view->leases == 0 &&
                 !is_guarded(view))
            return stop(machine, "it did not come up in time", now_ms);
        return FLEET_NOTHING;
    case FLEET_READY:
        if (view->is_gone && view->leases == 0 && !is_guarded(view))
            return stop(machine, "its node is dead", now_ms);
        return machine->is_drained ? FLEET_UNDRAIN : FLEET_NOTHING;
    case FLEET_DRAINING:
        return advance_draining(machine, view, now_ms);
    case FLEET_STOPPING:
        return is_due ? FLEET_STOP : FLEET_NOTHING;
    case FLEET_STATES:
        break;
    }
    assert(false);
    return FLEET_NOTHING;
}

bool fleet_counts(const struct fleet_machine *machine)
{
    return machine->state == FLEET_STARTING || machine->state == FLEET_BOOTING ||
           machine->state == FLEET_READY;
}

bool fleet_is_ready(const struct fleet_machine *machine)
{
    return machine->state == FLEET_READY;
}

int64_t fleet_keep(struct fleet_machine *const *machines, enum fleet_op *ops,
                   uint32_t machine_count, int64_t count, int64_t now_ms)
{
    int64_t kept = 0;

    for (uint32_t i = 0; i < machine_count && kept < count; i++) {
        if (machines[i]->state != FLEET_DRAINING)
            continue;
        fleet_move(machines[i], FLEET_READY, now_ms);
        machines[i]->is_drained = true;
        ops[i] = FLEET_UNDRAIN;
        kept++;
    }
    return kept;
}

static bool may_go(const struct fleet_machine *machine, const struct fleet_view *view,
                   enum fleet_op op)
{
    if (is_guarded(view))
        return false;
    switch (machine->state) {
    case FLEET_STARTING: /* it may be due again; then it is not asked for */
        return view->leases == 0;
    case FLEET_BOOTING:
        return view->leases == 0 && op == FLEET_NOTHING;
    case FLEET_READY:
        return op == FLEET_NOTHING;
    default:
        return false;
    }
}

/* Whether a goes before b. */
static bool goes_first(const struct fleet_machine *a, const struct fleet_view *va,
                       const struct fleet_machine *b, const struct fleet_view *vb)
{
    if (a->state != b->state) /* of the three that may go */
        return a->state < b->state;
    if (va->leases != vb->leases)
        return va->leases < vb->leases;
    return a->since_ms > b->since_ms;
}

static enum fleet_op send_away(struct fleet_machine *machine, const struct fleet_limits *limits,
                               int64_t now_ms)
{
    switch (machine->state) {
    case FLEET_STARTING:
        fleet_move(machine, FLEET_STOPPING, now_ms);
        machine->not_before_ms = now_ms + limits->driver_ms;
        return FLEET_NOTHING;
    case FLEET_BOOTING:
        return stop(machine, "", now_ms);
    default:
        fleet_move(machine, FLEET_DRAINING, now_ms);
        return FLEET_DRAIN;
    }
}

int64_t fleet_shrink(struct fleet_machine *const *machines, const struct fleet_view *views,
                     enum fleet_op *ops, uint32_t machine_count, int64_t count,
                     const struct fleet_limits *limits, int64_t now_ms)
{
    int64_t gone = 0;

    while (gone < count) {
        uint32_t best = machine_count;

        for (uint32_t i = 0; i < machine_count; i++)
            if (may_go(machines[i], &views[i], ops[i]) &&
                (best == machine_count ||
                 goes_first(machines[i], &views[i], machines[best], &views[best])))
                best = i;
        if (best == machine_count)
            break;
        ops[best] = send_away(machines[best], limits, now_ms);
        gone++;
    }
    return gone;
}

/* After so many failures before this one. */
static int64_t wait_ms(uint32_t failures, const struct fleet_limits *limits)
{
    int64_t ms = limits->retry_base_ms;

    for (uint32_t i = 0; i < failures && ms < limits->retry_most_ms; i++)
        ms *= 2;
    return ms < limits->retry_most_ms ? ms : limits->retry_most_ms;
}

void fleet_boots_note(struct fleet_boots *boots, uint32_t ups, uint32_t given_up,
                      const struct fleet_limits *limits, int64_t now_ms)
{
    if (ups > 0) {
        *boots = (struct fleet_boots){.failures = 0};
    } else if (given_up > 0) {
        boots->not_before_ms = now_ms + wait_ms(boots->failures, limits);
        boots->failures += boots->failures < FAILURES_MAX ? 1 : 0;
    }
}

bool fleet_boots_allow(const struct fleet_boots *boots, const struct fleet_limits *limits,
                       int64_t now_ms)
{
    return is_past(boots->not_before_ms, limits->retry_most_ms, now_ms);
}

bool fleet_came_up(enum fleet_state before, enum fleet_state after)
{
    return before == FLEET_BOOTING && after == FLEET_READY;
}

bool fleet_gave_up(enum fleet_state before, enum fleet_state after)
{
    return before == FLEET_BOOTING && after == FLEET_STOPPING;
}

void fleet_failed(struct fleet_machine *machine, const char *error, bool is_later,
                  const struct fleet_limits *limits, int64_t now_ms)
{
    (void)snprintf(machine->error, sizeof(machine->error), "%s", error); /* cut: for people */
    machine->not_before_ms = now_ms + wait_ms(is_later ? 0 : machine->attempts, limits);
    if (!is_later)
        machine->attempts += machine->attempts < FAILURES_MAX ? 1 : 0;
}
