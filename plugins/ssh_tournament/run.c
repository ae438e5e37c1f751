/* A run in memory: its matches' states, retries, and the policy of halting. */
#include "run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/str.h>

static const struct rh_edge run_edges[] = {
    {RUN_RUNNING, RUN_HALTING},    {RUN_RUNNING, RUN_CANCELLING}, {RUN_RUNNING, RUN_DONE},
    {RUN_HALTING, RUN_CANCELLING}, {RUN_HALTING, RUN_HALTED},     {RUN_CANCELLING, RUN_CANCELLED},
    {RUN_DONE, RUN_RUNNING},       {RUN_HALTED, RUN_RUNNING},     {RUN_CANCELLED, RUN_RUNNING},
};
static const struct rh_edge match_edges[] = {
    {MATCH_PENDING, MATCH_RUNNING},     {MATCH_PENDING, MATCH_CANCELLED},
    {MATCH_RUNNING, MATCH_PENDING},     {MATCH_RUNNING, MATCH_OK},
    {MATCH_RUNNING, MATCH_FAILED},      {MATCH_RUNNING, MATCH_LOST},
    {MATCH_RUNNING, MATCH_UNREACHABLE}, {MATCH_RUNNING, MATCH_CANCELLED},
    {MATCH_FAILED, MATCH_PENDING},      {MATCH_LOST, MATCH_PENDING},
    {MATCH_UNREACHABLE, MATCH_PENDING}, {MATCH_CANCELLED, MATCH_PENDING},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *run_state_name(uint8_t state)
{
    static const char *const names[] = {
#define X(name, text) text,
        RUN_STATES(X)
#undef X
    };

    assert(state < RUN_STATE_COUNT);
    return names[state];
}

const char *match_state_name(uint8_t state)
{
    static const char *const names[] = {
#define X(name, text) text,
        MATCH_STATES(X)
#undef X
    };

    assert(state < MATCH_STATE_COUNT);
    return names[state];
}

bool run_state_is_over(uint8_t state)
{
    return state >= RUN_DONE;
}

bool match_state_is_final(uint8_t state)
{
    return state >= MATCH_OK;
}

void run_free(struct run *run)
{
    if (!run)
        return;
    free(run->matches);
    free(run->memory);
    free(run->record);
    free(run);
}

static void state_move(struct run *run, uint8_t to)
{
    rh_state_move(&run->status.state, run_edges, COUNT(run_edges), to);
}

static void match_move(struct run *run, struct match *match, uint8_t to)
{
    run->counts[match->state]--;
    rh_state_move(&match->state, match_edges, COUNT(match_edges), to);
    run->counts[to]++;
}

void run_put(struct run *run, uint32_t index, const struct match *match)
{
    struct match *own = &run->matches[index];

    assert(index < run->spec.match_count);
    assert(own->state == MATCH_PENDING);
    run->counts[MATCH_PENDING]--;
    *own = *match;
    run->counts[own->state]++;
    if (own->state == MATCH_RUNNING)
        run->running_on[own->host]++;
}

static void pending_cancel(struct run *run)
{
    for (uint32_t i = 0; i < run->spec.match_count; i++)
        if (run->matches[i].state == MATCH_PENDING)
            match_move(run, &run->matches[i], MATCH_CANCELLED);
}

void run_put_rest(struct run *run)
{
    if (run->status.state != RUN_RUNNING)
        pending_cancel(run);
}

static bool is_any_free(const struct plan_host *hosts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (hosts[i].state != HEALTH_RESTING && hosts[i].running < hosts[i].slots)
            return true;
    return false;
}

/* The tighter of both limits, in the terms of the planner. */
static void narrow(const struct run *run, struct plan_host *hosts)
{
    for (uint32_t i = 0; i < run->spec.host_count; i++) {
        if (run->running_on[i] >= run->spec.per_host)
            hosts[i].running = hosts[i].slots;
    }
}

bool run_next(const struct run *run, struct plan_host *hosts, uint32_t *index, uint32_t *host)
{
    if (run->status.state != RUN_RUNNING || run->counts[MATCH_PENDING] == 0)
        return false;
    narrow(run, hosts);
    if (!is_any_free(hosts, run->spec.host_count))
        return false;
    for (uint32_t i = run->first_pending; i < run->spec.match_count; i++) {
        int32_t picked;

        if (run->matches[i].state != MATCH_PENDING)
            continue;
        for (uint32_t h = 0; h < run->spec.host_count; h++)
            hosts[h].tried = run->matches[i].tried[h];
        picked = plan_pick(hosts, run->spec.host_count);
        if (picked == PLAN_WAIT)
            continue;
        *index = i;
        *host = (uint32_t)picked;
        return true;
    }
    return false;
}

void run_begin(struct run *run, uint32_t index, uint32_t host, uint64_t nonce, int64_t now_ms)
{
    struct match *match = &run->matches[index];

    assert(host < run->spec.host_count);
    match_move(run, match, MATCH_RUNNING);
    match->attempts++;
    match->spent++;
    match->host = (uint8_t)host;
    match->nonce = nonce;
    match->begun_at_ms = now_ms;
    match->ended_at_ms = 0;
    match->output_bytes = 0;
    match->reason[0] = '\0';
    if (match->tried[host] < UINT8_MAX)
        match->tried[host]++;
    run->running_on[host]++;
    while (run->first_pending < run->spec.match_count &&
           run->matches[run->first_pending].state != MATCH_PENDING)
        run->first_pending++;
}

static uint8_t final_state(enum attempt_verdict verdict)
{
    static const uint8_t states[ATTEMPT_VERDICT_COUNT] = {
        [ATTEMPT_OK] = MATCH_OK,
        [ATTEMPT_EXITED] = MATCH_FAILED,
        [ATTEMPT_TIMEOUT] = MATCH_FAILED,
        [ATTEMPT_LOST] = MATCH_LOST,
        [ATTEMPT_UNREACHABLE] = MATCH_UNREACHABLE,
        [ATTEMPT_LOCAL] = MATCH_UNREACHABLE,
        [ATTEMPT_CANCELLED] = MATCH_CANCELLED,
    };

    assert(verdict > ATTEMPT_NONE);
    assert(verdict < ATTEMPT_VERDICT_COUNT);
    return states[verdict];
}

static bool is_retried(const struct run *run, const struct match *match,
                       enum attempt_verdict verdict)
{
    if (run->status.state != RUN_RUNNING || match->spent > run->spec.retries ||
        match->attempts >= RUN_ATTEMPTS_MAX)
        return false;
    switch (verdict) {
    case ATTEMPT_UNREACHABLE:
    case ATTEMPT_LOCAL:
        return true;
    case ATTEMPT_LOST:
        return run->spec.is_idempotent;
    case ATTEMPT_EXITED:
    case ATTEMPT_TIMEOUT:
        return run->spec.retries_failed;
    default:
        return false;
    }
}

/* Texts that may be cut: they are for people, or have been checked. */
static void text_put(char *dst, size_t size, struct rh_str s)
{
    const size_t n = s.n < size - 1 ? s.n : size - 1;

    if (n > 0)
        memcpy(dst, s.p, n);
    dst[n] = '\0';
}

static uint32_t failures(const struct run *run)
{
    return run->counts[MATCH_FAILED] + run->counts[MATCH_LOST] + run->counts[MATCH_UNREACHABLE];
}

void run_end(struct run *run, uint32_t index, const struct run_ending *ending, int64_t now_ms)
{
    struct match *match = &run->matches[index];

    assert(match->state == MATCH_RUNNING);
    assert(run->running_on[match->host] > 0);
    run->running_on[match->host]--;
    match->verdict = (uint8_t)ending->verdict;
    match->code = ending->code;
    match->output_bytes = ending->output_bytes;
    match->ended_at_ms = now_ms;
    text_put(match->reason, sizeof(match->reason), ending->reason);
    text_put(match->winner, sizeof(match->winner), ending->winner);
    if (is_retried(run, match, ending->verdict)) {
        match_move(run, match, MATCH_PENDING);
        if (index < run->first_pending)
            run->first_pending = index;
        return;
    }
    match_move(run, match, final_state(ending->verdict));
    if (run->status.state == RUN_RUNNING && run->spec.halt != RUN_HALT_NEVER &&
        failures(run) >= run->spec.halt_fail) {
        state_move(run, RUN_HALTING);
        pending_cancel(run);
    }
}

void run_cancel(struct run *run)
{
    if (run->status.state != RUN_CANCELLING)
        state_move(run, RUN_CANCELLING);
    pending_cancel(run);
}

bool run_wants_end(const struct run *run)
{
    return run->status.state == RUN_CANCELLING ||
           (run->status.state == RUN_HALTING && run->spec.halt == RUN_HALT_NOW);
}

bool run_settle(struct run *run, int64_t now_ms)
{
    static const uint8_t last[RUN_STATE_COUNT] = {
        [RUN_RUNNING] = RUN_DONE, [RUN_HALTING] = RUN_HALTED, [RUN_CANCELLING] = RUN_CANCELLED};

    if (run_state_is_over(run->status.state) || run->counts[MATCH_PENDING] > 0 ||
        run->counts[MATCH_RUNNING] > 0)
        return false;
    state_move(run, last[run->status.state]);
    run->status.ended_at_ms = now_ms;
    return true;
}

bool run_resume(struct run *run)
{
    assert(run_state_is_over(run->status.state));
    if (run->counts[MATCH_OK] == run->spec.match_count)
        return false;
    state_move(run, RUN_RUNNING);
    run->status.ended_at_ms = 0;
    run->first_pending = 0;
    for (uint32_t i = 0; i < run->spec.match_count; i++) {
        struct match *match = &run->matches[i];

        if (match->state == MATCH_OK)
            continue;
        match_move(run, match, MATCH_PENDING);
        match->spent = 0;
        match->reason[0] = '\0';
        match->winner[0] = '\0';
        memset(match->tried, 0, sizeof(match->tried));
    }
    return true;
}
