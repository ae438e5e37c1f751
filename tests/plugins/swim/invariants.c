/* What must hold of membership in a simulated cluster: nobody who was well is given up, whoever is
 * gone is found in time, incarnations only grow, messages stay few, and there is one truth on each
 * node. Seen from the wire, the events and what nodes answer. PROTOCOLS: swim. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define EXCHANGES_MAX    (1u << 22)
#define NODES_MAX        4096u
#define INTERVALS_A_BEAT 15
#define HEALTH_MAX       8
#define UPDATES_MAX      16u
#define NUMBER_MAX       INT64_C(9007199254740991)
#define LONG_INTERVALS   3 /* a pause that a node surely notices */
#define TICK_MS          500
#define RATE_WINDOW_MS   2000

/* --- times, from the rules and not from the plugin --- */

int64_t interval_us(struct rh_sim *sim)
{
    return rh_sim_beat_ms(sim) * 1000 / INTERVALS_A_BEAT;
}

int64_t suspicion_max_us(const struct swim *s, struct rh_sim *sim)
{
    int64_t min_us = 4 * interval_us(sim);

    for (uint32_t nodes = 10; nodes < s->count; nodes *= 10)
        min_us += 4 * interval_us(sim); /* at least the logarithm */
    return 6 * (min_us > 1000000 ? min_us : 1000000);
}

/* Every turn comes within two rounds, two probes may be needed, at the longest stretch. */
static int64_t completeness_us(const struct swim *s, struct rh_sim *sim)
{
    int64_t probe_us = (2 * (int64_t)s->count + 3) * interval_us(sim) * (HEALTH_MAX + 1);

    return (probe_us + suspicion_max_us(s, sim)) * RATE_PERCENT / 100;
}

/* --- who was well, for how long --- */

static void *create(struct rh_sim *sim)
{
    struct swim *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->count = rh_sim_node_count(sim);
    s->nodes = calloc(s->count, sizeof(*s->nodes));
    assert(s->nodes);
    s->is_calm = true;
    accusations_init(s);
    rh_map64_init(&s->flights, 1, EXCHANGES_MAX);
    return s;
}

static void destroy(void *self)
{
    struct swim *s = self;
    uint32_t cursor = 0;
    void *value;

    while (rh_map64_next(&s->flights, &cursor, NULL, &value))
        free(value);
    rh_map64_release(&s->flights);
    accusations_release(s);
    free(s->nodes);
    free(s);
}

static void note_wellness(struct seen *seen, int64_t now_us, bool is_well, bool is_same_life,
                          int64_t long_us)
{
    if (!is_well && seen->is_well)
        seen->fell_us = now_us;
    if (is_well && !seen->is_well && is_same_life && now_us - seen->fell_us >= long_us)
        seen->woke_us = now_us;
    seen->is_well = is_well;
    if (!is_well || !is_same_life)
        seen->unwell_us = seen->disturbed_us = now_us;
}

static void look(struct swim *s, struct rh_sim *sim, uint32_t node)
{
    struct seen *seen = &s->nodes[node];
    struct rh_sim_node now;

    rh_sim_node(sim, node, &now);
    if (now.is_up)
        seen->down_since_us = -1;
    else if (seen->down_since_us < 0)
        seen->down_since_us = rh_sim_now_us(sim);
    note_wellness(seen, rh_sim_now_us(sim), now.is_up && !now.is_paused && now.is_ready,
                  now.life == seen->life, LONG_INTERVALS * interval_us(sim));
    s->is_calm = s->is_calm && now.is_up + now.is_paused <= 1 && now.life <= 1 &&
                 now.clock_ppm == 0 && !now.is_unreachable;
    seen->life = now.life;
}

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    struct swim *s = self;

    if (node != RH_SIM_OUTSIDE) {
        look(s, sim, node);
        return;
    }
    for (uint32_t i = 0; i < s->count; i++)
        look(s, sim, i);
}

/* A message was late or lost. If its receiver was not well, that is the reason; else both ends are
 * excused. */
static void blame(struct swim *s, struct rh_sim *sim, const struct flight *flight)
{
    const int64_t now_us = rh_sim_now_us(sim);

    look(s, sim, flight->to);
    look(s, sim, flight->from);
    s->is_calm = false;
    if (s->nodes[flight->to].unwell_us < flight->sent_us) {
        s->nodes[flight->from].disturbed_us = now_us;
        wire_broke(s, flight->from, flight->to, now_us);
    }
    s->nodes[flight->to].disturbed_us = now_us;
}

/* A fifth of the interval: two ways fit into the shortest time that an answer is waited for. */
static bool is_late(struct rh_sim *sim, const struct flight *flight)
{
    return !flight->is_waiting && rh_sim_now_us(sim) - flight->sent_us > interval_us(sim) / 5;
}

void sweep_wire(struct swim *s, struct rh_sim *sim)
{
    uint32_t cursor = 0;
    uint64_t exchange;
    void *value;

    while (rh_map64_next(&s->flights, &cursor, &exchange, &value)) {
        struct flight *flight = value;
        const bool is_over = is_late(sim, flight);

        if (is_over)
            blame(s, sim, flight);
        if (is_over || rh_sim_now_us(sim) - flight->sent_us > 100 * interval_us(sim)) {
            (void)rh_map64_remove(&s->flights, exchange);
            free(flight);
        }
    }
}

/* --- the wire --- */

static const struct rh_field update_fields[] = {
    RH_STR(struct wire_update, node_id, RH_REQUIRED, "whom it is about"),
    RH_STR(struct wire_update, state, RH_REQUIRED, "alive, suspect, ..."),
    RH_STR(struct wire_update, by, 0, "who accuses it"),
    RH_INT(struct wire_update, incarnation, 0, 0, NUMBER_MAX, "at which that is so"),
};
struct wire_ping {
    struct rh_str from;
    int64_t incarnation;
    struct rh_list updates;
};
static const struct rh_field ping_fields[] = {
    RH_STR(struct wire_ping, from, 0, "who asks"),
    RH_INT(struct wire_ping, incarnation, 0, 0, NUMBER_MAX, "of the sender"),
    RH_OBJECT_LIST(struct wire_ping, updates, 0, UPDATES_MAX, struct wire_update, update_fields,
                   "news"),
};
static const struct rh_fields ping_table = RH_FIELDS(struct wire_ping, ping_fields);

/* A node speaks with an incarnation that never falls, and with a greater one in each life. */
static void check_words(struct swim *s, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct seen *seen = &s->nodes[message->from];
    struct wire_ping wire;
    struct rh_sim_node now;
    void *memory = NULL;
    uint64_t incarnation;

    if (rh_sim_decode(sim, &ping_table, message->body, &wire, &memory) != RH_OK) {
        rh_sim_fail(sim, "few_words", message->from,
                    "more than %u words, or none that can be read: %.*s", UPDATES_MAX,
                    RH_STR_ARG(message->body));
        return;
    }
    rh_sim_node(sim, message->from, &now);
    incarnation = (uint64_t)wire.incarnation;
    if (incarnation < seen->incarnation ||
        (incarnation == seen->incarnation && now.life != seen->spoke_life && seen->spoke_life))
        rh_sim_fail(sim, "incarnation_grows", message->from,
                    "%" PRIu64 " in life %" PRIu32 ", after %" PRIu64 " in life %" PRIu32,
                    incarnation, now.life, seen->incarnation, seen->spoke_life);
    seen->incarnation = incarnation;
    seen->spoke_life = now.life;
    for (uint32_t i = 0; i < wire.updates.count; i++)
        check_word(s, sim, message->from, (const struct wire_update *)wire.updates.items + i);
    rh_sim_release(sim, memory);
}

static void on_sent(struct swim *s, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct flight *flight = calloc(1, sizeof(*flight));
    void *old = NULL;

    assert(flight);
    *flight = (struct flight){message->from, message->to, rh_sim_now_us(sim), false};
    if (rh_map64_put(&s->flights, message->exchange, flight, &old) != RH_OK)
        abort();
    free(old);
    s->nodes[message->from].sent++;
}

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct swim *s = self;
    struct flight *flight;

    if (!rh_str_starts_with(message->path, RH_STR_LIT("/swim/")) || message->from >= s->count ||
        message->to >= s->count)
        return;
    if (rh_str_eq_c(message->path, "/swim/ping") &&
        (message->kind == RH_SIM_REQUEST_SENT ||
         (message->kind == RH_SIM_REPLY_SENT && message->status == 200)))
        check_words(s, sim, message);
    if (message->kind == RH_SIM_REQUEST_SENT) {
        on_sent(s, sim, message);
        return;
    }
    flight = rh_map64_get(&s->flights, message->exchange);
    if (!flight)
        return;
    if (is_late(sim, flight))
        blame(s, sim, flight);
    else if (message->kind != RH_SIM_REPLY_SENT)
        wire_carried(s, sim, rh_sim_now_us(sim) - flight->sent_us);
    flight->sent_us = rh_sim_now_us(sim);
    flight->is_waiting = message->kind == RH_SIM_REQUEST_DELIVERED;
    if (message->kind == RH_SIM_REPLY_SENT) {
        flight->from = message->from;
        flight->to = message->to;
    } else if (message->kind == RH_SIM_REPLY_DELIVERED) {
        (void)rh_map64_remove(&s->flights, message->exchange);
        free(flight);
    }
}

/* --- verdicts --- */

struct offline {
    struct rh_str node_id;
};
static const struct rh_field offline_fields[] = {
    RH_STR(struct offline, node_id, RH_REQUIRED, "who is offline"),
};
static const struct rh_fields offline_table = RH_FIELDS(struct offline, offline_fields);

/* Nobody is given up who was well, and whose messages with those who were well came in time, for
 * longer than any suspicion takes: so one stalled node condemns nobody. */
static void check_offline(struct swim *s, struct rh_sim *sim, uint32_t by, struct rh_str node_id)
{
    const uint32_t subject = rh_sim_find(sim, node_id);
    struct rh_sim_node now;
    int64_t well_us;

    if (subject == RH_SIM_OUTSIDE)
        return;
    sweep_wire(s, sim);
    look(s, sim, subject);
    check_awake(s, sim, by, subject);
    rh_sim_node(sim, subject, &now);
    well_us = rh_sim_now_us(sim) - s->nodes[subject].disturbed_us;
    if (!now.is_unreachable &&
        well_us > (suspicion_max_us(s, sim) + 30 * interval_us(sim)) * RATE_PERCENT / 100)
        rh_sim_fail(sim, "accuracy", by, "it gave up %s, which was well for %" PRId64 " ms",
                    now.node_id, well_us / 1000);
}

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    struct offline offline;
    void *memory = NULL;

    if (!rh_str_eq_c(event->type, "HOST_OFFLINE") ||
        rh_sim_decode(sim, &offline_table, event->payload, &offline, &memory) != RH_OK)
        return;
    check_offline(self, sim, node, offline.node_id);
    rh_sim_release(sim, memory);
}

/* --- tables --- */

struct row {
    struct rh_str node_id, state;
    struct rh_str_list hubs;
    int64_t incarnation;
};
static const struct rh_field row_fields[] = {
    RH_STR(struct row, node_id, RH_REQUIRED, "the node"),
    RH_STR(struct row, state, RH_REQUIRED, "its state"),
    RH_STR_LIST(struct row, hubs, 0, "who vouches for it"),
    RH_INT(struct row, incarnation, 0, 0, NUMBER_MAX, "its life, and what it has refuted in it"),
};
struct table {
    struct rh_list members, peers;
    int64_t local_health;
};
static const struct rh_field table_fields[] = {
    RH_OBJECT_LIST(struct table, members, 0, NODES_MAX, struct row, row_fields, "of /swim/members"),
    RH_OBJECT_LIST(struct table, peers, 0, NODES_MAX, struct row, row_fields, "of /peers"),
    RH_INT(struct table, local_health, 0, 0, NUMBER_MAX, "how far the node lags"),
};
static const struct rh_fields table_table = RH_FIELDS(struct table, table_fields);

/* True: *memory is to be released. */
static bool ask(struct rh_sim *sim, uint32_t node, const char *target, struct table *out,
                void **memory)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};

    *memory = NULL;
    return rh_sim_ask(sim, node, target, &answer) == RH_OK && answer.status == 200 &&
           rh_sim_decode(sim, &table_table, answer.body, out, memory) == RH_OK;
}

static const struct row *row_at(const struct rh_list *list, uint32_t at)
{
    return (const void *)((const char *)list->items + (size_t)at * list->stride);
}

/* A node that is gone for long enough is not held alive by anyone who was there all the time. */
static void check_row(struct swim *s, struct rh_sim *sim, uint32_t node, const struct row *row)
{
    const uint32_t subject = rh_sim_find(sim, row->node_id);
    const int64_t now_us = rh_sim_now_us(sim);
    const int64_t bound_us = completeness_us(s, sim);
    const bool is_held = rh_str_eq_c(row->state, "alive") || rh_str_eq_c(row->state, "suspect");
    struct rh_sim_node who;

    if (subject == RH_SIM_OUTSIDE)
        return;
    rh_sim_node(sim, subject, &who);
    if (rh_str_eq_c(row->state, "suspect"))
        note_suspect(s, sim, subject, (uint64_t)row->incarnation);
    if (s->is_calm && rh_str_eq_c(row->state, "suspect"))
        rh_sim_fail(sim, "accuracy_without_faults", node, "it suspects %s", who.node_id);
    if (is_held && row->hubs.count == 0 && s->nodes[subject].down_since_us >= 0 &&
        now_us - s->nodes[subject].down_since_us > bound_us &&
        now_us - s->nodes[node].disturbed_us > bound_us)
        rh_sim_fail(sim, "completeness", node, "%s is down for %" PRId64 " ms, and %.*s here",
                    who.node_id, (now_us - s->nodes[subject].down_since_us) / 1000,
                    RH_STR_ARG(row->state));
}

/* Nodes with hubs are neither probed nor proxies. Whoever has fewer than two others learns little
 * about itself, and about whether others reach a node. */
static void note_vouches(struct swim *s, struct rh_sim *sim, uint32_t node,
                         const struct table *swim)
{
    struct rh_sim_node self;
    uint32_t probed = 0;

    rh_sim_node(sim, node, &self);
    for (uint32_t i = 0; i < swim->members.count; i++) {
        const struct row *row = row_at(&swim->members, i);
        bool has_others = false;

        for (uint32_t k = 0; k < row->hubs.count; k++)
            has_others = has_others || !rh_str_eq_c(row->hubs.items[k], self.node_id);
        if (row->hubs.count)
            s->vouched_us = rh_sim_now_us(sim);
        probed += rh_str_eq_c(row->state, "alive") && !has_others &&
                  !rh_str_eq_c(row->node_id, self.node_id);
    }
    if (probed < 2)
        s->nodes[node].alone_us = rh_sim_now_us(sim);
}

static void check_tables(struct swim *s, struct rh_sim *sim, uint32_t node)
{
    struct table swim, gossip;
    void *swim_memory, *gossip_memory;

    if (!ask(sim, node, "/swim/members", &swim, &swim_memory)) {
        s->nodes[node].disturbed_us = rh_sim_now_us(sim); /* it is still starting */
        rh_sim_release(sim, swim_memory);
        return;
    }
    for (uint32_t i = 0; i < swim.members.count; i++)
        check_row(s, sim, node, row_at(&swim.members, i));
    note_vouches(s, sim, node, &swim);
    check_health(s, sim, node, swim.local_health);
    if (ask(sim, node, "/peers", &gossip, &gossip_memory)) {
        for (uint32_t i = 0; i < swim.members.count && i < gossip.peers.count; i++) {
            const struct row *a = row_at(&swim.members, i);
            const struct row *b = row_at(&gossip.peers, i);

            if (!rh_str_eq(a->node_id, b->node_id) || !rh_str_eq(a->state, b->state))
                rh_sim_fail(sim, "one_truth", node, "%.*s is %.*s, and %.*s is %.*s in /peers",
                            RH_STR_ARG(a->node_id), RH_STR_ARG(a->state), RH_STR_ARG(b->node_id),
                            RH_STR_ARG(b->state));
        }
    }
    rh_sim_release(sim, gossip_memory);
    rh_sim_release(sim, swim_memory);
}

/* A ping, three questions, what is asked of it by each other node, and a few tries of the dead. */
static void check_rate(struct swim *s, struct rh_sim *sim)
{
    const uint32_t intervals =
        (uint32_t)((rh_sim_now_us(sim) - s->window_us) / interval_us(sim)) + 1;

    for (uint32_t i = 0; i < s->count; i++) {
        if (s->nodes[i].sent > intervals * (12 + s->count))
            rh_sim_fail(sim, "constant_messages", i, "%u requests in %u intervals",
                        (unsigned)s->nodes[i].sent, (unsigned)intervals);
        s->nodes[i].sent = 0;
    }
    s->window_us = rh_sim_now_us(sim);
}

static void on_tick(void *self, struct rh_sim *sim)
{
    struct swim *s = self;

    on_event(s, sim, RH_SIM_OUTSIDE);
    sweep_wire(s, sim);
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->nodes[i].is_well)
            check_tables(s, sim, i);
    }
    if (rh_sim_now_us(sim) - s->window_us >= RATE_WINDOW_MS * 1000)
        check_rate(s, sim);
}

/* Everyone who is up is alive everywhere, returned ones too. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct swim *s = self;

    for (uint32_t i = 0; i < s->count; i++) {
        struct table table;
        uint32_t alive = 0;
        void *memory;

        if (!ask(sim, i, "/swim/members", &table, &memory)) {
            rh_sim_release(sim, memory);
            return 0;
        }
        for (uint32_t j = 0; j < table.members.count; j++)
            alive += rh_str_eq_c(row_at(&table.members, j)->state, "alive");
        rh_sim_release(sim, memory);
        if (alive != s->count)
            return 0;
    }
    return 1;
}

static const char *const plugins[] = {"gossip", "swim"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "swim",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .message = on_message,
    .published = on_published,
    .tick = on_tick,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
