/* Looking up allowed edges and moving along them. */
#include <ringhost/sdk/edges.h>

#include <assert.h>

bool rh_edge_allowed(const struct rh_edge *table, size_t count, uint8_t from, uint8_t to)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].from == from && table[i].to == to)
            return true;
    }
    return false;
}

void rh_state_move(uint8_t *state, const struct rh_edge *table, size_t count, uint8_t to)
{
    assert(rh_edge_allowed(table, count, *state, to));
    *state = to;
}
