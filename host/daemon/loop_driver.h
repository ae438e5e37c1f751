/* struct driver on a libuv loop: joins server, client, queues, files, log and watchdog. The
 * process_ ops are process.h's.
 *
 * Order: loop_driver_new, fill ops->process_..., core_new with loop_driver_driver(),
 * loop_driver_attach, listen, uv_run, core_free, loop_driver_free. */
#ifndef RH_HOST_DAEMON_LOOP_DRIVER_H
#define RH_HOST_DAEMON_LOOP_DRIVER_H

#include <stdint.h>
#include <uv.h>

#include "host/core/driver.h"
#include "host/daemon/data_dir.h"
#include "host/daemon/http_client.h"
#include "host/daemon/http_server.h"
#include "host/daemon/turn.h"

struct core;
struct loop_driver;

/* The core as the driver sees it; members of its public functions. [loop] */
struct loop_core {
    struct core *core;
    void (*on_request)(struct core *core, const struct http_inbound *in);
    void (*on_gone)(struct core *core, uint64_t exchange);
    void (*turn)(struct core *core);
    uint64_t (*body_max)(struct core *core, struct rh_str method,
                         struct rh_str target); /* NULL: the server's limit */
};

struct loop_driver_config {
    uv_loop_t *loop;
    struct data_dir *data_dir; /* open; borrowed until free */
    struct rh_str node_id;     /* copied */
    struct http_server_limits server;
    struct http_client_limits client;
    int log_fd;                    /* 2 in the daemon */
    uint32_t watchdog_stuck_ms;    /* 0 = 5000 */
    uint32_t is_watchdog_disabled; /* 1 under a debugger */
};

/* RH_OK, or a code with a line in why. Call it on the thread that will run the loop. */
int32_t loop_driver_new(const struct loop_driver_config *cfg, struct loop_driver **out,
                        struct rh_buf *why);

/* The interface for the core; lives as long as the driver. */
const struct driver *loop_driver_driver(const struct loop_driver *driver);

/* The op table of this driver, to put the process_ ops in before the core starts. Their first
 * argument is the struct loop_driver; what they need they find with loop_driver_process. */
struct driver_ops *loop_driver_ops(struct loop_driver *driver);
void loop_driver_set_process(struct loop_driver *driver, void *process);
void *loop_driver_process(struct loop_driver *driver);

uv_loop_t *loop_driver_loop(struct loop_driver *driver);
struct data_dir *loop_driver_data_dir(struct loop_driver *driver);

/* From now on requests and turns reach the core. [loop] */
void loop_driver_attach(struct loop_driver *driver, const struct loop_core *core);

/* For listening, its port and its descriptor; for numbers. Owned by the driver. */
struct http_server *loop_driver_server(struct loop_driver *driver);
struct http_client *loop_driver_client(struct loop_driver *driver);

/* What finished() was given: false while the core runs. [loop] */
bool loop_driver_is_finished(const struct loop_driver *driver, int32_t *exit_code, uint32_t *again);

/* The listening socket that stop_listening was told to keep, or -1; the caller's from now on. */
int loop_driver_take_socket(struct loop_driver *driver);

/* Closes everything, runs the loop until its handles are closed, frees. The core is gone before.
 * NULL is allowed. */
void loop_driver_free(struct loop_driver *driver);

#endif
