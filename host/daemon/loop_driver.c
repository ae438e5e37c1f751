/* The op table over libuv. Each op is a line or two; the work is in the modules it names. */
#include "host/daemon/loop_driver.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "host/daemon/job_queue.h"
#include "host/daemon/log_sink.h"
#include "host/daemon/read_file.h"
#include "host/daemon/watchdog.h"

#define RANDOM_WORDS 64u

struct loop_driver {
    int kept_fd; /* the listening socket for the next program, or -1 */
    struct driver driver;
    struct driver_ops ops;
    uv_loop_t *loop;
    struct turn turn;
    uv_timer_t wake_timer;
    uv_async_t wake_async;
    struct data_dir *data_dir;
    struct http_server *server;
    struct http_client *client;
    struct log_sink *log;
    struct watchdog *watchdog;
    void *process;
    struct loop_core core;
    pthread_t loop_thread;
    atomic_uint is_turn_due;
    uint64_t random_words[RANDOM_WORDS];
    uint32_t random_left;
    int32_t exit_code;
    uint32_t again;
    int watchdog_file;
    uint8_t is_finished;
};

static int64_t op_now_us(void *ctx)
{
    (void)ctx;
    return (int64_t)(uv_hrtime() / 1000);
}

static int64_t op_wall_ms(void *ctx)
{
    struct timespec now;
    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t op_random(void *ctx)
{
    struct loop_driver *driver = ctx;
    while (driver->random_left == 0) {
        ssize_t got = getrandom(driver->random_words, sizeof driver->random_words, 0);
        /* Without randomness there are no tokens and no ids; going on would be worse than stopping.
         */
        if (got < 0 && errno != EINTR)
            abort();
        driver->random_left = got > 0 ? (uint32_t)((size_t)got / sizeof(uint64_t)) : 0;
    }
    uint64_t word = driver->random_words[--driver->random_left];
    driver->random_words[driver->random_left] = 0; /* what was given away is nobody else's to see */
    return word;
}

static void op_wake(void *ctx)
{
    struct loop_driver *driver = ctx;
    atomic_store(&driver->is_turn_due, 1);
    if (pthread_equal(pthread_self(), driver->loop_thread))
        turn_again(&driver->turn);
    else
        (void)uv_async_send(&driver->wake_async); /* fails only for a wrong handle */
}

static void on_wake_async(uv_async_t *async)
{
    /* The turn hook, which runs next, looks at is_turn_due. */
    (void)async;
}

static void on_wake_timer(uv_timer_t *timer)
{
    struct loop_driver *driver = timer->data;
    atomic_store(&driver->is_turn_due, 1);
}

static void op_wake_at(void *ctx, int64_t at_ms)
{
    struct loop_driver *driver = ctx;
    if (at_ms == INT64_MAX) {
        (void)uv_timer_stop(&driver->wake_timer);
        return;
    }
    /* The loop's clock may lag behind now_us by its tick: one more millisecond keeps the timer from
     * ringing early. */
    int64_t delay_ms = at_ms - (int64_t)uv_now(driver->loop) + 1;
    (void)uv_timer_start(&driver->wake_timer, on_wake_timer, delay_ms > 0 ? (uint64_t)delay_ms : 0,
                         0);
}

/* Turn hook between the client's (results) and the server's (answers). */
static void run_core_turn(void *user)
{
    struct loop_driver *driver = user;
    if (atomic_exchange(&driver->is_turn_due, 0) && driver->core.turn)
        driver->core.turn(driver->core.core);
}

static int32_t op_reply(void *ctx, uint64_t exchange, const struct http_outreply *reply)
{
    return http_server_reply(((struct loop_driver *)ctx)->server, exchange, reply);
}

static int32_t op_stream_begin(void *ctx, uint64_t exchange, const struct http_outreply *head)
{
    return http_server_stream_begin(((struct loop_driver *)ctx)->server, exchange, head);
}

static int32_t op_stream_write(void *ctx, uint64_t exchange, struct rh_str data, uint64_t *pending)
{
    return http_server_stream_write(((struct loop_driver *)ctx)->server, exchange, data, pending);
}

static int32_t op_stream_end(void *ctx, uint64_t exchange)
{
    return http_server_stream_end(((struct loop_driver *)ctx)->server, exchange);
}

static int32_t op_call(void *ctx, const struct http_outbound *call, http_done done, void *user,
                       uint64_t *id)
{
    return http_client_call(((struct loop_driver *)ctx)->client, call, done, user, id);
}

static void op_call_cancel(void *ctx, uint64_t id)
{
    http_client_cancel(((struct loop_driver *)ctx)->client, id);
}

static void op_stop_listening(void *ctx, uint32_t keep)
{
    struct loop_driver *driver = ctx;

    if (keep && driver->kept_fd < 0)
        driver->kept_fd = dup(http_server_fd(driver->server)); /* -1: the next program binds anew */
    http_server_stop_listening(driver->server);
}

int loop_driver_take_socket(struct loop_driver *driver)
{
    int fd = driver->kept_fd;

    driver->kept_fd = -1;
    return fd;
}

static int32_t op_queue_new(void *ctx, const char *name, uint32_t threads,
                            struct driver_queue **out)
{
    return job_queue_new(((struct loop_driver *)ctx)->loop, name, threads, out);
}

static int32_t op_file_append(void *ctx, const char *path, struct rh_str data)
{
    return data_dir_append(((struct loop_driver *)ctx)->data_dir, path, data);
}

static int32_t op_file_read(void *ctx, const char *path, int64_t offset, uint32_t max,
                            struct rh_buf *out)
{
    return data_dir_read(((struct loop_driver *)ctx)->data_dir, path, offset, max, out);
}

static int32_t op_file_length(void *ctx, const char *path, int64_t *out)
{
    return data_dir_length(((struct loop_driver *)ctx)->data_dir, path, out);
}

static int32_t op_file_rename(void *ctx, const char *from, const char *to)
{
    return data_dir_rename(((struct loop_driver *)ctx)->data_dir, from, to);
}

static int32_t op_file_remove(void *ctx, const char *path)
{
    return data_dir_remove(((struct loop_driver *)ctx)->data_dir, path);
}

static int32_t op_private_read(void *ctx, const char *path, uint32_t max, struct rh_buf *out)
{
    const char *why; /* whoever asked has words of its own */

    (void)ctx;
    return read_private_file(path, max, out, &why);
}

static int32_t op_file_list(void *ctx, const char *folder,
                            void (*each)(void *user, const char *name, int64_t length), void *user)
{
    return data_dir_list(((struct loop_driver *)ctx)->data_dir, folder, each, user);
}

static void op_log_line(void *ctx, uint32_t level, struct rh_str line)
{
    (void)level; /* the line carries it already */
    log_sink_line(((struct loop_driver *)ctx)->log, line);
}

static void on_settled(void *user)
{
    struct loop_driver *driver = user;
    driver->is_finished = 1;
    uv_stop(driver->loop);
}

/* The core has stopped, yet a client may have connected just before: it gets an answer. */
static void op_finished(void *ctx, int32_t exit_code, uint32_t again)
{
    struct loop_driver *driver = ctx;
    driver->exit_code = exit_code;
    driver->again = again;
    if (http_server_settle(driver->server, on_settled, driver) == RH_OK)
        on_settled(driver);
}

static void op_entered(void *ctx, const char *plugin, const char *what)
{
    struct loop_driver *driver = ctx;
    if (driver->watchdog)
        watchdog_entered(driver->watchdog, plugin, what);
}

static const struct driver_ops loop_ops = {
    .now_us = op_now_us,
    .wall_ms = op_wall_ms,
    .random = op_random,
    .wake_at = op_wake_at,
    .wake = op_wake,
    .reply = op_reply,
    .stream_begin = op_stream_begin,
    .stream_write = op_stream_write,
    .stream_end = op_stream_end,
    .call = op_call,
    .call_cancel = op_call_cancel,
    .stop_listening = op_stop_listening,
    .queue_new = op_queue_new,
    .queue_submit = job_queue_submit,
    .queue_free = job_queue_free,
    .file_append = op_file_append,
    .file_read = op_file_read,
    .file_length = op_file_length,
    .file_rename = op_file_rename,
    .file_remove = op_file_remove,
    .private_read = op_private_read,
    .file_list = op_file_list,
    .log_line = op_log_line,
    .finished = op_finished,
    .entered = op_entered,
};

static void on_request(void *user, const struct http_inbound *in)
{
    struct loop_driver *driver = user;
    driver->core.on_request(driver->core.core, in);
}

static void on_gone(void *user, uint64_t exchange)
{
    struct loop_driver *driver = user;
    driver->core.on_gone(driver->core.core, exchange);
}

static uint64_t body_max(void *user, struct rh_str method, struct rh_str target)
{
    struct loop_driver *driver = user;
    return driver->core.body_max(driver->core.core, method, target);
}

static int32_t start_watchdog(struct loop_driver *driver, const struct loop_driver_config *cfg)
{
    if (cfg->is_watchdog_disabled)
        return RH_OK;
    /* Opened now: at the moment it is needed there may be no memory and no descriptor left. */
    driver->watchdog_file = data_dir_open_append(cfg->data_dir, "watchdog");
    if (driver->watchdog_file < 0)
        return driver->watchdog_file;
    struct watchdog_config watchdog = {.stuck_ms = cfg->watchdog_stuck_ms,
                                       .file = driver->watchdog_file};
    return watchdog_new(&watchdog, &driver->watchdog);
}

static int32_t start_http(struct loop_driver *driver, const struct loop_driver_config *cfg)
{
    struct http_server_config server = {
        .loop = driver->loop,
        .turn = &driver->turn,
        .events = {.on_request = on_request, .on_gone = on_gone, .body_max = NULL, .user = driver},
        .limits = cfg->server,
        .node_id = cfg->node_id,
    };
    /* The order of these three is the order of their turn hooks: results, decisions, answers. */
    int32_t rc = http_client_new(driver->loop, &driver->turn, &cfg->client, &driver->client);
    turn_add(&driver->turn, run_core_turn, driver);
    return rc == RH_OK ? http_server_new(&server, &driver->server) : rc;
}

int32_t loop_driver_new(const struct loop_driver_config *cfg, struct loop_driver **out,
                        struct rh_buf *why)
{
    struct loop_driver *driver = calloc(1, sizeof *driver);
    if (!driver) {
        (void)rh_buf_append_c(why, "out of memory");
        return RH_ENOMEM;
    }
    driver->ops = loop_ops;
    driver->driver = (struct driver){.ops = &driver->ops, .ctx = driver};
    driver->loop = cfg->loop;
    driver->data_dir = cfg->data_dir;
    driver->loop_thread = pthread_self();
    driver->watchdog_file = -1;
    driver->kept_fd = -1;
    atomic_init(&driver->is_turn_due, 0);
    int32_t rc = turn_init(&driver->turn, cfg->loop);
    (void)uv_timer_init(cfg->loop, &driver->wake_timer); /* cannot fail */
    driver->wake_timer.data = driver;
    if (uv_async_init(cfg->loop, &driver->wake_async, on_wake_async) != 0)
        rc = RH_EINTERNAL;
    if (rc == RH_OK)
        rc = log_sink_new(cfg->log_fd, &driver->log);
    if (rc == RH_OK)
        rc = start_http(driver, cfg);
    if (rc == RH_OK)
        rc = start_watchdog(driver, cfg);
    if (rc != RH_OK) {
        (void)rh_buf_append_c(why, "the event loop cannot be set up");
        loop_driver_free(driver);
        return rc;
    }
    *out = driver;
    return RH_OK;
}

const struct driver *loop_driver_driver(const struct loop_driver *driver)
{
    return &driver->driver;
}

struct driver_ops *loop_driver_ops(struct loop_driver *driver)
{
    return &driver->ops;
}

void loop_driver_set_process(struct loop_driver *driver, void *process)
{
    driver->process = process;
}

void *loop_driver_process(struct loop_driver *driver)
{
    return driver->process;
}

uv_loop_t *loop_driver_loop(struct loop_driver *driver)
{
    return driver->loop;
}

struct data_dir *loop_driver_data_dir(struct loop_driver *driver)
{
    return driver->data_dir;
}

void loop_driver_attach(struct loop_driver *driver, const struct loop_core *core)
{
    driver->core = *core;
    http_server_set_body_max(driver->server, core->body_max ? body_max : NULL);
}

struct http_server *loop_driver_server(struct loop_driver *driver)
{
    return driver->server;
}

struct http_client *loop_driver_client(struct loop_driver *driver)
{
    return driver->client;
}

bool loop_driver_is_finished(const struct loop_driver *driver, int32_t *exit_code, uint32_t *again)
{
    if (!driver->is_finished)
        return false;
    *exit_code = driver->exit_code;
    *again = driver->again;
    return true;
}

static void no_turn(struct core *core)
{
    (void)core;
}

void loop_driver_free(struct loop_driver *driver)
{
    if (!driver)
        return;
    driver->core.turn = no_turn;
    http_client_close(driver->client, NULL, NULL);
    http_server_close(driver->server, NULL, NULL);
    turn_remove(&driver->turn, driver);
    turn_close(&driver->turn);
    uv_close((uv_handle_t *)&driver->wake_timer, NULL);
    if (driver->wake_async.loop)
        uv_close((uv_handle_t *)&driver->wake_async, NULL);
    /* Everything of ours is closing, so this ends; what others left open on the loop is theirs to
     * close first. */
    (void)uv_run(driver->loop, UV_RUN_DEFAULT);
    watchdog_free(driver->watchdog);
    log_sink_free(driver->log);
    if (driver->watchdog_file >= 0)
        (void)close(driver->watchdog_file); /* written only at death */
    free(driver);
}
