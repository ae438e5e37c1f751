/* What the tests of state share: an open state in a fresh directory, short ways to commit and look;
 * it asserts nothing about state but that its calls answer. */
#ifndef RH_TESTS_HOST_CORE_STATE_BOX_H
#define RH_TESTS_HOST_CORE_STATE_BOX_H

#include "host/core/state.h"
#include "tests/host/core/fake_driver.h"

/* What a callback was told. order counts callbacks and events of the box. */
struct box_done {
    struct state_box *box;
    struct state_ns *ns; /* looked at from inside the callback, if key is set */
    const char *key;
    uint32_t calls;
    int32_t rc;
    uint64_t revision;
    uint32_t order;
    uint64_t version_seen;
};

struct state_box {
    struct fake_driver fake;
    struct state *state;
    struct state_ns *ns;  /* "notes" of plugin "p", local */
    struct state_ns *rep; /* "shared" of plugin "p", replicated */
    uint32_t order;
    uint32_t events;
    uint32_t event_order; /* of the newest */
    uint64_t event_cursor;
    char event_id[64];
    char event_type[64];
    char event_payload[64];
    uint32_t failed_calls;
    int32_t failed_rc;
    char failed_why[STATE_WHY_MAX];
    uint32_t stalled_calls, applied_calls, checkpointed_calls;
    int32_t stalled_rc;
    uint64_t applied_index, checkpointed_index;
    char why[STATE_WHY_MAX]; /* of open */
    state_propose_fn propose;
    void *propose_user;
};

void box_init(struct state_box *box);
/* Open state in the directory and register both namespaces. */
int32_t box_open(struct state_box *box);
void box_close(struct state_box *box);
/* Close and remove the directory. */
void box_release(struct state_box *box);
/* cmocka fixtures: *state is the struct state_box. */
int box_setup(void **fixture);
int box_teardown(void **fixture);

struct state_ns *box_namespace(struct state_box *box, const char *name, uint32_t flags);
/* Flush and run all jobs. */
void box_run(struct state_box *box);

struct rh_str box_str(const char *text);
struct rh_op box_op(uint32_t op, const char *key, const char *value, uint64_t version);
int32_t box_commit(struct state_box *box, struct state_ns *ns, const struct rh_op *ops,
                   uint32_t count, struct box_done *done);
int32_t box_put(struct state_box *box, struct state_ns *ns, const char *key, const char *value,
                struct box_done *done);
int32_t box_event(struct state_box *box, struct state_ns *ns, const char *type, const char *payload,
                  struct box_done *done);
/* Version of a key, 0 = absent; and whether it holds that text. */
uint64_t box_version(struct state_box *box, struct state_ns *ns, const char *key);
int box_holds(struct state_box *box, struct state_ns *ns, const char *key, const char *value);
struct rh_usage box_usage(struct state_box *box, struct state_ns *ns);
struct state_stats box_stats(struct state_box *box);
/* A callback for commits. */
void box_cb(void *user, int32_t rc, uint64_t revision);
/* The size of a file of the directory, -1 if it is not there. */
int64_t box_file_bytes(struct state_box *box, const char *file);

#endif
