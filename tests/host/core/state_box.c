/* The shared part of the tests of state. */
#include "tests/host/core/state_box.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ringhost/errors.h>

static void keep(char *dst, size_t size, struct rh_str text)
{
    (void)snprintf(dst, size, "%.*s", (int)text.n, text.n ? text.p : ""); /* cut is fine */
}

static void on_event(void *user, const struct state_event *event)
{
    struct state_box *box = user;
    box->events++;
    box->event_order = ++box->order;
    box->event_cursor = event->cursor;
    keep(box->event_id, sizeof(box->event_id), event->id);
    keep(box->event_type, sizeof(box->event_type), event->type);
    keep(box->event_payload, sizeof(box->event_payload), event->payload);
}

static void on_failed(void *user, int32_t rc, const char *why)
{
    struct state_box *box = user;
    box->failed_calls++;
    box->failed_rc = rc;
    (void)snprintf(box->failed_why, sizeof(box->failed_why), "%s", why); /* same size */
}

static void on_stalled(void *user, int32_t rc, const char *why)
{
    struct state_box *box = user;
    (void)why;
    box->stalled_calls++;
    box->stalled_rc = rc;
}

static void on_applied(void *user, uint64_t index, uint64_t term)
{
    struct state_box *box = user;
    (void)term;
    box->applied_calls++;
    box->applied_index = index;
}

static void on_checkpointed(void *user, uint64_t index)
{
    struct state_box *box = user;
    box->checkpointed_calls++;
    box->checkpointed_index = index;
}

struct rh_str box_str(const char *text)
{
    return (struct rh_str){text, strlen(text)};
}

struct state_ns *box_namespace(struct state_box *box, const char *name, uint32_t flags)
{
    const struct rh_namespace def = {
        .size = sizeof(def), .flags = flags, .name = name, .schema_read_min = 1, .schema_write = 1};
    struct state_ns *ns = NULL;
    uint32_t schema = 0;
    int32_t rc = state_namespace(box->state, "p", &def, &ns, &schema);
    assert(rc == RH_OK);
    return ns;
}

void box_init(struct state_box *box)
{
    memset(box, 0, sizeof(*box));
    fake_driver_init(&box->fake, 42);
}

int32_t box_open(struct state_box *box)
{
    const struct state_config config = {.directory = box->fake.directory,
                                        .node_id = box_str("n1"),
                                        .on_event = on_event,
                                        .on_failed = on_failed,
                                        .on_stalled = on_stalled,
                                        .on_applied = on_applied,
                                        .on_checkpointed = on_checkpointed,
                                        .propose = box->propose,
                                        .has_log = box->propose != NULL,
                                        .user = box};
    int32_t rc = state_open(&config, &box->fake.driver, &box->state, box->why);
    if (rc != RH_OK)
        return rc;
    box->ns = box_namespace(box, "notes", 0);
    box->rep = box_namespace(box, "shared", RH_NS_REPLICATED);
    return RH_OK;
}

void box_close(struct state_box *box)
{
    state_close(box->state);
    box->state = NULL;
}

void box_release(struct state_box *box)
{
    box_close(box);
    fake_driver_release(&box->fake);
}

int box_setup(void **fixture)
{
    struct state_box *box = malloc(sizeof(*box));
    if (!box)
        return -1;
    box_init(box);
    if (box_open(box) != RH_OK)
        return -1;
    *fixture = box;
    return 0;
}

int box_teardown(void **fixture)
{
    box_release(*fixture);
    free(*fixture);
    return 0;
}

void box_run(struct state_box *box)
{
    state_flush(box->state);
    fake_driver_run(&box->fake);
}

struct rh_op box_op(uint32_t op, const char *key, const char *value, uint64_t version)
{
    return (struct rh_op){.size = sizeof(struct rh_op),
                          .op = op,
                          .key = box_str(key),
                          .value = box_str(value ? value : ""),
                          .version = version};
}

void box_cb(void *user, int32_t rc, uint64_t revision)
{
    struct box_done *done = user;
    done->calls++;
    done->rc = rc;
    done->revision = revision;
    done->order = ++done->box->order;
    if (done->key)
        done->version_seen = box_version(done->box, done->ns, done->key);
}

int32_t box_commit(struct state_box *box, struct state_ns *ns, const struct rh_op *ops,
                   uint32_t count, struct box_done *done)
{
    const struct rh_batch batch = {
        .size = sizeof(batch), .ops = ops, .op_count = count, .op_stride = sizeof(struct rh_op)};
    if (done)
        done->box = box;
    return state_commit(box->state, ns, &batch, "p", 1000, done ? box_cb : NULL, done);
}

int32_t box_put(struct state_box *box, struct state_ns *ns, const char *key, const char *value,
                struct box_done *done)
{
    struct rh_op op = box_op(RH_OP_PUT, key, value, 0);
    return box_commit(box, ns, &op, 1, done);
}

int32_t box_event(struct state_box *box, struct state_ns *ns, const char *type, const char *payload,
                  struct box_done *done)
{
    const struct rh_batch_event event = {
        .size = sizeof(event), .type = type, .payload = box_str(payload)};
    const struct rh_batch batch = {
        .size = sizeof(batch), .events = &event, .event_count = 1, .event_stride = sizeof(event)};
    if (done)
        done->box = box;
    return state_commit(box->state, ns, &batch, "p", 1000, done ? box_cb : NULL, done);
}

uint64_t box_version(struct state_box *box, struct state_ns *ns, const char *key)
{
    struct rh_value value;
    int32_t rc = state_get(box->state, ns, box_str(key), &value);
    assert(rc == RH_OK);
    return value.version;
}

int box_holds(struct state_box *box, struct state_ns *ns, const char *key, const char *value)
{
    struct rh_value got;
    int32_t rc = state_get(box->state, ns, box_str(key), &got);
    assert(rc == RH_OK);
    return got.found && got.data.n == strlen(value) &&
           (got.data.n == 0 || memcmp(got.data.p, value, got.data.n) == 0);
}

struct rh_usage box_usage(struct state_box *box, struct state_ns *ns)
{
    struct rh_usage usage;
    int32_t rc = state_usage(box->state, ns, &usage);
    assert(rc == RH_OK);
    return usage;
}

struct state_stats box_stats(struct state_box *box)
{
    struct state_stats stats;
    state_stats(box->state, &stats);
    return stats;
}

int64_t box_file_bytes(struct state_box *box, const char *file)
{
    char path[400];
    struct stat st;
    (void)snprintf(path, sizeof(path), "%s/%s", box->fake.directory, file); /* fits */
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}
