/* A node from start to stop; see run.h. */
#include "host/daemon/run.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/data_dir.h"
#include "host/daemon/loop_driver.h"
#include "host/daemon/process.h"
#include "host/daemon/reload.h"

#define SIGNAL_GRACE_MS 30000
#define RUN_SIGNALS     3

/* What lives as long as the node runs. */
struct run {
    struct body *body;
    uv_loop_t loop;
    struct data_dir data_dir;
    struct loop_driver *driver;
    struct process_driver *processes;
    struct core *core;
    uv_signal_t signals[RUN_SIGNALS];
    uint32_t signal_count;
    bool has_loop, has_data_dir;
};

static void on_signal(uv_signal_t *handle, int signal_number)
{
    struct run *run = handle->data;

    if (signal_number == SIGHUP)
        core_reload(run->core);
    else
        core_stop(run->core, SIGNAL_GRACE_MS, CORE_EXIT_OK, 0);
}

static int32_t op_process_run(void *ctx, const char *owner, const struct rh_process_spec *spec,
                              process_done done, void *user)
{
    return process_driver_run(loop_driver_process(ctx), owner, spec, done, user);
}

static int32_t op_process_adopt(void *ctx, const char *owner, const char *key, process_done done,
                                void *user)
{
    return process_driver_adopt(loop_driver_process(ctx), owner, key, done, user);
}

static int32_t op_process_kill(void *ctx, const char *owner, const char *key)
{
    return process_driver_kill(loop_driver_process(ctx), owner, key);
}

static int32_t op_process_output(void *ctx, const char *owner, const char *key, int64_t offset,
                                 uint32_t max, struct rh_buf *out)
{
    return process_driver_output(loop_driver_process(ctx), owner, key, offset, max, out);
}

static int32_t op_process_take(void *ctx, const char *owner, const char *key, const char *name,
                               const char *to)
{
    return process_driver_take(loop_driver_process(ctx), owner, key, name, to);
}

static int32_t op_process_read(void *ctx, const char *owner, const char *key, const char *name,
                               uint32_t max, struct rh_buf *out)
{
    return process_driver_read(loop_driver_process(ctx), owner, key, name, max, out);
}

static int32_t op_process_list(void *ctx, const char *owner,
                               void (*each)(void *user, const char *key, uint32_t is_running),
                               void *user)
{
    return process_driver_list(loop_driver_process(ctx), owner, each, user);
}

static void op_process_detach(void *ctx, const char *owner)
{
    process_driver_detach(loop_driver_process(ctx), owner);
}

static int32_t open_data_dir(struct run *run, struct rh_buf *said)
{
    if (data_dir_open(&run->data_dir, run->body->setup.data_dir, said) != RH_OK)
        return CORE_EXIT_DATA;
    run->has_data_dir = true;
    return 0;
}

static int32_t start_driver(struct run *run, struct rh_buf *said)
{
    const struct config_node_limits *limits = &run->body->config->self->limits;
    struct loop_driver_config cfg = {
        .loop = &run->loop,
        .data_dir = &run->data_dir,
        .node_id = rh_str_from(run->body->setup.node_id),
        .server = {.connections_max = (uint32_t)limits->connections,
                   .idle_ms = (uint32_t)limits->idle_timeout,
                   .header_ms = (uint32_t)limits->read_timeout,
                   .body_ms = (uint32_t)limits->read_timeout,
                   .body_bytes_max = (uint64_t)limits->body_bytes},
        .log_fd = 2,
    };
    char exec_path[BODY_PATH_MAX + 32];
    struct driver_ops *ops;

    if (loop_driver_new(&cfg, &run->driver, said) != RH_OK)
        return CORE_EXIT_INTERNAL;
    (void)snprintf(exec_path, sizeof exec_path, "%s/ringhost-exec",
                   run->body->program_dir); /* fits */
    if (process_driver_new(&run->loop, run->body->setup.data_dir, exec_path, &run->processes) !=
        RH_OK) {
        (void)rh_buf_printf(said, "%s: no such program, or %s/jobs cannot be made", exec_path,
                            run->body->setup.data_dir);
        return CORE_EXIT_INTERNAL;
    }
    loop_driver_set_process(run->driver, run->processes);
    ops = loop_driver_ops(run->driver);
    ops->process_run = op_process_run;
    ops->process_adopt = op_process_adopt;
    ops->process_kill = op_process_kill;
    ops->process_output = op_process_output;
    ops->process_take = op_process_take;
    ops->process_read = op_process_read;
    ops->process_list = op_process_list;
    ops->process_detach = op_process_detach;
    return 0;
}

/* The socket that an earlier life of this process handed over, or -1. */
static int inherited_socket(void)
{
    const char *text = getenv("RINGHOST_LISTEN_FD");
    int64_t fd = -1;

    if (!text || rh_parse_i64(rh_str_from(text), &fd) != RH_OK || fd < 3 || fd > 65535)
        return -1;
    (void)unsetenv("RINGHOST_LISTEN_FD");      /* children must not see it */
    (void)fcntl((int)fd, F_SETFD, FD_CLOEXEC); /* a closed one fails when it is listened on */
    return (int)fd;
}

static int32_t listen_for_peers(struct run *run, struct rh_buf *said)
{
    const struct config_address *address = &run->body->config->self->address;
    struct http_server *server = loop_driver_server(run->driver);
    int fd = inherited_socket();
    int32_t rc;

    if (fd >= 0 && http_server_listen_fd(server, fd, said) == RH_OK)
        return 0;
    rh_buf_reset(said);
    rc = http_server_listen(server, address->host, address->port, said);
    if (rc == RH_OK)
        return 0;
    return rc == RH_EEXISTS ? CORE_EXIT_PORT : CORE_EXIT_CONFIG;
}

static void watch_signals(struct run *run)
{
    static const int numbers[RUN_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};

    for (size_t i = 0; i < RUN_SIGNALS; i++) {
        uv_signal_t *handle = &run->signals[i];

        (void)uv_signal_init(&run->loop, handle); /* cannot fail for a running loop */
        handle->data = run;
        (void)uv_signal_start(handle, on_signal, numbers[i]); /* both numbers can be caught */
        run->signal_count++;
    }
}

/* Take everything down in the reverse order. */
static void take_down(struct run *run)
{
    for (uint32_t i = 0; i < run->signal_count; i++)
        uv_close((uv_handle_t *)&run->signals[i], NULL);
    process_driver_free(run->processes);
    core_free(run->core);
    if (run->driver)
        loop_driver_free(run->driver);
    if (run->has_loop) {
        (void)uv_run(&run->loop, UV_RUN_DEFAULT); /* the closing callbacks */
        (void)uv_loop_close(&run->loop);          /* nothing is left on it */
    }
    if (run->has_data_dir)
        data_dir_close(&run->data_dir);
}

static int32_t run_until_finished(struct run *run, int *socket_fd)
{
    int32_t exit_code = CORE_EXIT_INTERNAL;
    uint32_t again = 0;

    core_start(run->core);
    while (!loop_driver_is_finished(run->driver, &exit_code, &again))
        (void)uv_run(&run->loop,
                     UV_RUN_ONCE); /* says only whether handles are left; some always are */
    *socket_fd = again ? loop_driver_take_socket(run->driver) : RUN_ENDED;
    return exit_code;
}

int32_t run_node(struct body *body, const struct options *options, struct rh_buf *said,
                 int *socket_fd)
{
    struct run run = {.body = body};
    struct reload reload;
    char why[CORE_WHY_MAX] = "";
    int32_t code;

    *socket_fd = RUN_ENDED;
    reload_init(&reload, body, options);
    (void)signal(SIGPIPE, SIG_IGN); /* writes report it */
    code = open_data_dir(&run, said);
    if (code == 0 && uv_loop_init(&run.loop) != 0)
        code = CORE_EXIT_INTERNAL;
    run.has_loop = code == 0;
    if (code == 0)
        code = start_driver(&run, said);
    if (code == 0)
        code = listen_for_peers(&run, said);
    if (code == 0) {
        code = core_new(&body->setup, loop_driver_driver(run.driver), &run.core, why);
        if (code != 0)
            (void)rh_buf_append_c(said, why); /* sticky in said */
    }
    if (code == 0) {
        struct loop_core core = {
            .core = run.core,
            .on_request = core_on_request,
            .on_gone = core_on_gone,
            .turn = core_turn,
            .body_max = core_body_max,
        };

        loop_driver_attach(run.driver, &core);
        watch_signals(&run);
        code = run_until_finished(&run, socket_fd);
    }
    take_down(&run);
    reload_release(&reload);
    return code;
}
