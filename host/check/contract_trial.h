/* One plugin in one test host, and the verdict on it: what the rules of the contract share. Private
 * to contract*.c. */
#ifndef RH_HOST_CHECK_CONTRACT_TRIAL_H
#define RH_HOST_CHECK_CONTRACT_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/testhost.h>

#include "host/check/check.h"
#include "host/check/contract.h"
#include "host/check/garbage.h"
#include "host/core/plugin_desc.h"

#define TRIAL_DOING_MAX 256u
#define TRIAL_SENT_MAX  1024u /* requests under way at once */

/* Shared with the process that waits for the verdict: it survives a crash. */
struct trial_note {
    bool is_done;
    uint32_t verdict;
    char detail[CHECK_DETAIL_MAX];
    char doing[TRIAL_DOING_MAX];
};

/* The plugin under judgement. */
struct trial_plugin {
    void *module; /* NULL: linked in */
    const struct rh_plugin *entry;
    struct plugin_desc *desc; /* the host's own copy: tables have this host's strides */
    const char *config_json;
    uint64_t seed;
    struct trial_note *note;
};

/* A node that runs it. */
struct trial {
    const struct trial_plugin *plugin;
    struct rh_testnet *net;
    struct rh_testhost *host;
    uint64_t late_seen; /* late replies that have been judged */
    bool has_failed;
};

struct trial_answer {
    uint32_t status;
    bool is_streaming; /* begun, and not ended in time */
    struct rh_str body;
};

/* Loads the plugin; RH_OK, or RH_EINVAL with why (CHECK_DETAIL_MAX). */
int32_t trial_plugin_load(const struct contract_options *options, struct trial_plugin *out,
                          char *why);

/* The verdict so far: the first failure stays. Returns false, for `return trial_fail(...)`. */
bool trial_fail(struct trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is being done, for the words about a crash. */
void trial_doing(struct trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* All below return false after trial_fail. trial_open makes a net with one node, n1, on fresh data;
 * with `other`, the net is the other trial's. trial_close is due after each, failed ones too. */
bool trial_open(struct trial *trial, const struct trial_plugin *plugin, uint64_t seed);
bool trial_open_beside(struct trial *trial, const struct trial *other, const char *node_id);
void trial_close(struct trial *trial);
/* The node is ready and the plugin active. */
bool trial_await(struct trial *trial);
bool trial_start(struct trial *trial);
/* Ends in good order, with every request answered. */
bool trial_stop(struct trial *trial);
/* A request may have stopped the node; then it is started again. */
bool trial_revive(struct trial *trial);

/* Sends and waits. Fails on 500, on 504, when nothing comes within the route's time, and when the
 * plugin replies to a request that was answered. Streams are hung up once begun. */
bool trial_ask(struct trial *trial, const struct rh_route *route, const char *target,
               const char *body, struct trial_answer *answer);
/* The minimal valid request of a route: target ends up in `target`, its body in `body` (both
 * initialised; body NULL-terminated, empty when the route takes none). */
bool trial_minimal(struct trial *trial, const struct rh_route *route, struct rh_buf *target,
                   struct rh_buf *body);
/* trial_ask with that, for every route. */
bool trial_ask_all(struct trial *trial);
/* Sends that for every route and does not wait; ids and their count. */
bool trial_send_all(struct trial *trial, uint64_t ids[TRIAL_SENT_MAX], uint32_t *count);
/* Every one of them was answered, by now or within a minute. */
bool trial_all_answered(struct trial *trial, const uint64_t *ids, uint32_t count);

bool trial_route_has_query(const struct rh_route *route);

#endif
