/* Logs in a simulated cluster: log matching, acknowledgements, and what state machines are given.
 */
#include "invariants.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/key.h>
#include <ringhost/sdk/str.h>

#define NAMESPACE "raft"

struct rh_key raft_check_key(uint64_t index)
{
    struct rh_key key;

    rh_key_init(&key);
    (void)rh_key_u8(&key, 'e'); /* nine bytes fit */
    (void)rh_key_u64(&key, index);
    return key;
}

bool raft_check_base(struct rh_sim *sim, uint32_t node, const char *name, struct raft_base *out)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};

    return rh_sim_disk_get(sim, node, NAMESPACE, rh_str_from(name), &value) == RH_OK &&
           value.found && raft_take_base(value.data, out) == RH_OK;
}

/* --- log matching --- */

static struct raft_place *place_of(struct raft_checks *c, uint64_t index, uint64_t term)
{
    const uint64_t key = rh_hash_mix(index) ^ term;
    struct raft_place *place = rh_map64_get(&c->places, key);

    if (!place) {
        place = calloc(1, sizeof(*place));
        if (!place || rh_map64_put(&c->places, key, place, NULL) != RH_OK)
            abort(); /* a run without memory shows nothing */
        place->index = index;
        place->term = term;
    }
    assert(place->index == index && place->term == term);
    return place;
}

/* An entry was seen somewhere. before: term of the one before it, 0 = not known. */
static void see(struct raft_checks *c, struct rh_sim *sim, uint32_t node,
                const struct raft_entry *entry, uint64_t before)
{
    struct raft_place *place = place_of(c, entry->index, entry->term);
    uint64_t digest = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, entry->data.p, entry->data.n);

    digest = rh_hash_fnv1a_u64(digest, entry->kind);
    if (place->is_known && place->digest != digest)
        rh_sim_fail(sim, "log_matching", node,
                    "the entry at %" PRIu64 " of term %" PRIu64 " is not what it was elsewhere",
                    entry->index, entry->term);
    if (before != 0 && place->before != 0 && place->before != before)
        rh_sim_fail(sim, "log_matching", node,
                    "before %" PRIu64 " of term %" PRIu64 " is an entry of term %" PRIu64
                    ", elsewhere of %" PRIu64,
                    entry->index, entry->term, before, place->before);
    place->is_known = true;
    place->digest = digest;
    if (before != 0)
        place->before = before;
}

/* An entry of a later term has taken the place of members, or a place before them: no log that goes
 * on has them any more. */
static void drop_members(struct raft_checks *c, const struct raft_entry *entry)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < c->config_count; i++)
        if (c->configs[i].index < entry->index || c->config_terms[i] >= entry->term) {
            c->config_terms[kept] = c->config_terms[i];
            c->configs[kept++] = c->configs[i];
        }
    c->config_count = kept;
}

static void see_members(struct raft_checks *c, const struct raft_entry *entry)
{
    struct raft_members members;
    uint32_t at;

    drop_members(c, entry);
    if (entry->kind != RAFT_ENTRY_MEMBERS || raft_members_take(entry->data, &members) != RH_OK)
        return;
    for (at = 0; at < c->config_count; at++)
        if (c->configs[at].index >= entry->index || c->config_terms[at] > entry->term)
            return; /* known, or of a leader that has been replaced */
    if (at == RAFT_CHECK_CONFIGS)
        abort(); /* no run changes members so often */
    members.index = entry->index;
    c->config_terms[at] = entry->term;
    c->configs[at] = members;
    c->config_count++;
}

static void note_asked(struct raft_checks *c, const struct rh_sim_message *message,
                       const struct raft_message *m)
{
    struct raft_asked *asked = calloc(1, sizeof(*asked));
    void *old = NULL;

    if (!asked)
        abort();
    *asked = (struct raft_asked){
        .kind = m->kind,
        .from = message->from,
        .term = m->term,
        .match = m->index + m->entry_count,
        .match_term = m->entry_count > 0 ? m->entries[m->entry_count - 1].term : m->index_term,
    };
    if (rh_map64_put(&c->asked, message->exchange, asked, &old) != RH_OK)
        abort();
    free(old);
}

void raft_check_append(struct raft_checks *c, struct rh_sim *sim,
                       const struct rh_sim_message *message)
{
    const struct raft_message *m = &c->decoded.message;

    if (message->from >= c->count || raft_decode(message->body, &c->decoded) != RH_OK)
        return;
    if (!rh_str_eq_c(RH_STR_LIT(""), m->peer) &&
        rh_sim_find(sim, rh_str_from(m->peer)) != message->from)
        rh_sim_fail(sim, "speaks_for_itself", message->from, "it says to be %s", m->peer);
    raft_check_leader(c, sim, message->from, m->term);
    for (uint32_t i = 0; i < m->entry_count; i++) {
        const struct raft_entry *entry = &m->entries[i];
        const uint64_t first = raft_check_get(&c->firsts, entry->term);

        see(c, sim, message->from, entry, i > 0 ? m->entries[i - 1].term : m->index_term);
        see_members(c, entry);
        if (first == 0 || entry->index < first)
            raft_check_put(&c->firsts, entry->term, entry->index);
    }
    raft_check_members(c, sim, message->from, m);
    if (m->kind == RAFT_MSG_APPEND || m->kind == RAFT_MSG_SNAPSHOT)
        note_asked(c, message, m);
    if (m->kind == RAFT_MSG_APPEND || m->kind == RAFT_MSG_BEAT)
        raft_check_commit(c, sim, message->from, m->term, m->commit);
}

/* --- what followers acknowledge --- */

bool raft_check_is_durable(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t index,
                           uint64_t term)
{
    const struct rh_key key = raft_check_key(index);
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct raft_base base;
    struct raft_entry entry;

    if (index == 0)
        return true;
    if (rh_sim_disk_get(sim, node, NAMESPACE, rh_key_view(&key), &value) == RH_OK && value.found &&
        raft_take_entry(value.data, index, &entry) == RH_OK) {
        see(c, sim, node, &entry, 0);
        if (entry.term == term)
            return true;
    }
    return (raft_check_base(sim, node, "base", &base) && base.index >= index) ||
           (raft_check_base(sim, node, "note", &base) && base.index >= index);
}

struct wire_answer {
    struct rh_str status;
    int64_t match;
};
static const struct rh_field answer_fields[] = {
    RH_STR(struct wire_answer, status, 0, "the answer"),
    RH_INT(struct wire_answer, match, 0, 0, INT64_C(9007199254740991), "it has all up to here"),
};
static const struct rh_fields answer_table = RH_FIELDS(struct wire_answer, answer_fields);

void raft_check_acknowledged(struct raft_checks *c, struct rh_sim *sim,
                             const struct rh_sim_message *message)
{
    const struct raft_asked *asked = rh_map64_get(&c->asked, message->exchange);
    struct wire_answer answer;
    void *memory = NULL;

    if (message->kind != RH_SIM_REPLY_SENT || message->status != 200 || !asked ||
        (asked->kind != RAFT_MSG_APPEND && asked->kind != RAFT_MSG_SNAPSHOT) ||
        rh_sim_decode(sim, &answer_table, message->body, &answer, &memory) != RH_OK)
        return;
    if (rh_str_eq_c(answer.status, "yes") && answer.match > 0) {
        const uint64_t match = (uint64_t)answer.match;

        if (match > asked->match)
            rh_sim_fail(sim, "acknowledges_what_was_sent", message->from,
                        "it has all up to %" PRIu64 ", but was told of %" PRIu64, match,
                        asked->match);
        else if (match == asked->match &&
                 !raft_check_is_durable(c, sim, message->from, match, asked->match_term))
            rh_sim_fail(sim, "acknowledged_is_durable", message->from,
                        "it has acknowledged index %" PRIu64 " of term %" PRIu64
                        ", which is not on its disk",
                        match, asked->match_term);
    }
    rh_sim_release(sim, memory);
}

/* --- what is applied --- */

static struct raft_agreed *agreed_at(struct raft_checks *c, uint64_t index)
{
    if (index >= c->agreed_cap) {
        const uint64_t cap = 2 * index + 1024;

        c->agreed = realloc(c->agreed, cap * sizeof(*c->agreed));
        if (!c->agreed)
            abort();
        for (uint64_t i = c->agreed_cap; i < cap; i++)
            c->agreed[i] = (struct raft_agreed){.term = 0};
        c->agreed_cap = cap;
    }
    if (index > c->agreed_max)
        c->agreed_max = index;
    return &c->agreed[index];
}

static void agree(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t index,
                  uint64_t term)
{
    struct raft_agreed *agreed = agreed_at(c, index);

    if (agreed->term != 0 && agreed->term != term)
        rh_sim_fail(sim, "state_machine_safety", node,
                    "it applied an entry of term %" PRIu64 " at index %" PRIu64
                    ", where another node had one of term %" PRIu64,
                    term, index, agreed->term);
    if (agreed->term == 0)
        agreed->in = c->nodes[node].term;
    agreed->term = term;
}

/* Whether the node's own log leads to what it has applied. If not, that came as a snapshot, and
 * what the log has there is about to go. */
static bool is_from_log(struct rh_sim *sim, uint32_t node, uint64_t index, uint64_t term)
{
    const struct rh_key key = raft_check_key(index);
    struct rh_value value = {.size = (uint32_t)sizeof(value)};
    struct raft_entry entry;

    return rh_sim_get(sim, node, NAMESPACE, rh_key_view(&key), &value) == RH_OK && value.found &&
           raft_take_entry(value.data, index, &entry) == RH_OK && entry.term == term;
}

/* The entries behind `from` up to `to` in the node's own log; some may have been compacted away. */
static void agree_on_log(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t from,
                         uint64_t to)
{
    const struct rh_key begin = raft_check_key(from + 1);
    const struct rh_key end = raft_check_key(to + 1);
    const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                 .name_space = NAMESPACE,
                                 .from = rh_key_view(&begin),
                                 .to = rh_key_view(&end)};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};

    if (rh_sim_scan(sim, node, &scan, &rows) != RH_OK)
        return;
    for (uint32_t i = 0; i < rows.count; i++) {
        const struct rh_row *row =
            (const void *)((const char *)rows.rows + (size_t)i * rows.row_stride);
        struct rh_key_reader reader;
        struct raft_entry entry;
        uint64_t index = 0;
        uint8_t prefix = 0;

        rh_key_reader_init(&reader, row->key);
        (void)rh_key_read_u8(&reader, &prefix); /* sticky */
        (void)rh_key_read_u64(&reader, &index);
        if (rh_key_read_end(&reader) != RH_OK ||
            raft_take_entry(row->data, index, &entry) != RH_OK) {
            rh_sim_fail(sim, "log_can_be_read", node, "behind index %" PRIu64, from);
            return;
        }
        see(c, sim, node, &entry, 0);
        agree(c, sim, node, index, entry.term);
    }
}

void raft_check_applied(struct raft_checks *c, struct rh_sim *sim, uint32_t node, uint64_t index,
                        uint64_t term)
{
    struct raft_seen *seen = &c->nodes[node];

    if (index == seen->applied)
        return;
    if (index > seen->applied && is_from_log(sim, node, index, term))
        agree_on_log(c, sim, node, seen->applied, index);
    if (index > 0)
        agree(c, sim, node, index, term);
    if (index > c->committed) /* it led, and nobody has been told yet */
        raft_check_commit(c, sim, node, seen->led_term, index);
    seen->applied = index;
}

/* --- all of it --- */

static void check_log(struct raft_checks *c, struct rh_sim *sim, uint32_t node)
{
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows), .more = 1};
    const struct rh_key end = raft_check_key(UINT64_MAX);
    struct raft_base base = {.index = 0};
    uint64_t before;
    uint64_t next;

    (void)raft_check_base(sim, node, "base", &base); /* none: it has never had a log */
    before = base.term;
    next = base.index + 1;
    while (rows.more) {
        const struct rh_key from = raft_check_key(next);
        const struct rh_scan scan = {.size = (uint32_t)sizeof(scan),
                                     .name_space = NAMESPACE,
                                     .from = rh_key_view(&from),
                                     .to = rh_key_view(&end)};

        if (rh_sim_disk_scan(sim, node, &scan, &rows) != RH_OK)
            return;
        for (uint32_t i = 0; i < rows.count; i++, next++) {
            const struct rh_key key = raft_check_key(next);
            const struct rh_row *row =
                (const void *)((const char *)rows.rows + (size_t)i * rows.row_stride);
            struct raft_entry entry;

            if (!rh_str_eq(row->key, rh_key_view(&key)) ||
                raft_take_entry(row->data, next, &entry) != RH_OK || entry.term < before) {
                rh_sim_fail(sim, "log_has_no_holes", node, "at index %" PRIu64, next);
                return;
            }
            see(c, sim, node, &entry, before);
            before = entry.term;
        }
    }
}

void raft_check_logs(struct raft_checks *c, struct rh_sim *sim)
{
    for (uint32_t i = 0; i < c->count; i++)
        check_log(c, sim, i);
}
