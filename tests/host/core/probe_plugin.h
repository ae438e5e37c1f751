/* Two plugins that do what a test tells them: "probe" with a local namespace and "shared" with a
 * replicated one. Requests are parked and every callback is written down; the test acts through the
 * instance's services. No test. */
#ifndef RH_TESTS_HOST_CORE_PROBE_PLUGIN_H
#define RH_TESTS_HOST_CORE_PROBE_PLUGIN_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/sdk/plugin.h>

#define PROBE_KEPT      64u
#define PROBE_LOCAL_NS  "probe_local"
#define PROBE_SHARED_NS "probe_shared"

/* One callback that came. */
struct probe_note {
    void *user;
    int32_t rc;
    uint32_t status;
    uint64_t revision;
    char code[48];
    char text[256]; /* message, output or body, cut */
    char body[256];
    char node_id[80];
};

/* All callbacks of a kind: how many, and the last PROBE_KEPT of them. */
struct probe_log {
    uint32_t count;
    struct probe_note notes[PROBE_KEPT];
};

/* What POST /probe/act and its like decode. */
struct probe_act {
    struct rh_str name;
    int64_t count;
    struct rh_str mode;
};

struct probe {
    struct rh_services rh;
    const struct rh_host *host;
    rh_req reqs[PROBE_KEPT]; /* the last ones that came; at index count % PROBE_KEPT */
    uint32_t req_count;
    char name[64]; /* of the last decoded request */
    int64_t number;
    int32_t handler_rc;                                 /* what handlers return, */
    const char *handler_fail;                           /* with these words, */
    int32_t (*handle)(struct probe *probe, rh_req req); /* or what they do instead */
    struct probe_log replies, timers, posts, commits, gone, drains, exits, works, barriers;
    void (*on_reply)(struct probe *probe, const struct rh_reply *reply);
    void (*on_commit)(struct probe *probe, int32_t rc);
    void (*on_exit)(struct probe *probe, const struct rh_process_exit *ended);
    void (*on_gone)(struct probe *probe, rh_req req);
    void (*on_timer)(struct probe *probe);
    int32_t (*on_activate)(struct probe *probe);
    void (*on_deactivate)(struct probe *probe);
    uint32_t activations, deactivations;
};

extern const struct rh_plugin probe_plugin;
extern const struct rh_plugin shared_plugin;

/* The last request that came; asserts that one did. */
rh_req probe_last(const struct probe *probe);
/* The newest note, or the one `back` before it. */
const struct probe_note *probe_note(const struct probe_log *log, uint32_t back);
/* Callbacks to hand to services: each writes a note. */
void probe_on_reply(void *self, void *user, const struct rh_reply *reply);
void probe_on_timer(void *self, void *user);
void probe_on_post(void *self, void *user);
void probe_on_commit(void *self, void *user, int32_t rc, uint64_t revision);
void probe_on_gone(void *self, rh_req req, void *user);
void probe_on_drain(void *self, void *user);
void probe_on_exit(void *self, void *user, const struct rh_process_exit *ended);
void probe_on_work(void *self, void *user, int32_t rc, struct rh_str output);
void probe_on_barrier(void *self, void *user, int32_t rc);
/* Shorter ways to the services. */
int32_t probe_call(struct probe *probe, const char *target, const char *method, const char *path,
                   const char *body, rh_handle *id);
/* Put key = value, refused unless the key is new when must_be_new. flags: RH_BATCH_LAZY or 0. */
int32_t probe_put(struct probe *probe, const char *name_space, const char *key, const char *value,
                  bool must_be_new, uint32_t flags);
int32_t probe_reply(struct probe *probe, rh_req req, uint32_t status, const char *body);

#endif
