/* Tells whoever watches a net of each message, and feeds it into the digest of the run. */
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

static const char *const kind_words[] = {
    [RH_SIM_REQUEST_SENT] = "->",
    [RH_SIM_REQUEST_DELIVERED] = "=>",
    [RH_SIM_REPLY_SENT] = "->",
    [RH_SIM_REPLY_DELIVERED] = "=>",
};

static const char *name_of(const struct rh_testnet *net, uint32_t index)
{
    return index < net->node_count ? net->nodes[index]->node_id : "client";
}

/* Every message passes here as it is sent and as it is delivered. */
static void tell(struct rh_testnet *net, const struct rh_sim_message *message)
{
    sim_trace_u64(&net->trace, (uint64_t)message->kind << 32 ^ message->status);
    sim_trace_u64(&net->trace, (uint64_t)message->from << 32 ^ message->to);
    sim_trace_bytes(&net->trace, message->path);
    sim_trace_bytes(&net->trace, message->body);
    if (net->trace.out)
        sim_trace_line(net, "%s %s %s #%" PRIu64 " %.*s %.*s %" PRIu32 " %.*s",
                       name_of(net, message->from), kind_words[message->kind],
                       name_of(net, message->to), message->exchange, RH_STR_ARG(message->method),
                       RH_STR_ARG(message->path), message->status, RH_STR_ARG(message->body));
    if (net->watch.on_message)
        net->watch.on_message(net->watch.user, message);
}

void sim_tell_request(const struct sim_message *message, uint32_t kind)
{
    struct rh_str path = message->target;
    const char *mark = memchr(path.p, '?', path.n);
    struct rh_sim_message told = {
        .size = (uint32_t)sizeof told,
        .kind = kind,
        .from = message->from,
        .to = message->to->index,
        .exchange = message->call ? message->call : message->request,
        .method = message->method,
        .body = message->body,
    };

    if (mark) {
        told.query = (struct rh_str){mark + 1, (size_t)(path.p + path.n - mark - 1)};
        path.n = (size_t)(mark - path.p);
    }
    told.path = path;
    tell(message->net, &told);
}

void sim_tell_reply(struct rh_testnet *net, const struct sim_exchange *about, uint32_t kind,
                    uint32_t status, struct rh_str body)
{
    const struct rh_sim_message told = {
        .size = (uint32_t)sizeof told,
        .kind = kind,
        .from = about->to->index,
        .to = about->from,
        .exchange = about->call ? about->call : about->request,
        .status = status,
        .method = rh_str_from(about->method),
        .path = rh_str_from(about->path),
        .body = body,
    };

    tell(net, &told);
}
