/* States of a delivery as a table of allowed edges, and the pauses between tries: exponential with
 * "equal jitter" (M. Brooker, "Exponential Backoff and Jitter", 2015). */
#include "delivery.h"

#include <assert.h>
#include <stdint.h>

#define DOUBLINGS_MAX 30u

#define EDGE(state)   (1u << (state))

/* From a state to others; DELIVERY_OFF is reached from everywhere. */
static const uint32_t edges[DELIVERY_STATES] = {
    [DELIVERY_OFF] = EDGE(DELIVERY_READY),
    [DELIVERY_READY] = EDGE(DELIVERY_SENDING) | EDGE(DELIVERY_WAITING),
    [DELIVERY_SENDING] = EDGE(DELIVERY_READY) | EDGE(DELIVERY_WAITING) |
                         EDGE(DELIVERY_UNAVAILABLE) | EDGE(DELIVERY_BURYING),
    [DELIVERY_WAITING] = EDGE(DELIVERY_READY),
    [DELIVERY_UNAVAILABLE] = EDGE(DELIVERY_READY),
    [DELIVERY_BURYING] = EDGE(DELIVERY_READY) | EDGE(DELIVERY_BLOCKED),
    [DELIVERY_BLOCKED] = EDGE(DELIVERY_BURYING) | EDGE(DELIVERY_READY),
};

static const char *const names[DELIVERY_STATES] = {
    [DELIVERY_OFF] = "off",         [DELIVERY_READY] = "ready",
    [DELIVERY_SENDING] = "sending", [DELIVERY_WAITING] = "waiting",
    [DELIVERY_BURYING] = "burying", [DELIVERY_UNAVAILABLE] = "unavailable",
    [DELIVERY_BLOCKED] = "blocked",
};

const char *delivery_state_name(enum delivery_state state)
{
    assert((unsigned)state < DELIVERY_STATES);
    return names[state];
}

static void move(struct delivery *delivery, enum delivery_state to)
{
    assert(to == DELIVERY_OFF || (edges[delivery->state] & EDGE(to)) != 0);
    delivery->state = to;
}

static void wait_until(struct delivery *delivery, enum delivery_state state, int64_t due_ms)
{
    move(delivery, state);
    delivery->due_ms = due_ms;
}

void delivery_stop(struct delivery *delivery)
{
    move(delivery, DELIVERY_OFF);
    *delivery = (struct delivery){.state = DELIVERY_OFF, .is_available = true};
}

void delivery_start(struct delivery *delivery)
{
    move(delivery, DELIVERY_READY);
    delivery->attempts = 0;
    delivery->narrow = 0;
    delivery->is_available = true;
}

bool delivery_may_send(struct delivery *delivery, int64_t now_ms)
{
    if ((delivery->state == DELIVERY_WAITING || delivery->state == DELIVERY_UNAVAILABLE) &&
        now_ms >= delivery->due_ms)
        move(delivery, DELIVERY_READY);
    return delivery->state == DELIVERY_READY;
}

void delivery_sent(struct delivery *delivery, uint32_t count)
{
    assert(count > 0);
    move(delivery, DELIVERY_SENDING);
    delivery->sent = count;
}

uint32_t delivery_width(const struct delivery *delivery, const struct delivery_limits *limits)
{
    const uint32_t width = delivery->narrow > 0 ? delivery->narrow : limits->width_max;

    return width > 0 ? width : 1;
}

static void widen(struct delivery *delivery, const struct delivery_limits *limits)
{
    if (delivery->narrow > 0)
        delivery->narrow *= 2;
    if (delivery->narrow >= limits->width_max)
        delivery->narrow = 0;
}

int64_t delivery_pause_ms(const struct delivery_limits *limits, uint32_t failures, uint64_t random)
{
    int64_t pause = limits->backoff_ms;

    assert(failures >= 1);
    for (uint32_t i = 1; i < failures && i < DOUBLINGS_MAX && pause < limits->backoff_max_ms; i++)
        pause *= 2;
    if (pause > limits->backoff_max_ms)
        pause = limits->backoff_max_ms;
    return pause - (int64_t)(random % (uint64_t)(pause / 2 + 1));
}

static enum delivery_act fail(struct delivery *delivery, const struct delivery_limits *limits,
                              int64_t now_ms, uint64_t random, int64_t retry_after_ms)
{
    int64_t pause;

    if (delivery->attempts < UINT32_MAX)
        delivery->attempts++;
    if (delivery->sent > 1)
        delivery->narrow = 1;
    if (delivery->sent == 1 && limits->attempts_max > 0 &&
        delivery->attempts >= (uint64_t)limits->attempts_max) {
        move(delivery, DELIVERY_BURYING);
        return DELIVERY_BURY;
    }
    pause = delivery_pause_ms(limits, delivery->attempts, random);
    if (retry_after_ms > DELIVERY_RETRY_AFTER_MAX_MS)
        retry_after_ms = DELIVERY_RETRY_AFTER_MAX_MS;
    wait_until(delivery, DELIVERY_WAITING,
               now_ms + (retry_after_ms > pause ? retry_after_ms : pause));
    return DELIVERY_KEEP;
}

static enum delivery_act refuse(struct delivery *delivery)
{
    if (delivery->sent > 1) {
        delivery->narrow = 1;
        move(delivery, DELIVERY_READY);
        return DELIVERY_KEEP;
    }
    delivery->attempts++;
    move(delivery, DELIVERY_BURYING);
    return DELIVERY_BURY;
}

enum delivery_act delivery_judge(struct delivery *delivery, const struct delivery_limits *limits,
                                 enum verdict verdict, int64_t now_ms, uint64_t random,
                                 int64_t retry_after_ms)
{
    if (delivery->state != DELIVERY_SENDING)
        return DELIVERY_NONE;
    delivery->is_available = verdict != VERDICT_UNAVAILABLE;
    switch (verdict) {
    case VERDICT_TAKEN:
        move(delivery, DELIVERY_READY);
        delivery->attempts = 0;
        widen(delivery, limits);
        return DELIVERY_DROP;
    case VERDICT_UNAVAILABLE:
        wait_until(delivery, DELIVERY_UNAVAILABLE, now_ms + limits->recheck_ms);
        return DELIVERY_KEEP;
    case VERDICT_REFUSED:
        return refuse(delivery);
    case VERDICT_STOPPED:
        move(delivery, DELIVERY_READY);
        return DELIVERY_KEEP;
    default:
        return fail(delivery, limits, now_ms, random, retry_after_ms);
    }
}

void delivery_buried(struct delivery *delivery, bool is_done, int64_t again_ms)
{
    if (delivery->state != DELIVERY_BURYING)
        return;
    if (!is_done) {
        wait_until(delivery, DELIVERY_BLOCKED, again_ms);
        return;
    }
    move(delivery, DELIVERY_READY);
    delivery->attempts = 0;
}

void delivery_unblock(struct delivery *delivery, int64_t now_ms)
{
    if (delivery->state == DELIVERY_BLOCKED)
        delivery->due_ms = now_ms;
}

bool delivery_step_back(struct delivery *delivery)
{
    if (delivery->state != DELIVERY_BLOCKED)
        return false;
    move(delivery, DELIVERY_READY);
    delivery->attempts = 0;
    return true;
}

bool delivery_may_bury(struct delivery *delivery, int64_t now_ms)
{
    if (delivery->state != DELIVERY_BLOCKED || now_ms < delivery->due_ms)
        return false;
    move(delivery, DELIVERY_BURYING);
    return true;
}

void delivery_hold(struct delivery *delivery, int64_t due_ms)
{
    assert(delivery->state == DELIVERY_READY);
    wait_until(delivery, DELIVERY_WAITING, due_ms);
}

void delivery_hurry(struct delivery *delivery, int64_t now_ms)
{
    if (delivery->state == DELIVERY_WAITING || delivery->state == DELIVERY_UNAVAILABLE)
        delivery->due_ms = now_ms;
}

int64_t delivery_due_ms(const struct delivery *delivery)
{
    switch (delivery->state) {
    case DELIVERY_WAITING:
    case DELIVERY_UNAVAILABLE:
    case DELIVERY_BLOCKED:
        return delivery->due_ms;
    default:
        return INT64_MAX;
    }
}
