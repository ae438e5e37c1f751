/* State machines as tables of allowed edges: one check, and one function that moves. [any] */
#ifndef RH_SDK_EDGES_H
#define RH_SDK_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One allowed step. */
struct rh_edge {
    uint8_t from;
    uint8_t to;
};

/* Whether the table has the edge. Staying (from == to) must be listed like any other edge. */
bool rh_edge_allowed(const struct rh_edge *table, size_t count, uint8_t from, uint8_t to);

/* Sets *state to `to`; asserts that the table allows it. Check requests of others with
 * rh_edge_allowed first. */
void rh_state_move(uint8_t *state, const struct rh_edge *table, size_t count, uint8_t to);

#endif
