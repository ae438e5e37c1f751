/* Clients of a simulated ledger: they append texts, some of them again, and ask how many there are.
 * What they were told is held against what was told before. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#define TIMEOUT_MS   4000
#define BURST_MAX    6
#define AGAIN_LAST   20 /* an append repeats one of so many */
#define QUIET_TICKS  64 /* so many of AROUND_TICKS nobody does anything */
#define AROUND_TICKS 256
#define DRIFT_PPM    100000 /* leases hold while clocks are within it */

struct told {
    int64_t place, count;
};
static const struct rh_field told_fields[] = {
    RH_INT(struct told, place, 0, 0, INT64_C(9007199254740991), "of the text"),
    RH_INT(struct told, count, 0, 0, INT64_C(9007199254740991), "how many"),
};
static const struct rh_fields told_table = RH_FIELDS(struct told, told_fields);

static uint32_t below(struct rh_sim *sim, uint32_t n)
{
    return (uint32_t)(rh_sim_random(sim) % n);
}

static void send(struct rh_sim *sim, const char *method, const char *target, const char *body,
                 void (*done)(void *self, struct rh_sim *sim, void *user,
                              const struct rh_sim_answer *answer),
                 uint64_t user)
{
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = TIMEOUT_MS,
        .method = method,
        .target = target,
        .body = body,
        .done = done,
        .user = (void *)(uintptr_t)user,
    };
    int32_t rc = rh_sim_request(sim, below(sim, rh_sim_node_count(sim)), &request);

    assert(rc == RH_OK);
    (void)rc;
}

static bool take(struct rh_sim *sim, const struct rh_sim_answer *answer, struct told *out)
{
    void *memory = NULL;

    if (answer->status != 200 ||
        rh_sim_decode(sim, &told_table, answer->body, out, &memory) != RH_OK)
        return false;
    rh_sim_release(sim, memory);
    return true;
}

/* An acknowledgement names the place that the text has for ever; it has been applied by then. */
static void on_appended(void *self, struct rh_sim *sim, void *user,
                        const struct rh_sim_answer *answer)
{
    struct ledger *l = self;
    const uint64_t number = (uint64_t)(uintptr_t)user;
    struct ledger_text *text;
    char id[LEDGER_ID_MAX];
    struct told told;

    if (!take(sim, answer, &told))
        return;
    (void)snprintf(id, sizeof(id), "t%" PRIu64, number); /* fits */
    text = ledger_text(l, id);
    if (text->acked != 0 && text->acked != (uint64_t)told.place)
        rh_sim_fail(sim, "acknowledged_once", answer->node,
                    "%s was given place %" PRIu64 ", and now %" PRId64, id, text->acked,
                    told.place);
    text->acked = (uint64_t)told.place;
    if (text->place != text->acked)
        rh_sim_fail(sim, "acknowledged_is_applied", answer->node,
                    "%s was given place %" PRIu64 "; in the sequence it has %" PRIu64
                    ", 0 being none",
                    id, text->acked, text->place);
    if (l->floor < text->acked)
        l->floor = text->acked;
    l->is_probe_acked |= l->probe != 0 && number >= l->probe;
}

static void append(struct ledger *l, struct rh_sim *sim)
{
    uint64_t number = ++l->next_id;
    char body[64];

    if (number > AGAIN_LAST && below(sim, 8) == 0)
        number -= 1 + below(sim, AGAIN_LAST);
    (void)snprintf(body, sizeof(body), "{\"id\":\"t%" PRIu64 "\"}", number); /* fits */
    send(sim, "POST", "/ledger/append", body, on_appended, number);
}

/* user: what had been acknowledged when it was sent. */
static void on_counted(void *self, struct rh_sim *sim, void *user,
                       const struct rh_sim_answer *answer)
{
    struct ledger *l = self;
    const uint64_t floor = (uint64_t)(uintptr_t)user;
    struct told told;

    if (!take(sim, answer, &told))
        return;
    if ((uint64_t)told.count < floor)
        rh_sim_fail(sim, "reads_see_what_was_acknowledged", answer->node,
                    "it counts %" PRId64 "; %" PRIu64 " were acknowledged before it was asked",
                    told.count, floor);
    if ((uint64_t)told.count > l->place_count)
        rh_sim_fail(sim, "reads_see_what_is_agreed_on", answer->node,
                    "it counts %" PRId64 "; only %" PRIu64 " have ever been applied", told.count,
                    l->place_count);
    if (l->floor < (uint64_t)told.count)
        l->floor = (uint64_t)told.count;
}

static bool are_clocks_good(struct rh_sim *sim)
{
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++) {
        struct rh_sim_node node;

        rh_sim_node(sim, i, &node);
        if (node.clock_ppm > DRIFT_PPM || node.clock_ppm < -DRIFT_PPM)
            return false;
    }
    return true;
}

/* A leader's memory is as good as its lease; behind a barrier clocks do not matter. */
static void count(struct ledger *l, struct rh_sim *sim)
{
    const bool is_plain = below(sim, 2) && are_clocks_good(sim);

    send(sim, "GET", is_plain ? "/ledger/count" : "/ledger/count?barrier=true", NULL, on_counted,
         l->floor);
}

void ledger_load(struct ledger *l, struct rh_sim *sim)
{
    uint32_t burst = below(sim, 8) == 0 ? BURST_MAX : 1;

    if (l->ticks++ % AROUND_TICKS >= AROUND_TICKS - QUIET_TICKS)
        return;
    for (uint32_t i = 0; i < burst; i++) {
        if (below(sim, 3) > 0)
            append(l, sim);
        else
            count(l, sim);
    }
}

void ledger_probe(struct ledger *l, struct rh_sim *sim)
{
    if (l->is_probe_acked)
        return;
    if (l->probe == 0)
        l->probe = l->next_id + 1;
    append(l, sim);
}
