/* Many nodes behind one hub, without other faults: soon everyone is alive on every node, from then
 * on for good, and nobody is ever given up. How long that took is printed as figures at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define WITHIN_US INT64_C(30000000) /* two beats, until all are alive everywhere */
#define RAMP_US   INT64_C(500000)   /* nodes start within that time */
#define NODES_MAX 256u
#define NEVER     INT64_C(-1)

struct fifty {
    uint32_t count;
    int64_t hub_us;     /* when the hub first saw all alive, NEVER = not yet */
    int64_t all_us;     /* when every node did */
    uint64_t suspected; /* looks of a node at another that found it suspect */
    uint64_t hub_requests;
};

struct peer_row {
    struct rh_str node_id, state, reach;
};
struct peer_rows {
    struct rh_list peers;
};
static const struct rh_field row_fields[] = {
    RH_STR(struct peer_row, node_id, RH_REQUIRED, "who"),
    RH_STR(struct peer_row, state, RH_REQUIRED, "as it is believed to be"),
    RH_STR(struct peer_row, reach, 0, "how it is called"),
};
static const struct rh_field rows_fields[] = {
    RH_OBJECT_LIST(struct peer_rows, peers, RH_REQUIRED, NODES_MAX, struct peer_row, row_fields,
                   "the peer table"),
};
static const struct rh_fields rows_table = RH_FIELDS(struct peer_rows, rows_fields);

static void *create(struct rh_sim *sim)
{
    struct fifty *f = calloc(1, sizeof(*f));

    if (!f)
        return NULL;
    f->count = rh_sim_node_count(sim);
    f->hub_us = f->all_us = NEVER;
    return f;
}

/* How many others this node believes to be alive, and reached as they are. */
static uint32_t count_alive(struct fifty *f, struct rh_sim *sim, uint32_t node)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    struct peer_rows rows;
    void *memory = NULL;
    uint32_t alive = 0;

    if (rh_sim_ask(sim, node, "/peers", &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &rows_table, answer.body, &rows, &memory) != RH_OK)
        return 0;
    for (uint32_t i = 0; i < rows.peers.count; i++) {
        const struct peer_row *row =
            (const void *)((const char *)rows.peers.items + (size_t)i * rows.peers.stride);
        const uint32_t subject = rh_sim_find(sim, row->node_id);
        const bool is_direct = rh_str_eq_c(row->reach, "direct");

        if (subject == node)
            continue;
        f->suspected += rh_str_eq_c(row->state, "suspect");
        alive += rh_str_eq_c(row->state, "alive") && is_direct == (subject == 0);
    }
    rh_sim_release(sim, memory);
    return alive;
}

static void tick(void *self, struct rh_sim *sim)
{
    struct fifty *f = self;
    const int64_t now_us = rh_sim_now_us(sim);
    uint32_t whole = 0;
    uint32_t worst = f->count;
    uint32_t where = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        const uint32_t alive = count_alive(f, sim, i) + 1;

        if (i == 0 && alive == f->count && f->hub_us == NEVER)
            f->hub_us = now_us;
        whole += alive == f->count;
        if (alive < worst) {
            worst = alive;
            where = i;
        }
    }
    if (whole == f->count && f->all_us == NEVER)
        f->all_us = now_us;
    if (whole < f->count && f->all_us != NEVER)
        rh_sim_fail(sim, "alive_for_good", where, "it sees only %" PRIu32 " of %" PRIu32, worst,
                    f->count);
    if (f->all_us == NEVER && now_us > WITHIN_US + RAMP_US)
        rh_sim_fail(sim, "alive_everywhere_soon", where,
                    "it sees only %" PRIu32 " of %" PRIu32 ", and %" PRIu32 " nodes see all", worst,
                    f->count, whole);
}

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct fifty *f = self;

    (void)sim;
    f->hub_requests += message->kind == RH_SIM_REQUEST_DELIVERED && message->to == 0;
}

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    (void)self;
    if (rh_str_eq_c(event->type, "HOST_OFFLINE"))
        rh_sim_fail(sim, "nobody_is_given_up", node, "%.*s", RH_STR_ARG(event->payload));
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct fifty *f = self;

    (void)sim;
    return f->all_us != NEVER;
}

static void end(void *self, struct rh_sim *sim)
{
    const struct fifty *f = self;

    (void)printf("FIGURE relay_fifty.hub_sees_all_s %.1f\nFIGURE relay_fifty.all_see_all_s %.1f\n"
                 "FIGURE relay_fifty.suspect_looks %" PRIu64
                 "\nFIGURE relay_fifty.hub_requests_per_s %.1f\n",
                 (double)f->hub_us / 1e6, (double)f->all_us / 1e6, f->suspected,
                 (double)f->hub_requests / ((double)rh_sim_now_us(sim) / 1e6));
    (void)fflush(stdout);
}

static const char *const plugins[] = {"swim", "relay"};
static const struct rh_sim_invariants table = {
    .size = sizeof(table),
    .name = "relay_fifty",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = 1000,
    .create = create,
    .destroy = free,
    .message = on_message,
    .published = on_published,
    .tick = tick,
    .healed = healed,
    .end = end,
};

RH_SIM_INVARIANTS(table)
