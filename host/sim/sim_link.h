/* What the wire between nodes does to messages: delay, loss, duplicates, cuts. Not the messages
 * themselves (sim_net.c). */
#ifndef RH_HOST_SIM_SIM_LINK_H
#define RH_HOST_SIM_SIM_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/rng.h>

#define SIM_LINKS_MAX (1u << 24)
#define SIM_PPM       1000000u /* a certainty, as the chances below are written */

/* Zero in all but the latencies: a wire without faults. */
struct sim_faults {
    int64_t least_us, most_us; /* one-way latency, uniform between */
    int64_t tail_us;           /* longest of the heavy tail that comes on top */
    uint32_t tail_ppm;         /* chance that a message is in the tail */
    uint32_t loss_ppm;
    uint32_t duplicate_ppm; /* of requests */
    uint32_t reset_ppm;     /* of answers: the connection is lost after the request was done */
    bool is_fifo;           /* messages of one link do not overtake each other */
};

/* One direction between two nodes that is not as all others. */
struct sim_link {
    bool is_cut;
    bool has_faults;
    struct sim_faults faults;
    int64_t last_us; /* arrival of the newest message, for is_fifo */
};

struct sim_wire {
    struct sim_faults faults; /* of links without their own */
    struct rh_map64 links;    /* from << 32 | to -> struct sim_link */
};

void sim_wire_init(struct sim_wire *wire);
void sim_wire_release(struct sim_wire *wire);
/* The link, made when it is missing. Aborts without memory, as the whole simulation does. */
struct sim_link *sim_wire_link(struct sim_wire *wire, uint32_t from, uint32_t to);
bool sim_wire_is_cut(const struct sim_wire *wire, uint32_t from, uint32_t to);
void sim_wire_cut(struct sim_wire *wire, uint32_t from, uint32_t to, bool is_cut);
/* Nothing is cut, and all links are as `faults` says. */
void sim_wire_heal(struct sim_wire *wire, const struct sim_faults *faults);
const struct sim_faults *sim_wire_faults(const struct sim_wire *wire, uint32_t from, uint32_t to);
/* When a message sent now arrives; false: it is lost. */
bool sim_wire_send(struct sim_wire *wire, uint32_t from, uint32_t to, int64_t now_us,
                   struct rh_rng *rng, int64_t *at_us);
/* One draw with a chance in millionths; a chance of 0 draws nothing. */
bool sim_chance(struct rh_rng *rng, uint32_t ppm);

#endif
