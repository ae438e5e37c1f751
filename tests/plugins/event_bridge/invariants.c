/* What must hold of the bridge for events, by what is on the wire between it and the receiver:
 *
 *   in_order          the receiver of a sink takes an event for the first time only when it has
 * taken, or refused for good, or failed too often, all that were committed before it published_once
 * what was published once has one id nothing_invented  what arrives was published, and is what the
 * sink is there for acknowledged      what was acknowledged is committed converges         in the
 * end each sink has had every committed event that is its own
 *
 * Each publication is a number; an event's place in the order is the revision in its id. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define NUMBERS      400u
#define SINKS        3u
#define BATCH_MAX    5u    /* of sink c in the scenario */
#define EXCHANGES    4096u /* on the wire at once, at most */
#define TICK_MS      200
#define TIMEOUT_MS   4000
#define AGAIN_LAST   10u
#define ATTEMPTS_MAX 4u /* of sink b in the scenario; a has none */

static const char *const paths[SINKS] = {"/sink/a", "/sink/b", "/sink/c"};

/* One publication. */
struct number {
    uint64_t revision; /* 0 = not known to be committed */
    bool is_acked;
    uint32_t taken[SINKS]; /* answers 2xx */
    uint32_t ended[SINKS]; /* refusals */
    uint32_t tries[SINKS]; /* requests that reached the receiver, or may have */
};

/* A request under way to the receiver. */
struct exchange {
    uint64_t id;
    uint32_t sink, count;
    uint32_t numbers[BATCH_MAX];
};

struct bridge_checks {
    struct number numbers[NUMBERS];
    uint32_t next;
    struct exchange exchanges[EXCHANGES]; /* at id % EXCHANGES */
};

/* Every third is of a type that sink b does not take. */
static bool is_other(uint32_t n)
{
    return n % 3 == 2;
}

static bool is_of(uint32_t sink, uint32_t n)
{
    return sink != 1 || !is_other(n);
}

static bool is_done(const struct number *number, uint32_t sink)
{
    return number->taken[sink] > 0 || number->ended[sink] > 0 ||
           (sink == 1 && number->tries[sink] >= ATTEMPTS_MAX);
}

static void *create(struct rh_sim *sim)
{
    (void)sim;
    return calloc(1, sizeof(struct bridge_checks));
}

static void destroy(void *self)
{
    free(self);
}

/* --- what is known --- */

struct envelope {
    struct rh_str id, type, payload;
};
static const struct rh_field envelope_fields[] = {
    RH_STR(struct envelope, id, RH_REQUIRED, "event_bridge:REVISION:0"),
    RH_STR(struct envelope, type, RH_REQUIRED, "NUMBER or OTHER"),
    RH_RAW_OBJECT(struct envelope, payload, RH_REQUIRED, "{\"n\":N}"),
};
static const struct rh_fields envelope_table = RH_FIELDS(struct envelope, envelope_fields);

struct batch {
    struct rh_list events; /* struct envelope */
};
static const struct rh_field batch_fields[] = {
    RH_OBJECT_LIST(struct batch, events, RH_REQUIRED, BATCH_MAX, struct envelope, envelope_fields,
                   "in order"),
};
static const struct rh_fields batch_table = RH_FIELDS(struct batch, batch_fields);

static bool read_number(struct rh_str payload, uint32_t *n)
{
    uint64_t value;
    struct rh_str digits = {payload.p + 5, payload.n > 6 ? payload.n - 6 : 0};

    if (!rh_str_starts_with(payload, RH_STR_LIT("{\"n\":")) ||
        rh_parse_u64(digits, &value) != RH_OK || value >= NUMBERS)
        return false;
    *n = (uint32_t)value;
    return true;
}

static uint64_t revision_of(struct rh_str id)
{
    const char *prefix = "event_bridge:";
    const size_t n = strlen(prefix);
    uint64_t revision;
    struct rh_str digits;

    if (!rh_str_starts_with(id, rh_str_from(prefix)) || id.n < n + 3)
        return 0;
    digits = (struct rh_str){id.p + n, id.n - n - 2};
    return rh_parse_u64(digits, &revision) == RH_OK ? revision : 0;
}

static void learn(struct bridge_checks *c, struct rh_sim *sim, uint32_t node, uint32_t n,
                  uint64_t revision)
{
    struct number *number = &c->numbers[n];

    if (number->revision != 0 && number->revision != revision)
        rh_sim_fail(sim, "published_once", node,
                    "number %" PRIu32 " has revisions %" PRIu64 " and %" PRIu64, n,
                    number->revision, revision);
    number->revision = revision;
}

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    const uint64_t revision = revision_of(event->id);
    uint32_t n;

    if (event->kind == RH_EVENT_CLUSTER && revision > 0 && read_number(event->payload, &n))
        learn(self, sim, node, n, revision);
}

/* --- the wire --- */

static uint32_t sink_of(struct rh_str path)
{
    uint32_t sink = 0;

    while (sink < SINKS && !rh_str_eq_c(path, paths[sink]))
        sink++;
    return sink;
}

static bool add_envelope(struct bridge_checks *c, struct rh_sim *sim, uint32_t node,
                         const struct envelope *envelope, struct exchange *exchange)
{
    uint32_t n;

    if (!read_number(envelope->payload, &n) || n >= c->next || !is_of(exchange->sink, n) ||
        !rh_str_eq_c(envelope->type, is_other(n) ? "OTHER" : "NUMBER"))
        return false;
    learn(c, sim, node, n, revision_of(envelope->id));
    exchange->numbers[exchange->count++] = n;
    return true;
}

static bool read_request(struct bridge_checks *c, struct rh_sim *sim,
                         const struct rh_sim_message *message, struct exchange *exchange)
{
    struct envelope one;
    struct batch batch;
    void *memory = NULL;
    bool is_good;

    if (exchange->sink < 2) {
        is_good = rh_sim_decode(sim, &envelope_table, message->body, &one, &memory) == RH_OK;
        if (!is_good)
            return false;
        is_good = add_envelope(c, sim, message->to, &one, exchange);
    } else {
        is_good = rh_sim_decode(sim, &batch_table, message->body, &batch, &memory) == RH_OK;
        if (!is_good)
            return false;
        for (uint32_t i = 0; i < batch.events.count && is_good; i++)
            is_good = add_envelope(
                c, sim, message->to,
                (const void *)((const char *)batch.events.items + (size_t)i * batch.events.stride),
                exchange);
        is_good = is_good && batch.events.count > 0;
    }
    rh_sim_release(sim, memory);
    return is_good;
}

static void on_request(struct bridge_checks *c, struct rh_sim *sim, uint32_t sink,
                       const struct rh_sim_message *message)
{
    struct exchange exchange = {.id = message->exchange, .sink = sink};

    if (read_request(c, sim, message, &exchange))
        c->exchanges[message->exchange % EXCHANGES] = exchange;
    else
        rh_sim_fail(sim, "nothing_invented", message->to, "sink %" PRIu32 " got %.*s", sink,
                    RH_STR_ARG(message->body));
}

static void check_order(struct bridge_checks *c, struct rh_sim *sim, uint32_t node, uint32_t sink,
                        uint32_t n)
{
    const uint64_t revision = c->numbers[n].revision;

    for (uint32_t i = 0; i < c->next; i++) {
        const struct number *other = &c->numbers[i];

        if (is_of(sink, i) && other->revision > 0 && other->revision < revision &&
            !is_done(other, sink))
            rh_sim_fail(sim, "in_order", node,
                        "sink %" PRIu32 " takes number %" PRIu32 " (revision %" PRIu64
                        ") before %" PRIu32 " (revision %" PRIu64 ")",
                        sink, n, revision, i, other->revision);
    }
}

static void on_reply(struct bridge_checks *c, struct rh_sim *sim,
                     const struct rh_sim_message *message)
{
    const struct exchange *exchange = &c->exchanges[message->exchange % EXCHANGES];
    const uint32_t sink = exchange->sink;

    if (exchange->id != message->exchange)
        return;
    if (message->status == 422 && exchange->count == 1)
        c->numbers[exchange->numbers[0]].ended[sink]++;
    for (uint32_t i = 0; i < exchange->count && message->status == 200; i++) {
        struct number *number = &c->numbers[exchange->numbers[i]];

        if (number->taken[sink] == 0)
            check_order(c, sim, message->from, sink, exchange->numbers[i]);
        number->taken[sink]++;
    }
}

/* The tries of those that are sent alone; of sink c none becomes a dead letter by their number. */
static void count_tries(struct bridge_checks *c, const struct exchange *exchange)
{
    for (uint32_t i = 0; i < exchange->count; i++)
        c->numbers[exchange->numbers[i]].tries[exchange->sink]++;
}

static void message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct bridge_checks *c = self;
    const uint32_t sink = sink_of(message->path);

    if (sink == SINKS)
        return;
    if (message->kind == RH_SIM_REQUEST_SENT || message->kind == RH_SIM_REQUEST_DELIVERED)
        on_request(c, sim, sink, message);
    if (message->kind == RH_SIM_REQUEST_SENT)
        count_tries(c, &c->exchanges[message->exchange % EXCHANGES]);
    else if (message->kind == RH_SIM_REPLY_SENT)
        on_reply(c, sim, message);
}

/* --- clients --- */

static void on_published(void *self, struct rh_sim *sim, void *user,
                         const struct rh_sim_answer *answer)
{
    struct bridge_checks *c = self;

    (void)sim;
    if (answer->status == 202 || answer->status == 200)
        c->numbers[(uintptr_t)user].is_acked = true;
}

static void publish(struct bridge_checks *c, struct rh_sim *sim)
{
    /* Some of the last ones once more, as a client does that had no answer. */
    const uint32_t n = c->next > AGAIN_LAST && rh_sim_random(sim) % 4 == 0
                           ? c->next - 1 - (uint32_t)(rh_sim_random(sim) % AGAIN_LAST)
                           : c->next++;
    char body[160];
    const struct rh_sim_request request = {
        .size = (uint32_t)sizeof(request),
        .timeout_ms = TIMEOUT_MS,
        .method = "POST",
        .target = "/events/publish",
        .body = body,
        .done = on_published,
        .user = (void *)(uintptr_t)n,
    };
    const uint32_t node = (uint32_t)(rh_sim_random(sim) % rh_sim_node_count(sim));

    (void)snprintf(body, sizeof(body),
                   "{\"event_type\":\"%s\",\"payload\":{\"n\":%" PRIu32 "},\"source\":\"sim\","
                   "\"idempotency_key\":\"k%" PRIu32 "\"}",
                   is_other(n) ? "OTHER" : "NUMBER", n, n); /* fits */
    (void)rh_sim_request(sim, node, &request);              /* the arguments are good */
}

static void tick(void *self, struct rh_sim *sim)
{
    struct bridge_checks *c = self;

    if (!rh_sim_is_healed(sim) && c->next < NUMBERS && rh_sim_random(sim) % 2 == 0)
        publish(c, sim);
}

/* Unacknowledged ones may be committed or not; the committed ones are all known once the members
 * have applied them. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct bridge_checks *c = self;

    (void)sim;
    for (uint32_t n = 0; n < c->next; n++) {
        const struct number *number = &c->numbers[n];

        if (number->is_acked && number->revision == 0)
            return 0;
        for (uint32_t sink = 0; sink < SINKS && number->revision > 0; sink++)
            if (is_of(sink, n) && !is_done(number, sink))
                return 0;
    }
    return 1;
}

static void end(void *self, struct rh_sim *sim)
{
    const struct bridge_checks *c = self;

    for (uint32_t n = 0; n < c->next; n++)
        if (c->numbers[n].is_acked && c->numbers[n].revision == 0)
            rh_sim_fail(sim, "acknowledged", RH_SIM_OUTSIDE,
                        "number %" PRIu32 " was acknowledged and never committed", n);
}

static const char *const plugins[] = {"event_bridge"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "event_bridge",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = destroy,
    .message = message,
    .published = published,
    .tick = tick,
    .healed = healed,
    .end = end,
};
RH_SIM_INVARIANTS(invariants)
