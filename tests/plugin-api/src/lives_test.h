/* What the tests of things that live share: an owner of tasks, whose record is "id/key"; one per
 * program. */
#ifndef RH_TESTS_PLUGIN_API_SRC_LIVES_TEST_H
#define RH_TESTS_PLUGIN_API_SRC_LIVES_TEST_H

#include "store_test.h"

#include <ringhost/sdk/lives.h>

#define TASKS_MAX 4u

struct task {
    char id[16];
    char key[16];
    bool is_head; /* opened for a list */
};

struct live_task {
    struct rh_live base;
    bool is_resumed;
};

/* The owner's memory, and what it was asked; one test at a time. */
static struct {
    struct rh_lives lives;
    uint32_t open;       /* tasks that are not closed yet */
    uint32_t entered;    /* those in memory */
    uint32_t recorded;   /* things that came back from commits */
    const char *needed;  /* is kept though it is not live */
    const char *refused; /* cannot enter */
    const char *broken;  /* reading it fails */
    const char *damaged; /* its record makes no sense */
} own;

static struct task *task_new(const char *id, const char *key)
{
    struct task *task = calloc(1, sizeof(*task));

    assert_non_null(task);
    assert_int_equal(rh_str_copy(task->id, sizeof(task->id), rh_str_from(id)), RH_OK);
    assert_int_equal(rh_str_copy(task->key, sizeof(task->key), rh_str_from(key)), RH_OK);
    own.open++;
    return task;
}

static struct rh_live_name task_name(const void *thing)
{
    const struct task *task = thing;

    return (struct rh_live_name){rh_str_from(task->id), rh_str_from(task->key)};
}

static int32_t task_open(void *self, struct rh_str id, void **thing)
{
    struct keeper *keeper = self;
    struct rh_value value;
    char key[16] = "";

    assert_int_equal(rh_store_get_id(&keeper->store, 's', id, &value), RH_OK);
    if (own.broken && rh_str_eq_c(id, own.broken))
        return RH_EIO;
    if (own.damaged && rh_str_eq_c(id, own.damaged))
        return RH_EINVAL;
    if (!value.found)
        return RH_ENOTFOUND;
    assert_int_equal(rh_str_copy(key, sizeof(key), value.data), RH_OK);
    *thing = task_new((const char[16]){0}, key);
    assert_int_equal(rh_str_copy(((struct task *)*thing)->id, 16, id), RH_OK);
    return RH_OK;
}

static int32_t task_open_head(void *self, struct rh_str id, void **thing)
{
    const int32_t rc = task_open(self, id, thing);

    if (rc == RH_OK)
        ((struct task *)*thing)->is_head = true;
    return rc;
}

static void task_close(void *thing)
{
    if (thing)
        own.open--;
    free(thing);
}

static void task_write_row(struct rh_json_writer *w, const void *thing)
{
    const struct task *task = thing;

    rh_json_kv_strc(w, "id", task->id);
    rh_json_kv_bool(w, "head", task->is_head);
}

static int32_t task_enter(void *self, struct rh_live *live)
{
    (void)self;
    if (own.refused && rh_str_eq_c(live->id, own.refused))
        return RH_EINVAL;
    own.entered++;
    return RH_OK;
}

static int32_t task_resume(void *self, struct rh_live *live)
{
    (void)self;
    ((struct live_task *)live)->is_resumed = true;
    return RH_OK;
}

static void task_leave(void *self, struct rh_live *live)
{
    (void)self;
    (void)live;
    own.entered--;
}

static bool task_is_needed(void *self, struct rh_str id)
{
    (void)self;
    return own.needed && rh_str_eq_c(id, own.needed);
}

static void task_forget(void *self, struct rh_batch_builder *batch, struct rh_str id)
{
    (void)self;
    rh_store_delete_id(batch, 's', id);
}

static const struct rh_lives_owner task_owner = {
    .name_space = SPACE,
    .one = "task",
    .many = "tasks",
    .live_size = sizeof(struct live_task),
    .count_max = TASKS_MAX,
    .kept_kind = 's',
    .live_kind = 'l',
    .request_kind = 'k',
    .name = task_name,
    .open = task_open,
    .open_head = task_open_head,
    .close = task_close,
    .write_row = task_write_row,
    .enter = task_enter,
    .resume = task_resume,
    .leave = task_leave,
    .is_needed = task_is_needed,
    .forget = task_forget,
};

/* Once what was committed of a task is on disk. */
static void task_on_recorded(void *self, void *user, int32_t rc, uint64_t revision)
{
    (void)self;
    (void)revision;
    assert_int_equal(rc, RH_OK);
    if (rh_lives_recorded(&own.lives, user))
        own.recorded++;
}

static void task_init(struct keeper *keeper)
{
    rh_lives_init(&own.lives, &keeper->rh, &task_owner, keeper);
}

static inline int begin(void **state)
{
    memset(&own, 0, sizeof(own));
    if (setup(state) != 0)
        return -1;
    do_it(*state, task_init);
    return 0;
}

/* Nothing is lost: what is in memory goes, and all things are closed. */
static inline int end(void **state)
{
    rh_lives_drop(&own.lives);
    assert_int_equal(own.open, 0);
    assert_int_equal(own.entered, 0);
    return teardown(state);
}

/* Makes one that the store keeps, asked for with the key by a request of this digest. */
static inline struct rh_live *make(const char *id, const char *key, uint64_t asked,
                                   int64_t keep_max)
{
    struct rh_batch_builder batch;
    struct rh_live *live = NULL;

    assert_int_equal(rh_lives_create(&own.lives, task_new(id, key), asked, keep_max, &batch, &live),
                     RH_OK);
    rh_store_put_id(&batch, 's', rh_str_from(id), rh_str_from(key));
    rh_lives_commit(&own.lives, &batch, live, task_on_recorded);
    return live;
}

/* Ends one in the store; memory does not hear of it. */
static inline void put_end(struct rh_live *live)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_store_delete_id(&batch, 'l', live->id);
    rh_lives_commit(&own.lives, &batch, live, task_on_recorded);
}

#endif
