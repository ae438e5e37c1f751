/* The route table; see router.h. */
#include "host/core/router.h"

#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#define NEAR_DISTANCE_MAX 6u

void router_init(struct router *router, uint64_t seed)
{
    rh_map_init(&router->paths, seed, ROUTER_ROUTES_MAX);
    router->count = 0;
}

void router_release(struct router *router)
{
    rh_map_release(&router->paths);
    router->count = 0;
}

int32_t router_add(struct router *router, struct route_entry *entry)
{
    struct rh_str path = rh_str_from(entry->def.path);
    struct route_entry *first = rh_map_get(&router->paths, path);
    int32_t rc;

    for (struct route_entry *other = first; other; other = other->next_method)
        if (strcmp(other->def.method, entry->def.method) == 0)
            return RH_EEXISTS;
    if (router->count >= ROUTER_ROUTES_MAX)
        return RH_EFULL;
    entry->next_method = first;
    rc = rh_map_put(&router->paths, path, entry, NULL);
    if (rc != RH_OK)
        return rc;
    router->count++;
    return RH_OK;
}

void router_remove(struct router *router, struct route_entry *entry)
{
    struct rh_str path = rh_str_from(entry->def.path);
    struct route_entry *first = rh_map_get(&router->paths, path);
    struct route_entry **link = &first;

    while (*link && *link != entry)
        link = &(*link)->next_method;
    if (!*link)
        return;
    *link = entry->next_method;
    entry->next_method = NULL;
    router->count--;
    if (!first)
        (void)rh_map_remove(&router->paths, path); /* it was there */
    else
        (void)rh_map_put(&router->paths, path, first, NULL); /* an existing key never fails */
}

struct route_entry *router_find(const struct router *router, struct rh_str method,
                                struct rh_str path, struct route_entry **path_known)
{
    struct route_entry *first = rh_map_get(&router->paths, path);

    *path_known = first;
    if (rh_str_eq_c(method, "HEAD"))
        method = RH_STR_LIT("GET");
    for (struct route_entry *entry = first; entry; entry = entry->next_method)
        if (rh_str_eq_c(method, entry->def.method))
            return entry;
    return NULL;
}

static int compare_entries(const void *left, const void *right, void *context)
{
    const struct route_entry *a = *(struct route_entry *const *)left;
    const struct route_entry *b = *(struct route_entry *const *)right;
    int order = strcmp(a->def.path, b->def.path);

    (void)context;
    return order != 0 ? order : strcmp(a->def.method, b->def.method);
}

uint32_t router_list(const struct router *router, struct route_entry **out)
{
    uint32_t cursor = 0;
    uint32_t count = 0;
    void *value;

    while (rh_map_next(&router->paths, &cursor, NULL, &value))
        for (struct route_entry *entry = value; entry; entry = entry->next_method)
            out[count++] = entry;
    /* Without memory for the scratch the order of registration is kept: still a whole list. */
    (void)rh_sort(out, count, sizeof *out, compare_entries, NULL, NULL);
    return count;
}

uint32_t router_near(const struct router *router, struct rh_str path, const char **out)
{
    uint32_t distances[ROUTER_NEAR_MAX];
    uint32_t count = 0;
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&router->paths, &cursor, NULL, &value)) {
        const struct route_entry *entry = value;
        uint32_t distance = rh_edit_distance(path, rh_str_from(entry->def.path), NEAR_DISTANCE_MAX);
        uint32_t at = count < ROUTER_NEAR_MAX ? count : ROUTER_NEAR_MAX - 1;

        if (distance > NEAR_DISTANCE_MAX || (count == ROUTER_NEAR_MAX && distance >= distances[at]))
            continue;
        if (count < ROUTER_NEAR_MAX)
            count++;
        for (; at > 0 && distances[at - 1] > distance; at--) {
            distances[at] = distances[at - 1];
            out[at] = out[at - 1];
        }
        distances[at] = distance;
        out[at] = entry->def.path;
    }
    return count;
}
