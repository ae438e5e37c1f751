/* <ringhost/testhost.h>: stops, crashes, and the requests of a test. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

#define ANSWER_MS_MAX 120000

bool rh_testhost_is_up(const struct rh_testhost *host)
{
    return host->is_up;
}

void rh_testhost_nat(struct rh_testhost *host, bool is_behind)
{
    host->is_unreachable = is_behind;
}

bool rh_testhost_is_ready(const struct rh_testhost *host)
{
    return host->is_up && core_ready(host->core) != 0;
}

static bool is_finished(void *user)
{
    return ((const struct rh_testhost *)user)->is_finished;
}

int32_t rh_testhost_stop(struct rh_testhost *host)
{
    assert(host->is_up);
    if (!host->is_finished)
        core_stop(host->core, 5000, 0, 0);
    if (!rh_testnet_run_until(host->net, is_finished, host, ANSWER_MS_MAX))
        return -1;
    sim_node_take_down(host);
    return host->exit_code;
}

void sim_crash(struct rh_testhost *host, enum sim_crash how)
{
    struct sim_disk *left = sim_disk_crash(host->storage.disk, how);

    if (host->is_up)
        sim_node_take_down(host); /* what it still writes goes to the old disk */
    if (how == SIM_CRASH_POWER)
        sim_process_power_cut(host);
    sim_storage_replace(&host->storage, left);
}

void rh_testhost_crash(struct rh_testhost *host)
{
    assert(host->is_up);
    sim_crash(host, SIM_CRASH_PLAIN);
}

static struct sim_request *request_of(struct rh_testhost *host, uint64_t id)
{
    return rh_map64_get(&host->requests, id);
}

uint64_t rh_testhost_send(struct rh_testhost *host, const char *method, const char *target,
                          const char *body)
{
    const struct sim_request_spec spec = {.method = method, .target = target, .body = body};

    return sim_request_send(host, &spec);
}

uint64_t rh_testhost_resume(struct rh_testhost *host, const char *target, const char *last_event_id)
{
    const struct sim_request_spec spec = {
        .method = "GET", .target = target, .last_event_id = last_event_id};

    return sim_request_send(host, &spec);
}

static void show(const struct sim_request *request, struct rh_testhost_reply *reply)
{
    *reply = (struct rh_testhost_reply){
        .status = request->status,
        .retry_after_s = request->retry_after_s,
        .body = request->body.p ? request->body.p : "",
        .content_type = request->content_type,
        .node_id = request->node_id,
    };
}

bool rh_testhost_answer(struct rh_testhost *host, uint64_t id, struct rh_testhost_reply *reply)
{
    struct sim_request *request = request_of(host, id);

    if (!request || !request->is_answered)
        return false;
    if (rh_buf_reserve(&request->body, 1))
        request->body.p[request->body.n] = '\0';
    show(request, reply);
    return true;
}

const char *rh_testhost_streamed(struct rh_testhost *host, uint64_t id)
{
    struct sim_request *request = request_of(host, id);

    if (!request || !rh_buf_reserve(&request->body, 1))
        return "";
    request->body.p[request->body.n] = '\0';
    return request->body.p;
}

void rh_testhost_hang_up(struct rh_testhost *host, uint64_t id)
{
    struct sim_request *request = request_of(host, id);
    struct sim_exchange *exchange;

    if (!request || request->is_answered)
        return;
    request->is_answered = true;
    exchange = rh_map64_remove(&host->net->exchanges, request->exchange);
    if (exchange && host->is_up)
        core_on_gone(host->core, exchange->id);
    free(exchange);
}

/* One request that a test waits for. */
struct waiting {
    struct rh_testhost *host;
    uint64_t id;
};

static bool is_answered(void *user)
{
    const struct waiting *waiting = user;
    const struct sim_request *request = request_of(waiting->host, waiting->id);

    return request->is_answered;
}

uint32_t rh_testhost_request_as(struct rh_testhost *host, const char *token, const char *method,
                                const char *target, const char *body,
                                struct rh_testhost_reply *reply)
{
    const struct sim_request_spec spec = {
        .token = token, .method = method, .target = target, .body = body};
    struct waiting waiting = {host, sim_request_send(host, &spec)};
    struct rh_testhost_reply own;

    if (!reply)
        reply = &own;
    memset(reply, 0, sizeof *reply);
    (void)rh_testnet_run_until(host->net, is_answered, &waiting,
                               ANSWER_MS_MAX);         /* status 0 tells */
    (void)rh_testhost_answer(host, waiting.id, reply); /* likewise */
    return reply->status;
}

uint32_t rh_testhost_request(struct rh_testhost *host, const char *method, const char *target,
                             const char *body, struct rh_testhost_reply *reply)
{
    return rh_testhost_request_as(host, NULL, method, target, body, reply);
}

void rh_testhost_script(struct rh_testhost *host,
                        void (*script)(void *user, struct rh_testhost_process *process), void *user)
{
    host->script = script;
    host->script_user = user;
}

uint32_t rh_testhost_logged(const struct rh_testhost *host, const char *text)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < SIM_LOG_LINES; i++)
        count += host->log[i] && strstr(host->log[i], text);
    return count;
}
