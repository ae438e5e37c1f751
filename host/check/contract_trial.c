/* Nodes under trial; see contract_trial.h. */
#include "host/check/contract_trial.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/core/core.h"

#define ENTRY          "rh_plugin_entry_v1"
#define WALL_MS        INT64_C(1750000000000)
#define READY_MS_MAX   200000 /* longer than activate may take */
#define STOP_STATUS_OK 0
#define NODE           "n1"

/* Opens exactly the file that was judged: dlopen takes a name without a slash for that of a library
 * of the system. */
static void *open_file(const char *path)
{
    char *file = realpath(path, NULL);
    void *module = dlopen(file ? file : path, RTLD_NOW | RTLD_LOCAL);

    free(file);
    return module;
}

int32_t trial_plugin_load(const struct contract_options *options, struct trial_plugin *out,
                          char *why)
{
    const struct rh_plugin *(*function)(void);
    char words[PLUGIN_WHY_MAX];
    void *symbol;
    int32_t rc;

    out->config_json = options->config_json;
    out->seed = options->seed;
    out->entry = options->entry;
    if (!out->entry) {
        out->module = open_file(options->path);
        symbol = out->module ? dlsym(out->module, ENTRY) : NULL;
        if (!symbol) {
            (void)snprintf(why, CHECK_DETAIL_MAX, "%.400s", dlerror()); /* fits */
            return RH_EINVAL;
        }
        memcpy(&function, &symbol, sizeof function);
        out->entry = function();
    }
    rc = plugin_desc_normalise(out->entry, &out->desc, words);
    if (rc != RH_OK)
        (void)snprintf(why, CHECK_DETAIL_MAX, "%.400s", words); /* fits */
    return rc;
}

bool trial_fail(struct trial *trial, const char *format, ...)
{
    struct trial_note *note = trial->plugin->note;
    va_list args;

    trial->has_failed = true;
    if (note->verdict == CHECK_FAIL)
        return false;
    note->verdict = CHECK_FAIL;
    va_start(args, format);
    (void)vsnprintf(note->detail, sizeof note->detail, format, args); /* cut when longer */
    va_end(args);
    return false;
}

void trial_doing(struct trial *trial, const char *format, ...)
{
    struct trial_note *note = trial->plugin->note;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(note->doing, sizeof note->doing, format, args); /* cut when longer */
    va_end(args);
}

/* Failure with the node's last error line, when it has one. */
static bool fail_with_log(struct trial *trial, const char *what)
{
    const char *line = "";

    if (trial->host)
        (void)rh_testhost_errors(trial->host, &line); /* only the line is wanted */
    return trial_fail(trial, "%s%s%s", what, line[0] ? "; the log has: " : "", line);
}

static bool is_active(void *user)
{
    const struct trial *trial = user;
    struct rh_testhost_plugin_view view;

    if (rh_testhost_is_finished(trial->host))
        return true; /* it failed: no use in waiting */
    return rh_testhost_is_ready(trial->host) &&
           rh_testhost_plugin_view(trial->host, trial->plugin->desc->desc.id, &view) &&
           view.is_active;
}

bool trial_start(struct trial *trial)
{
    char why[RH_TESTHOST_WHY_MAX];

    trial->late_seen = 0;
    trial_doing(trial, "starting again");
    if (rh_testhost_start(trial->host, why) != RH_OK)
        return trial_fail(trial, "it does not start again: %.400s", why);
    return true;
}

bool trial_await(struct trial *trial)
{
    bool was_seen = rh_testnet_run_until(trial->net, is_active, trial, READY_MS_MAX);

    /* A request that was on its way to an earlier life of the node may have stopped this one. */
    if (rh_testhost_is_finished(trial->host) && rh_testhost_errors(trial->host, NULL) == 0 &&
        rh_testhost_stop(trial->host) == 0) {
        if (!trial_start(trial))
            return false;
        was_seen = rh_testnet_run_until(trial->net, is_active, trial, READY_MS_MAX);
    }
    if (!was_seen || rh_testhost_is_finished(trial->host))
        return fail_with_log(trial, rh_testhost_is_ready(trial->host)
                                        ? "the plugin does not become active"
                                        : "the plugin does not start");
    return true;
}

static bool add_node(struct trial *trial, const char *node_id)
{
    struct rh_testhost_plugin plugin = {trial->plugin->entry, trial->plugin->config_json};
    struct rh_testhost_setup setup = {
        .node_id = node_id,
        .plugins = &plugin,
        .plugin_count = 1,
        .voters = &node_id,
        .voter_count = 1,
    };
    char why[RH_TESTHOST_WHY_MAX];

    trial_doing(trial, "starting");
    if (rh_testhost_new(trial->net, &setup, &trial->host, why) != RH_OK) {
        trial->host = NULL;
        return trial_fail(trial, "%.400s", why);
    }
    return true;
}

bool trial_open(struct trial *trial, const struct trial_plugin *plugin, uint64_t seed)
{
    *trial = (struct trial){.plugin = plugin, .net = rh_testnet_new(seed, WALL_MS)};
    if (!trial->net)
        return trial_fail(trial, "out of memory");
    return add_node(trial, NODE);
}

bool trial_open_beside(struct trial *trial, const struct trial *other, const char *node_id)
{
    *trial = (struct trial){.plugin = other->plugin, .net = other->net};
    return add_node(trial, node_id);
}

void trial_close(struct trial *trial)
{
    rh_testnet_free(trial->net);
    trial->net = NULL;
    trial->host = NULL;
}

bool trial_stop(struct trial *trial)
{
    int32_t code;

    trial_doing(trial, "stopping");
    code = rh_testhost_stop(trial->host);
    if (code < 0)
        return fail_with_log(trial, "the node does not stop within 120 s");
    if (code != STOP_STATUS_OK)
        return fail_with_log(trial, "the node does not stop with exit code 0");
    return true;
}

static bool is_finished(void *user)
{
    return rh_testhost_is_finished(((const struct trial *)user)->host);
}

bool trial_revive(struct trial *trial)
{
    if (rh_testhost_is_ready(trial->host))
        return true;
    trial_doing(trial, "stopping because a request asked for it");
    if (!rh_testnet_run_until(trial->net, is_finished, trial, READY_MS_MAX))
        return fail_with_log(trial, "a request stops the node, which does not end");
    if (rh_testhost_stop(trial->host) == 70)
        return fail_with_log(trial, "a request stops the node with an internal error");
    return trial_start(trial) && trial_await(trial);
}

bool trial_route_has_query(const struct rh_route *route)
{
    return strcmp(route->method, "GET") == 0 || strcmp(route->method, "DELETE") == 0;
}

/* A reply too many shows in the plugin's count; 504 adds to it too, and has been told by then. */
static bool judge_late(struct trial *trial, const struct rh_route *route)
{
    struct rh_testhost_plugin_view view;

    if (!rh_testhost_plugin_view(trial->host, trial->plugin->desc->desc.id, &view) ||
        view.late_replies <= trial->late_seen)
        return true;
    trial->late_seen = view.late_replies;
    return trial_fail(trial, "%s %s: a reply to a request that had been answered", route->method,
                      route->path);
}

/* A request on its way, for waiting. */
struct waiting {
    struct rh_testhost *host;
    uint64_t id;
};

static bool is_answered(void *user)
{
    const struct waiting *waiting = user;
    struct rh_testhost_reply reply;

    return rh_testhost_answer(waiting->host, waiting->id, &reply);
}

static bool judge_status(struct trial *trial, const struct rh_route *route, const char *target,
                         const char *body, const struct trial_answer *answer)
{
    if (answer->is_streaming && answer->status != 0)
        return true;
    if (answer->status == 0 || answer->status == 504)
        return trial_fail(trial, "%s %.120s: no answer within its time; body: %.160s",
                          route->method, target, body ? body : "none");
    if (answer->status == 500)
        return trial_fail(trial, "%s %.120s: status 500: %.*s; body: %.120s", route->method, target,
                          (int)(answer->body.n < 160 ? answer->body.n : 160), answer->body.p,
                          body ? body : "none");
    return true;
}

bool trial_ask(struct trial *trial, const struct rh_route *route, const char *target,
               const char *body, struct trial_answer *answer)
{
    int64_t timeout_ms = route->timeout_ms ? route->timeout_ms : CORE_TIMEOUT_MS_DEFAULT;
    struct rh_testhost_reply reply = {0};
    struct waiting waiting = {trial->host, 0};

    trial_doing(trial, "%s %.100s with body %.100s", route->method, target, body ? body : "none");
    waiting.id = rh_testhost_send(trial->host, route->method, target, body);
    (void)rh_testnet_run_until(trial->net, is_answered, &waiting,
                               timeout_ms + 1000); /* the answer tells */
    *answer = (struct trial_answer){0};
    if (rh_testhost_answer(trial->host, waiting.id, &reply)) {
        answer->status = reply.status;
        answer->body = (struct rh_str){reply.body, strlen(reply.body)};
    } else {
        answer->status = rh_testhost_status(trial->host, waiting.id);
        answer->is_streaming = true;
        rh_testhost_hang_up(trial->host, waiting.id);
    }
    return judge_status(trial, route, target, body, answer) && judge_late(trial, route) &&
           trial_revive(trial);
}

bool trial_minimal(struct trial *trial, const struct rh_route *route, struct rh_buf *target,
                   struct rh_buf *body)
{
    bool has_query = trial_route_has_query(route);

    rh_buf_reset(target);
    rh_buf_reset(body);
    (void)rh_buf_append_c(target, route->path); /* sticky, as the rest */
    if (has_query && route->request.count > 0) {
        (void)rh_buf_append_byte(target, '?');
        (void)garbage_minimal(&route->request, true, target);
    } else if (!has_query && route->flags & RH_RAW_BODY) {
        (void)rh_buf_append_c(body, "raw");
    } else if (!has_query) {
        (void)garbage_minimal(&route->request, false, body);
    } else {
        (void)rh_buf_append_c(body, ""); /* p is not NULL then */
    }
    if (target->rc != RH_OK || body->rc != RH_OK)
        return trial_fail(trial, "%s %s: no request can be made from its fields", route->method,
                          route->path);
    return true;
}

bool trial_ask_all(struct trial *trial)
{
    const struct rh_plugin *desc = &trial->plugin->desc->desc;
    struct trial_answer answer;
    struct rh_buf target, body;
    bool is_fine = true;

    rh_buf_init(&target, GARBAGE_LENGTH_MAX * 4);
    rh_buf_init(&body, GARBAGE_LENGTH_MAX * 16);
    for (uint32_t i = 0; is_fine && i < desc->route_count; i++) {
        const struct rh_route *route = &desc->routes[i];

        is_fine = trial_minimal(trial, route, &target, &body) &&
                  trial_ask(trial, route, target.p, trial_route_has_query(route) ? NULL : body.p,
                            &answer);
    }
    rh_buf_release(&target);
    rh_buf_release(&body);
    return is_fine;
}

bool trial_send_all(struct trial *trial, uint64_t ids[TRIAL_SENT_MAX], uint32_t *count)
{
    const struct rh_plugin *desc = &trial->plugin->desc->desc;
    struct rh_buf target, body;

    *count = 0;
    rh_buf_init(&target, GARBAGE_LENGTH_MAX * 4);
    rh_buf_init(&body, GARBAGE_LENGTH_MAX * 16);
    for (uint32_t i = 0; i < desc->route_count && *count < TRIAL_SENT_MAX; i++) {
        const struct rh_route *route = &desc->routes[i];

        if (!trial_minimal(trial, route, &target, &body))
            break;
        ids[(*count)++] = rh_testhost_send(trial->host, route->method, target.p,
                                           trial_route_has_query(route) ? NULL : body.p);
    }
    rh_buf_release(&target);
    rh_buf_release(&body);
    return !trial->has_failed;
}

bool trial_all_answered(struct trial *trial, const uint64_t *ids, uint32_t count)
{
    const struct rh_plugin *desc = &trial->plugin->desc->desc;

    for (uint32_t i = 0; i < count; i++) {
        const struct rh_route *route = &desc->routes[i % desc->route_count];
        struct waiting waiting = {trial->host, ids[i]};

        (void)rh_testnet_run_until(trial->net, is_answered, &waiting, 60000); /* see below */
        if (rh_testhost_status(trial->host, ids[i]) == 0)
            return trial_fail(trial, "%s %s: a request under way then is never answered",
                              route->method, route->path);
    }
    return true;
}
