/* What must hold of a replicated namespace, with the ledger as its example: one sequence on all
 * nodes, the same after the same entry of the log however a node came to it, every text in it once,
 * and what was acknowledged in it for ever. The load comes from invariants_load.c. PROTOCOLS:
 * raft. */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/key.h>
#include <ringhost/sdk/str.h>

#define NAMESPACE "ledger"

struct ledger_text *ledger_text(struct ledger *l, const char *id)
{
    struct ledger_text *text = rh_map_get(&l->texts, rh_str_from(id));

    if (text)
        return text;
    text = calloc(1, sizeof(*text));
    if (!text || rh_map_put(&l->texts, rh_str_from(id), text, NULL) != RH_OK)
        abort(); /* a run makes few */
    return text;
}

static struct rh_key place_key(uint64_t place)
{
    struct rh_key key;

    rh_key_init(&key);
    (void)rh_key_u8(&key, 'p'); /* nine bytes fit */
    (void)rh_key_u64(&key, place);
    return key;
}

/* --- the sequence --- */

/* The first node that has a place decides what is there. */
static void add_place(struct ledger *l, struct rh_sim *sim, uint32_t node, uint64_t at,
                      const char *id, uint64_t version)
{
    struct ledger_text *text = ledger_text(l, id);

    assert(at == l->place_count + 1 && at < LEDGER_PLACES_MAX);
    if (at >= l->place_cap) {
        l->place_cap = l->place_cap ? 2 * l->place_cap : 1024;
        l->places = realloc(l->places, l->place_cap * sizeof(*l->places));
        if (!l->places)
            abort();
    }
    (void)rh_str_copy(l->places[at].id, LEDGER_ID_MAX, rh_str_from(id)); /* it was in one */
    l->places[at].version = version;
    l->place_count = at;
    if (text->place != 0)
        rh_sim_fail(sim, "every_text_once", node, "%s is at place %" PRIu64 " and at %" PRIu64, id,
                    text->place, at);
    text->place = at;
}

static void check_row(struct ledger *l, struct rh_sim *sim, uint32_t node, uint64_t at,
                      const struct rh_row *row)
{
    const struct rh_key key = place_key(at);
    char id[LEDGER_ID_MAX] = "";
    struct rh_str text = row->data;

    while (text.n > 0 && text.p[text.n - 1] == ' ')
        text.n--;
    if (!rh_str_eq(row->key, rh_key_view(&key)) || rh_str_copy(id, sizeof(id), text) != RH_OK) {
        rh_sim_fail(sim, "sequence_has_no_holes", node, "place %" PRIu64 " is missing", at);
        return;
    }
    if (at > l->place_count)
        add_place(l, sim, node, at, id, row->version);
    else if (strcmp(l->places[at].id, id) != 0 || l->places[at].version != row->version)
        rh_sim_fail(sim, "state_machine_safety", node,
                    "place %" PRIu64 ": %s of revision %" PRIu64
                    "; another node had %s of revision %" PRIu64,
                    at, id, row->version, l->places[at].id, l->places[at].version);
}

/* The places from `from` on against the sequence; *count is the last. False: the node cannot be
 * read now, as it is starting or its disk fails. */
static bool check_places(struct ledger *l, struct rh_sim *sim, uint32_t node, uint64_t from,
                         uint64_t *count)
{
    const struct rh_key end = place_key(UINT64_MAX);
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows), .more = 1};
    uint64_t at = from;

    while (rows.more) {
        const struct rh_key key = place_key(at);
        const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                     .name_space = NAMESPACE,
                                     .from = rh_key_view(&key),
                                     .to = rh_key_view(&end)};

        if (rh_sim_scan(sim, node, &scan, &rows) != RH_OK)
            return false;
        for (uint32_t i = 0; i < rows.count; i++)
            check_row(l, sim, node, at++,
                      (const void *)((const char *)rows.rows + (size_t)i * rows.row_stride));
    }
    *count = at - 1;
    return true;
}

/* After the same entry of the log there are as many places on each node, whether it applied entries
 * one by one, in groups, again after a crash, or got a snapshot. */
static void check_count(struct ledger *l, struct rh_sim *sim, uint32_t node, uint64_t index,
                        uint64_t count)
{
    const uint64_t before = (uint64_t)(uintptr_t)rh_map64_get(&l->counts, index);

    if (before == 0) {
        if (rh_map64_put(&l->counts, index, (void *)(uintptr_t)(count + 1), NULL) != RH_OK)
            abort();
        return;
    }
    if (before != count + 1)
        rh_sim_fail(sim, "same_index_same_state", node,
                    "at index %" PRIu64 " it has %" PRIu64 " places; another node had %" PRIu64,
                    index, count, before - 1);
}

/* All is read again in a new life and after a jump, which is a snapshot. */
#define JUMP 64u

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    struct ledger *l = self;
    struct ledger_node *seen;
    struct rh_sim_node now;
    uint64_t index;
    uint64_t term;

    if (node == RH_SIM_OUTSIDE || rh_sim_applied(sim, node, &index, &term) != RH_OK)
        return;
    seen = &l->nodes[node];
    if (index == seen->index)
        return;
    rh_sim_node(sim, node, &now);
    if (now.life != seen->life || index < seen->index || index > seen->index + JUMP)
        seen->count = 0;
    seen->life = now.life;
    if (!check_places(l, sim, node, seen->count + 1, &seen->count))
        return;
    seen->index = index;
    check_count(l, sim, node, index, seen->count);
}

/* --- life --- */

static void on_tick(void *self, struct rh_sim *sim)
{
    struct ledger *l = self;

    if (!rh_sim_is_healed(sim))
        ledger_load(l, sim);
    else if (l->ticks++ % 8 == 0)
        ledger_probe(l, sim);
}

/* Something new could be agreed on. That all members have it is for the checks of raft to say; a
 * node that is none any more stays where it was. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct ledger *l = self;

    (void)sim;
    return l->is_probe_acked;
}

/* Whatever a node has is the beginning of the sequence, and who applied most has all of it. */
static void check_node(struct ledger *l, struct rh_sim *sim, uint32_t node, uint64_t newest)
{
    uint64_t count = 0;

    if (l->nodes[node].index == 0)
        return;
    if (!check_places(l, sim, node, 1, &count) ||
        (l->nodes[node].index == newest && count != l->place_count))
        rh_sim_fail(sim, "all_have_everything", node,
                    "%" PRIu64 " of %" PRIu64 " places at index %" PRIu64, count, l->place_count,
                    l->nodes[node].index);
}

static void end(void *self, struct rh_sim *sim)
{
    struct ledger *l = self;
    uint64_t newest = 0;
    uint32_t cursor = 0;
    struct rh_str id;
    void *value;

    while (rh_map_next(&l->texts, &cursor, &id, &value)) {
        const struct ledger_text *text = value;

        if (text->acked != 0 && text->place != text->acked)
            rh_sim_fail(sim, "acknowledged_stays", RH_SIM_OUTSIDE,
                        "%.*s was given place %" PRIu64 " and has %" PRIu64, RH_STR_ARG(id),
                        text->acked, text->place);
    }
    for (uint32_t i = 0; i < l->node_count; i++)
        if (l->nodes[i].index > newest)
            newest = l->nodes[i].index;
    for (uint32_t i = 0; i < l->node_count; i++)
        check_node(l, sim, i, newest);
}

static void *create(struct rh_sim *sim)
{
    struct ledger *l = calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->node_count = rh_sim_node_count(sim);
    l->nodes = calloc(l->node_count, sizeof(*l->nodes));
    if (!l->nodes)
        abort();
    rh_map_init(&l->texts, 1, LEDGER_PLACES_MAX);
    rh_map64_init(&l->counts, 1, LEDGER_INDEX_MAX);
    return l;
}

static void destroy(void *self)
{
    struct ledger *l = self;
    uint32_t cursor = 0;
    void *value;

    while (rh_map_next(&l->texts, &cursor, NULL, &value))
        free(value);
    rh_map_release(&l->texts);
    rh_map64_release(&l->counts);
    free(l->places);
    free(l->nodes);
    free(l);
}

static const char *const plugins[] = {"ledger"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "ledger",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = 150,
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .tick = on_tick,
    .healed = healed,
    .end = end,
};

RH_SIM_INVARIANTS(invariants)
