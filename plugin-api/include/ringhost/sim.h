/* Checks for ringhost-sim: what must hold in a simulated cluster, looked at after every event.
 *
 * A file of checks is a shared object that exports rh_sim_invariants_v1() and is given with
 * `--invariants FILE`, or named in a scenario. It may link the SDK; it reaches the simulation only
 * through the functions below. One run (a scenario with one seed) makes one instance. All functions
 * and callbacks belong to the one thread of the run. Nothing in them may depend on addresses, real
 * time or anything but its arguments: a seed gives one run. */
#ifndef RH_SIM_H
#define RH_SIM_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/service/cluster.h>
#include <ringhost/service/state.h>

/* In place of a node: a client outside the cluster, or "none in particular". */
#define RH_SIM_OUTSIDE UINT32_MAX

struct rh_sim;

/* Kinds of messages. What is lost on the way is sent and never delivered. */
#define RH_SIM_REQUEST_SENT      1u
#define RH_SIM_REQUEST_DELIVERED 2u
#define RH_SIM_REPLY_SENT        3u
#define RH_SIM_REPLY_DELIVERED   4u /* to nodes; clients have their callback */

/* A request or a reply on the wire. Borrowed until the callback returns. */
struct rh_sim_message {
    uint32_t size;
    uint32_t kind;     /* RH_SIM_REQUEST_..., RH_SIM_REPLY_... */
    uint32_t from;     /* node, or RH_SIM_OUTSIDE */
    uint32_t to;       /* likewise */
    uint64_t exchange; /* the same in a request and all replies to it */
    uint32_t status;   /* HTTP status of a reply; 0 in a request */
    uint32_t reserved0;
    struct rh_str method;
    struct rh_str path;  /* of the request, also in its reply */
    struct rh_str query; /* requests only, without '?' */
    struct rh_str body;
};

/* A node from outside. Strings live as long as the run. */
struct rh_sim_node {
    uint32_t size;
    uint32_t is_up;
    uint32_t is_paused;      /* stopped for the moment; nothing happens on it */
    uint32_t is_ready;       /* all plugins have started */
    uint32_t is_voter;       /* configured as one */
    uint32_t is_unreachable; /* behind NAT: nobody can call it */
    uint32_t life;           /* 1, 2, ...: grows at each start */
    int32_t clock_ppm;       /* how much faster than true time its clocks run */
    const char *node_id;
    const char *role;
    int64_t now_ms;  /* its monotonic clock */
    int64_t wall_ms; /* its wall clock, Unix time */
};

/* The answer to a request of a client. Borrowed until the callback returns, or the next request to
 * any node. */
struct rh_sim_answer {
    uint32_t size;
    uint32_t status; /* 0: lost, refused, or none in time: it may have been done */
    uint32_t retry_after_s;
    uint32_t node; /* that was asked */
    struct rh_str body;
    struct rh_str node_id; /* who answered */
};

/* A request of a client. Borrowed until the call returns. */
struct rh_sim_request {
    uint32_t size;
    uint32_t timeout_ms; /* true time; 0 = 10 s */
    const char *method;
    const char *target; /* path and query */
    const char *body;   /* JSON, or NULL */
    /* Runs exactly once, never inside the call; NULL is allowed. */
    void (*done)(void *self, struct rh_sim *sim, void *user, const struct rh_sim_answer *answer);
    void *user;
};

/* The schema of a namespace on a node: what is stored, and what the code that runs there reads. */
struct rh_sim_schema {
    uint32_t size;
    uint32_t stored; /* 0 = the namespace is empty */
    uint32_t read_min;
    uint32_t write; /* and the newest it reads */
};

/* A program that a plugin has started on a node, through rh.process/1. Borrowed until the callback
 * returns. */
struct rh_sim_process {
    uint32_t size;
    uint32_t node;
    const char *owner; /* plugin id */
    const char *key;
    struct rh_str_list argv;
    struct rh_str_list env; /* each NAME=value */
    struct rh_str input;
    /* What it does; filled by the callback. */
    int64_t takes_ms; /* true time until it ends; negative = until it is killed */
    int32_t exit_code;
    uint32_t reserved0;
    const char
        *output; /* it prints this; borrowed until the callback's next call; NULL = nothing */
};

/* How a program ended. */
#define RH_SIM_PROCESS_EXITED 0u
#define RH_SIM_PROCESS_ENDED  1u /* killed, or ran longer than its limit */
#define RH_SIM_PROCESS_LOST   2u /* with the power of its machine */

/* What a run offers; reached through the macros below. */
struct rh_sim_api {
    uint32_t size;
    uint32_t reserved0;
    /* The invariant does not hold: the run ends after this event. node may be RH_SIM_OUTSIDE. The
     * first failure counts. */
    void (*fail)(struct rh_sim *sim, const char *invariant, uint32_t node, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
    int64_t (*now_us)(struct rh_sim *sim); /* true time since the run began */
    int64_t (*beat_ms)(struct rh_sim *sim);
    /* 1: the liveness phase has begun; nothing is injected any more. */
    uint32_t (*is_healed)(struct rh_sim *sim);
    /* 64 random bits of this instance's own stream. */
    uint64_t (*random)(struct rh_sim *sim);
    uint32_t (*node_count)(struct rh_sim *sim);
    /* Index of a node, or RH_SIM_OUTSIDE. */
    uint32_t (*find)(struct rh_sim *sim, struct rh_str node_id);
    /* node < node_count. */
    void (*node)(struct rh_sim *sim, uint32_t node, struct rh_sim_node *out);
    /* What the node's host believes about leadership: RH_OK; RH_ENOTFOUND while it is down. is_self
     * is 1 only before the end of the lease by the node's own clock. Strings are borrowed until the
     * next event. */
    int32_t (*leader)(struct rh_sim *sim, uint32_t node, struct rh_leader *out);
    uint32_t (*is_active)(struct rh_sim *sim, uint32_t node, const char *plugin);
    /* A namespace as the node's plugins see it, whoever owns it: RH_OK (found or not);
     * RH_ENOTFOUND: the node is down or has no such namespace. Borrowed until the next call. */
    int32_t (*get)(struct rh_sim *sim, uint32_t node, const char *name_space, struct rh_str key,
                   struct rh_value *out);
    int32_t (*scan)(struct rh_sim *sim, uint32_t node, const struct rh_scan *scan,
                    struct rh_rows *out);
    /* The same from what a crash at this instant would leave on the node's disk, which may also be
     * down. Slow: not after every event. Both also return RH_EIO. */
    int32_t (*disk_get)(struct rh_sim *sim, uint32_t node, const char *name_space,
                        struct rh_str key, struct rh_value *out);
    int32_t (*disk_scan)(struct rh_sim *sim, uint32_t node, const struct rh_scan *scan,
                         struct rh_rows *out);
    /* Send a request from outside, through the faults of the wire. RH_OK or RH_EINVAL. */
    int32_t (*request)(struct rh_sim *sim, uint32_t node, const struct rh_sim_request *request);
    /* Ask a node in no time and past all faults; only for routes that answer at once. RH_OK;
     * RH_ENOTFOUND: it is down or paused; RH_EAGAIN: it did not answer at once. */
    int32_t (*ask)(struct rh_sim *sim, uint32_t node, const char *target,
                   struct rh_sim_answer *out);
    /* As decode and release of rh.fields/1. */
    int32_t (*decode)(struct rh_sim *sim, const struct rh_fields *table, struct rh_str json,
                      void *out, void **memory, char *why, uint32_t why_size);
    void (*release)(struct rh_sim *sim, void *memory);
    /* (index, term) of the newest entry of the log that the node's readers of replicated namespaces
     * see; (0, 0) = none. RH_OK; RH_ENOTFOUND: it is down. */
    int32_t (*applied)(struct rh_sim *sim, uint32_t node, uint64_t *index, uint64_t *term);
    /* RH_OK; RH_ENOTFOUND: the node is down or has no such namespace; RH_EIO. */
    int32_t (*schema)(struct rh_sim *sim, uint32_t node, const char *name_space,
                      struct rh_sim_schema *out);
};

/* A run as a file of checks sees it. */
struct rh_sim {
    const struct rh_sim_api *api;
};

#define rh_sim_fail(sim, ...)                 ((sim)->api->fail((sim), __VA_ARGS__))
#define rh_sim_now_us(sim)                    ((sim)->api->now_us(sim))
#define rh_sim_beat_ms(sim)                   ((sim)->api->beat_ms(sim))
#define rh_sim_is_healed(sim)                 ((sim)->api->is_healed(sim))
#define rh_sim_random(sim)                    ((sim)->api->random(sim))
#define rh_sim_node_count(sim)                ((sim)->api->node_count(sim))
#define rh_sim_find(sim, id)                  ((sim)->api->find((sim), (id)))
#define rh_sim_node(sim, at, out)             ((sim)->api->node((sim), (at), (out)))
#define rh_sim_leader(sim, at, out)           ((sim)->api->leader((sim), (at), (out)))
#define rh_sim_is_active(sim, at, plugin)     ((sim)->api->is_active((sim), (at), (plugin)))
#define rh_sim_get(sim, at, ns, key, out)     ((sim)->api->get((sim), (at), (ns), (key), (out)))
#define rh_sim_scan(sim, at, range, out)      ((sim)->api->scan((sim), (at), (range), (out)))
#define rh_sim_disk_get(sim, at, ns, k, out)  ((sim)->api->disk_get((sim), (at), (ns), (k), (out)))
#define rh_sim_disk_scan(sim, at, range, out) ((sim)->api->disk_scan((sim), (at), (range), (out)))
#define rh_sim_request(sim, at, what)         ((sim)->api->request((sim), (at), (what)))
#define rh_sim_ask(sim, at, target, out)      ((sim)->api->ask((sim), (at), (target), (out)))
#define rh_sim_decode(sim, table, json, o, m) \
    ((sim)->api->decode((sim), (table), (json), (o), (m), NULL, 0))
#define rh_sim_applied(sim, at, i, t) ((sim)->api->applied((sim), (at), (i), (t)))
#define rh_sim_schema(sim, at, ns, o) ((sim)->api->schema((sim), (at), (ns), (o)))
#define rh_sim_release(sim, memory)   ((sim)->api->release((sim), (memory)))

/* A file of checks. Callbacks may be NULL; self is what create gave. */
struct rh_sim_invariants {
    uint32_t size;
    uint32_t plugin_count;
    const char *name;           /* unique in a run: "election" */
    const char *const *plugins; /* ids that the scenario must load */
    uint32_t tick_ms;           /* from tick to tick in true time; 0 = no ticks */
    uint32_t reserved0;
    /* The nodes exist and have not yet been started. NULL: no memory, the run fails. */
    void *(*create)(struct rh_sim *sim);
    void (*destroy)(void *self);
    /* After an event; node is where it happened, or RH_SIM_OUTSIDE. */
    void (*event)(void *self, struct rh_sim *sim, uint32_t node);
    /* A message is sent, or is about to be given to its receiver. */
    void (*message)(void *self, struct rh_sim *sim, const struct rh_sim_message *message);
    /* An event was put on the bus of a node. */
    void (*published)(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event);
    /* Time for a workload to send requests. */
    void (*tick)(void *self, struct rh_sim *sim);
    /* The safety phase is over: all faults have just been undone. */
    void (*heal)(void *self, struct rh_sim *sim);
    /* Asked from time to time in the liveness phase: 1 = converged. The run ends well once all say
     * so, and is "unconverged" after the phase's limit. */
    uint32_t (*healed)(void *self, struct rh_sim *sim);
    /* The run is over and nothing has failed: last checks. */
    void (*end)(void *self, struct rh_sim *sim);
    /* A plugin starts a program. 1 = `process` now says what it does; 0 = not this file's. The
     * first file that answers 1 decides, and all are asked; a program that none knows is "not
     * found". */
    uint32_t (*process)(void *self, struct rh_sim *sim, struct rh_sim_process *process);
    /* A program of a file that answered 1 is over, also where its node is down or paused; how is
     * RH_SIM_PROCESS_... */
    void (*process_over)(void *self, struct rh_sim *sim, uint32_t node, const char *owner,
                         const char *key, uint32_t how);
};

/* The one exported function; with -DRH_STATIC_ID=election named rh_sim_invariants_v1_election. */
#ifdef RH_STATIC_ID
#define RH_SIM_ENTRY_NAME_ RH_CAT_(rh_sim_invariants_v1_, RH_STATIC_ID)
#else
#define RH_SIM_ENTRY_NAME_ rh_sim_invariants_v1
#endif
#define RH_SIM_INVARIANTS(table)                                                               \
    __attribute__((visibility("default"))) const struct rh_sim_invariants *RH_SIM_ENTRY_NAME_( \
        void);                                                                                 \
    const struct rh_sim_invariants *RH_SIM_ENTRY_NAME_(void)                                   \
    {                                                                                          \
        return &(table);                                                                       \
    }

#endif
