/* The rules of descriptors; see plugin_rules.h. */
#include "host/core/plugin_rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/role/leader.h>
#include <ringhost/role/membership.h>
#include <ringhost/role/reach.h>
#include <ringhost/role/replication.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/cluster.h>
#include <ringhost/service/control.h>
#include <ringhost/service/core.h>
#include <ringhost/service/events.h>
#include <ringhost/service/fields.h>
#include <ringhost/service/file.h>
#include <ringhost/service/http.h>
#include <ringhost/service/metrics.h>
#include <ringhost/service/process.h>
#include <ringhost/service/state.h>
#include <ringhost/service/work.h>

#include "host/core/plugin_desc.h"

#define NAME_MAX_BYTES       32u /* of a namespace, of a loop */
#define EVENT_TYPE_BYTES_MIN 3u
#define EVENT_TYPE_BYTES_MAX 64u

static const char *const services[] = {
    RH_CORE_ID,
    RH_FIELDS_ID,
    RH_HTTP_ID,
    RH_EVENTS_ID,
    RH_STATE_ID,
    RH_CLUSTER_ID,
    RH_PROCESS_ID,
    RH_FILE_ID,
    RH_WORK_ID,
    RH_METRICS_ID,
    RH_CONTROL_ID,
    RH_LEADER_HOST_ID,
    RH_REACH_HOST_ID,
    RH_MEMBERSHIP_HOST_ID,
    RH_REPLICATION_HOST_ID,
};

static const struct {
    const char *id;
    size_t bytes;
} roles[] = {
    {RH_MEMBERSHIP_ROLE, sizeof(struct rh_membership_role_v1)},
    {RH_LEADER_ROLE, sizeof(struct rh_leader_role_v1)},
    {RH_REPLICATION_ROLE, sizeof(struct rh_replication_role_v1)},
    {RH_REACH_ROLE, sizeof(struct rh_reach_role_v1)},
};

static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Words for a refusal, cut when too long. Returns rc. */
static int32_t __attribute__((format(printf, 3, 4)))
refuse(char *why, int32_t rc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, PLUGIN_WHY_MAX, format, args);
    va_end(args);
    return rc;
}

size_t plugin_role_bytes(const char *role_id)
{
    for (size_t i = 0; role_id && i < COUNT(roles); i++)
        if (strcmp(role_id, roles[i].id) == 0)
            return roles[i].bytes;
    return 0;
}

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, list[i]) == 0)
            return true;
    return false;
}

/* [a-z][a-z0-9_]{0,31} */
static bool is_name(const char *text)
{
    size_t n = 0;

    if (!text || text[0] < 'a' || text[0] > 'z')
        return false;
    for (; text[n] != '\0'; n++)
        if (n == NAME_MAX_BYTES || !((text[n] >= 'a' && text[n] <= 'z') ||
                                     (text[n] >= '0' && text[n] <= '9') || text[n] == '_'))
            return false;
    return true;
}

/* [A-Z][A-Z0-9_]{2,63} */
static bool is_event_type(const char *text)
{
    size_t n = 0;

    if (text[0] < 'A' || text[0] > 'Z')
        return false;
    for (; text[n] != '\0'; n++)
        if (n == EVENT_TYPE_BYTES_MAX || !((text[n] >= 'A' && text[n] <= 'Z') ||
                                           (text[n] >= '0' && text[n] <= '9') || text[n] == '_'))
            return false;
    return n >= EVENT_TYPE_BYTES_MIN;
}

/* A literal path: "/", or parts of visible ASCII that need no escape, no empty part, no '?' or '#'.
 */
static bool is_path(const char *path)
{
    size_t n = 0;

    if (path[0] != '/')
        return false;
    for (; path[n] != '\0'; n++)
        if (n == PLUGIN_PATH_MAX || path[n] <= ' ' || path[n] > '~' ||
            strchr("?#%\\\"<>", path[n]) || (path[n] == '/' && path[n + 1] == '/'))
            return false;
    return n == 1 || path[n - 1] != '/';
}

static int32_t check_head(const struct rh_plugin *desc, char *why)
{
    if (!desc->id || !plugin_id_is_valid(rh_str_from(desc->id)))
        return refuse(why, RH_EINVAL,
                      "the id must be like \"gossip\" or \"org.example.metrics\", at most %u bytes",
                      PLUGIN_ID_MAX);
    if (!desc->version || !plugin_version_is_valid(rh_str_from(desc->version)))
        return refuse(why, RH_EINVAL,
                      "the version must be 1 to %u printable characters without blanks",
                      PLUGIN_VERSION_MAX);
    if (desc->instance_size > PLUGIN_INSTANCE_BYTES_MAX)
        return refuse(why, RH_EINVAL, "instance_size is %" PRIu32 " bytes, more than %u",
                      desc->instance_size, PLUGIN_INSTANCE_BYTES_MAX);
    return RH_OK;
}

/* A list of texts: within its limit and none missing. */
static int32_t check_texts(const char *const *texts, uint32_t count, uint32_t count_max,
                           const char *what, char *why)
{
    if (count > count_max)
        return refuse(why, RH_EINVAL, "%" PRIu32 " entries in %s, more than %" PRIu32, count, what,
                      count_max);
    if (count > 0 && !texts)
        return refuse(why, RH_EINVAL, "%s: %" PRIu32 " entries, but no list", what, count);
    for (uint32_t i = 0; i < count; i++)
        if (!texts[i])
            return refuse(why, RH_EINVAL, "%s[%" PRIu32 "] is missing", what, i);
    return RH_OK;
}

static int32_t check_lists(const struct rh_plugin *desc, char *why)
{
    int32_t rc =
        check_texts(desc->services, desc->service_count, PLUGIN_SERVICES_MAX, "services", why);

    if (rc == RH_OK)
        rc = check_texts(desc->services_optional, desc->service_optional_count, PLUGIN_SERVICES_MAX,
                         "services_optional", why);
    if (rc == RH_OK)
        rc = check_texts(desc->after, desc->after_count, PLUGIN_AFTER_MAX, "after", why);
    for (uint32_t i = 0; rc == RH_OK && i < desc->service_count; i++)
        if (!is_one_of(desc->services[i], services, COUNT(services)))
            rc = refuse(why, RH_EUNSUPPORTED, "needs service %s, which this host does not have",
                        desc->services[i]);
    for (uint32_t i = 0; rc == RH_OK && i < desc->after_count; i++) {
        if (!plugin_id_is_valid(rh_str_from(desc->after[i])))
            rc = refuse(why, RH_EINVAL, "after: \"%s\" is not a plugin id", desc->after[i]);
        else if (strcmp(desc->after[i], desc->id) == 0)
            rc = refuse(why, RH_EINVAL, "after: a plugin cannot start after itself");
    }
    return rc;
}

static int32_t check_roles(const struct rh_plugin *desc, char *why)
{
    for (uint32_t i = 0; i < desc->role_count; i++) {
        const struct rh_role *role = &desc->roles[i];

        if (plugin_role_bytes(role->id) == 0)
            return refuse(why, RH_EUNSUPPORTED, "gives role %s, which this host does not know",
                          role->id ? role->id : "(none)");
        if (role->rank < 1 || role->rank > PLUGIN_ROLE_RANK_MAX)
            return refuse(why, RH_EINVAL, "role %s: rank %" PRIu32 " is not in [1, %u]", role->id,
                          role->rank, PLUGIN_ROLE_RANK_MAX);
        if (!role->table)
            return refuse(why, RH_EINVAL, "role %s: no function table", role->id);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(desc->roles[k].id, role->id) == 0)
                return refuse(why, RH_EINVAL, "role %s: given twice", role->id);
    }
    return RH_OK;
}

static int32_t check_namespaces(const struct rh_plugin *desc, char *why)
{
    for (uint32_t i = 0; i < desc->namespace_count; i++) {
        const struct rh_namespace *ns = &desc->namespaces[i];

        if (!is_name(ns->name))
            return refuse(why, RH_EINVAL,
                          "namespaces[%" PRIu32 "]: the name must match [a-z][a-z0-9_]{0,31}", i);
        if (ns->schema_read_min < 1 || ns->schema_write < ns->schema_read_min)
            return refuse(why, RH_EINVAL,
                          "namespace %s: schema_read_min %" PRIu32 " and schema_write %" PRIu32
                          " break schema_write >= schema_read_min >= 1",
                          ns->name, ns->schema_read_min, ns->schema_write);
        if (ns->schema_write_min != 0 &&
            (ns->schema_write_min < ns->schema_read_min || ns->schema_write_min > ns->schema_write))
            return refuse(why, RH_EINVAL,
                          "namespace %s: schema_write_min %" PRIu32 " is not in [%" PRIu32
                          ", %" PRIu32 "], schema_read_min to schema_write",
                          ns->name, ns->schema_write_min, ns->schema_read_min, ns->schema_write);
        if (ns->flags & RH_NS_BESIDE &&
            (!(ns->flags & RH_NS_REPLICATED) || ns->schema_read_min != ns->schema_write))
            return refuse(why, RH_EINVAL,
                          "namespace %s: RH_NS_BESIDE needs RH_NS_REPLICATED and one schema",
                          ns->name);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(desc->namespaces[k].name, ns->name) == 0)
                return refuse(why, RH_EINVAL, "namespace %s: named twice", ns->name);
    }
    return RH_OK;
}

static int32_t check_route(const struct rh_route *route, char *why)
{
    const char *method = route->method ? route->method : "";
    const char *path = route->path;

    if (!is_path(path))
        return refuse(why, RH_EINVAL,
                      "route %s %s: a path begins with '/', has no empty part and at most %u bytes "
                      "of plain ASCII",
                      method, path, PLUGIN_PATH_MAX);
    if (!is_one_of(method, methods, COUNT(methods)))
        return refuse(why, RH_EINVAL, "route %s %s: the method must be GET, POST, PUT or DELETE",
                      method, path);
    if (route->scope > RH_VOTER)
        return refuse(why, RH_EINVAL, "route %s %s: there is no scope %" PRIu32, method, path,
                      route->scope);
    if (!route->handler)
        return refuse(why, RH_EINVAL, "route %s %s: no handler", method, path);
    if (route->timeout_ms > PLUGIN_ROUTE_TIMEOUT_MS_MAX)
        return refuse(why, RH_EINVAL, "route %s %s: timeout_ms %" PRIu32 " is more than %u", method,
                      path, route->timeout_ms, PLUGIN_ROUTE_TIMEOUT_MS_MAX);
    if (route->body_max > PLUGIN_ROUTE_BODY_MAX)
        return refuse(why, RH_EINVAL, "route %s %s: body_max %" PRIu32 " is more than %u", method,
                      path, route->body_max, PLUGIN_ROUTE_BODY_MAX);
    return RH_OK;
}

static int32_t check_routes(const struct rh_plugin *desc, char *why)
{
    for (uint32_t i = 0; i < desc->route_count; i++) {
        const struct rh_route *route = &desc->routes[i];
        int32_t rc = route->path ? check_route(route, why)
                                 : refuse(why, RH_EINVAL, "routes[%" PRIu32 "]: no path", i);

        if (rc != RH_OK)
            return rc;
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(desc->routes[k].path, route->path) == 0 &&
                strcmp(desc->routes[k].method, route->method) == 0)
                return refuse(why, RH_EINVAL, "route %s %s: declared twice", route->method,
                              route->path);
    }
    return RH_OK;
}

static int32_t check_event(const struct rh_event_def *event, char *why)
{
    bool is_subscription = event->on_event != NULL;

    if (!(is_subscription && strcmp(event->type, "*") == 0) && !is_event_type(event->type))
        return refuse(why, RH_EINVAL, "event %s: a type must match [A-Z][A-Z0-9_]{2,63}%s",
                      event->type, is_subscription ? ", or be *" : "");
    if (is_subscription && event->kind != 0)
        return refuse(why, RH_EINVAL,
                      "event %s: a subscription has kind 0; publish it in a row of its own",
                      event->type);
    if (!is_subscription && event->kind != RH_EVENT_CLUSTER && event->kind != RH_EVENT_LOCAL)
        return refuse(why, RH_EINVAL, "event %s: a publisher's kind is cluster or local",
                      event->type);
    return RH_OK;
}

static int32_t check_events(const struct rh_plugin *desc, char *why)
{
    for (uint32_t i = 0; i < desc->event_count; i++) {
        const struct rh_event_def *event = &desc->events[i];
        int32_t rc = event->type ? check_event(event, why)
                                 : refuse(why, RH_EINVAL, "events[%" PRIu32 "]: no type", i);

        if (rc != RH_OK)
            return rc;
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(desc->events[k].type, event->type) == 0 &&
                !desc->events[k].on_event == !event->on_event)
                return refuse(why, RH_EINVAL, "event %s: declared twice", event->type);
    }
    return RH_OK;
}

static int32_t check_loops(const struct rh_plugin *desc, char *why)
{
    for (uint32_t i = 0; i < desc->loop_count; i++) {
        const struct rh_loop *loop = &desc->loops[i];

        if (!is_name(loop->name))
            return refuse(why, RH_EINVAL,
                          "loops[%" PRIu32 "]: the name must match [a-z][a-z0-9_]{0,31}", i);
        if (loop->interval_ms < PLUGIN_LOOP_INTERVAL_MS_MIN ||
            loop->interval_ms > PLUGIN_LOOP_INTERVAL_MS_MAX)
            return refuse(why, RH_EINVAL, "loop %s: interval_ms %" PRId64 " is not in [%d, %d]",
                          loop->name, loop->interval_ms, PLUGIN_LOOP_INTERVAL_MS_MIN,
                          PLUGIN_LOOP_INTERVAL_MS_MAX);
        if (loop->jitter_ms < 0 || loop->jitter_ms > PLUGIN_LOOP_INTERVAL_MS_MAX)
            return refuse(why, RH_EINVAL, "loop %s: jitter_ms %" PRId64 " is not in [0, %d]",
                          loop->name, loop->jitter_ms, PLUGIN_LOOP_INTERVAL_MS_MAX);
        if (!loop->run)
            return refuse(why, RH_EINVAL, "loop %s: no run function", loop->name);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(desc->loops[k].name, loop->name) == 0)
                return refuse(why, RH_EINVAL, "loop %s: named twice", loop->name);
    }
    return RH_OK;
}

bool plugin_rules_lives_by(const struct rh_namespace *ns)
{
    return (ns->flags & RH_NS_REPLICATED) != 0 && (ns->flags & RH_NS_BESIDE) == 0;
}

int32_t plugin_rules_check(const struct rh_plugin *desc, char *why)
{
    int32_t (*const checks[])(const struct rh_plugin *desc, char *why) = {
        check_head,   check_lists,  check_roles, check_namespaces,
        check_routes, check_events, check_loops,
    };
    int32_t rc = RH_OK;

    for (size_t i = 0; rc == RH_OK && i < COUNT(checks); i++)
        rc = checks[i](desc, why);
    return rc;
}
