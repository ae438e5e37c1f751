/* The plugin ABI: the descriptor that a plugin exports and the life cycle the host drives. Not the
 * services: <ringhost/service/...>. */
#ifndef RH_ABI_H
#define RH_ABI_H

#include <stdint.h>

#include <ringhost/errors.h>
#include <ringhost/fields.h>
#include <ringhost/types.h>

#define RH_ABI_MAJOR 0u
#define RH_ABI_MINOR 1u

/* One plugin instance as the host sees it. Opaque; first argument of every service function. */
struct rh_ctx;

/* A request being handled. 0 is never valid; a handle that was answered is RH_ENOTFOUND. */
typedef uint64_t rh_req;

/* What create() is given. Lives as long as the instance. */
struct rh_host {
    uint32_t size;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t reserved0;
    const char *version; /* of the host program */
    /* The table behind a service id such as "rh.state/1", or NULL when it is unknown or was not
     * granted. The table is constant and lives as long as the instance. [loop] */
    const void *(*service)(struct rh_ctx *ctx, const char *id);
};

/* Scopes. admin includes operator, operator includes worker, worker includes read. */
#define RH_PUBLIC   0u /* anyone, no token */
#define RH_READ     1u /* look */
#define RH_WORKER   2u /* take work and report it */
#define RH_OPERATOR 3u /* start and stop work */
#define RH_ADMIN    4u /* change the cluster */
#define RH_PEER     5u /* nodes of this cluster */
#define RH_VOTER    6u /* voters of this cluster */

/* Route flags. */
#define RH_LEADER                                                                        \
    1u /* runs on the active leader only; called elsewhere it is forwarded. Implied by a \
          replicated namespace. */
#define RH_IDEMPOTENT 2u /* may be sent twice without harm */
#define RH_RAW_BODY   4u /* body is application/octet-stream and not decoded */
#define RH_STREAM     8u /* answers with begin/write/end; no deadline once begun */
#define RH_CONTROL \
    16u               /* served also over the plugin's in-flight limit, and while the node drains */
#define RH_ALWAYS 32u /* served while the plugin is not active and while the node drains */

struct rh_route {
    uint32_t size;
    uint32_t scope;           /* RH_PUBLIC ... RH_VOTER */
    const char *method;       /* "GET", "POST", "PUT", "DELETE" */
    const char *path;         /* the whole path, one literal: "/work/claim" */
    const char *summary;      /* one line */
    const char *doc;          /* more, or NULL */
    struct rh_fields request; /* body fields, or query fields for GET and DELETE */
    struct rh_fields reply;   /* for the documentation; may be RH_NO_FIELDS */
    uint32_t flags;
    uint32_t timeout_ms; /* 0 = the host's default (10 s) */
    uint32_t body_max;   /* bytes; 0 = the host's default (1 MiB) */
    uint32_t line;       /* where the handler stands, for --routes */
    const char *handler_name;
    const char *file;
    /* Answer `req` now or later through rh.http/1, exactly once. `fields` is the decoded request
     * struct (NULL when the route declares none) and lives until the reply. A negative return
     * without a reply is answered by the host with that code's status and the text given to
     * core->fail(). [loop] */
    int32_t (*handler)(void *self, rh_req req, const void *fields);
};

/* RH_ROUTE(method, path, scope, flags, request fields, handler, summary): a row of the first table
 * in plugin.c. */
#define RH_ROUTE(m, p, sc, fl, request_fields, fn, text)                                      \
    {                                                                                         \
        .size = (uint32_t)sizeof(struct rh_route), .scope = (sc), .method = (m), .path = (p), \
        .summary = (text), .request = request_fields, .flags = (fl), .line = __LINE__,        \
        .handler_name = #fn, .file = RH_FILE_, .handler = (fn)                                \
    }
/* As RH_ROUTE with further designated members, such as .timeout_ms = 40000, .reply = ..., .doc =
 * "...". */
#define RH_ROUTE_WITH(m, p, sc, fl, request_fields, fn, text, ...)                            \
    {                                                                                         \
        .size = (uint32_t)sizeof(struct rh_route), .scope = (sc), .method = (m), .path = (p), \
        .summary = (text), .request = request_fields, .flags = (fl), .line = __LINE__,        \
        .handler_name = #fn, .file = RH_FILE_, .handler = (fn), __VA_ARGS__                   \
    }
#ifdef RH_SOURCE_FILE
#define RH_FILE_ RH_SOURCE_FILE /* set by ringhost_add_plugin: path inside the project */
#else
#define RH_FILE_ __FILE__
#endif

/* Namespace flags. */
#define RH_NS_REPLICATED 1u /* lives in replica.db and goes through the replication provider */
#define RH_NS_URGENT     2u /* its commits go first in a group (votes) */
/* With RH_NS_REPLICATED: the plugin does not live by this namespace. It is active on every node and
 * its routes are no leader routes; the namespace can be read and written only while the node leads
 * and holds the replicated state, else RH_ENOTLEADER. A commit that fails ends no activation. It
 * has one schema: schema_read_min = schema_write. */
#define RH_NS_BESIDE 4u

struct rh_namespace {
    uint32_t size;
    uint32_t flags;
    const char *name;         /* [a-z][a-z0-9_]{0,31}, unique on a node */
    uint32_t schema_read_min; /* oldest schema this code can read */
    uint32_t schema_write;    /* schema this code writes; stored in the namespace */
    /* Oldest schema this code can still write, as rh.state/1 schema() tells it, while a voter reads
     * no newer one; 0 = schema_write. Replicated namespaces only. */
    uint32_t schema_write_min;
    uint32_t reserved0;
};

/* Event kinds. */
#define RH_EVENT_CLUSTER 1u /* goes with a commit, replicated with it, never lost */
#define RH_EVENT_LOCAL   2u /* in memory of one node; bounded, drops counted */

/* One event as a subscriber sees it. Borrowed until the callback returns. */
struct rh_event {
    uint32_t size;
    uint32_t kind;
    struct rh_str id;      /* "namespace:revision:n", or "node:n" for local ones */
    struct rh_str type;    /* WORK_COMPLETED */
    struct rh_str source;  /* plugin id, or what publish() was given */
    struct rh_str node_id; /* where it was published */
    struct rh_str payload; /* JSON object */
    int64_t at_ms;         /* Unix milliseconds */
};

/* An event that the plugin publishes (callback NULL) or subscribes to. */
struct rh_event_def {
    uint32_t size;
    uint32_t kind;    /* RH_EVENT_... for publishers; 0 for subscribers */
    const char *type; /* "*" subscribes to all */
    const char *doc;
    struct rh_fields payload; /* publishers */
    /* Called on a loop turn after the publication, in order per publisher. [loop] */
    void (*on_event)(void *self, const struct rh_event *event);
};

struct rh_loop {
    uint32_t size;
    uint32_t flags; /* RH_LEADER: only on the active leader */
    const char *name;
    const char *doc;
    int64_t interval_ms; /* from the end of one run to the next; a duration loop_<name> in the
                            plugin's config table changes it, 0 there switches the loop off */
    int64_t jitter_ms;   /* up to this much is added at random */
    /* One run. RH_PENDING: done later through core->done(). An error backs off x2 to 16 intervals.
     * [loop] */
    int32_t (*run)(void *self);
};

/* A role that the plugin can give the host. */
struct rh_role {
    uint32_t size;
    uint32_t
        rank; /* 1..1000; the highest-ranked started provider is active; the host itself is 0 */
    const char *id;    /* "membership/1", "leader/1", "replication/1", "reach/1" */
    const void *table; /* const function table from <ringhost/role/NAME.h> */
};

/* Life cycle: create -> start -> activate(epoch) ... deactivate -> quiesce -> stop -> destroy. All
 * [loop]. create, start, activate, quiesce and stop may return RH_PENDING and then call
 * core->done(ctx, rc) exactly once before the deadline (10 s; activate 120 s). Optional ones may be
 * NULL, which means RH_OK. */
struct rh_plugin {
    uint32_t size;
    uint32_t abi_major;      /* RH_ABI_MAJOR */
    uint32_t abi_minor;      /* RH_ABI_MINOR */
    uint32_t min_host_minor; /* oldest host minor that can run it */
    uint32_t flags;          /* 0 */
    uint32_t instance_size;  /* bytes; the host gives zeroed memory */
    const char *id;          /* "gossip"; third parties: reverse domain "org.example.metrics" */
    const char *version;
    const char *summary;
    const char *license;
    const char *build_id;
    const char *const *services; /* required: "rh.core/1", ... */
    const char *const *services_optional;
    const char *const *after; /* ids of plugins to be started before this one, where present */
    uint32_t service_count;
    uint32_t service_optional_count;
    uint32_t after_count;
    uint32_t reserved0;
    struct rh_fields config; /* section `config:` of conf.d */
    const struct rh_role *roles;
    const struct rh_namespace *namespaces;
    const struct rh_route *routes;
    const struct rh_event_def *events;
    const struct rh_loop *loops;
    uint32_t role_count, role_stride;
    uint32_t namespace_count, namespace_stride;
    uint32_t route_count, route_stride;
    uint32_t event_count, event_stride;
    uint32_t loop_count, loop_stride;

    /* Fetch services, keep ctx; `config` is the decoded config struct, valid until reconfigure or
     * destroy. */
    int32_t (*create)(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config);
    int32_t (*start)(void *self);
    /* Rebuild memory from a scan. `epoch` is the fencing token of this activation. */
    int32_t (*activate)(void *self, uint64_t epoch);
    /* Drop what activate built. Timers, calls and commits of the activation end with RH_ECANCELLED
     * afterwards. */
    void (*deactivate)(void *self);
    /* A new config struct, between deactivate and activate. An error keeps the old one. */
    int32_t (*reconfigure)(void *self, const void *config);
    /* Stop taking new work; finish or hand back what is under way. */
    int32_t (*quiesce)(void *self);
    int32_t (*stop)(void *self);
    /* Release everything; called once for every create that was begun. */
    void (*destroy)(void *self);
    /* Bring a namespace from schema `from` to schema_write. It may commit one batch to it, with
     * which the number goes; activate comes once that has been applied. In a replicated namespace
     * it is called only when all voters can read schema_write. RH_OK or an error, after which it is
     * tried again; never RH_PENDING. */
    int32_t (*migrate)(void *self, const char *name_space, uint32_t from);
};

#define RH_TABLE(array, member)                                                             \
    .member##s = (array), .member##_count = (uint32_t)(sizeof(array) / sizeof((array)[0])), \
    .member##_stride = (uint32_t)sizeof((array)[0])
#define RH_LIST_OF(array, member) \
    .member##s = (array), .member##_count = (uint32_t)(sizeof(array) / sizeof((array)[0]))

/* What every descriptor begins with: sizes, versions of the ABI, id and version. */
#define RH_PLUGIN_HEAD(instance_type, id_text, version_text)               \
    .size = (uint32_t)sizeof(struct rh_plugin), .abi_major = RH_ABI_MAJOR, \
    .abi_minor = RH_ABI_MINOR, .min_host_minor = RH_ABI_MINOR,             \
    .instance_size = (uint32_t)sizeof(instance_type), .id = (id_text), .version = (version_text)

/* RH_PLUGIN_ENTRY(id, version, descriptor): the exported symbol and the `.rh.info` section, read
 * before dlopen. With -DRH_STATIC_ID=gossip the symbol is rh_plugin_entry_v1_gossip, for static
 * linking. */
#define RH_CAT2_(a, b)    a##b
#define RH_CAT_(a, b)     RH_CAT2_(a, b)
#define RH_STRINGIFY2_(x) #x
#define RH_STRINGIFY_(x)  RH_STRINGIFY2_(x)
#ifdef RH_STATIC_ID
#define RH_ENTRY_NAME_ RH_CAT_(rh_plugin_entry_v1_, RH_STATIC_ID)
#define RH_INFO_(text)
#else
#define RH_ENTRY_NAME_ rh_plugin_entry_v1
#define RH_INFO_(text) \
    __attribute__((section(".rh.info"), used)) static const char rh_info_[] = text;
#endif
#define RH_PLUGIN_ENTRY(id_text, version_text, descriptor)                               \
    RH_INFO_("id=" id_text "\0abi=" RH_STRINGIFY_(RH_ABI_MAJOR_N_) "." RH_STRINGIFY_(    \
        RH_ABI_MINOR_N_) "\0version=" version_text "\0")                                 \
    __attribute__((visibility("default"))) const struct rh_plugin *RH_ENTRY_NAME_(void); \
    const struct rh_plugin *RH_ENTRY_NAME_(void)                                         \
    {                                                                                    \
        return &(descriptor);                                                            \
    }
/* The numbers again without suffix, for the section text. */
#define RH_ABI_MAJOR_N_ 0
#define RH_ABI_MINOR_N_ 1

#endif
