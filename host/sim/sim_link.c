/* Faults of the wire; see sim_link.h. */
#include "host/sim/sim_link.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TAIL_HALVINGS 8u /* the tail is log-uniform over this many powers of two */

static uint64_t key_of(uint32_t from, uint32_t to)
{
    return (uint64_t)from << 32 | to;
}

void sim_wire_init(struct sim_wire *wire)
{
    memset(wire, 0, sizeof *wire);
    wire->faults.least_us = wire->faults.most_us = 1000;
    rh_map64_init(&wire->links, 1, SIM_LINKS_MAX);
}

void sim_wire_release(struct sim_wire *wire)
{
    uint32_t cursor = 0;
    void *link;

    while (rh_map64_next(&wire->links, &cursor, NULL, &link))
        free(link);
    rh_map64_release(&wire->links);
}

struct sim_link *sim_wire_link(struct sim_wire *wire, uint32_t from, uint32_t to)
{
    struct sim_link *link = rh_map64_get(&wire->links, key_of(from, to));

    if (link)
        return link;
    link = calloc(1, sizeof *link);
    if (!link || rh_map64_put(&wire->links, key_of(from, to), link, NULL) != RH_OK)
        abort(); /* a simulation without memory has nothing left to show */
    return link;
}

bool sim_wire_is_cut(const struct sim_wire *wire, uint32_t from, uint32_t to)
{
    const struct sim_link *link = rh_map64_get(&wire->links, key_of(from, to));

    return link && link->is_cut;
}

void sim_wire_cut(struct sim_wire *wire, uint32_t from, uint32_t to, bool is_cut)
{
    if (is_cut || sim_wire_is_cut(wire, from, to))
        sim_wire_link(wire, from, to)->is_cut = is_cut;
}

void sim_wire_heal(struct sim_wire *wire, const struct sim_faults *faults)
{
    uint32_t cursor = 0;
    void *value;

    wire->faults = *faults;
    while (rh_map64_next(&wire->links, &cursor, NULL, &value)) {
        struct sim_link *link = value;

        link->is_cut = link->has_faults = false;
    }
}

const struct sim_faults *sim_wire_faults(const struct sim_wire *wire, uint32_t from, uint32_t to)
{
    const struct sim_link *link = rh_map64_get(&wire->links, key_of(from, to));

    return link && link->has_faults ? &link->faults : &wire->faults;
}

bool sim_chance(struct rh_rng *rng, uint32_t ppm)
{
    return ppm > 0 && rh_rng_below(rng, SIM_PPM) < ppm;
}

/* Latency, and for some messages a tail: a power of two below the longest, and uniform below that.
 */
static int64_t delay_us(const struct sim_faults *faults, struct rh_rng *rng)
{
    uint64_t span = (uint64_t)(faults->most_us - faults->least_us) + 1;
    int64_t delay = faults->least_us + (int64_t)rh_rng_below(rng, span);

    assert(faults->least_us >= 0);
    assert(faults->most_us >= faults->least_us);
    if (sim_chance(rng, faults->tail_ppm)) {
        uint64_t longest = (uint64_t)faults->tail_us >> rh_rng_below(rng, TAIL_HALVINGS);

        delay += (int64_t)rh_rng_below(rng, longest + 1);
    }
    return delay;
}

bool sim_wire_send(struct sim_wire *wire, uint32_t from, uint32_t to, int64_t now_us,
                   struct rh_rng *rng, int64_t *at_us)
{
    const struct sim_faults *faults = sim_wire_faults(wire, from, to);
    int64_t arrival_us;

    if (sim_wire_is_cut(wire, from, to) || sim_chance(rng, faults->loss_ppm))
        return false;
    arrival_us = now_us + delay_us(faults, rng);
    if (faults->is_fifo) {
        struct sim_link *link = sim_wire_link(wire, from, to);

        if (arrival_us < link->last_us)
            arrival_us = link->last_us;
        link->last_us = arrival_us;
    }
    *at_us = arrival_us;
    return true;
}
