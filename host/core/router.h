/* The route table: path and method to an entry. It knows nothing of requests. */
#ifndef RH_HOST_CORE_ROUTER_H
#define RH_HOST_CORE_ROUTER_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/sdk/map.h>

#define ROUTER_ROUTES_MAX  1024u
#define ROUTER_METHODS_MAX 8u
#define ROUTER_NEAR_MAX    3u

struct core;
struct request;

/* One route of a plugin or of the host itself. Owned by whoever added it. */
struct route_entry {
    struct rh_route def;
    struct rh_ctx *plugin; /* NULL: the host's own */
    void (*builtin)(struct core *core, struct request *req);
    const char *owner; /* plugin id, or "host" */
    const char *label; /* "gossip/handle_gossip" */
    uint64_t metric;   /* histogram of callback time */
    uint64_t hits;
    struct route_entry *next_method; /* same path, another method */
};

struct router {
    struct rh_map paths;
    uint32_t count;
};

void router_init(struct router *router, uint64_t seed);
void router_release(struct router *router);
/* Add a route. RH_EEXISTS when path and method are taken, RH_EFULL, RH_ENOMEM. */
int32_t router_add(struct router *router, struct route_entry *entry);
void router_remove(struct router *router, struct route_entry *entry);
/* The entry, or NULL; *path_known tells 404 from 405 and is the first entry of that path. HEAD
 * finds GET. */
struct route_entry *router_find(const struct router *router, struct rh_str method,
                                struct rh_str path, struct route_entry **path_known);
/* All routes ordered by path, then method, into out (ROUTER_ROUTES_MAX). Returns how many. */
uint32_t router_list(const struct router *router, struct route_entry **out);
/* Known paths most like `path`, nearest first. Returns how many (at most ROUTER_NEAR_MAX). */
uint32_t router_near(const struct router *router, struct rh_str path, const char **out);

#endif
