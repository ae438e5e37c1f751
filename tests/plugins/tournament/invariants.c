/* What must hold of tournaments in a simulated cluster: a match has one outcome until it is played
 * anew, brackets follow from the results of items alone on every node, no result is made up, an end
 * is announced once, and no item is left behind. The load on it comes from invariants_load.c. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/work_item.h>

#define TICK_MS       100
#define COMPARE_TICKS 10u
#define DECIDED_MAX   (1u << 16)

static void *create(struct rh_sim *sim)
{
    struct cups *c = calloc(1, sizeof(*c));

    (void)sim;
    if (!c)
        return NULL;
    rh_map64_init(&c->decided, 1, DECIDED_MAX);
    c->known = (struct sim_known){.name_space = TOURNAMENT_NS, .max = CUPS_MAX};
    for (uint32_t i = 0; i < CUPS_MAX; i++)
        c->cups[i].id = c->known.ids[i];
    return c;
}

static void destroy(void *self)
{
    struct cups *c = self;

    rh_map64_release(&c->decided);
    free(c);
}

/* --- announced --- */

struct completed {
    struct rh_str tournament_id;
};
static const struct rh_field completed_fields[] = {
    RH_STR(struct completed, tournament_id, RH_REQUIRED, "which one"),
};
static const struct rh_fields completed_table = RH_FIELDS(struct completed, completed_fields);

/* An end is told once, and after a correction only if that changed who won or the standings. What
 * they are is stored with the event. */
static void check_event(struct cup *cup, struct rh_sim *sim, uint32_t node,
                        const struct rh_event *event)
{
    const uint64_t id = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, event->id.p, event->id.n);
    struct tournament *t;

    for (uint32_t i = 0; i < cup->event_count; i++) {
        if (cup->events[i] == id)
            return; /* told to another node, perhaps much later */
    }
    t = cup->event_count < EVENTS_MAX ? cups_fold_read(sim, node, cup->id) : NULL;
    if (!t)
        return;
    if (cup->event_count > 0 && t->status.announced == cup->digest &&
        rh_str_eq_c(event->payload, cup->told))
        rh_sim_fail(sim, "announced_once", node, "%s: again, by %.*s", cup->id,
                    RH_STR_ARG(event->id));
    if (rh_str_copy(cup->told, sizeof(cup->told), event->payload) != RH_OK)
        abort(); /* it is short */
    cup->events[cup->event_count++] = id;
    cup->digest = t->status.announced;
    tournament_free(t);
}

static void published(void *self, struct rh_sim *sim, uint32_t node, const struct rh_event *event)
{
    struct completed completed;
    struct cups *c = self;
    uint32_t place;
    void *memory = NULL;

    if (!rh_str_eq_c(event->type, "TOURNAMENT_COMPLETED") ||
        rh_sim_decode(sim, &completed_table, event->payload, &completed, &memory) != RH_OK)
        return;
    place = sim_know(&c->known, sim, completed.tournament_id);
    if (place < CUPS_MAX)
        check_event(&c->cups[place], sim, node, event);
    rh_sim_release(sim, memory);
}

/* --- what is stored --- */

static_assert((int)SIM_MATCH_BROKEN == (int)GAME_NONE && (int)SIM_MATCH_FIRST == (int)GAME_FIRST &&
                  (int)SIM_MATCH_SECOND == (int)GAME_SECOND &&
                  (int)SIM_MATCH_DRAW == (int)GAME_DRAW,
              "a tournament says it in the same words");

static void check_decided(struct cups *c, struct rh_sim *sim, uint32_t node,
                          const struct tournament *t, uint32_t match)
{
    const struct match_record *record = &t->matches[match].record;
    uint64_t key = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, t->spec.id.p, t->spec.id.n);
    const uintptr_t value = (uintptr_t)(record->outcome * 16u + record->by);
    void *before;

    key = rh_hash_fnv1a_u64(rh_hash_fnv1a_u64(key, match), record->generation);
    before = rh_map64_get(&c->decided, key);
    if (before && (uintptr_t)before != value)
        rh_sim_fail(sim, "decided_once", node,
                    "%.*s match %" PRIu32 " generation %" PRIu32 " was %u and is %u",
                    RH_STR_ARG(t->spec.id), match, record->generation, (unsigned)(uintptr_t)before,
                    (unsigned)value);
    if (rh_map64_put(&c->decided, key, (void *)value, NULL) != RH_OK)
        abort(); /* a run has few */
}

/* Of a match that was begun anew since, players and all, the result means nothing any more. */
static void check_result(struct rh_sim *sim, uint32_t node, const struct tournament *t,
                         uint32_t item)
{
    const struct extra_record what = tournament_item(t, item);
    const struct game_record *result = t->results[item];
    const uint8_t said = (uint8_t)sim_match_outcome(rh_str_from(result->work_id));

    if (what.generation != t->matches[what.match].record.generation)
        return;
    if (result->outcome != (result->is_last ? GAME_NONE : said))
        rh_sim_fail(sim, "no_result_is_made_up", node,
                    "%.*s item %" PRIu32 " is %d, and %s came to %d: %s", RH_STR_ARG(t->spec.id),
                    item, result->outcome, result->work_id, said, result->error);
}

static void check_stored(struct cups *c, struct rh_sim *sim, uint32_t node,
                         const struct tournament *t)
{
    for (uint32_t i = 0; i < t->plan.count; i++) {
        if (t->matches[i].record.outcome != OUTCOME_NONE)
            check_decided(c, sim, node, t, i);
    }
    for (uint32_t i = 0; i < tournament_items(t); i++) {
        if (t->results[i])
            check_result(sim, node, t, i);
    }
    cups_fold_check(sim, node, t);
}

static void check_node(struct cups *c, struct rh_sim *sim, uint32_t node)
{
    sim_know_stored(&c->known, sim, node);
    for (uint32_t i = 0; i < c->known.count; i++) {
        struct tournament *t = cups_fold_read(sim, node, c->cups[i].id);

        if (t)
            check_stored(c, sim, node, t);
        tournament_free(t);
    }
}

/* --- the queue --- */

struct group_row {
    struct rh_str idempotency_key;
};
struct group_page {
    struct rh_list items;
};
static const struct rh_field group_row_fields[] = {
    RH_STR(struct group_row, idempotency_key, 0, "group and index"),
};
static const struct rh_field group_fields[] = {
    RH_OBJECT_LIST(struct group_page, items, 0, 1000, struct group_row, group_row_fields, "-"),
};
static const struct rh_fields group_table = RH_FIELDS(struct group_page, group_fields);

/* What the queue has was on disk before: the node that has both cannot be behind. */
static void check_owners(struct rh_sim *sim, uint32_t node, const struct cup *cup)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    struct tournament *t = cups_fold_read(sim, node, cup->id);
    struct group_page page;
    void *memory = NULL;
    char target[192];

    (void)snprintf(target, sizeof(target), "/work/group?limit=1000&group=%s", cup->id); /* fits */
    if (rh_sim_ask(sim, node, target, &answer) == RH_OK && answer.status == 200 &&
        rh_sim_decode(sim, &group_table, answer.body, &page, &memory) == RH_OK) {
        for (uint32_t i = 0; i < page.items.count; i++) {
            const struct group_row *row = (const struct group_row *)page.items.items + i;
            uint32_t index = 0;

            if (!t ||
                rh_work_key_index(row->idempotency_key, rh_str_from(cup->id), &index) != RH_OK ||
                index >= tournament_items(t))
                rh_sim_fail(sim, "items_have_owners", node, "%.*s: %s",
                            RH_STR_ARG(row->idempotency_key), t ? "no such item" : "no tournament");
        }
        rh_sim_release(sim, memory);
    }
    tournament_free(t);
}

static void tick(void *self, struct rh_sim *sim)
{
    struct cups *c = self;
    const uint32_t leader = sim_leader(sim, "tournament");

    cups_load_tick(c, sim);
    if (++c->ticks % COMPARE_TICKS != 0)
        return;
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++)
        check_node(c, sim, i);
    for (uint32_t i = 0; i < c->known.count && leader != RH_SIM_OUTSIDE; i++)
        check_owners(sim, leader, &c->cups[i]);
}

/* --- the end --- */

static uint32_t is_over(struct rh_sim *sim, uint32_t node, uint32_t leader, const struct cup *cup)
{
    struct tournament *t = cups_fold_read(sim, node, cup->id);
    const bool is_over = t && t->status.state != TOURNAMENT_RUNNING && t->status.is_settled &&
                         (t->status.state != TOURNAMENT_COMPLETED || cup->event_count > 0);

    tournament_free(t);
    return is_over && sim_group_is_over(sim, leader, cup->id);
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct cups *c = self;
    const uint32_t leader = sim_leader(sim, "tournament");

    if (leader == RH_SIM_OUTSIDE)
        return 0;
    sim_know_stored(&c->known, sim, leader);
    for (uint32_t i = 0; i < c->known.count; i++) {
        for (uint32_t node = 0; node < rh_sim_node_count(sim); node++) {
            if (!is_over(sim, node, leader, &c->cups[i]))
                return 0;
        }
    }
    return 1;
}

static void end(void *self, struct rh_sim *sim)
{
    for (uint32_t i = 0; i < rh_sim_node_count(sim); i++)
        check_node(self, sim, i);
}

static const char *const plugins[] = {"work_queue", "tournament"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "tournament",
    .plugins = plugins,
    .plugin_count = 2,
    .tick_ms = TICK_MS,
    .create = create,
    .destroy = destroy,
    .published = published,
    .tick = tick,
    .healed = healed,
    .end = end,
};
RH_SIM_INVARIANTS(invariants)
