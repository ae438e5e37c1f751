/* Operators in a simulated cluster: they ask for starts, step-downs and transfers at random, and
 * expect nothing. */
#include "invariants.h"

#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/str.h>

static uint32_t below(struct rh_sim *sim, uint32_t bound)
{
    return (uint32_t)(rh_sim_random(sim) % bound);
}

static void ask(struct rh_sim *sim, const char *target, const char *body)
{
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request), .method = "POST", .target = target, .body = body};

    (void)rh_sim_request(sim, below(sim, rh_sim_node_count(sim)), &request); /* well formed */
}

/* Holds are short: a majority that was told to wait could not elect anyone in time. */
static void ask_to_step_down(struct rh_sim *sim)
{
    char body[64];

    (void)snprintf(body, sizeof(body), "{\"hold_ms\":%" PRId64 "}",
                   (int64_t)below(sim, (uint32_t)rh_sim_beat_ms(sim)) + 1); /* fits */
    ask(sim, "/election/step-down", body);
}

static void ask_for_transfer(struct rh_sim *sim)
{
    struct rh_sim_node to;
    char body[128];

    rh_sim_node(sim, below(sim, rh_sim_node_count(sim)), &to);
    (void)snprintf(body, sizeof(body), "{\"to\":\"%s\"}",
                   below(sim, 4) ? to.node_id : ""); /* fits */
    ask(sim, "/election/transfer", body);
}

void operators_tick(void *self, struct rh_sim *sim)
{
    const uint32_t draw = below(sim, 8);

    (void)self;
    if (rh_sim_is_healed(sim) || draw >= 5)
        return;
    if (draw == 0)
        ask(sim, "/election/start", "{}");
    else if (draw <= 2)
        ask(sim, "/election/start", "{\"force\":true}");
    else if (draw == 3)
        ask_to_step_down(sim);
    else
        ask_for_transfer(sim);
}
