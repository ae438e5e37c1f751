/* See rehearse_driver.h. */
#include "host/core/rehearse_driver.h"

#include <stdlib.h>

#include "host/core/core_internal.h"

struct driver_queue {
    struct core *core;
};

static int32_t denied(void *ctx, int32_t rc)
{
    *((struct rehearse_driver *)ctx)->was_denied = 1;
    return rc;
}

static int64_t op_now_us(void *ctx)
{
    const struct driver *real = ((struct rehearse_driver *)ctx)->real;

    return real->ops->now_us(real->ctx);
}

static int64_t op_wall_ms(void *ctx)
{
    const struct driver *real = ((struct rehearse_driver *)ctx)->real;

    return real->ops->wall_ms(real->ctx);
}

static uint64_t op_random(void *ctx)
{
    const struct driver *real = ((struct rehearse_driver *)ctx)->real;

    return real->ops->random(real->ctx);
}

static int32_t op_private_read(void *ctx, const char *path, uint32_t max, struct rh_buf *out)
{
    const struct driver *real = ((struct rehearse_driver *)ctx)->real;

    return real->ops->private_read(real->ctx, path, max, out);
}

/* Whoever waits for the next turn makes it itself. */
static void op_wake_at(void *ctx, int64_t at_ms)
{
    (void)ctx;
    (void)at_ms;
}

static void op_wake(void *ctx)
{
    (void)ctx;
}

static int32_t op_call(void *ctx, const struct http_outbound *call, http_done done, void *user,
                       uint64_t *id)
{
    (void)call;
    (void)done;
    (void)user;
    (void)id;
    return denied(ctx, RH_EUNREACHABLE);
}

static void op_call_cancel(void *ctx, uint64_t id)
{
    (void)ctx;
    (void)id;
}

static int32_t op_queue_new(void *ctx, const char *name, uint32_t threads,
                            struct driver_queue **out)
{
    struct driver_queue *queue = malloc(sizeof *queue);

    (void)name;
    (void)threads;
    if (!queue)
        return RH_ENOMEM;
    queue->core = ((struct rehearse_driver *)ctx)->core;
    *out = queue;
    return RH_OK;
}

static int32_t op_queue_submit(struct driver_queue *queue, void (*run)(void *arg),
                               void (*done)(void *arg), void *arg)
{
    run(arg);
    core_defer(queue->core, done, arg);
    return RH_OK;
}

static void op_queue_free(struct driver_queue *queue)
{
    free(queue);
}

static int32_t op_file_append(void *ctx, const char *path, struct rh_str data)
{
    (void)path;
    (void)data;
    return denied(ctx, RH_EUNSUPPORTED);
}

static int32_t op_file_read(void *ctx, const char *path, int64_t offset, uint32_t max,
                            struct rh_buf *out)
{
    (void)path;
    (void)offset;
    (void)max;
    (void)out;
    return denied(ctx, RH_ENOTFOUND);
}

static int32_t op_file_length(void *ctx, const char *path, int64_t *out)
{
    (void)path;
    (void)out;
    return denied(ctx, RH_ENOTFOUND);
}

static int32_t op_file_rename(void *ctx, const char *from, const char *to)
{
    (void)from;
    (void)to;
    return denied(ctx, RH_ENOTFOUND);
}

static int32_t op_file_remove(void *ctx, const char *path)
{
    (void)path;
    return denied(ctx, RH_ENOTFOUND);
}

static int32_t op_file_list(void *ctx, const char *folder,
                            void (*each)(void *user, const char *name, int64_t length), void *user)
{
    (void)folder;
    (void)each;
    (void)user;
    return denied(ctx, RH_OK);
}

static int32_t op_process_run(void *ctx, const char *owner, const struct rh_process_spec *spec,
                              process_done done, void *user)
{
    (void)owner;
    (void)spec;
    (void)done;
    (void)user;
    return denied(ctx, RH_EUNSUPPORTED);
}

static int32_t op_process_adopt(void *ctx, const char *owner, const char *key, process_done done,
                                void *user)
{
    (void)owner;
    (void)key;
    (void)done;
    (void)user;
    return denied(ctx, RH_ENOTFOUND);
}

static int32_t op_process_kill(void *ctx, const char *owner, const char *key)
{
    (void)owner;
    (void)key;
    return denied(ctx, RH_ENOTFOUND);
}

static int32_t op_process_output(void *ctx, const char *owner, const char *key, int64_t offset,
                                 uint32_t max, struct rh_buf *out)
{
    (void)owner;
    (void)key;
    (void)offset;
    (void)max;
    (void)out;
    return denied(ctx, RH_ENOTFOUND);
}

static int32_t op_process_list(void *ctx, const char *owner,
                               void (*each)(void *user, const char *key, uint32_t is_running),
                               void *user)
{
    (void)owner;
    (void)each;
    (void)user;
    return denied(ctx, RH_OK);
}

static void op_process_detach(void *ctx, const char *owner)
{
    (void)ctx;
    (void)owner;
}

static void op_stop_listening(void *ctx, uint32_t keep)
{
    (void)ctx;
    (void)keep;
}

/* What a plugin says while it is only tried is nobody's log. */
static void op_log_line(void *ctx, uint32_t level, struct rh_str line)
{
    (void)ctx;
    (void)level;
    (void)line;
}

static void op_entered(void *ctx, const char *plugin, const char *what)
{
    (void)ctx;
    (void)plugin;
    (void)what;
}

/* Nothing is ever asked here, so nothing is answered: reply, streams and process_take are never
 * called, and neither is finished, since the core does not run. */
static const struct driver_ops ops = {
    .now_us = op_now_us,
    .wall_ms = op_wall_ms,
    .random = op_random,
    .wake_at = op_wake_at,
    .wake = op_wake,
    .call = op_call,
    .call_cancel = op_call_cancel,
    .stop_listening = op_stop_listening,
    .queue_new = op_queue_new,
    .queue_submit = op_queue_submit,
    .queue_free = op_queue_free,
    .file_append = op_file_append,
    .file_read = op_file_read,
    .file_length = op_file_length,
    .file_rename = op_file_rename,
    .file_remove = op_file_remove,
    .private_read = op_private_read,
    .file_list = op_file_list,
    .process_run = op_process_run,
    .process_adopt = op_process_adopt,
    .process_kill = op_process_kill,
    .process_output = op_process_output,
    .process_list = op_process_list,
    .process_detach = op_process_detach,
    .log_line = op_log_line,
    .entered = op_entered,
};

void rehearse_driver_init(struct rehearse_driver *driver, const struct driver *real,
                          struct core *core, uint32_t *was_denied)
{
    *driver = (struct rehearse_driver){
        .face = {.ops = &ops, .ctx = driver}, .real = real, .core = core, .was_denied = was_denied};
}
