/* Nodes n1, n2, ... that agree as the test wants (agree.h): each with "agree", admin and "life"
 * (replicated, routes, events). */
#ifndef RH_TESTS_HOST_CORE_AGREE_NET_H
#define RH_TESTS_HOST_CORE_AGREE_NET_H

#include "tests/host/core/agree.h"
#include "tests/host/core/life_net.h"

struct agree_net {
    struct rh_testnet *net;
    struct agree *all;
    uint32_t count;
    struct rh_testhost *hosts[AGREE_NODES_MAX];
    struct agree_plugin plugins[AGREE_NODES_MAX];
    struct life_script scripts[AGREE_NODES_MAX];
    struct life_text traces[AGREE_NODES_MAX];
    struct life_plugin lives[AGREE_NODES_MAX];
    struct rh_testhost_reply reply;
};

/* Members; then, before the start, the test may set wishes in n->all->nodes. */
void agree_net_init(struct agree_net *n, uint32_t count);
/* Start them, and let the first one lead. */
void agree_net_start(struct agree_net *n);
void agree_net_end(struct agree_net *n);
/* Let a node lead, and run until it does and its "life" is active. */
void agree_net_lead(struct agree_net *n, uint32_t at);
void agree_net_run(struct agree_net *n, int64_t ms);
/* The core of a node that is up. */
struct core *agree_net_core(struct agree_net *n, uint32_t at);
/* POST /life/put at a node; the status. */
uint32_t agree_net_put(struct agree_net *n, uint32_t at, const char *key, const char *value);
/* GET /life/get at a node. */
uint32_t agree_net_get(struct agree_net *n, uint32_t at, const char *key);
void agree_net_says(const struct agree_net *n, const char *text);
/* Applied index of a node. */
uint64_t agree_net_index(struct agree_net *n, uint32_t at);
/* Fails the test unless replica.db of all nodes that are up holds the same rows and events. */
void agree_net_is_equal(struct agree_net *n);

#endif
