/* The simulated world shared by its nodes: virtual time, an event heap, messages between nodes. */
#ifndef RH_HOST_SIM_SIM_H
#define RH_HOST_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/heap.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/rng.h>
#include <ringhost/testhost.h>

#include "host/core/core.h"
#include "host/core/driver.h"
#include "host/core/plugin_desc.h"
#include "host/sim/sim_storage.h"

#define SIM_EVENTS_MAX    (1u << 20)
#define SIM_LOG_LINES     1024u
#define SIM_PROCESSES_MAX 256u
#define SIM_PATH_MAX      256u

/* Something that happens at an instant. Freed after it ran. */
struct sim_event {
    struct rh_heap_node node;
    int64_t at_us;
    uint64_t order;
    void (*run)(void *arg);
    void *arg;
    bool is_dead;  /* cancelled: not run */
    bool owns_arg; /* free(arg) when it is not run */
};

struct rh_testnet {
    int64_t now_us;
    int64_t wall_offset_ms;
    struct rh_rng rng;
    struct rh_heap events;
    uint64_t order;
    uint64_t next_id;
    int64_t latency_least_ms, latency_most_ms;
    bool cuts[RH_TESTNET_NODES_MAX][RH_TESTNET_NODES_MAX];
    struct rh_testhost *nodes[RH_TESTNET_NODES_MAX];
    uint32_t node_count;
    struct rh_map64 exchanges; /* id -> struct sim_exchange */
    struct rh_map64 calls;     /* id -> struct sim_call */
};

/* A request at its receiver, until it is answered. */
struct sim_exchange {
    uint64_t id;
    struct rh_testhost *to;
    uint64_t call;    /* from a node, or */
    uint64_t request; /* from the test */
    uint32_t life;    /* of the receiver when it came */
};

/* A call between nodes, at its sender, until it ends. */
struct sim_call {
    uint64_t id;
    struct rh_testhost *from;
    uint32_t life;
    http_done done;
    void *user;
    bool was_delivered;
    struct sim_event *deadline;
};

/* A request of the test. */
struct sim_request {
    uint64_t id;
    uint64_t exchange;
    bool is_answered;
    uint32_t status, retry_after_s;
    struct rh_buf body;
    char content_type[64];
    char node_id[80];
};

struct sim_process {
    char owner[64];
    char key[RH_PROCESS_KEY_MAX + 1];
    bool is_used, is_running;
    process_done done; /* NULL: nobody waits (the host was restarted, or the plugin detached) */
    void *user;
    struct sim_event *end;
    int32_t exit_code;
    bool not_found, was_killed;
    struct rh_buf output, errors;
    int64_t started_us;
};

/* A node. */
struct rh_testhost {
    struct rh_testnet *net;
    uint32_t index;
    uint32_t life; /* grows at each start; what belongs to an earlier life is dropped */
    bool is_up;
    struct core *core;
    struct core_setup setup;
    struct core_plugin_setup *plugins;
    struct plugin_desc **descs;
    void **configs;
    struct field_arena *arenas;
    struct core_node_setup nodes[RH_TESTNET_NODES_MAX];
    struct rh_str voters[RH_TESTNET_NODES_MAX];
    char voter_texts[RH_TESTNET_NODES_MAX][80];
    char addresses[RH_TESTNET_NODES_MAX][96];
    char node_id[80], role[80], address[96];
    char *token_text;
    char data_dir[SIM_PATH_MAX];
    struct sim_event *wake;
    struct sim_event *turn;
    struct sim_event *start_end; /* of the job that opens the databases */
    uint64_t start_job;
    bool is_finished;
    int32_t exit_code;
    bool again;
    struct rh_map64 requests;   /* id -> struct sim_request */
    struct sim_storage storage; /* SQLite finds it at data_dir */
    struct sim_process processes[SIM_PROCESSES_MAX];
    void (*script)(void *user, struct rh_testhost_process *process);
    void *script_user;
    char *log[SIM_LOG_LINES];
    uint32_t log_next;
    uint64_t error_count;
    char *last_error;
};

/* sim.c */
struct sim_event *sim_at(struct rh_testnet *net, int64_t at_us, void (*run)(void *arg), void *arg);
void sim_cancel(struct sim_event *event); /* NULL is allowed */
int64_t sim_latency_us(struct rh_testnet *net);
uint64_t sim_id(struct rh_testnet *net);
bool sim_step(struct rh_testnet *net, int64_t until_us);
struct rh_testhost *sim_find(struct rh_testnet *net, struct rh_str authority);

/* sim_net.c: the driver's HTTP half, and requests of the test. */
int32_t sim_reply(void *driver, uint64_t id, const struct http_outreply *reply);
int32_t sim_stream_begin(void *driver, uint64_t id, const struct http_outreply *head);
int32_t sim_stream_write(void *driver, uint64_t id, struct rh_str data, uint64_t *pending);
int32_t sim_stream_end(void *driver, uint64_t id);
int32_t sim_call(void *driver, const struct http_outbound *out, http_done done, void *user,
                 uint64_t *id);
void sim_call_cancel(void *driver, uint64_t id);
void sim_net_drop(
    struct rh_testhost *host); /* the node is gone: its calls end unheard, calls to it are lost */
/* token, last_event_id and body may be NULL. */
uint64_t sim_request_send(struct rh_testhost *host, const char *token, const char *last_event_id,
                          const char *method, const char *target, const char *body);

/* sim_process.c: the driver's process half. */
int32_t sim_process_run(void *driver, const char *owner, const struct rh_process_spec *spec,
                        process_done done, void *user);
int32_t sim_process_adopt(void *driver, const char *owner, const char *key, process_done done,
                          void *user);
int32_t sim_process_kill(void *driver, const char *owner, const char *key);
int32_t sim_process_output(void *driver, const char *owner, const char *key, int64_t offset,
                           uint32_t max, struct rh_buf *out);
int32_t sim_process_list(void *driver, const char *owner,
                         void (*each)(void *user, const char *key, uint32_t is_running),
                         void *user);
void sim_process_detach(void *driver, const char *owner);
void sim_process_release(struct rh_testhost *host);

/* sim_queue.c: the driver's queues. A job that used the disk takes longer while the disk is slow.
 */
int32_t sim_queue_new(void *driver, const char *name, uint32_t threads, struct driver_queue **out);
int32_t sim_queue_submit(struct driver_queue *queue, void (*run)(void *arg),
                         void (*done)(void *arg), void *arg);
void sim_queue_free(struct driver_queue *queue);

/* sim_files.c: the driver's files. */
int32_t sim_file_append(void *driver, const char *path, struct rh_str data);
int32_t sim_file_read(void *driver, const char *path, int64_t offset, uint32_t max,
                      struct rh_buf *out);
int32_t sim_file_length(void *driver, const char *path, int64_t *out);
int32_t sim_file_rename(void *driver, const char *from, const char *to);
int32_t sim_file_remove(void *driver, const char *path);

/* sim_driver.c */
extern const struct driver_ops sim_driver_ops;

/* testhost.c */

/* It dies, and its disk goes through the crash, also if it was down already. */
void sim_crash(struct rh_testhost *host, enum sim_crash how);

#endif
