/* One node with the plugin, the real queue and, if asked for, the real worker, whose command is
 * played by the test. */
#ifndef RH_TESTS_PLUGINS_CMAES_WIRE_FIXTURE_H
#define RH_TESTS_PLUGINS_CMAES_WIRE_FIXTURE_H

#include "fixture.h"

#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

const struct rh_plugin *rh_plugin_entry_v1_cmaes(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

#define WALL_MS       INT64_C(1800000000000)
#define WORKER_CONFIG "{\"slots\":16,\"commands\":{\"tune\":{\"argv\":[\"evaluate\"]}}}"
#define CMAES_CONFIG  "{\"poll_interval\":\"100ms\",\"keep_max\":3,\"live_max\":2}"

/* What the command does with its standard input; it prints into out. Returns its exit status. */
typedef int32_t fixture_command(const char *input, char *out, size_t size);

struct world {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
    fixture_command *command;
    char output[128];
    char input[2048]; /* of the last process */
    uint32_t started;
    char id[64];
};

static inline void world_process(void *user, struct rh_testhost_process *process)
{
    struct world *world = user;

    (void)snprintf(world->input, sizeof(world->input), "%.*s", (int)process->input.n,
                   process->input.p);
    world->started++;
    process->takes_ms = 20 + world->started % 7 * 10;
    process->exit_code = world->command(world->input, world->output, sizeof(world->output));
    process->output = world->output;
    process->errors = process->exit_code ? "it went wrong\n" : "";
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static inline bool world_is_ready(void *user)
{
    return rh_testhost_is_ready(user);
}

/* Ready, and the leader of itself: the plugin is active. */
static inline void world_wait(struct world *world)
{
    const int64_t until_ms = rh_testnet_now_ms(world->net) + 60000;

    assert_true(rh_testnet_run_until(world->net, world_is_ready, world->host, 60000));
    while (rh_testhost_request(world->host, "GET", "/cmaes/list", NULL, &world->reply) != 200) {
        if (rh_testnet_now_ms(world->net) > until_ms)
            fail_msg("not active after a minute: %s", world->reply.body);
        rh_testnet_run(world->net, 100);
    }
}

static inline struct world *world_new_with(const struct rh_plugin *cmaes, fixture_command *command)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {cmaes, CMAES_CONFIG},
        {rh_plugin_entry_v1_worker(), WORKER_CONFIG},
    };
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = command ? 3 : 2};
    struct world *world = calloc(1, sizeof(*world));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(world);
    world->command = command;
    world->net = rh_testnet_new(1, WALL_MS);
    assert_non_null(world->net);
    if (rh_testhost_new(world->net, &setup, &world->host, why) != RH_OK)
        fail_msg("the host does not start: %s", why);
    rh_testhost_script(world->host, world_process, world);
    world_wait(world);
    return world;
}

static inline struct world *world_new(fixture_command *command)
{
    return world_new_with(rh_plugin_entry_v1_cmaes(), command);
}

static inline void world_free(struct world *world)
{
    rh_testnet_free(world->net);
    free(world);
}

static inline uint32_t post(struct world *world, const char *path, const char *body)
{
    return rh_testhost_request(world->host, "POST", path, body, &world->reply);
}

static inline uint32_t get(struct world *world, const char *path)
{
    return rh_testhost_request(world->host, "GET", path, NULL, &world->reply);
}

/* Starts a job and keeps its id. */
static inline void start(struct world *world, const char *body)
{
    const char *id;

    if (post(world, "/cmaes/start", body) != 201)
        fail_msg("%s", world->reply.body);
    id = strstr(world->reply.body, ":\"c");
    assert_non_null(id);
    (void)snprintf(world->id, sizeof(world->id), "%.*s", (int)strcspn(id + 2, "\""), id + 2);
}

static inline const char *status(struct world *world, const char *more)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/cmaes/status?job_id=%s%s", world->id, more);
    if (get(world, path) != 200)
        fail_msg("%s", world->reply.body);
    return world->reply.body;
}

/* Posts {"job_id":<the job>,<rest>}. */
static inline uint32_t post_job(struct world *world, const char *path, const char *rest)
{
    char body[1024];

    (void)snprintf(body, sizeof(body), "{\"job_id\":\"%s\"%s%s}", world->id, rest[0] ? "," : "",
                   rest);
    return post(world, path, body);
}

static inline uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;

    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

/* The number behind "key": in a text. */
static inline double number_in(const char *text, const char *key)
{
    char name[80];
    const char *at;

    (void)snprintf(name, sizeof(name), "\"%s\":", key);
    at = strstr(text, name);
    if (!at)
        fail_msg("no %s in %s", name, text);
    return strtod(at + strlen(name), NULL);
}

#endif
