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

#include <ringhost/sim.h>

#include "host/core/core.h"
#include "host/core/driver.h"
#include "host/core/plugin_desc.h"
#include "host/sim/sim_link.h"
#include "host/sim/sim_storage.h"
#include "host/sim/sim_trace.h"

#define SIM_NODES_MAX     16384u
#define SIM_EVENTS_MAX    (1u << 22)
#define SIM_CALLS_MAX     (1u << 20)
#define SIM_LOG_LINES     1024u
#define SIM_PROCESSES_MAX 256u
#define SIM_PATH_MAX      256u

/* Something that happens at an instant. Freed after it ran. */
struct sim_event {
    struct rh_heap_node node;
    int64_t at_us;
    uint64_t order;
    struct rh_testnet *net;
    struct rh_testhost *host; /* on whose machine it happens; NULL: in the net */
    struct sim_event *next;   /* among those that wait for a paused node */
    void (*run)(void *arg);
    void *arg;
    bool is_dead;  /* cancelled while it ran or waited: not run */
    bool owns_arg; /* free(arg) when it is not run */
};

struct sim_process;

/* Whoever watches a net: the checks of the simulator. Members may be NULL. */
struct sim_watch {
    void *user;
    void (*on_message)(void *user, const struct rh_sim_message *message);
    /* After an event; host is where it happened, or NULL. */
    void (*on_event)(void *user, struct rh_testhost *host);
    /* A scripted process is over, whether or not anybody waits for it. */
    void (*on_process_over)(void *user, struct rh_testhost *host,
                            const struct sim_process *process);
};

struct rh_testnet {
    int64_t now_us; /* true time; each node has its own clocks */
    int64_t wall_offset_ms;
    uint64_t seed;
    struct rh_rng rng; /* of the wire; nodes have their own */
    struct rh_heap events;
    uint64_t order;
    uint64_t next_id;
    struct sim_wire wire;
    struct rh_testhost **nodes;
    uint32_t node_count, node_room;
    struct rh_map by_id, by_address; /* -> struct rh_testhost */
    struct rh_map64 exchanges;       /* id -> struct sim_exchange */
    struct rh_map64 calls;           /* id -> struct sim_call */
    struct sim_trace trace;
    struct sim_watch watch;
};

/* A request at its receiver, until it is answered. */
struct sim_exchange {
    uint64_t id;
    struct rh_testhost *to;
    uint64_t call;    /* from a node, or */
    uint64_t request; /* from the test */
    uint32_t life;    /* of the receiver when it came */
    uint32_t from;    /* node index or RH_SIM_OUTSIDE */
    char method[8];
    char path[SIM_PATH_MAX]; /* without the query, for whoever watches the wire; cut when longer */
};

/* A call between nodes, at its sender, until it ends. */
struct sim_call {
    uint64_t id;
    struct rh_testhost *from;
    uint32_t life; /* of the sender when it was sent */
    http_done done;
    void *user;
    struct sim_event *deadline;
};

/* A request of the test. */
struct sim_request {
    uint64_t id;
    uint64_t exchange;
    struct rh_testhost *host;
    bool is_answered;
    bool is_lossy; /* it goes through the faults of the wire, as a client's does */
    /* Told once it is answered or lost; may be NULL. The request is gone afterwards. */
    void (*done)(void *user, const struct sim_request *request);
    void *user;
    struct sim_event *deadline;
    uint32_t status, retry_after_s;
    struct rh_buf body;
    char content_type[64];
    char node_id[80];
};

/* How a process ends: name, rc, code (EXITED: the program's own), signal, word and text of
 * rh.process/1. */
#define SIM_PROCESS_ENDS(X)                                            \
    X(EXITED, RH_OK, 0, 0, "exited", "")                               \
    X(KILLED, RH_OK, 143, 15, "killed", "")                            \
    X(TIMEOUT, RH_OK, 143, 15, "timeout", "ran longer than its limit") \
    X(NOT_FOUND, RH_ENOTFOUND, 127, 0, "not_found", "no such program") \
    X(LOST, RH_EIO, 0, 0, "lost", "nothing is known of its end")

enum sim_process_end {
#define X(name, rc, code, signal, word, text) SIM_PROCESS_##name,
    SIM_PROCESS_ENDS(X)
#undef X
};

struct sim_process {
    char owner[64];
    char key[RH_PROCESS_KEY_MAX + 1];
    bool is_used, is_running;
    bool is_ending;    /* inside done */
    process_done done; /* NULL: nobody waits (the host was restarted, or the plugin detached) */
    void *user;
    struct sim_event *end;
    int32_t exit_code;
    enum sim_process_end how; /* it will end, or has */
    struct rh_buf output, errors;
    int64_t started_us;
};

/* A node's clocks: what they show now is the reading at since_us and what has passed since, at
 * its own rate. */
struct sim_clock {
    int64_t since_us;   /* true time */
    int64_t reading_us; /* monotonic, then */
    int64_t wall_ms;    /* Unix time minus monotonic */
    int32_t ppm;
};

/* A node. */
struct rh_testhost {
    struct rh_testnet *net;
    uint32_t index;
    uint32_t life; /* grows at each start; what belongs to an earlier life is dropped */
    bool is_up;
    bool is_paused;                           /* stopped and not yet continued */
    bool is_unreachable;                      /* nobody can open a connection to it */
    struct sim_event *waiting, *waiting_last; /* while it is paused */
    struct rh_rng rng;
    struct sim_clock clock;
    struct core *core;
    struct core_setup setup;
    struct core_plugin_setup *plugins;
    struct plugin_desc **descs;
    void **configs;
    struct field_arena *arenas;
    struct core_node_setup *nodes; /* the voters */
    struct rh_str *voters;
    struct rh_str *seeds;
    char **texts; /* owned strings of the three above */
    uint32_t text_count;
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
    struct rh_map64 requests;      /* id -> struct sim_request */
    struct sim_storage storage;    /* SQLite finds it at data_dir */
    struct sim_process *processes; /* SIM_PROCESSES_MAX, made with the first */
    void (*script)(void *user, struct rh_testhost_process *process);
    void *script_user;
    char *log[SIM_LOG_LINES];
    uint32_t log_next;
    uint64_t error_count;
    char *last_error;
    int32_t file_read_rc; /* what plugins' files answer; RH_OK = as they are */
    int32_t file_remove_rc;
};

/* sim.c */
/* In the net, whatever the nodes do. at_us is true time. */
struct sim_event *sim_at(struct rh_testnet *net, int64_t at_us, void (*run)(void *arg), void *arg);
/* On a node: while that is paused, it waits. */
struct sim_event *sim_at_node(struct rh_testhost *host, int64_t at_us, void (*run)(void *arg),
                              void *arg);
void sim_cancel(struct sim_event *event); /* NULL is allowed */
uint64_t sim_id(struct rh_testnet *net);
bool sim_step(struct rh_testnet *net, int64_t until_us);
/* By "host:port"; NULL = no such node. */
struct rh_testhost *sim_find(struct rh_testnet *net, struct rh_str authority);
/* Stop a node's machine as SIGSTOP does: nothing happens on it, its clocks go on. */
void sim_pause(struct rh_testhost *host);
/* Go on: all that waited happens now, in order; timers_last: what it waited for itself comes after
 * what came from others. */
void sim_resume(struct rh_testhost *host, bool timers_last);
/* The node is gone: what waited for it does not happen. */
void sim_forget_waiting(struct rh_testhost *host);

/* sim_clock.c */
/* All true time unless named otherwise. */
int64_t sim_clock_now_us(const struct rh_testhost *host);
int64_t sim_clock_wall_ms(const struct rh_testhost *host);
/* When the node's monotonic clock will show this. */
int64_t sim_clock_true_us(const struct rh_testhost *host, int64_t node_us);
/* From now on the node's clocks gain so many millionths. What has been set to a time fires by the
 * old rate, and the core then waits for the rest. */
void sim_clock_rate(struct rh_testhost *host, int32_t ppm);
/* A reboot: the monotonic clock begins again at start_us. The node is down. */
void sim_clock_reboot(struct rh_testhost *host, int64_t start_us);

/* sim_net.c: the driver's HTTP half. */
int32_t sim_reply(void *driver, uint64_t id, const struct http_outreply *reply);
int32_t sim_stream_begin(void *driver, uint64_t id, const struct http_outreply *head);
int32_t sim_stream_write(void *driver, uint64_t id, struct rh_str data, uint64_t *pending);
int32_t sim_stream_end(void *driver, uint64_t id);
int32_t sim_call(void *driver, const struct http_outbound *out, http_done done, void *user,
                 uint64_t *id);
void sim_call_cancel(void *driver, uint64_t id);
/* The node is gone: its calls end unheard, calls to it are lost. */
void sim_net_drop(struct rh_testhost *host);
/* A request on the wire; owns its texts. */
struct sim_message {
    struct rh_testnet *net;
    struct rh_testhost *to;
    uint32_t from;
    uint64_t call;
    uint64_t request;
    struct rh_buf text;
    struct rh_str method, target, body;
    uint32_t header_count, header_room;
    struct http_header headers[];
};
/* With room for so many bytes of text and so many headers. */
struct sim_message *sim_message_new(struct rh_testhost *to, size_t room, uint32_t header_room);
/* Append to the message's text, which has room. */
struct rh_str sim_message_keep(struct sim_message *message, struct rh_str s);
void sim_message_add(struct sim_message *message, struct rh_str name, struct rh_str value);
/* Send it through the faults of the wire, or surely and after so long; it frees itself. */
void sim_message_send(struct sim_message *message);
void sim_message_go(struct sim_message *message, int64_t delay_us);
/* Give it to its node in this call. */
void sim_message_deliver(struct sim_message *message);

/* sim_tell.c; kind is RH_SIM_REQUEST_... or RH_SIM_REPLY_... */
void sim_tell_request(const struct sim_message *message, uint32_t kind);
void sim_tell_reply(struct rh_testnet *net, const struct sim_exchange *about, uint32_t kind,
                    uint32_t status, struct rh_str body);

/* sim_request.c: requests that come from outside the net. token, last_event_id and body may be
 * NULL. */
struct sim_request_spec {
    const char *token, *last_event_id, *method, *target, *body;
    bool is_lossy;
    int64_t timeout_us; /* 0 = none */
    void (*done)(void *user, const struct sim_request *request);
    void *user;
};
uint64_t sim_request_send(struct rh_testhost *host, const struct sim_request_spec *spec);
/* GET in no time: is_answered tells at once whether there was an answer. Then forget it. */
uint64_t sim_request_now(struct rh_testhost *host, const char *target);
/* The client goes away. */
void sim_request_forget(struct rh_testhost *host, uint64_t id);
/* What the node has answered so far; the last time is_whole. */
void sim_request_answer(struct sim_exchange *exchange, const struct http_outreply *reply,
                        bool is_whole);
int32_t sim_request_stream(struct sim_exchange *exchange, struct rh_str data);
/* Nothing more comes. */
void sim_request_end(struct rh_testhost *host, uint64_t id);
/* All of a host that is being freed. */
void sim_requests_release(struct rh_testhost *host);

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
/* The machine is off: none of the host's processes runs any more. The host is down. */
void sim_process_power_cut(struct rh_testhost *host);
void sim_process_release(struct rh_testhost *host);

/* sim_node.c: a node from its setup to its end, as <ringhost/testhost.h> says. */
/* As rh_testhost_new, but it is not started. */
int32_t sim_node_new(struct rh_testnet *net, const struct rh_testhost_setup *setup,
                     struct rh_testhost **out, char why[RH_TESTHOST_WHY_MAX]);
void sim_node_free(struct rh_testhost *host);
/* Give a node that is down another build of its plugin at place `at`. On failure it has none and
 * cannot be started: RH_EINVAL, RH_ENOMEM, with why. */
int32_t sim_node_replace(struct rh_testhost *host, uint32_t at,
                         const struct rh_testhost_plugin *plugin, char why[RH_TESTHOST_WHY_MAX]);
/* The core is gone; nothing of this life may reach the next. */
void sim_node_take_down(struct rh_testhost *host);
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
/* Files at absolute paths are those that rh_testhost_file made; all are private. */
int32_t sim_private_read(void *driver, const char *path, uint32_t max, struct rh_buf *out);
int32_t sim_file_list(void *driver, const char *folder,
                      void (*each)(void *user, const char *name, int64_t length), void *user);

/* sim_job_files.c: the files of a job, in jobs/OWNER/KEY of the node's disk. */
/* Those that it was given, moved there from the owner's files, and the one its script makes. */
int32_t sim_job_files_place(struct rh_testhost *host, const char *owner,
                            const struct rh_process_spec *spec);
int32_t sim_job_files_make(struct rh_testhost *host, const char *owner, const char *key,
                           const char *name, const char *text);
int32_t sim_job_files_take(void *driver, const char *owner, const char *key, const char *name,
                           const char *to);
int32_t sim_job_files_read(void *driver, const char *owner, const char *key, const char *name,
                           uint32_t max, struct rh_buf *out);
void sim_job_files_remove(struct rh_testhost *host, const char *owner, const char *key);

/* sim_driver.c */
extern const struct driver_ops sim_driver_ops;

/* It dies, and its disk goes through the crash, also if it was down already. */
void sim_crash(struct rh_testhost *host, enum sim_crash how);

#endif
