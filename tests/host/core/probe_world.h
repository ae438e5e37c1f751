/* A few simulated nodes with the plugins of probe_plugin.h, and the ways into them that a plugin
 * author has not: headers of choice, the view on who leads, taps on the driver. No test. */
#ifndef RH_TESTS_HOST_CORE_PROBE_WORLD_H
#define RH_TESTS_HOST_CORE_PROBE_WORLD_H

#include "tests/host/core/cmocka_all.h"

#include <ringhost/testhost.h>

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/probe_plugin.h"

#define WORLD_NODES_MAX 3u
/* Long enough for a commit, or for a call between two nodes and back. */
#define WORLD_SHORT_MS 50

struct world {
    struct rh_testnet *net;
    struct rh_testhost *hosts[WORLD_NODES_MAX]; /* n1, n2, n3 */
    uint32_t count;
    struct rh_testhost_reply reply;
    /* taps, once world_tap was called */
    struct driver_ops ops;
    char allow[64];
    char request_id[160];
    uint64_t stream_pending; /* what streams say waits unsent */
    int64_t slip_us;         /* added to the clock */
    int32_t call_rc;         /* what the driver's call returns; RH_OK = as it is */
    void (*script)(struct rh_testhost_process *process);
};

/* Nodes n1..n<count>, each with the plugins probe and shared; alone when count is 1, else voters
 * without a leader. token_text may be NULL. Ends when all are ready. */
struct world *world_new(uint32_t count, const char *token_text);
void world_free(struct world *world);
/* For cmocka: a single node without tokens, led by itself and active. */
int world_set_up(void **state);
int world_tear_down(void **state);

struct core *world_core(const struct world *world, uint32_t at);
struct rh_ctx *world_ctx(const struct world *world, uint32_t at, const char *plugin);
/* The instance on node `at`. */
struct probe *world_probe(const struct world *world, uint32_t at);
struct probe *world_shared(const struct world *world, uint32_t at);
void world_run(struct world *world, int64_t ms);

/* Node `leader` leads with this epoch; all that are up agree. */
void world_lead(struct world *world, uint32_t leader, uint64_t epoch);
/* What one node believes. leader = WORLD_NODES_MAX: nobody. */
void world_believe(struct world *world, uint32_t at, uint32_t leader, uint64_t epoch);

/* Replace the driver's table of node `at` by one with the taps above. */
void world_tap(struct world *world, uint32_t at);

/* A request with headers "name", "value", ..., NULL. Returns the number for rh_testhost_answer. */
uint64_t world_send(struct world *world, uint32_t at, const char *method, const char *target,
                    const char *body, const char *const *headers);
/* The same; runs until it is answered. Returns the status, the answer is in world->reply. */
uint32_t world_ask(struct world *world, uint32_t at, const char *method, const char *target,
                   const char *body, const char *const *headers);
/* Runs until the request has been answered, 60 s at most. */
uint32_t world_wait(struct world *world, uint32_t at, uint64_t request);
bool world_answered(struct world *world, uint32_t at, uint64_t request);
/* GET this path and return the parked request; *request is the number for world_wait. */
rh_req world_park(struct world *world, const char *path, uint64_t *request);

/* Fails the test unless the last answer's body holds this text. */
void world_assert_says(const struct world *world, const char *part);

#endif
